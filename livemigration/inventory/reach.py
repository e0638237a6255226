"""How each machine of an inventory is reached, and with whose account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from livemigration.base.errors import UsageError
from livemigration.base.text import listed
from livemigration.inventory.connection import Connection, ConnectionFiles
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.file import Group, Host, InventoryFile, VmmServer
from livemigration.inventory.own_connection import Said, merged
from livemigration.inventory.yaml_file import line_of

Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Reach:
    """How machines are reached, and where their account comes from.

    One for all machines of an inventory that have nothing of their own; `folder` is where its files
    are looked for.
    """

    connection: Connection = field(default_factory=Connection)
    credentials: CredentialSource = field(default_factory=CredentialSource)
    folder: Path = Path()

    @property
    def files(self) -> ConnectionFiles:
        """Where the files lie that the connection names."""
        return self.connection.files(self.folder)


@dataclass(frozen=True)
class _Reading:
    """An inventory file whose connections are worked out; `label` and `text` are for its errors."""

    file: InventoryFile
    label: str
    text: str
    site: Reach

    def reach(self, own: VmmServer | Group, place: Place, shown: str) -> Reach:
        """Return how a group or a server is reached that stands at a place of the file.

        Raises:
            UsageError: what it says does not go together with what the inventory says.
        """
        try:
            connection = self._connection(own.connection.said)
        except ValidationError as error:
            key, sentence = _problem(error)
            where = (*place, "connection", *key)
            raise UsageError(
                f"{self.label}, line {line_of(self.text, where)}: "
                f"{'.'.join((shown, 'connection', *key))}: {sentence}"
            ) from None
        return Reach(connection, own.credentials or self.site.credentials, self.site.folder)

    def _connection(self, own: Said) -> Connection:
        return Connection.model_validate(merged(self.site.connection, own))

    def of_host(self, host: Host) -> Reach | None:
        """Return how a host is reached; None: as the inventory says.

        Raises:
            UsageError: its groups disagree.
        """
        own = {name: self.file.groups[name] for name in host.groups if name in self.file.groups}
        own = {name: group for name, group in own.items() if _differs(group)}
        if not own:
            return None
        wrong = f"{self.label}: hosts: {host.name}:"
        out = "Take the host out of one, or make them agree."
        try:
            said = _united({name: group.connection.said for name, group in own.items()})
            sources = {name: group.credentials for name, group in own.items() if group.credentials}
            source = _one("credentials", sources) if sources else None
        except _DisagreementError as error:
            raise UsageError(f"{wrong} {error}. {out}") from None
        try:
            connection = self._connection(said)
        except ValidationError as error:
            _, sentence = _problem(error)
            names = " and ".join(own)
            raise UsageError(
                f"{wrong} groups {names} do not go together: {sentence} {out}"
            ) from None
        return Reach(connection, source or self.site.credentials, self.site.folder)


def reaches_of(
    file: InventoryFile, hosts: Sequence[Host], *, label: str, text: str, folder: Path
) -> tuple[Reach, dict[str, Reach]]:
    """Return how an inventory's machines are reached: all of them, and those that differ, by name.

    Raises:
        UsageError: with file, line and key of the first problem.
    """
    site = Reach(file.connection, file.credentials, folder)
    reading = _Reading(file, label, text, site)
    for name, group in file.groups.items():
        # Also of a group that no host is in alone: its mistake is told where it stands.
        reading.reach(group, ("groups", name), f"groups.{name}")
    differing: dict[str, Reach] = {}
    for server, place, shown in _servers(file):
        if _differs(server):
            differing[server.name] = reading.reach(server, place, shown)
    # One for all hosts of the same groups, so that nothing is made once for each host.
    known: dict[tuple[str, ...], Reach | None] = {}
    for host in hosts:
        if host.groups not in known:
            known[host.groups] = reading.of_host(host)
        if (own := known[host.groups]) is not None:
            differing[host.name] = own
    return site, differing


def purposes_of(file: InventoryFile) -> dict[CredentialSource, str]:
    """Return for a sentence whose account each source holds; nothing where there is only one."""
    own: dict[CredentialSource, list[str]] = {}
    for server in file.vmms:
        if server.credentials is not None:
            own.setdefault(server.credentials, []).append(f"the VMM server {server.name}")
    for name, group in file.groups.items():
        if group.credentials is not None:
            own.setdefault(group.credentials, []).append(f"the group {name}")
    for directory in file.directories:
        if directory.credentials is not None:
            own.setdefault(directory.credentials, []).append("the directory")
    if own:
        own.setdefault(file.credentials, []).append("all other machines")
    return {source: listed(names) for source, names in own.items()}


def _servers(file: InventoryFile) -> Iterator[tuple[VmmServer, Place, str]]:
    several = isinstance(file.vmm, tuple)
    for number, server in enumerate(file.vmms):
        yield (
            server,
            ("vmm", number) if several else ("vmm",),
            f"vmm[{number}]" if several else "vmm",
        )


def _differs(own: VmmServer | Group) -> bool:
    return bool(own.connection.said) or own.credentials is not None


class _DisagreementError(ValueError):
    """Two groups of one host say the same differently."""


def _one(name: str, given: Mapping[str, Any]) -> Any:
    """Return what groups say of one thing, by their names."""
    (first, value), *others = given.items()
    for group, other in others:
        if other != value:
            raise _DisagreementError(f"groups {first} and {group} disagree on {name}")
    return value


def _united(groups: Mapping[str, Said]) -> Said:
    """Return what several groups say together."""
    names = dict.fromkeys(name for own in groups.values() for name in own)
    together: Said = {}
    for name in names:
        given = {group: own[name] for group, own in groups.items() if name in own}
        nested = all(isinstance(each, dict) for each in given.values())
        together[name] = _united(given) if nested else _one(name, given)
    return together


def _problem(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Return the key of the first problem, and what is to be said of it."""
    first = error.errors(include_url=False)[0]
    key = tuple(str(each) for each in first["loc"])
    return key, str(first["msg"]).removeprefix("Value error, ")
