"""What a source says of hosts, before it is held against an inventory."""

from __future__ import annotations

from dataclasses import dataclass, field

from livemigration.inventory.file import Host

Settings = tuple[tuple[str, str | int | bool], ...]


@dataclass(frozen=True)
class Reaching:
    """How a source has hosts reached: what their group sets in a connection, and its name."""

    group: str
    settings: Settings


@dataclass(frozen=True)
class FoundHost:
    """One host as a source has it; nothing of it is trusted to be a name.

    `others` are more names of the same machine, by which it is recognised. `groups` are names that
    an inventory may use. `unfit` says why it is not added to an inventory, and `may_matter` that it
    may be a host that should be checked all the same. `notes` is what is to be known of it.
    `cut`: its name may be cut short, as NetBIOS names are.
    """

    name: str
    address: str | None = None
    others: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unfit: str = ""
    may_matter: bool = True
    reaching: Reaching | None = None
    cut: bool = False


@dataclass(frozen=True)
class Scope:
    """Which hosts of an inventory a source would list: of a server, a domain, a group; or all."""

    server: str = ""
    domain: str = ""
    group: str = ""

    def covers(self, host: Host, manager: str) -> bool:
        """Whether a host that the source does not list is gone from there."""
        if self.server:
            return manager.casefold() == self.server.casefold()
        if self.domain:
            return host.name.casefold().endswith(f".{self.domain.casefold()}")
        if self.group:
            return self.group.casefold() in {each.casefold() for each in host.groups}
        return True


@dataclass(frozen=True)
class Found:
    """All that a source says.

    `title` names it at the beginning of a sentence, and `server` is the VMM server that it is, `at`
    its address where somebody gave one.
    `strict`: its hosts are reached as it says, whatever an inventory says of others. `simulated`:
    the lab answered.
    """

    title: str
    hosts: tuple[FoundHost, ...]
    scope: Scope = field(default_factory=Scope)
    notes: tuple[str, ...] = ()
    server: str = ""
    at: str | None = None
    strict: bool = False
    simulated: bool = False


class NotFoundError(Exception):
    """A source that could not be asked, or did not answer; the text says what to do next."""
