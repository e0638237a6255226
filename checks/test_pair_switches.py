"""Whether a host has the virtual switches that machines of the other hosts are connected to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from livemigration.base.text import one_line, some
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.exchange import EXCHANGE, Peers, exchange_of
from livemigration.verdict.exchange_machines import Compared, Comparison, compared_machines
from livemigration.verdict.findings import Finding, note, warn
from livemigration.verdict.fixes.pairs import have_switches
from livemigration.verdict.machine_users import Needs, NeedsBy, Users
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.switch_use import (
    CONNECTION_FACTS,
    Connection,
    Means,
    connections_of,
    pools_of,
    switch_names,
    switches_of,
)
from livemigration.verdict.views import FactsView, GroupView
from livemigration.verdict.virtual_machines import machines_of

_NEEDED = (VIRTUAL_SWITCHES,)
_DECLARED = frozenset(each.name for each in CONNECTION_FACTS)
_COMPARED = Compared(
    switch_names, "virtual switches", "virtual switches or machines", (VIRTUAL_SWITCHES,)
)
_MOST_FINDINGS = 8


@check(
    "LM502",
    needs=_NEEDED,
    may_need=(
        *(each for each in CONNECTION_FACTS if each not in _NEEDED),
        CONNECTION_POOLS,
        *EXCHANGE,
    ),
    refs=(TROUBLESHOOT_LIVE_MIGRATION,),
)
def test_virtual_switches_have_the_same_names(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The host has the virtual switches that virtual machines of the other hosts are connected to.

    Why: Hyper-V looks for the switch on the other host by its name, in any case. Where it is not
    there, the move is refused: "Could not find Ethernet switch" (33012).

    Fails: a virtual machine of another host of the migration group, or of the cluster, is connected
    to a switch of a name that this host does not have.

    Warns: the same between hosts of one domain for which the inventory declares no group; or a
    virtual machine there is connected by a resource pool of a name that this host does not have.

    Notes: switches of the other hosts that no virtual machine uses, or only one that is off.
    Network adapters that are connected to nothing never keep a machine from moving.

    Does not apply: no other host exchanges virtual machines with this one. It is blocked where
    a host that the inventory or the cluster puts into its group was not looked at, where the
    account may not see the virtual machines of this host, or of any other; of some others, they
    are named.
    """
    exchange = exchange_of(host, policy, group, *CONNECTION_FACTS)
    yield from compared_machines(exchange, _COMPARED, policy, lambda: _Comparison(host, vmm))


def _quoted(name: str) -> str:
    return f'"{one_line(name, limit=80)}"'


class _Comparison(Comparison):
    def __init__(self, host: FactsView, vmm: FactsView) -> None:
        super().__init__(
            "To which virtual switches the virtual machines of these hosts are connected could not "
            "be read"
        )
        machines_of(host)
        host[VIRTUAL_PORTS]
        self.host, self.machine, self.own = host.name, machine_of(host, vmm), switches_of(host)
        self.pools = pools_of(host)

    @property
    def well(self) -> str:
        """What to say where nothing was found."""
        have = some(map(_quoted, self.own.values())) if self.own else "no virtual switch"
        return (
            "No virtual machine of the other hosts that was seen needs a virtual switch that this "
            f"host lacks; it has {have}."
        )

    def with_peers(self, peers: Peers) -> Iterator[Finding]:
        """Yield what the machines and the switches of some peers come to."""
        needs: Needs[Connection] = peers.seen.circle.once(NeedsBy(connections_of, _DECLARED))
        needed = dict(needs.seen_by(self.host))
        missing = [
            (each, users) for each, users in needed.items() if each.is_missing_among(self.own)
        ]
        live = [(each, users) for each, users in missing if each.live]
        yield from self._missing(peers, live)
        yield from self._asleep([(e, users) for e, users in missing if not e.live], live)
        yield from self._unused(peers, {each.folded for each, _ in missing})
        pools = [(each, users) for each, users in needed.items() if each.means is Means.POOL]
        # Of what also runs, that is told which runs.
        pools.sort(key=lambda each: each[0].live)
        yield from self._pools({each.folded: (each, users) for each, users in pools}.values())

    def _missing(
        self, peers: Peers, missing: Sequence[tuple[Connection, Users]]
    ) -> Iterator[Finding]:
        if not missing:
            return
        names = [each.name for each, _ in missing]
        repair = have_switches(
            self.machine, names[:_MOST_FINDINGS], missing[0][1], tuple(self.own.values())
        )
        for each, users in islice(missing, _MOST_FINDINGS):
            yield peers.judged(
                users.hosts,
                f"The virtual switch {_quoted(each.name)} is not on this host, and it is needed by "
                f"{some(users)}.",
                f"A virtual switch of the name {_quoted(each.name)}.",
                repair,
            )
        if more := names[_MOST_FINDINGS:]:
            yield note(f"So it is with the virtual switches {some(map(_quoted, more))}.")

    def _pools(self, needed: Iterable[tuple[Connection, Users]]) -> Iterator[Finding]:
        """Yield what is said of resource pools: that they are matched by name is not published."""
        for each, users in needed:
            if self.pools is None:
                yield note(
                    f"Connected by the resource pool {_quoted(each.name)}, which this host must "
                    f"have too, and which could not be read: {some(users)}."
                )
            elif each.live and each.is_pool_missing_among(self.pools):
                yield warn(
                    f"The resource pool {_quoted(each.name)} is not on this host, and it is needed "
                    f"by {some(users)}.",
                    f"A resource pool of network connections of the name {_quoted(each.name)}: "
                    "New-VMResourcePool with -ResourcePoolType Ethernet.",
                )

    def _asleep(
        self,
        missing: Sequence[tuple[Connection, Users]],
        live: Sequence[tuple[Connection, Users]],
    ) -> Iterator[Finding]:
        told = {each.folded for each, _ in live}
        for each, users in islice(missing, _MOST_FINDINGS):
            if each.folded not in told:
                yield note(
                    f"The virtual switch {_quoted(each.name)} is not on this host; only virtual "
                    f"machines that are off are connected to it: {some(users)}."
                )

    def _unused(self, peers: Peers, used: set[str]) -> Iterator[Finding]:
        """Yield a note of the switches of peers that nobody uses, and collect who is hidden."""
        unused: dict[str, tuple[str, list[Names]]] = {}
        for switches, others in peers.others(switch_names):
            self.hidden.look_at(others, hides=not switches.told)
            if not switches.told:
                continue
            for folded, name in switches.names:
                if folded not in self.own and folded not in used:
                    unused.setdefault(folded, (name, []))[1].append(others)
        if unused:
            by_switch = [
                f"{_quoted(name)} ({some(Joined(hosts), 3)})" for name, hosts in unused.values()
            ]
            yield note(
                "This host lacks virtual switches of other hosts that no virtual machine seen "
                f"there uses: {some(by_switch, 4)}."
            )
