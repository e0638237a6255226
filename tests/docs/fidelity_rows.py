"""What a row of docs/fidelity.md is: a behaviour of Windows, its source, and its tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class By(Enum):
    """What a behaviour was held against, from the strongest to the weakest."""

    CAPTURE = "captured replies of Windows"
    CLIENT = "foreign clients"
    DIRECTORY = "Samba as a domain controller, MIT's Kerberos as the machine"
    POWERSHELL = "a real PowerShell"
    LAB = "the lab"


@dataclass(frozen=True)
class Behaviour:
    """A row: what is relied on, where it is written, and the tests by what they compare with."""

    what: str
    source: str
    tests: tuple[tuple[By, str], ...]

    @property
    def independent(self) -> bool:
        """Whether anything that is not ours has tested it here."""
        return any(by in {By.CAPTURE, By.CLIENT, By.DIRECTORY} for by, _ in self.tests)
