"""Whether the firewall of a host lets the other hosts in on the port of live migration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet
from livemigration.base.text import listed, some
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.firewall import ALLOW, BLOCK, FIREWALL
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import Gathered
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, own_addresses
from livemigration.facts.vmm import VMM_PROBES
from livemigration.inventory.policy import Policy
from livemigration.verdict.blocking import block_if_not_listening
from livemigration.verdict.check import check
from livemigration.verdict.compared import undecided, with_what_is_missing
from livemigration.verdict.findings import Finding, Fix, Level, fail, not_applicable, note, ok, warn
from livemigration.verdict.firewall.facts import firewall_of, senders_to
from livemigration.verdict.firewall.rules import MIGRATION_RULE, Firewall, Judgement, Passage
from livemigration.verdict.firewall.senders import Senders
from livemigration.verdict.fixes.firewall import (
    admit_by_group_policy,
    admit_peers,
    look_at_rules,
    narrow_block,
)
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.names import Names, united
from livemigration.verdict.readings import listeners_of, machine_of, migration_probes
from livemigration.verdict.references import SET_UP_HOSTS, STEALTH_MODE, VMM_PORTS
from livemigration.verdict.scope import scope_of
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import FactsView, GroupView

_UNFILTERED = {
    Passage.OFF: "Whoever reaches the host reaches port 6600: no rule restricts it.",
    Passage.OPEN: "Whoever reaches the host reaches port 6600: no local rule restricts it. Rules "
    "of Group Policy are not seen.",
}
_PASSED = {*_UNFILTERED, Passage.ALLOWED}
_BY_RULES = {*Passage} - {Passage.OFF, Passage.IGNORED, Passage.BLOCKED}
_EXPECTED = (
    "A rule lets the other hosts in. Only local rules are visible here: Group Policy may provide "
    "it."
)


@check(
    "LM305",
    needs=(LISTENERS,),
    may_need=(
        MIGRATION_NETWORKS,
        MIGRATION_SETTINGS,
        SERVICES,
        LOCAL_ADDRESSES,
        ROUTES,
        DOMAIN_MEMBERSHIP,
        CLUSTER,
        VMM_PROBES,
        *FIREWALL,
    ),
    refs=(VMM_PORTS, SET_UP_HOSTS, STEALTH_MODE),
)
def test_firewall_lets_peers_in(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The firewall of the host lets the other hosts in on port 6600.

    Why: the host that sends a virtual machine connects to this port. An answer to VMM's own
    connection shows more than any rule; without one the local rules are judged. Those of Group
    Policy are seen only where the inventory says policy_store: active.

    Fails: an enabled local rule blocks the other hosts.

    Warns: no local rule surely lets them in; Group Policy may. Hosts of the group that were not
    looked at are named; a rule that blocks some hosts only cannot be judged without them.
    """
    addresses = _judged_addresses(host, policy)
    probes = host.outcome(VMM_PROBES)
    tried = migration_probes(probes.value, addresses) if isinstance(probes, Gathered) else ()
    answered = {probe.address: probe for probe in tried if probe.answered}
    for probe in answered.values():
        yield ok(
            f"{probe.address} port 6600 {probe.outcome} from the VMM server {vmm.name}: the "
            "firewall let this connection in."
        )
    rest = [each for each in addresses if each not in answered]
    if not rest:
        return
    found = list(_by_rules(host, vmm, policy, group, rest))
    levels = {each.level for each in found}
    if Level.WARNING in levels and Level.FAIL not in levels and not vmm.is_left_out:
        # Whether VMM got an answer would decide.
        host[VMM_PROBES]
    yield from found


def _judged_addresses(host: FactsView, policy: Policy) -> tuple[Address, ...]:
    """Return the listeners; inside a cluster, where a node needs none, the host's own addresses.

    Raises:
        BlockedError: there is no listener, for a reason that another check reports.
    """
    listeners = listeners_of(host)
    if not listeners and scope_of(host, policy).in_cluster:
        own = own_addresses(host[LOCAL_ADDRESSES])
        listeners = tuple(each.address for each in own)
    if not listeners:
        block_if_not_listening(host)
    return listeners


