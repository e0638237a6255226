"""Which checks would fail a host if it were as VMM has it on record, and which as it is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from livemigration.addresses import Address, Subnet, usable
from livemigration.checks_support import listeners_of, migration_probes, selection_of
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_PROBES, VMM_RELEASE, VMM_RESOLUTION
from livemigration.policy import Policy
from livemigration.records import Difference
from livemigration.release import Release, release_of
from livemigration.scope import is_cluster_node, scope_of
from livemigration.views import FactsView

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
        failing: dict[str, Callable[[str], Collection[str]]] = {
            "LiveMigrationMaximum": self._too_few,
            "MigrationPerformanceOption": self._option,
        }
        if not scope_of(self.host, self.policy).in_cluster:
            failing["EnableLiveMigration"] = self._disabled
            failing["MigrationAuthProtocol"] = self._protocol
            if difference.networks is not None:
                theirs = self._recorded(*difference.networks)
                return _either(theirs, self._own())
        judge = failing.get(difference.setting)
        return () if judge is None else _either(judge(difference.vmm), judge(difference.host))

    @staticmethod
    def _disabled(enabled: str) -> Collection[str]:
        return () if enabled == str(True) else ("LM101",)

    def _too_few(self, number: str) -> Collection[str]:
        if is_cluster_node(self.host[SERVICES]):
            limit = self.host[CLUSTER].maximum_parallel_migrations
            if limit is not None:
                return ()
        required = self.policy.minimum_migrations_required
        least = self.policy.minimum_migrations if required else 1
        return ("LM106",) if int(number) < least else ()

    def _option(self, name: str) -> Collection[str]:
        wanted = self.policy.performance
        unwanted = wanted not in {"any", _OPTIONS.get(name)}
        return ("LM105",) if unwanted and self.policy.performance_required else ()

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
