"""Which checks would fail a host if it were as VMM has it on record, and which as it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet, usable
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_PROBES, VMM_RELEASE, VMM_RESOLUTION
from livemigration.inventory.policy import Policy
from livemigration.verdict.readings import listeners_of, migration_probes, selection_of
from livemigration.verdict.release import Release, release_of
from livemigration.verdict.scope import is_cluster_node, scope_of
from livemigration.verdict.views import FactsView
from livemigration.verdict.vmm_record import Difference

_OPTIONS = {"Standard": "tcpip", "UseCompression": "compression", "UseSmbTransport": "smb"}
_PROTOCOLS = {"CredSSP": CREDSSP, "Kerberos": KERBEROS}
_STAGED = ("LM102", "LM203", "LM304")


@dataclass(frozen=True)
class Networks:
    """A selection of migration networks, and where a host then listens.

    `subnets` is None where they are not known.
    """

    accepts_any: bool
    subnets: tuple[Subnet, ...] | None
    listeners: tuple[Address, ...]


@dataclass(frozen=True)
class Effects:
    """What differences between a host and VMM's record of it do to the other checks of the host."""

    host: FactsView
    vmm: FactsView
    policy: Policy

    def turned_by(self, difference: Difference) -> tuple[str, ...]:
        """Return the checks that VMM's value would turn from green to red or back.

        Raises:
            BlockedError: what decides that could not be read.
        """
        setting, values = difference.setting, (difference.vmm, difference.host)
        in_cluster = scope_of(self.host, self.policy).in_cluster
        if setting == "LiveMigrationMaximum":
            return _either(*map(self._too_few, values))
        if setting == "MigrationPerformanceOption":
            return self._option(values)
        if in_cluster:
            return ()
        if difference.networks is not None:
            return _either(self._recorded(*difference.networks), self._own())
        if setting == "MigrationAuthProtocol":
            return _either(*map(self._protocol, values))
        # One of the two is enabled, and the other is not.
        return ("LM101",) if setting == "EnableLiveMigration" else ()

    def _too_few(self, number: str) -> Collection[str]:
        if is_cluster_node(self.host[SERVICES]):
            limit = self.host[CLUSTER].maximum_parallel_migrations
            if limit is not None:
                return ()
        required = self.policy.minimum_migrations_required
        least = self.policy.minimum_migrations if required else 1
        return ("LM106",) if int(number) < least else ()

    def _option(self, names: tuple[str, str]) -> tuple[str, ...]:
        # The two differ, so that at most one of them is the one that is wanted.
        wanted = self.policy.performance in map(_OPTIONS.get, names)
        return ("LM105",) if wanted and self.policy.performance_required else ()

    def _protocol(self, name: str) -> Collection[str]:
        number = _PROTOCOLS.get(name)
        joined = self.host[DOMAIN_MEMBERSHIP].joined
        if number is None or (number == KERBEROS and not joined):
            return ("LM104",)
        if joined and self.policy.authentication not in {"any", name.casefold()}:
            return ("LM104",)
        if number == CREDSSP and self.host[DEVICE_GUARD].credential_guard_running:
            return ("LM104",)
        return ()

    def _recorded(self, accepts_any: bool, subnets: tuple[Subnet, ...] | None) -> Collection[str]:
        return self._by_networks(Networks(accepts_any, subnets, self._inside(subnets or ())))

    def _own(self) -> Collection[str]:
        selection = selection_of(self.host)
        return self._by_networks(
            Networks(selection.accepts_any, selection.subnets, listeners_of(self.host))
        )

    def _inside(self, subnets: tuple[Subnet, ...]) -> tuple[Address, ...]:
        own = usable(each.address for each in self.host[LOCAL_ADDRESSES]) if subnets else ()
        return tuple(
            each
            for each in own
            if any(each.version == subnet.version and each in subnet for subnet in subnets)
        )

    def _by_networks(self, networks: Networks) -> Collection[str]:
        release = release_of(self.vmm[VMM_RELEASE])[0]
        if networks.accepts_any:
            unwanted = release is Release.RESOLVED and self.policy.network_selection == "isolated"
            return ("LM102",) if unwanted else ()
        if networks.subnets is None or release not in {Release.AFFECTED, Release.RESOLVED}:
            return ()
        unheard = ("LM103",) if networks.subnets and not networks.listeners else ()
        if release is Release.RESOLVED:
            nowhere = not networks.subnets and not networks.listeners
            return (*unheard, *(("LM102",) if nowhere else ()))
        return (*unheard, *self._staging(networks))

    def _staging(self, networks: Networks) -> Collection[str]:
        """Return the checks of VMM 2012 SP1, which stages on an address that it uses."""
        used = self.host[VMM_RESOLUTION].addresses
        if not used or not set(used).isdisjoint(networks.listeners):
            return ()
        probes = migration_probes(self.host[VMM_PROBES], networks.listeners)
        known = len(probes) == len(networks.listeners)
        unreached = bool(networks.subnets) and known and not any(each.answered for each in probes)
        return (*_STAGED, *(("LM202",) if unreached else ()))


def _either(one: Collection[str], other: Collection[str]) -> tuple[str, ...]:
    """Return what is in one of the two only."""
    return tuple(sorted(set(one) ^ set(other)))
