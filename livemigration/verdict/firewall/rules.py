"""What a host's firewall does with the other hosts' connections to TCP port 6600.

Judged are the rules of the local store, or of the active one where those were read: then Group
Policy's are among them, and each says where it is from. Conditions that are not read
(interface types, IPsec, remote ports) are taken to restrict nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.firewall import (
    ALLOW,
    BLOCK,
    FROM_GROUP_POLICY,
    ROLES_OWN_RULE,
    ConnectionProfile,
    FirewallProfile,
    FirewallRule,
)
from livemigration.facts.firewall_filters import (
    AddressFilter,
    PortFilter,
    ProgramFilter,
    ServiceFilter,
)
from livemigration.facts.firewall_words import Match, any_of, ports_fit, protocol_fits
from livemigration.facts.network import LocalAddress
from livemigration.verdict.firewall.match import (
    addresses_fit,
    alike,
    all_of,
    everywhere,
    program_fits,
    service_fits,
)

# The rule that the Hyper-V role adds (windows-facts.md 3.2).
MIGRATION_RULE = ROLES_OWN_RULE
_EVERY_PROFILE = 7
_CATEGORIES = (0, 1, 2)


class Passage(Enum):
    """What becomes of a connection, as far as the rules show it."""

    OFF = "the firewall is off"
    OPEN = "let in by default"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    IGNORED = "local rules are ignored"
    NARROW = "allowed for others only"
    DOUBTFUL = "not decidable"
    ABSENT = "no rule"


@dataclass(frozen=True)
class Peer:
    """Another host, and from where it comes: of each group of addresses, from one.

    Several groups: the host's tables leave open which.
    """

    name: str
    groups: tuple[tuple[Address, ...], ...]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address that it may come from."""
        return tuple(each for group in self.groups for each in group)


@dataclass(frozen=True)
class Judgement:
    """What becomes of connections to one address: by which rules, and for which peers.

    `profile` is the firewall profile of the address, empty where it is not known.
    """

    passage: Passage
    profile: str = ""
    rules: tuple[str, ...] = ()
    peers: Collection[str] = ()


@dataclass(frozen=True)
class _Candidate:
    """A rule that is about port 6600 of one address: how surely, and which peers it is for."""

    rule: FirewallRule
    fits: Match
    scope: tuple[str, ...]
    subnets: tuple[Subnet, ...]

    @property
    def name(self) -> str:
        return self.rule.identifier

    def lets_in(self, peer: Peer) -> Match:
        """Return whether the rule is for a peer, from wherever it comes."""
        if everywhere(self.scope):
            return self.fits
        return min(self.fits, alike(self._fit(group) for group in peer.groups))

    def _fit(self, group: tuple[Address, ...]) -> Match:
        return any_of(addresses_fit(self.scope, each, self.subnets) for each in group)

    def keeps_out(self, peer: Peer) -> Match:
        """Return whether the rule is for a peer on each of its addresses."""
        found = (addresses_fit(self.scope, each, self.subnets) for each in peer.addresses)
        return min(self.fits, all_of(found))

    def for_everyone(self) -> Match:
        """Return whether the rule is for any peer; one with a scope may be."""
        return min(self.fits, Match.YES if everywhere(self.scope) else Match.UNKNOWN)


