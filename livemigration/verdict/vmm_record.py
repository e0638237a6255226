"""VMM's record of a host beside the host's own settings: where the two disagree.

What VMM does not state is no difference. The names of its values are those of Set-SCVMHost; that
Get-SCVMHost prints the same is inferred (windows-facts.md 2.2), so numbers are taken as well.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livemigration.base.addresses import Subnet
from livemigration.base.text import listed
from livemigration.facts.migration import CREDSSP, KERBEROS, MigrationSettings
from livemigration.facts.vmm import VmmHostSettings, VmmRecord
from livemigration.verdict.networks import NetworkSelection, SelectionKind

_AUTHENTICATION = {"credssp": CREDSSP, "0": CREDSSP, "kerberos": KERBEROS, "1": KERBEROS}
_PROTOCOLS = {CREDSSP: "CredSSP", KERBEROS: "Kerberos"}
# By EnableCompression and EnableSmbTransport.
_PERFORMANCE = {
    (False, False): "Standard",
    (True, False): "UseCompression",
    (False, True): "UseSmbTransport",
}
# A selection that VMM's two values cannot express.
_INEXPRESSIBLE = {SelectionKind.MANAGED_ELSEWHERE, SelectionKind.HALF_ANY}


@dataclass(frozen=True)
class Difference:
    """One setting that VMM and the host have differently, in words.

    `setting` is its name in Set-SCVMHost. `networks` is VMM's whole selection where the two differ
    in it: whether any network, and which (None: VMM does not state them).
    """

    setting: str
    vmm: str
    host: str
    networks: tuple[bool, tuple[Subnet, ...] | None] | None = None


def responds(record: VmmRecord) -> bool | None:
    """Return whether VMM says that it reaches a host; None: it does not say, or in a number."""
    state = "".join((record.communication_state or "").split())
    if not state or state.isdecimal():
        return None
    return state.casefold() == "responding"


def settings_recorded(recorded: VmmHostSettings) -> int:
    """Return how many settings VMM's record states."""
    return sum(value is not None for value in vars(recorded).values())


def differences(
    record: VmmRecord, settings: MigrationSettings, selection: NetworkSelection
) -> tuple[Difference, ...]:
    """Return where the settings in VMM's record and the host's own disagree."""
    return (
        *_plain(record.settings, settings),
        *_authentication(record.settings, settings),
        *_performance(record.settings, settings),
        *_networks(record, selection),
    )


def cluster_difference(recorded: str | None, own: str | None) -> Difference | None:
    """Return the difference between two clusters, of which VMM may name the first in full.

    None for either: the host is in no cluster.
    """
    labels = [(each or "").strip().partition(".")[0].casefold() for each in (recorded, own)]
    if labels[0] == labels[1]:
        return None
    return Difference("HostCluster", recorded or "none", own or "none")


def _plain(recorded: VmmHostSettings, settings: MigrationSettings) -> Iterator[Difference]:
    pairs = (
        ("EnableLiveMigration", recorded.enabled, settings.enabled),
        ("LiveMigrationMaximum", recorded.maximum_migrations, settings.maximum_migrations),
        (
            "LiveStorageMigrationMaximum",
            recorded.maximum_storage_migrations,
            settings.maximum_storage_migrations,
        ),
    )
    for name, theirs, own in pairs:
        if theirs is not None and theirs != own:
            yield Difference(name, str(theirs), str(own))


def _authentication(recorded: VmmHostSettings, settings: MigrationSettings) -> Iterator[Difference]:
    known = _AUTHENTICATION.get((recorded.authentication or "").strip().casefold())
    own = settings.authentication_type
    if known is not None and known != own:
        shown = _PROTOCOLS.get(own, str(own))
        yield Difference("MigrationAuthProtocol", _PROTOCOLS[known], shown)


def _performance(recorded: VmmHostSettings, settings: MigrationSettings) -> Iterator[Difference]:
    names = {name.casefold(): name for name in _PERFORMANCE.values()}
    known = names.get((recorded.performance or "").strip().casefold())
    # Both flags together have no name, and Server 2012 has neither.
    own = _PERFORMANCE.get((bool(settings.compression), bool(settings.smb)))
    absent = settings.compression is None and settings.smb is None
    if known is not None and own is not None and not absent and known != own:
        yield Difference("MigrationPerformanceOption", known, own)


def _networks(record: VmmRecord, selection: NetworkSelection) -> Iterator[Difference]:
    recorded = record.settings
    if selection.kind in _INEXPRESSIBLE:
        return
    stated = [_subnet(text) for text in recorded.subnets or ()]
    known = tuple(each for each in stated if each is not None)
    theirs = known if recorded.subnets is not None and len(known) == len(stated) else None
    own, selected = selection.accepts_any, bool(recorded.any_subnet)
    if recorded.any_subnet is not None and recorded.any_subnet is not own:
        yield Difference("UseAnyMigrationSubnet", str(selected), str(own), (selected, theirs))
        return
    if theirs is None or own or set(theirs) == set(selection.subnets):
        return
    if selection.kind is SelectionKind.NONE and _of_a_cluster(record, theirs):
        return
    yield Difference("MigrationSubnet", _shown(theirs), _shown(selection.subnets), (False, theirs))


def _of_a_cluster(record: VmmRecord, subnets: tuple[Subnet, ...]) -> bool:
    """Whether a cluster wrote these: one row for each address of its node, or VMM says so.

    Such rows come and go with the cluster, so that a host that shows none of them agrees
    (windows-facts-2.md 9.2, 12.2).
    """
    if record.subnets_user_managed is not None:
        return not record.subnets_user_managed
    return all(each.prefixlen == each.max_prefixlen for each in subnets)


def _subnet(text: str) -> Subnet | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _shown(subnets: Iterable[Subnet]) -> str:
    return listed(sorted(str(each) for each in subnets))
