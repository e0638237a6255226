"""What is added to an inventory: hosts, groups of their own connection, the VMM server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livemigration.discovery.found import Reaching
from livemigration.inventory.file import Group, HostEntry, VmmServer
from livemigration.inventory.own_connection import OwnConnection


@dataclass(frozen=True)
class NewHost:
    """One host that is added; `vmm` is its server, where the inventory has several."""

    name: str
    address: str | None = None
    groups: tuple[str, ...] = ()
    vmm: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What is written of it, in this order."""
        given = {
            "name": self.name,
            "address": self.address,
            "vmm": self.vmm,
            "groups": list(self.groups),
        }
        return {name: value for name, value in given.items() if value}

    @property
    def entry(self) -> HostEntry:
        """What an inventory has of it then."""
        return HostEntry.model_validate(self.values)


@dataclass(frozen=True)
class Additions:
    """Everything that is added to an inventory's text."""

    hosts: tuple[NewHost, ...] = ()
    groups: tuple[Reaching, ...] = ()
    vmm: VmmServer | None = None

    @property
    def nothing(self) -> bool:
        """Whether the text stays as it is; groups come with hosts alone."""
        return not (self.hosts or self.vmm)

    @property
    def group_values(self) -> dict[str, Any]:
        """What is written of the groups, by their names."""
        return {each.group: {"connection": dict(each.settings)} for each in self.groups}

    @property
    def group_models(self) -> dict[str, Group]:
        """What an inventory has of them then."""
        return {
            each.group: Group(connection=OwnConnection.model_validate(dict(each.settings)))
            for each in self.groups
        }

    @property
    def vmm_values(self) -> dict[str, Any]:
        """What is written of the VMM server."""
        if self.vmm is None:
            return {}
        given = {"name": self.vmm.name, "address": self.vmm.address}
        return {name: value for name, value in given.items() if value}
