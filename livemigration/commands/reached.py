"""The machines of an inventory as commands ask them: where they answer, and who signs in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.gather.connect import Target
from livemigration.gather.credentials import CredentialReader, Person, foreign
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.reached import Reached
from livemigration.inventory.credentials import password_variables
from livemigration.inventory.file import InventoryMachine
from livemigration.inventory.inventory import Inventory
from livemigration.lab.errors import LabError
from livemigration.lab.launch import RunningLab, start
from livemigration.report.text import plain


@dataclass(frozen=True)
class Places:
    """Where machines and directories answer; `lab` is what plays them, None: they are real."""

    reach: Reached
    lab: RunningLab | None

    def of(self, machine: InventoryMachine) -> Target:
        """Return where a machine answers, and who signs in there.

        Raises:
            UsageError: nobody can sign in.
        """
        return self.reach.target(machine, self.lab)

    @property
    def directories(self) -> tuple[DirectoryTarget, ...]:
        """The directories of the inventory.

        Raises:
            UsageError: nobody can sign in, or a file cannot be used.
        """
        return self.reach.directories(self.lab)


@contextmanager
def reached(inventory: Inventory, named: str) -> Iterator[Places]:
    """Give where each machine of an inventory answers; a simulated fleet runs until then.

    Args:
        inventory: whose machines.
        named: the inventory's file, or the reference of a fleet.

    Raises:
        UsageError: the lab does not start, or what is needed to sign in is not there.
    """
    here = Path.cwd()
    reader = CredentialReader(inventory, Person(tell), foreign(here / named, here))
    reach = Reached(inventory, reader.of)
    if inventory.lab_fleet is None:
        yield Places(reach, None)
        return
    passwords = password_variables(inventory.sources)
    try:
        with start(inventory.lab_fleet, https=reach.https, passwords=passwords) as lab:
            yield Places(reach, lab)
    except LabError as error:
        raise UsageError(f"the lab does not start: {error}") from None


def tell(sentence: str) -> None:
    """Tell the person at the terminal a sentence."""
    # Not where the answer goes, which may be JSON.
    sys.stderr.write(f"{plain(sentence)}\n")
