"""What became of an inventory, as one document: what `livemigration discover --json` prints."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.discovery.comparing import Known
from livemigration.discovery.found import FoundHost
from livemigration.discovery.updating import Update

SCHEMA = 1


@dataclass(frozen=True)
class DiscoveredHost:
    """A host that the inventory gets; `notes` are sentences on it."""

    name: str
    address: str | None
    groups: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class KnownHost:
    """A host that the inventory had already.

    `called` is its name in the source. `groups` are those of the source in which the inventory has
    it not: they are told, and not written.
    """

    name: str
    called: str
    groups: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class GoneHost:
    """A host that the source does not list, or not any more; it stays in the inventory.

    `entry` is how it stands there, where one entry stands for several hosts.
    """

    name: str
    entry: str


@dataclass(frozen=True)
class HostNotTaken:
    """A host of the source that the inventory does not get, as its name is there.

    `may_matter`: it may be one that should be checked all the same.
    """

    name: str
    reason: str
    may_matter: bool


@dataclass(frozen=True)
class DiscoveryDocument:
    """What a source lists, held against an inventory.

    `listed` is how many hosts the source lists. `changes`: the inventory lacks something of it, and
    `written`: it has it now. `notes` are sentences on the source.
    """

    schema: int
    source: str
    inventory: str
    simulated: bool
    listed: int
    changes: bool
    written: bool
    new: tuple[DiscoveredHost, ...]
    known: tuple[KnownHost, ...]
    gone: tuple[GoneHost, ...]
    left_out: tuple[HostNotTaken, ...]
    notes: tuple[str, ...]


def document_of(update: Update, source: str, *, written: bool) -> DiscoveryDocument:
    """Return what became of an inventory; `written`: the file was written, and not only tried."""
    found, done = update.found, update.compared
    return DiscoveryDocument(
        schema=SCHEMA,
        source=source,
        inventory=update.own.label,
        simulated=found.simulated,
        listed=len(found.hosts),
        changes=update.changes,
        written=written,
        new=tuple(map(_new, done.new)),
        known=tuple(map(_known, done.known)),
        gone=tuple(GoneHost(each.name, each.entry) for each in done.gone),
        left_out=tuple(
            HostNotTaken(each.name, each.why, each.may_matter) for each in done.left_out
        ),
        notes=found.notes,
    )


def _new(host: FoundHost) -> DiscoveredHost:
    return DiscoveredHost(host.name, host.address, host.groups, host.notes)


def _known(known: Known) -> KnownHost:
    host = known.found
    unfit = (host.unfit,) if host.unfit else ()
    return KnownHost(known.name, host.name, known.groups, (*unfit, *host.notes))
