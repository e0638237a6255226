"""The inventory that is added to: a file that is there, the beginning of one, or none yet."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import model_validator

from livemigration.base.errors import UsageError
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.file import InventoryFile, InventoryMachine, VmmServer
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.listing import Listing, listing_of
from livemigration.inventory.one_machine import Census
from livemigration.inventory.reach import purposes_of, reaches_of
from livemigration.inventory.yaml_file import load_model, read_text

_BEGINNING = "schema: 1\n"


class Beginning(InventoryFile):
    """An inventory that may still be without hosts, and without a VMM server."""

    @model_validator(mode="after")
    def _machines_or_lab(self) -> Beginning:
        """Ask for nothing more than what is there, in place of what a whole inventory needs."""
        return self


@dataclass(frozen=True)
class Existing:
    """An inventory's text, read; `label` names it in sentences, and `folder` is where it lies.

    `new`: there is no file yet. `mark` is what stands before the text in the file.
    """

    text: str
    label: str
    folder: Path
    new: bool = False
    mark: bytes = b""

    @cached_property
    def file(self) -> Beginning:
        """What the text says."""
        return load_model(self.text, self.label, Beginning)

    @cached_property
    def listing(self) -> Listing:
        """Its hosts, also those of its CSV file."""
        return listing_of(self.file, self.folder)

    def server(self, name: str) -> VmmServer | None:
        """Return the VMM server of this name that the file lists."""
        census = Census()
        for each in self.file.vmms:
            census.count(each)
        place = census.among(InventoryMachine(name=name))
        return self.file.vmms[place[0]] if place is not None else None

    def asking(
        self, machine: InventoryMachine | None = None, directory: DirectoryServer | None = None
    ) -> Inventory:
        """Return an inventory of what is asked for hosts, reached as the file says.

        Raises:
            UsageError: what the file says of connections does not go together.
        """
        file = self.file
        reach, reaches = reaches_of(file, (), label=self.label, text=self.text, folder=self.folder)
        return Inventory(
            label=self.label,
            digest="",
            vmms=(machine,) if machine is not None else (),
            hosts=(),
            reach=reach,
            site_policy=file.policy,
            policies={},
            reaches=reaches,
            purposes=purposes_of(file),
            directories=(directory,) if directory is not None else (),
        )


def existing(path: Path, label: str) -> Existing:
    """Return the inventory of a path, or the beginning of a new one where there is no file.

    Raises:
        UsageError: it cannot be read, is no inventory, or is one of a simulated fleet.
    """
    if not path.exists():
        return Existing(_BEGINNING, label, path.parent, new=True)
    text = read_text(path)
    with path.open("rb") as stream:
        mark = codecs.BOM_UTF8 if stream.read(3) == codecs.BOM_UTF8 else b""
    found = Existing(text, label, path.parent, mark=mark)
    if found.file.lab is not None:
        raise UsageError(f"{label}: a simulated fleet, to which no host is added. Name another.")
    # Its CSV file too: nobody is asked for an inventory that cannot be read to its end.
    _ = found.listing
    return found


def nothing_yet(label: str, folder: Path) -> Existing:
    """Return the beginning of an inventory that has no file."""
    return Existing(_BEGINNING, label, folder, new=True)
