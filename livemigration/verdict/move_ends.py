"""What keeps a host from any move, most of it outside its cluster: asked of both ends."""

from __future__ import annotations

from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, HOST_ACCESS, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.network import LOCAL_ADDRESSES
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
    groups = (MIGRATION_SETTINGS, MIGRATION_NETWORKS, LISTENERS, SERVICES)
    inside = False

    def destination(self, end: End) -> str:
        """Return the check that reports that it listens nowhere; empty where it does."""
        host = end.host
        if not _moves_outside(end) or not host[MIGRATION_SETTINGS].enabled or listeners_of(host):
            return ""
        return "LM102" if selection_of(host).kind in _SELECTS_ELSEWHERE else "LM103"

    def between(self, pair: Pair[None, str]) -> Said:
        """Return that the destination listens nowhere."""
        if not pair.destination:
            return NOTHING_SAID
        cause = "the destination listens on no address for live migration"
        return Said(Standing.REFUSED, pair.destination, cause)


class Staging(PairQuestion):
    """Whether VMM 2012 SP1 stages a move on an address on which the destination listens."""

    check = "LM102"
    groups = (
        MIGRATION_NETWORKS,
        LISTENERS,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        HOST_ACCESS,
        DOMAIN_MEMBERSHIP,
        SERVICES,
        VMM_RELEASE,
        VMM_RESOLUTION,
    )
    inside = False

    def destination(self, end: End) -> bool:
        """Return whether VMM stages where the destination does not listen.

        A host that accepts live migration on any network suits each release.
        """
        host, vmm = end.host, end.vmm
        if vmm.is_left_out or not _moves_outside(end) or selection_of(host).accepts_any:
            return False
        if release_for(vmm)[0] is not Release.AFFECTED:
            return False
        if path_of(host, vmm).used_listeners:
            return False
        block_unless_own(host, vmm.name)
        return True

    def between(self, pair: Pair[None, bool]) -> Said:
        """Return that VMM stages elsewhere."""
        cause = "VMM stages on an address on which the destination does not listen"
        return self.refused_if(cause if pair.destination else "")


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
