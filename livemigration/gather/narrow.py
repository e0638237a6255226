"""A host is asked for the rows that can matter; where it refuses such a question, for every row.

Of the firewall these are few among hundreds (see `facts/firewall.py`). That a host refuses a filter
is remembered for all hosts of its build: how many conditions WMI takes is not published
(0x8004106C), and what its firewall provider makes of LIKE or OR is not known.

A filter that finds nothing at all, or not every row that was named, is not believed either: the
host is asked for every row, once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from livemigration.facts.cim import INSTANCE_ID, WmiQuery, WmiRow, wql_text
from livemigration.facts.firewall import (
    ENABLED_RULES,
    FIREWALL_RULES,
    MIGRATION_RULES,
    ROLES_OWN_RULE,
    RULE_ENABLED,
    RULES_OF_THE_ROLE,
    FirewallRule,
)
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
    OUTBOUND_MARK,
    PortFilter,
)
from livemigration.facts.firewall_words import OTHER_PROTOCOL, Match, ports_fit, protocol_fits
from livemigration.facts.model import FailureKind, Gathered, HostGroup, Outcome, WmiGroup
from livemigration.facts.reader import WmiReader
from livemigration.gather.properties import AbsentProperties
from livemigration.wsman.busy import is_busy
from livemigration.wsman.errors import WsmanFault

# A query holds 16,384 characters (WBEM_MAX_QUERY); a name has no limit that is documented.
_MOST_CHARACTERS = 12_000
_MOST_NAMES = 150
# More queries than these cost more than every row does.
_MOST_QUERIES = 3
_QUOTA_VIOLATION = 0x8004106C
# These say that it is the class or the namespace that is not there.
_NO_CLASS = frozenset({0x80041002, 0x8004100E, 0x80041010})
_OF_CANDIDATES = {FIREWALL_ADDRESSES.name, FIREWALL_PROGRAMS.name, FIREWALL_SERVICES.name}

_OF_THE_ROLE, _OWN_RULE = MIGRATION_RULES.casefold(), ROLES_OWN_RULE.casefold()

Known = Mapping[str, Outcome[Any]]
# Queries that together bring the rows that can matter; none: no row can.
Way = tuple[WmiQuery, ...]


class NarrowReader:
    """Reads the groups of one host, asking for what can matter.

    Args:
        reader: asks the host.
        run: what hosts of the same run found out.
        build: the host's operating-system build; None: not known, so nothing is shared.
        known: what the host said so far.
        refused: gets each class of which it is asked for every row because a filter was refused.
        few_bytes: whether long questions are worth a shorter answer.
    """

    def __init__(
        self,
        reader: WmiReader,
        run: AbsentProperties,
        build: int | None,
        known: Known,
        refused: list[str],
        *,
        few_bytes: bool = False,
    ) -> None:
        self._reader = reader
        self._run = run
        self._build = build
        self._known = known
        self._refused = refused
        self._few_bytes = few_bytes

    def read(self, group: HostGroup[Any]) -> Any:
        """Return the value of a group.

        Raises:
            WsmanError, WmiRowError, ValueError: as of reading every row.
        """
        if not isinstance(group, WmiGroup):
            return group.read(self._reader)
        refused: list[str] = []
        found: Any = None
        ways = self._ways(group)
        for way in ways:
            kind = _kind(way)
            if self._run.refuses(self._build, kind):
                refused.append(kind)
                continue
            try:
                found = self._asked(group, way)
            except WsmanFault as refusal:
                if not may_mean_more_than_it(refusal):
                    raise
                refused.append(kind)
            else:
                break
        every_row = found is None and bool(refused) and len(refused) == len(ways)
        if found is None:
            found = group.read(self._reader)
        if every_row:
            self._refused.append(group.source)
        for kind in refused:
            self._run.refuse(self._build, kind)
        return found

    def _asked(self, group: WmiGroup[Any], way: Way) -> Any:
        """Return the value of the rows that some queries bring; None: they are not believed."""
        rows: list[WmiRow] = []
        sent: set[str] = set()
        for query in way:
            if query is RULES_OF_THE_ROLE and _OWN_RULE in sent:
                continue
            # What the role has enabled, both of these queries bring.
            more = self._reader.enumerate(query)
            rows += [row for row in more if _name(row) not in sent] if sent else more
            sent |= set(map(_name, more))
        if not self._is_believed(group, way, rows, sent):
            return None
        found = group.parse(rows)
        return self._of_known_rules(found) if group.name == FIREWALL_PORTS.name else found

    def _ways(self, group: WmiGroup[Any]) -> list[Way]:
        """Return what brings the rows that can matter, the narrowest first; none: only all do."""
        if group.name == FIREWALL_RULES.name:
            apart: list[Way] = [(ENABLED_RULES, RULES_OF_THE_ROLE)] if self._few_bytes else []
            return [*apart, (group.narrow[0],)]
        rules = self._value(FIREWALL_RULES)
        if group.name in _OF_CANDIDATES:
            ports = self._value(FIREWALL_PORTS)
            if rules is None or ports is None:
                return []
            return _by_instance(group.query, candidates(rules, ports))
        if group.name != FIREWALL_PORTS.name:
            return [(each,) for each in group.narrow]
        return self._ways_to_ports(group, rules)

    def _ways_to_ports(
        self, group: WmiGroup[Any], rules: Sequence[FirewallRule] | None
    ) -> list[Way]:
        if not rules:
            return [] if rules is None else [()]
        by_name = any(OUTBOUND_MARK in each.identifier.casefold() for each in rules)
        ways: list[Way] = [(each,) for each in (group.narrow[1:] if by_name else group.narrow)]
        if not self._few_bytes:
            return ways
        wanted = [each.identifier for each in rules if _may_take_effect(each)]
        return [*_by_instance(group.narrow[-1], wanted), *ways]

    def _value(self, group: WmiGroup[Any]) -> Any:
        outcome = self._known.get(group.name)
        return outcome.value if isinstance(outcome, Gathered) else None

    def _is_believed(
        self, group: WmiGroup[Any], queries: Way, rows: Sequence[WmiRow], sent: AbstractSet[str]
    ) -> bool:
        """Whether a filter found what must be there."""
        due = {each.casefold() for query in queries for each in query.instances}
        if group.name == FIREWALL_RULES.name and not all(map(_is_wanted, rows)):
            return False
        if group.name == FIREWALL_PORTS.name:
            # The role's own rule is one of TCP.
            rules = self._value(FIREWALL_RULES)
            due = {each.identifier.casefold() for each in rules if _is_of_the_role(each)}
        return due <= sent and (bool(rows) or not queries)

    def _of_known_rules(self, ports: Sequence[PortFilter]) -> tuple[PortFilter, ...]:
        """Return the filters of the rules that were asked for; of those not sent, what is known."""
        sent = {each.identifier.casefold(): each for each in ports}
        return tuple(
            sent.get(rule.identifier.casefold()) or PortFilter(rule.identifier, OTHER_PROTOCOL, ())
            for rule in self._value(FIREWALL_RULES)
        )


def _name(row: WmiRow) -> str:
    return str(row.get(INSTANCE_ID)).casefold()


def _is_wanted(row: WmiRow) -> bool:
    """Whether a rule is one that was asked for: every host has others, which a filter keeps."""
    enabled = row.get("Enabled", RULE_ENABLED) == RULE_ENABLED
    return enabled or _name(row).startswith(_OF_THE_ROLE)


class _Same:
    """Rules and their ports. Of the hosts that have alike, they are the same (`Asking`)."""

    __slots__ = ("ports", "rules")

    def __init__(self, rules: tuple[FirewallRule, ...], ports: tuple[PortFilter, ...]) -> None:
        self.rules = rules
        self.ports = ports

    def __hash__(self) -> int:
        return hash((id(self.rules), id(self.ports)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rules is other.rules and self.ports is other.ports


def candidates(rules: tuple[FirewallRule, ...], ports: tuple[PortFilter, ...]) -> tuple[str, ...]:
    """Return the rules that may be about port 6600, and the role's own in any state."""
    return _candidates(_Same(rules, ports))