@dataclass(frozen=True)
class Firewall:
    """A host's firewall, its rules' filters joined by their ID in any case."""

    profiles: tuple[FirewallProfile, ...]
    rules: tuple[FirewallRule, ...]
    ports: Mapping[str, PortFilter]
    addresses: Mapping[str, AddressFilter]
    programs: Mapping[str, ProgramFilter]
    services: Mapping[str, ServiceFilter]
    connections: tuple[ConnectionProfile, ...]

    @cached_property
    def merged(self) -> bool:
        """Whether the rules of Group Policy are among these."""
        return any(each.source is not None for each in self.rules)

    def find(self, name: str) -> FirewallRule | None:
        """Return the local rule of that name, or None; one of Group Policy is mended there."""
        wanted = name.casefold()
        named = (each for each in self.rules if each.identifier.casefold() == wanted)
        return next((each for each in named if each.source != FROM_GROUP_POLICY), None)

    def scope_of(self, rule: FirewallRule) -> tuple[str, ...]:
        """Return the remote addresses of a rule, as the host has them."""
        found = self.addresses.get(rule.identifier.casefold())
        return found.remote if found is not None else ()

    def is_for_migration(self, rule: FirewallRule) -> bool:
        """Whether a rule lets in port 6600 of vmms, but for its state, profiles and peers."""
        key = rule.identifier.casefold()
        port, scope = self.ports.get(key), self.addresses.get(key)
        program, service = self.programs.get(key), self.services.get(key)
        if port is None or scope is None or program is None or service is None:
            return False
        filters = (
            protocol_fits(port.protocol),
            ports_fit(port.local_ports),
            program_fits(program.program),
            service_fits(service.service),
        )
        return rule.action == ALLOW and everywhere(scope.local) and all_of(filters) is Match.YES

    def facing(self, address: Address, local: Sequence[LocalAddress]) -> Facing:
        """Return what of the firewall is about an address of the host."""
        connection = self._connection(address, local)
        profile = connection.profile if connection is not None else ""
        bit = connection.bit if connection is not None else None
        subnets = tuple(each.subnet for each in local)
        candidates = tuple(self._candidates(address, bit, subnets))
        return Facing(profile, self._profiles(profile), candidates, subnets, self.merged)

    def _connection(
        self, address: Address, local: Sequence[LocalAddress]
    ) -> ConnectionProfile | None:
        """Return the profile of the interface that carries an address.

        None where there is none, or where its category is a number without a known meaning.
        """
        interfaces = {each.interface.casefold() for each in local if each.address == address}
        found = [each for each in self.connections if each.interface.casefold() in interfaces]
        if len(found) != 1 or found[0].category not in _CATEGORIES:
            return None
        return found[0]

    def _profiles(self, name: str) -> tuple[FirewallProfile, ...]:
        """Return the profile of that name; all of them where it is not known which one counts."""
        found = tuple(each for each in self.profiles if each.name.casefold() == name.casefold())
        return found or self.profiles

    def _candidates(
        self, address: Address, bit: int | None, subnets: tuple[Subnet, ...]
    ) -> Iterator[_Candidate]:
        for rule, surely in self._about_migration:
            scope = self.addresses.get(rule.identifier.casefold())
            at_address = (
                addresses_fit(scope.local, address, subnets) if scope is not None else Match.UNKNOWN
            )
            fits = all_of((surely, _profile_fits(rule.profiles, bit), at_address))
            if fits is not Match.NO:
                yield _Candidate(rule, fits, self.scope_of(rule), subnets)

    @cached_property
    def _about_migration(self) -> tuple[tuple[FirewallRule, Match], ...]:
        """The rules that may be about port 6600 of vmms on some address, and whether they are.

        Few of hundreds, and found once for all hosts with the same rules.
        """
        found = ((rule, self._fits(rule)) for rule in self.rules)
        return tuple((rule, fits) for rule, fits in found if fits is not Match.NO)

    def _fits(self, rule: FirewallRule) -> Match:
        """Return whether a rule is about port 6600 of vmms, on whatever address of the host."""
        if rule.enabled is False:
            return Match.NO
        key = rule.identifier.casefold()
        port, scope = self.ports.get(key), self.addresses.get(key)
        program, service = self.programs.get(key), self.services.get(key)
        known = rule.enabled is True and rule.action in {ALLOW, BLOCK}
        complete = None not in (port, scope, program, service)
        return all_of(
            (
                Match.YES if known and complete else Match.UNKNOWN,
                protocol_fits(port.protocol) if port is not None else Match.UNKNOWN,
                ports_fit(port.local_ports) if port is not None else Match.UNKNOWN,
                program_fits(program.program) if program is not None else Match.UNKNOWN,
                service_fits(service.service) if service is not None else Match.UNKNOWN,
            )
        )


@dataclass(frozen=True)
class Facing:
    """What of a host's firewall is about one of its addresses.

    `profile` is the firewall profile of the address, empty where it is not known; `profiles` are
    those that may count, `rules` those that may be about the address. `merged`: the rules of Group
    Policy are among them.
    """

    profile: str
    profiles: tuple[FirewallProfile, ...]
    rules: tuple[_Candidate, ...]
    subnets: tuple[Subnet, ...]
    merged: bool = False

    @property
    def scopes(self) -> tuple[tuple[str, ...], ...]:
        """The remote addresses of rules that are for some peers only."""
        return tuple(dict.fromkeys(each.scope for each in self.rules if not everywhere(each.scope)))

    def judge(self, peers: Sequence[Peer]) -> Judgement:
        """Return what becomes of the peers' connections."""
        concerned = [each for each in self.profiles if each.enabled is not False]
        if self.profiles and not concerned:
            return Judgement(Passage.OFF, self.profile)
        if not self.merged:
            return replace(_judged(concerned, self.rules, peers), profile=self.profile)
        # Whether the active store leaves out the local rules that a profile ignores is not known.
        own = [each for each in self.rules if each.rule.source == FROM_GROUP_POLICY]
        counting = [replace(each, local_rules=None) for each in concerned]
        ignoring = [each.local_rules is False for each in concerned]
        found = [
            *([] if ignoring and all(ignoring) else [_judged(counting, self.rules, peers)]),
            *([_judged(counting, own, peers)] if any(ignoring) else []),
        ]
        if len(set(found)) > 1:
            return Judgement(Passage.DOUBTFUL, self.profile, _names(self.rules))
        said = found[0]
        if said.passage is Passage.ABSENT and ignoring and all(ignoring):
            said = Judgement(Passage.IGNORED)
        return replace(said, profile=self.profile)

    def scoped(self, action: int) -> tuple[str, ...]:
        """Return the rules that are for some peers only, of an action.

        What they do with a peer is not known before its addresses are.
        """
        return _names(
            [
                each
                for each in _of_action(self.rules, action)
                if each.fits is Match.YES and not everywhere(each.scope)
            ]
        )


