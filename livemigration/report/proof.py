"""The command that proves one host, as each shell wants it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from livemigration.fixes.quoting import quote
from livemigration.results import Run

_PLAIN = ("pytest", "-m", "livemigration")


@dataclass(frozen=True)
class Proof:
    """The command for bash and for PowerShell."""

    bash: str
    powershell: str


def proof_of(run: Run, host: str) -> Proof:
    """Return the command that runs every check of a host, on the machines themselves."""
    given = (("--inventory", run.inventory), ("--limit", host))
    bash = [*_PLAIN, *(f"{option}={value}" for option, value in given)]
    powershell = [*_PLAIN, *(f"{quote(f'{option}={value}')}" for option, value in given)]
    return Proof(shlex.join(bash), " ".join(powershell))
