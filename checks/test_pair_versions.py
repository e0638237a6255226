"""Whether a host runs the virtual machines of the other hosts: their versions, and its build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from livemigration.base.text import one_line, some
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.machine_values import PATCH_LEVEL
from livemigration.facts.model import Gathered
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.configuration_versions import Runs, Stand, version_of
from livemigration.verdict.exchange import EXCHANGE, Peers, exchange_of
from livemigration.verdict.exchange_machines import Compared, Comparison, compared_machines
from livemigration.verdict.findings import Finding, Level, note
from livemigration.verdict.fixes.pairs import Strange, same_versions
from livemigration.verdict.machine_users import Needs, NeedsBy, Several, Users
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import MIXED_EDITIONS, VM_VERSIONS
from livemigration.verdict.system_versions import (
    SYSTEM_FACTS,
    VersionNeed,
    system_of,
    versions_of,
)
from livemigration.verdict.views import FactsView, GroupView
from livemigration.verdict.virtual_machines import machines_of

_FACTS = (PATCH_LEVEL, *SYSTEM_FACTS)
_NEEDED = (OPERATING_SYSTEM, VIRTUAL_MACHINES)
_DECLARED = frozenset(each.name for each in _FACTS)
_COMPARED = Compared(system_of, "builds", "builds or machines", (OPERATING_SYSTEM,))


@check(
    "LM503",
    needs=_NEEDED,
    may_need=(*(each for each in _FACTS if each not in _NEEDED), *EXCHANGE),
    refs=(VM_VERSIONS, MIXED_EDITIONS),
)
def test_configuration_versions_run_on_the_host(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The host runs the configuration versions of the virtual machines of the other hosts.

    Why: each release of Windows Server runs versions from one to another, and the oldest are left
    behind: 5.0 of Windows Server 2012 R2 does not start on 2022.

    Fails: a virtual machine of another host of the migration group, or of the cluster, has a
    version that this host does not run.

    Warns: the same between hosts of one domain for which the inventory declares no group; a version
    of which nothing is published for this build, as of 254.0 and 255.0 of prereleases; Windows
    Server beside Azure Stack HCI or Azure Local; in a migration group or a cluster, releases of
    Windows Server between which others lie.

    Notes: another patch level; releases between which others lie, where no group is declared; and a
    version of virtual machines that are off. Standard beside Datacenter does not matter.

    Does not apply: no other host exchanges virtual machines with this one. It is blocked where
    a host that the inventory or the cluster puts into its group was not looked at, where the
    account may not see the virtual machines of this host, or of any other; of some others, they
    are named.
    """
    exchange = exchange_of(host, policy, group, *_FACTS)
    yield from compared_machines(exchange, _COMPARED, policy, lambda: _Comparison(host, vmm))


def _patch_of(host: FactsView) -> tuple[int, int | None]:
    level = host.outcome(PATCH_LEVEL)
    revision = level.value.revision if isinstance(level, Gathered) else None
    return host[OPERATING_SYSTEM].build, revision


def _shown(version: str) -> str:
    return one_line(version, limit=20) or "not stated"


class _Comparison(Comparison):
    def __init__(self, host: FactsView, vmm: FactsView) -> None:
        super().__init__(
            "Hosts of another build may have virtual machines of versions that this host does not "
            "run, and theirs could not be read"
        )
        machines_of(host)
        self.host, self.machine = host.name, machine_of(host, vmm)
        self.own, self.patch = system_of(host), _patch_of(host)
        self.release = self.own.release

    @property
    def well(self) -> str:
        """What to say where nothing was found."""
        return (
            f"Windows build {self.own.build} runs configuration versions {self.release.span}; no "
            "virtual machine of the other hosts that was seen has another."
        )

    def with_peers(self, peers: Peers) -> Iterator[Finding]:
        """Yield what the machines and the builds of some peers come to."""
        versions = list(self._versions(peers))
        yield from versions
        judged = any(each.level is not Level.NOTE for each in versions)
        wide: list[tuple[int, Names]] = []
        products: list[Names] = []
        for system, others in peers.others(system_of):
            self.hidden.look_at(others, hides=self.own.may_not_run(system))
            if not judged and not self.release.is_neighbour(system.release):
                wide.append((system.build, others))
            if self.own.is_another_product(system):
                products.append(others)
        yield from self._wide(peers, wide)
        yield from self._products(peers, products)
        yield from self._patches(peers)

    def _versions(self, peers: Peers) -> Iterator[Finding]:
        needs: Needs[VersionNeed] = peers.seen.circle.once(NeedsBy(versions_of, _DECLARED))
        strange = [
            (need, runs, users)
            for need, users in needs.seen_by(self.host)
            if (runs := self.own.runs(need.version)) is not Runs.YES
        ]
        live = [(need.version, users) for need, _, users in strange if need.live]
        span = self.release.span
        for need, runs, users in strange:
            shown, here = _shown(need.version), f"Windows build {self.own.build} (it runs {span})"
            observed = f"Configuration version {shown} does not run on {here}: {some(users)}."
            if not need.version:
                observed = (
                    "The configuration version is not stated, and whether it runs on "
                    f"{here} is not known: {some(users)}."
                )
            elif runs is Runs.NOT_PUBLISHED:
                observed = (
                    f"Whether configuration version {shown} runs on {here} is not published: "
                    f"{some(users)}."
                )
            if not need.live:
                yield note(f"Of virtual machines that are off: {observed}")
                continue
            fix = same_versions(self.machine, self._strange(live), span)
            judged = peers.judged if runs is Runs.NO else peers.warned
            expected = "A configuration version that both hosts run."
            yield judged(users.hosts, observed, expected, fix)

    def _strange(self, live: Sequence[tuple[str, Users]]) -> list[Strange]:
        found: dict[Stand, list[tuple[str, Users]]] = defaultdict(list)
        for version, users in live:
            found[self.release.stand(version_of(version))].append((version, users))
        return [
            Strange(
                stand, [_shown(version) for version, _ in of], Several(users for _, users in of)
            )
            for stand, of in found.items()
        ]

    def _wide(self, peers: Peers, wide: list[tuple[int, Names]]) -> Iterator[Finding]:
        if wide:
            told = some(f"{build} on {some(names, 3)}" for build, names in wide)
            observed = (
                f"Windows build {self.own.build} here, {told}: other releases lie between them."
            )
            if not peers.declared:
                # A domain has hosts of all ages, most of which never meet.
                yield note(observed)
                return
            yield peers.warned(
                Joined(names for _, names in wide),
                observed,
                "Releases that follow each other. Microsoft publishes nothing of moves across a "
                "wider gap: try one virtual machine that nobody needs.",
            )

    def _products(self, peers: Peers, products: list[Names]) -> Iterator[Finding]:
        if products:
            names = Joined(products)
            azure, server = "Azure Stack HCI or Azure Local", "Windows Server"
            own, its = (azure, server) if self.own.azure else (server, azure)
            yield peers.warned(
                names,
                f"This host runs {own}; these run {its}: {some(names)}.",
                "One product: Microsoft does not support moves between the two (KB 4580388).",
            )

    def _patches(self, peers: Peers) -> Iterator[Finding]:
        build, own = self.patch
        differ = [
            (revision, names)
            for (its_build, revision), names in peers.others(_patch_of)
            if its_build == build and None not in {own, revision} and revision != own
        ]
        if differ:
            told = some(f"{build}.{revision} on {some(names, 3)}" for revision, names in differ)
            yield note(f"Another patch level: {build}.{own} here, {told}.")
