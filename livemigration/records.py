"""VMM's record of a host beside the host's own settings: where the two disagree.

What VMM does not state is no difference. The names of its values are those of Set-SCVMHost; that
Get-SCVMHost prints the same is inferred (windows-facts.md 2.2), so numbers are taken as well.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livemigration.addresses import Subnet, listed
from livemigration.facts.migration import CREDSSP, KERBEROS, MigrationSettings
from livemigration.facts.vmm import VmmHostSettings
from livemigration.networks import NetworkSelection, Selection
from livemigration.policy import Policy
from livemigration.release import Release

_AUTHENTICATION = {"credssp": CREDSSP, "0": CREDSSP, "kerberos": KERBEROS, "1": KERBEROS}
_PROTOCOLS = {CREDSSP: "CredSSP", KERBEROS: "Kerberos"}
# By EnableCompression and EnableSmbTransport.
_PERFORMANCE = {
    (False, False): "Standard",
    (True, False): "UseCompression",
    (False, True): "UseSmbTransport",
}
# A selection that VMM's two values cannot express.
_INEXPRESSIBLE = {Selection.MANAGED_ELSEWHERE, Selection.HALF_ANY}


@dataclass(frozen=True)
class Difference:
    """One setting that VMM and the host have differently, in words.

    `setting` is its name in Set-SCVMHost.
    """

    setting: str
    vmm: str
    host: str


def stated(recorded: VmmHostSettings) -> int:
    """Return how many settings VMM's record states."""
    return sum(value is not None for value in vars(recorded).values())


def differences(
    recorded: VmmHostSettings, settings: MigrationSettings, selection: NetworkSelection
) -> tuple[Difference, ...]:
    """Return where VMM's record and the host disagree."""
    return (
        *_plain(recorded, settings),
        *_authentication(recorded, settings),
        *_performance(recorded, settings),
        *_networks(recorded, selection),
    )


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


def _networks(recorded: VmmHostSettings, selection: NetworkSelection) -> Iterator[Difference]:
    if selection.kind in _INEXPRESSIBLE:
        return
    own = selection.accepts_any
    if recorded.any_subnet is not None and recorded.any_subnet is not own:
        yield Difference("UseAnyMigrationSubnet", str(recorded.any_subnet), str(own))
    if recorded.subnets is None or own or recorded.any_subnet:
        return
    theirs = [_subnet(text) for text in recorded.subnets]
    known = [each for each in theirs if each is not None]
    if len(known) == len(theirs) and set(known) != set(selection.subnets):
        yield Difference("MigrationSubnet", _shown(known), _shown(selection.subnets))


def _subnet(text: str) -> Subnet | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _shown(subnets: Iterable[Subnet]) -> str:
    return listed(sorted(str(each) for each in subnets))


def turned_by(difference: Difference, release: Release, policy: Policy, *, in_cluster: bool) -> str:
    """Return the check that VMM's value would turn from green to red or back; empty: none."""
    values = {difference.vmm, difference.host}
    if difference.setting == "LiveMigrationMaximum" and "0" in values:
        return "LM106"
    if in_cluster:
        return ""
    demanded = {
        "EnableLiveMigration": (True, "LM101"),
        "MigrationAuthProtocol": (policy.authentication != "any", "LM104"),
        "UseAnyMigrationSubnet": (
            release is Release.AFFECTED
            or (release is Release.RESOLVED and policy.network_selection == "isolated"),
            "LM102",
        ),
    }
    applies, check = demanded.get(difference.setting, (False, ""))
    return check if applies else ""
