"""What keeps a host from any move, most of it outside its cluster: asked of both ends."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.addresses import Address
from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, HOST_ACCESS, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import Gathered
from livemigration.facts.network import LISTENING_SOCKETS, LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE, VMM_RESOLUTION
from livemigration.verdict.authentication import Authentication, authentication_of
from livemigration.verdict.blocking import release_for
from livemigration.verdict.live_limit import LIVE_LIMIT, live_limit
from livemigration.verdict.migration_path import block_unless_own, path_of
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    Pair,
    PairQuestion,
    Said,
    Standing,
)
from livemigration.verdict.networks import SelectionKind
from livemigration.verdict.readings import listeners_of, selection_of
from livemigration.verdict.release import Release
from livemigration.verdict.scope import scope_of
from livemigration.verdict.sockets import holders
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError

_SELECTS_ELSEWHERE = (SelectionKind.NONE, SelectionKind.MANAGED_ELSEWHERE)


def _moves_outside(end: End) -> bool:
    """Whether the checks of settings judge the host: its machines move outside its cluster."""
    return not scope_of(end.host, end.policy).in_cluster


def _which(pair: Pair[bool, bool]) -> str:
    """Return of which ends a key is true, for a clause; empty: of none."""
    if pair.source and pair.destination:
        return "both"
    if pair.source:
        return "the source"
    return "the destination" if pair.destination else ""


def _is_shut(host: FactsView, addresses: Sequence[Address]) -> bool:
    """Whether nothing listens on port 6600 of any of these, by the host's own TCP table."""
    sockets = host.outcome(LISTENING_SOCKETS)
    return isinstance(sockets, Gathered) and not any(
        holders(sockets.value, address) for address in addresses
    )


class Enabled(PairQuestion):
    """Whether live migration is enabled on both ends."""

    check = "LM101"
    groups = (MIGRATION_SETTINGS, SERVICES)
    inside = False

    def source(self, end: End) -> bool:
        """Return whether it is disabled."""
        return _moves_outside(end) and not end.host[MIGRATION_SETTINGS].enabled

    def destination(self, end: End) -> bool:
        """Return whether it is disabled."""
        return self.source(end)

    def between(self, pair: Pair[bool, bool]) -> Said:
        """Return that one of them, or both, have it disabled."""
        where = _which(pair)
        return self.refused_if(f"live migration is disabled on {where}" if where else "")


class Limit(PairQuestion):
    """Whether both ends allow a live migration at all, incoming ones included."""

    check = "LM106"
    groups = LIVE_LIMIT

    def source(self, end: End) -> bool:
        """Return whether not one is allowed."""
        return live_limit(end.host) < 1

    def destination(self, end: End) -> bool:
        """Return whether not one is allowed."""
        return self.source(end)

    def between(self, pair: Pair[bool, bool]) -> Said:
        """Return that one of them, or both, allow none."""
        where = _which(pair)
        return self.refused_if(f"not one live migration is allowed on {where}" if where else "")


class Listening(PairQuestion):
    """Whether the destination listens for live migration at all."""

    check = "LM102"
    groups = (MIGRATION_SETTINGS, MIGRATION_NETWORKS, LISTENERS, LISTENING_SOCKETS, SERVICES)
    inside = False

    def destination(self, end: End) -> Said:
        """Return that it listens nowhere, by its settings or by its own TCP table."""
        host = end.host
        if not _moves_outside(end) or not host[MIGRATION_SETTINGS].enabled:
            return NOTHING_SAID
        if listeners := listeners_of(host):
            if not _is_shut(host, listeners):
                return NOTHING_SAID
            return Said(Standing.REFUSED, "LM103", "port 6600 is not open on the destination")
        check = "LM102" if selection_of(host).kind in _SELECTS_ELSEWHERE else "LM103"
        cause = "the destination listens on no address for live migration"
        return Said(Standing.REFUSED, check, cause)

    def between(self, pair: Pair[None, Said]) -> Said:
        """Return that the destination listens nowhere."""
        return pair.destination


class Staging(PairQuestion):
    """Whether VMM 2012 SP1 stages a move on an address on which the destination listens."""

    check = "LM102"
    groups = (
        MIGRATION_NETWORKS,
        LISTENERS,
        LISTENING_SOCKETS,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        HOST_ACCESS,
        DOMAIN_MEMBERSHIP,
        SERVICES,
        VMM_RELEASE,
        VMM_RESOLUTION,
    )
    inside = False

    def destination(self, end: End) -> Said:
        """Return that VMM stages where the destination does not listen, or its port is shut.

        A host that accepts live migration on any network suits each release, as far as its port is
        not seen to be shut.
        """
        if end.vmm.is_left_out or not _moves_outside(end):
            return NOTHING_SAID
        try:
            return self._staged(end.host, end.vmm)
        except (BlockedError, InapplicableError):
            if selection_of(end.host).accepts_any:
                return NOTHING_SAID
            raise

    def _staged(self, host: FactsView, vmm: FactsView) -> Said:
        if release_for(vmm)[0] is not Release.AFFECTED:
            return NOTHING_SAID
        path = path_of(host, vmm)
        if path.used_listeners:
            shut = "port 6600 is not open on the address on which VMM stages"
            is_shut = _is_shut(host, path.used_listeners)
            return Said(Standing.REFUSED, "LM103", shut) if is_shut else NOTHING_SAID
        if path.selection.accepts_any:
            return NOTHING_SAID
        block_unless_own(host, vmm.name)
        return self.refused_if("VMM stages on an address on which the destination does not listen")

    def between(self, pair: Pair[None, Said]) -> Said:
        """Return that VMM stages elsewhere."""
        return pair.destination


class Authenticating(PairQuestion):
    """Whether the authentication protocol of both ends can work."""

    check = "LM104"
    groups = (MIGRATION_SETTINGS, DOMAIN_MEMBERSHIP, DEVICE_GUARD, VMM_RECORD, SERVICES)
    inside = False

    def source(self, end: End) -> Authentication:
        """Return what the protocol comes to."""
        return authentication_of(end.host) if _moves_outside(end) else Authentication.WORKS

    def destination(self, end: End) -> Authentication:
        """Return what the protocol comes to."""
        return self.source(end)

    def between(self, pair: Pair[Authentication, Authentication]) -> Said:
        """Return why it cannot work; with a perimeter host it may."""
        for how, which in ((pair.source, "the source"), (pair.destination, "the destination")):
            if how not in {Authentication.WORKS, Authentication.PERIMETER}:
                return self.said(Standing.REFUSED, f"of {which}: {how.value}")
        for how, which in ((pair.source, "the source"), (pair.destination, "the destination")):
            if how is Authentication.PERIMETER:
                return self.said(Standing.WARNED, f"of {which}: {how.value}")
        return NOTHING_SAID