def _judged(
    profiles: Sequence[FirewallProfile], rules: Sequence[_Candidate], peers: Sequence[Peer]
) -> Judgement:
    """Return what becomes of the peers' connections where these profiles may count."""
    return _by_default(profiles, rules, peers) or _allowed(_of_action(rules, ALLOW), peers)


def _by_default(
    profiles: Sequence[FirewallProfile],
    candidates: Sequence[_Candidate],
    peers: Sequence[Peer],
) -> Judgement | None:
    """Return what is decided before any rule that allows; None: such a rule decides.

    Args:
        profiles: those that may count, and are not off.
        candidates: the rules of the local store about the address.
        peers: who connects.
    """
    lets_in = bool(profiles) and all(each.inbound_action == ALLOW for each in profiles)
    ignoring = [each for each in profiles if each.local_rules is False]
    if ignoring and not lets_in:
        return Judgement(Passage.IGNORED)
    if ignoring and len(ignoring) == len(profiles):
        # A local rule that blocks takes no effect either.
        return Judgement(Passage.OPEN)
    blocks = _of_action(candidates, BLOCK)
    if blocked := _blocked(blocks, peers):
        names, whom = blocked
        # Where not each profile that may count lets local rules take effect, it is not known.
        return Judgement(Passage.DOUBTFUL if ignoring else Passage.BLOCKED, "", names, whom)
    if doubts := _maybe(blocks, peers):
        return Judgement(Passage.DOUBTFUL, rules=doubts)
    return Judgement(Passage.OPEN) if lets_in else None


def _profile_fits(profiles: int, bit: int | None) -> Match:
    if profiles == 0 or profiles & _EVERY_PROFILE == _EVERY_PROFILE:
        return Match.YES
    if bit is None:
        return Match.UNKNOWN
    return Match.YES if profiles & bit else Match.NO


def _of_action(candidates: Sequence[_Candidate], action: int) -> tuple[_Candidate, ...]:
    """Return the rules of an action; one whose action has no known meaning may be of any."""
    return tuple(
        each
        for each in candidates
        if each.rule.action == action or each.rule.action not in {ALLOW, BLOCK}
    )


def _blocked(
    blocks: Sequence[_Candidate], peers: Sequence[Peer]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the rules that surely keep peers out, and which peers; None where none does."""
    sure = [each for each in blocks if each.for_everyone() is Match.YES]
    if sure:
        return _names(sure), tuple(each.name for each in peers)
    hit = [(r, p) for r in blocks for p in peers if r.keeps_out(p) is Match.YES]
    if not hit:
        return None
    whom = {peer.name for _, peer in hit}
    return _names([rule for rule, _ in hit]), tuple(p.name for p in peers if p.name in whom)


def _maybe(blocks: Sequence[_Candidate], peers: Sequence[Peer]) -> tuple[str, ...]:
    """Return the rules that may keep peers out: their text does not decide it."""
    return _names(
        [
            each
            for each in blocks
            if any(each.lets_in(peer) is not Match.NO for peer in peers)
            or (not peers and each.for_everyone() is not Match.NO)
        ]
    )


def _allowed(allows: Sequence[_Candidate], peers: Sequence[Peer]) -> Judgement:
    if not allows:
        return Judgement(Passage.ABSENT)
    if not peers:
        best = max(each.for_everyone() for each in allows)
        rules = _names([each for each in allows if each.for_everyone() is best])
        return Judgement(Passage.ALLOWED if best is Match.YES else Passage.DOUBTFUL, rules=rules)
    lacking = {peer: any_of(each.lets_in(peer) for each in allows) for peer in peers}
    shut = tuple(peer.name for peer, found in lacking.items() if found is Match.NO)
    doubtful = tuple(peer.name for peer, found in lacking.items() if found is Match.UNKNOWN)
    if shut:
        return Judgement(Passage.NARROW, rules=_names(allows), peers=shut)
    if doubtful:
        return Judgement(Passage.DOUBTFUL, rules=_names(allows), peers=doubtful)
    used = [each for each in allows if any(each.lets_in(p) is Match.YES for p in peers)]
    return Judgement(Passage.ALLOWED, rules=_names(used))


def _names(candidates: Sequence[_Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in candidates))