@lru_cache(64)
def _candidates(of: _Same) -> tuple[str, ...]:
    rules, ports = of.rules, of.ports
    filters = {each.identifier.casefold(): each for each in ports}
    return tuple(
        rule.identifier
        for rule in rules
        if _is_of_the_role(rule)
        or (rule.enabled is not False and _may_be_about(filters.get(rule.identifier.casefold())))
    )


def _is_of_the_role(rule: FirewallRule) -> bool:
    return rule.identifier[: len(_OF_THE_ROLE)].casefold() == _OF_THE_ROLE


def _may_take_effect(rule: FirewallRule) -> bool:
    return rule.enabled is not False or _is_of_the_role(rule)


def _may_be_about(port: PortFilter | None) -> bool:
    return port is None or _fits(port.protocol, port.local_ports)


@lru_cache(4096)
def _fits(protocol: str, local_ports: tuple[str, ...]) -> bool:
    return min(protocol_fits(protocol), ports_fit(local_ports)) is not Match.NO


def _by_instance(query: WmiQuery, names: Sequence[str]) -> list[Way]:
    """Return the one way to these rows; none: the queries would be too many."""
    queries: list[WmiQuery] = []
    taken: list[str] = []
    size = 0
    for name in names:
        more = len(f" OR {INSTANCE_ID} = {wql_text(name)}")
        if taken and (len(taken) == _MOST_NAMES or size + more > _MOST_CHARACTERS):
            queries.append(query.of(taken))
            taken = []
        if not taken:
            size = len(query.of([name]).wql)
        else:
            size += more
        taken.append(name)
    if taken:
        queries.append(query.of(taken))
    if any(len(each.wql) > _MOST_CHARACTERS for each in queries) or len(queries) > _MOST_QUERIES:
        return []
    return [tuple(queries)]


def _kind(way: Way) -> str:
    """Return what is remembered of a way that a host refused, whatever rows it was for."""
    if not way:
        return ""
    first = way[0]
    return f"{first.of(()).wql}{' by its names' if first.instances else ''}"


def may_mean_more_than_it(refusal: WsmanFault) -> bool:
    """Whether a host that refused a filter, or an option, may take the question without it."""
    codes = {refusal.code, *refusal.provider_codes}
    if _QUOTA_VIOLATION in codes:
        return True
    if refusal.kind is not FailureKind.FAULT or codes & _NO_CLASS:
        return False
    return not is_busy(refusal)