def _by_rules(
    host: FactsView,
    vmm: FactsView,
    policy: Policy,
    group: GroupView,
    addresses: Sequence[Address],
) -> Iterator[Finding]:
    host[DOMAIN_MEMBERSHIP]  # which hosts are its peers may depend on its domain
    firewall, local = firewall_of(host, group), host[LOCAL_ADDRESSES]
    seen = senders_to(host, group, in_cluster=scope_of(host, policy).in_cluster)
    unseen, senders = seen.unseen, seen.circle.once(Senders)
    judged: dict[Judgement, list[Address]] = {}
    found: list[Finding] = []
    blocks: list[str] = []
    unknown: list[Names] = []
    for address in addresses:
        facing = firewall.facing(address, local)
        met = senders.meet(facing, address, host.name)
        unknown.append(met.unread)
        if unseen and met.judgement.passage in _BY_RULES:
            blocks += facing.scoped(BLOCK)
        doubtful = met.judgement.passage is Passage.DOUBTFUL and not met.any_sender
        allows = facing.scoped(ALLOW)
        if unseen and doubtful and allows:
            told = f"Whom the rule {some(allows)} lets in at {address} was not compared."
            found.append(note(told))
        elif met.unread and doubtful:
            raise unread_peers(group, met.unread, DOMAIN_MEMBERSHIP, LOCAL_ADDRESSES, ROUTES)
        else:
            judged.setdefault(met.judgement, []).append(address)
    # A rule for the hosts that were looked at alone would shut out the others.
    scene = _Scene(
        machine_of(host, vmm),
        firewall,
        lambda: () if unseen else senders.come_from(addresses, host.name),
    )
    found += _told(scene, judged, nobody=group.is_alone(host.name))
    if blocks and not any(each.level is Level.FAIL for each in found):
        raise undecided(unseen, f"Whom the rule {some(dict.fromkeys(blocks))} blocks is not known")
    if unread := united(unknown):
        told = f"From where {some(unread)} would connect could not be read, so not compared."
        found.append(note(told))
    yield from with_what_is_missing(found, unseen, policy)


def _told(
    scene: _Scene, judged: Mapping[Judgement, Sequence[Address]], *, nobody: bool
) -> Iterator[Finding]:
    """Yield what the rules come to; `nobody`: no other host exchanges virtual machines with it."""
    for judgement, where in judged.items():
        if judgement.passage not in _PASSED and nobody:
            yield not_applicable(
                "No other host exchanges virtual machines with this one, so that nobody has to be "
                "let in."
            )
            continue
        yield scene.finding(judgement, where)
        if judgement.passage in _UNFILTERED:
            yield note(_UNFILTERED[judgement.passage])


@dataclass(frozen=True)
class _Scene:
    """What the findings of one host have in common; `sources` is where the others come from."""

    machine: FixTarget
    firewall: Firewall
    sources: Callable[[], tuple[Address | Subnet, ...]]

    def finding(self, judgement: Judgement, addresses: Sequence[Address]) -> Finding:
        """Return what there is to say about addresses with the same judgement."""
        profile = f" (profile {judgement.profile})" if judgement.profile else ""
        where = f"port 6600 of {listed(addresses)}{profile}"
        rules, peers = some(judgement.rules), some(judgement.peers)
        whom = f" for {peers}" if judgement.peers else ""
        if judgement.passage in _PASSED:
            how = f"rule {rules}" if judgement.rules else judgement.passage.value
            return ok(f"The firewall lets in {where}: {how}.")
        if judgement.passage is Passage.BLOCKED:
            return fail(
                f"The firewall blocks {where}{whom}: rule {rules}.",
                "No enabled rule blocks the other hosts.",
                narrow_block(self.machine, judgement.rules),
            )
        seen = ", and no rule of Group Policy lets them in" if self.firewall.merged else ""
        store = "rule, Group Policy's included," if self.firewall.merged else "local rule"
        said = {
            Passage.IGNORED: f"The firewall ignores local rules for {where}{seen}.",
            Passage.ABSENT: f"No enabled {store} lets in {where}.",
            Passage.NARROW: f"The rule {rules} lets in {where}, but not{whom}.",
            Passage.DOUBTFUL: f"The rule {rules} does not show whether it lets in {where}{whom}.",
        }
        return warn(said[judgement.passage], _EXPECTED, self._repair(judgement))

    def _repair(self, judgement: Judgement) -> Fix:
        if judgement.passage is Passage.IGNORED:
            return admit_by_group_policy(self.machine, self.sources(), merged=self.firewall.merged)
        if judgement.passage is Passage.DOUBTFUL:
            return look_at_rules(self.machine, judgement.rules)
        rule, merged = self.firewall.find(MIGRATION_RULE), self.firewall.merged
        if rule is None:
            return admit_peers(self.machine, None, (), self.sources(), judgement.rules, merged)
        # A rule of that name about something else is for a person to look at.
        sources = self.sources() if self.firewall.is_for_migration(rule) else ()
        scope = self.firewall.scope_of(rule)
        return admit_peers(self.machine, rule, scope, sources, judgement.rules, merged)
