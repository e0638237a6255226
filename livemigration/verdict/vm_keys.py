"""Whether other hosts can open the protected virtual machines of a host."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livemigration.facts.host_guardian import GUARDIAN_CERTIFICATES, HOST_GUARDIAN
from livemigration.facts.model import Gathered
from livemigration.verdict.views import FactsView


@dataclass(frozen=True)
class Keeper:
    """Who keeps the keys of a host's protected machines.

    `guarded` is None where the host does not say it; `servers` are those of its Host Guardian
    Service, empty where it has none or does not say it. `certificates` are those of its own store;
    None: they could not be read.
    """

    guarded: bool | None
    servers: frozenset[str]
    certificates: frozenset[str] | None

    @property
    def by_service(self) -> bool:
        """Whether a Host Guardian Service keeps them, also while the host is not let in."""
        return bool(self.guarded or self.servers)


def keeper_of(host: FactsView) -> Keeper:
    """Return who keeps the keys of a host.

    Raises:
        BlockedError: its Host Guardian Service could not be read.
    """
    service, store = host[HOST_GUARDIAN], host.outcome(GUARDIAN_CERTIFICATES)
    held = store.value.thumbprints if isinstance(store, Gathered) else None
    return Keeper(
        service.guarded,
        frozenset(service.servers),
        None if held is None else frozenset(held),
    )


class Opening(Enum):
    """Whether a destination can open a machine of a host."""

    YES = "it can"
    NO = "it cannot"
    LACKS = "certificates are missing there"
    UNKNOWN = "not known"


def opens_shielded(own: Keeper, other: Keeper) -> Opening:
    """Return whether another host can open what the Host Guardian Service of a host opens."""
    if other.guarded is None:
        return Opening.UNKNOWN
    if not other.guarded:
        return Opening.NO
    if not own.servers or not other.servers:
        return Opening.UNKNOWN
    return Opening.YES if own.servers & other.servers else Opening.NO


def opens_with_certificates(own: Keeper, other: Keeper) -> Opening:
    """Return whether another host has the certificates of a host's store.

    A store in which nothing was found says nothing of a host that runs such machines: where it is
    in the registry is inferred (windows-facts-2.md section 11).
    """
    if None in {own.guarded, other.guarded} or other.by_service:
        return Opening.UNKNOWN
    if not own.certificates or other.certificates is None:
        return Opening.UNKNOWN
    return Opening.YES if own.certificates <= other.certificates else Opening.LACKS
