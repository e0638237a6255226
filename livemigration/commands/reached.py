"""The machines of an inventory as commands ask them: where they answer, and who signs in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.gather.connect import Target
from livemigration.gather.credentials import CredentialReader, Person, foreign
from livemigration.gather.reached import Reached
from livemigration.inventory.credentials import password_variables
from livemigration.inventory.file import InventoryMachine
from livemigration.inventory.inventory import Inventory
from livemigration.lab.launch import LabError, start
from livemigration.report.text import plain

Place = Callable[[InventoryMachine], Target]


@contextmanager
def reached(inventory: Inventory, named: str) -> Iterator[Place]:
    """Give where each machine of an inventory answers; a simulated fleet runs until then.

    Args:
        inventory: whose machines.
        named: the inventory's file, or the reference of a fleet.

    Raises:
        UsageError: the lab does not start, or what is needed to sign in is not there.
    """
    here = Path.cwd()
    reader = CredentialReader(inventory, Person(_tell), foreign(here / named, here))
    reach = Reached(inventory, reader.of)
    if inventory.lab_fleet is None:
        yield lambda machine: reach.target(machine, None)
        return
    passwords = password_variables(inventory.sources)
    try:
        with start(inventory.lab_fleet, https=reach.https, passwords=passwords) as lab:
            yield lambda machine: reach.target(machine, lab)
    except LabError as error:
        raise UsageError(f"the lab does not start: {error}") from None


def _tell(sentence: str) -> None:
    # Not where the answer goes, which may be JSON.
    sys.stderr.write(f"{plain(sentence)}\n")
