"""What VMM and the other hosts reach of each host, as a table: a rail is a column, a mark a cell.

A mark is red only where a check of that host fails and names the address, its subnet or the port:
what does not answer and need not, as an isolated migration network, is closed as meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from livemigration.facts.model import Subject
from livemigration.facts.network import LIVE_MIGRATION_PORT
from livemigration.report.repairs import ToMend, to_mend
from livemigration.run.evidence.model import Attachment, Attempt, NetworkHost, Reached
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level

MAX_RAILS = 8
VMM, PEERS = "VMM", "peers"
MANAGEMENT, MIGRATION = "management", "migration"


class Mark(Enum):
    """What became of a rail on a host: the sign, and what it says, the worst first."""

    OTHER = "≠", "another machine answers"
    REFUSED = "✕", "refused"
    SILENT = "?", "no answer"
    WAIVED = "w", "fails, waived"
    WARNED = "!", "a check warns"
    OPEN = "●", "open"
    AS_MEANT = "○", "closed, as meant"
    NOT_EXAMINED = "\u2013", "not examined"
    ABSENT = "·", "no address there"

    @property
    def sign(self) -> str:
        """One character for a cell."""
        return self.value[0]

    @property
    def words(self) -> str:
        """The same for whoever does not see the sign."""
        return self.value[1]

    @property
    def red(self) -> bool:
        """Whether a check fails for it."""
        return self in {Mark.OTHER, Mark.REFUSED, Mark.SILENT}


_RANK = {mark: place for place, mark in enumerate(Mark)}


@dataclass(frozen=True)
class Rail:
    """A column: who connects, to which ports, on which subnets, and what these are for.

    From the peers no connection is made: their own tables of addresses and routes show a way.
    `ports` are several where hosts are managed over HTTP and HTTPS, `subnets` where the hosts are
    managed in several, or where each site has migration networks of its own.
    """

    vantage: str
    ports: tuple[int, ...]
    subnets: tuple[str, ...]
    role: str

    def told(self, mark: Mark) -> str:
        """Return what a mark says in this column."""
        if self.vantage == PEERS:
            by_tables = {
                Mark.OPEN: "a way is shown",
                Mark.WARNED: "no way is shown",
                Mark.SILENT: "no way is shown",
            }
            return by_tables.get(mark, mark.words)
        return mark.words


@dataclass(frozen=True)
class RailRow:
    """Hosts for which everything is the same: a mark for each rail, and their state in a word.

    `repair` is the number of the first repair that they need; 0: they need none.
    """

    names: tuple[str, ...]
    marks: tuple[Mark, ...]
    word: str
    repair: int = 0


@dataclass(frozen=True)
class Rails:
    """The whole table, the worst rows first. `vmms` are the servers that connected."""

    vmms: tuple[str, ...]
    rails: tuple[Rail, ...]
    rows: tuple[RailRow, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks that occur, for a legend."""
        there = {mark for row in self.rows for mark in row.marks}
        return tuple(mark for mark in Mark if mark in there)


def rails_of(run: Run, mended: ToMend | None = None) -> Rails | None:
    """Return the table of a run; None where nothing is known of its network.

    `mended` is what the run leaves to mend, where that is at hand.
    """
    hosts = run.network.hosts if run.network is not None else ()
    if not hosts:
        return None
    rails = _rails(hosts)
    standing = _Standing(run, mended or to_mend(run))
    rows: dict[tuple[tuple[int, int], tuple[Mark, ...], str, int], list[str]] = {}
    for host in hosts:
        own = _Marks(host, standing.results_of(host.name))
        shown = tuple(own.on(rail) for rail in rails)
        word, place, repair = standing.of(host.name)
        rows.setdefault((place, shown, word, repair), []).append(host.name)
    return Rails(
        tuple(dict.fromkeys(host.vmm for host in hosts)),
        rails,
        tuple(
            RailRow(tuple(names), marks, word, repair)
            for (_, marks, word, repair), names in sorted(
                rows.items(), key=lambda item: (item[0][0], -len(item[1]))
            )
        ),
    )


def _rails(hosts: Sequence[NetworkHost]) -> tuple[Rail, ...]:
    """Return every rail: of management first, then each migration subnet, the most used first."""
    managed: Counter[str] = Counter()
    others: Counter[str] = Counter()
    control: set[int] = set()
    for host in hosts:
        for each in host.attachments:
            if each.management:
                managed[str(each.subnet)] += 1
            elif each.migration:
                others[str(each.subnet)] += 1
        for attempt in host.attempts:
            if attempt.port != LIVE_MIGRATION_PORT:
                control.add(attempt.port)
                if not host.attachments and attempt.subnet is not None:
                    managed[str(attempt.subnet)] += 1
    # A host whose name leads into a migration network does not make it one of management.
    management = tuple(each for each, hosts in managed.most_common() if hosts >= others[each])
    migration = [each for each, _ in others.most_common() if each not in management]
    ports = (LIVE_MIGRATION_PORT,)
    near = [
        *([Rail(VMM, tuple(sorted(control)), management, MANAGEMENT)] if control else []),
        Rail(VMM, ports, management, MANAGEMENT),
    ]
    places: list[tuple[str, ...]] = [(subnet,) for subnet in migration]
    if len(near) + 2 * len(places) > MAX_RAILS:
        # Each site has its own, and a column for each would be a page of empty cells.
        places = [tuple(migration)]
    far = [Rail(PEERS, ports, place, MIGRATION) for place in places]
    return (
        *near,
        *(Rail(VMM, ports, place, MIGRATION) for place in places),
        *(far or [Rail(PEERS, ports, management, MANAGEMENT)]),
    )


def _worst(marks: Iterable[Mark]) -> Mark:
    return min(marks, key=_RANK.__getitem__, default=Mark.ABSENT)


class _Standing:
    """What the checks made of each host, found once for the whole run."""

    def __init__(self, run: Run, mended: ToMend) -> None:
        self._results: dict[str, dict[str, Result]] = {}
        for result in run.results:
            if result.entry.target_kind is Subject.HOST:
                self._results.setdefault(result.entry.target, {})[result.entry.check] = result
        self._repairs: dict[str, tuple[str, int]] = {}
        for group in mended.repairs:
            if group.kind is Subject.HOST:
                for name in group.names:
                    self._repairs.setdefault(name, (group.word, group.number))

    def results_of(self, name: str) -> Mapping[str, Result]:
        return self._results.get(name, {})

    def of(self, name: str) -> tuple[str, tuple[int, int], int]:
        """Return the state of a host in a word, its place among the rows, and its repair."""
        if name in self._repairs:
            word, number = self._repairs[name]
            return word, (0, number), number
        states = {each.state for each in self.results_of(name).values()}
        unseen = {State.BLOCKED, State.NOT_RUN, State.INTERNAL_ERROR}
        if not states or states & unseen:
            return Mark.NOT_EXAMINED.words, (1, 0), 0
        if State.WAIVED in states:
            return "waived", (2, 0), 0
        if State.WARNING in states:
            return "warning", (3, 0), 0
        return "ready", (4, 0), 0


# Repairs of a way from VMM; any other opens another way, so that this one may stay shut.
_OF_THE_WAY = {"control-path", "dns-record", "reachability-policy"}
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f]*:")


@dataclass(frozen=True)
class _Marks:
    """The marks of one host."""

    host: NetworkHost
    results: Mapping[str, Result]

    def on(self, rail: Rail) -> Mark:
        inside = [each for each in self.host.attachments if str(each.subnet) in rail.subnets]
        if rail.vantage == PEERS:
            return self._by_tables(inside)
        made, check = self._made(rail, inside)
        if made:
            return _worst(self._mark(each, check) for each in made)
        return Mark.ABSENT if self._is_absent(inside) else Mark.NOT_EXAMINED

    def _is_absent(self, inside: Sequence[Attachment]) -> bool:
        known = bool(self.host.attachments) and not self.host.attachments_left_out
        return known and not inside

    def _by_tables(self, inside: Sequence[Attachment]) -> Mark:
        result = self.results.get("LM205")
        listens = any(each.listener for each in inside)
        if listens and result is not None and result.state is State.PASS:
            return Mark.OPEN
        if listens and result is not None and result.state is State.WARNING:
            return Mark.SILENT if result.red else Mark.WARNED
        return Mark.ABSENT if self._is_absent(inside) else Mark.NOT_EXAMINED

    def _made(self, rail: Rail, inside: Sequence[Attachment]) -> tuple[list[Attempt], str]:
        """Return the connections that belong to a rail, and the check that judges them."""
        of_migration = rail.ports == (LIVE_MIGRATION_PORT,)
        made = [e for e in self.host.attempts if (e.port == LIVE_MIGRATION_PORT) is of_migration]
        if rail.role == MIGRATION:
            own = {each.address for each in inside}
            return [each for each in made if each.address in own], "LM202"
        managed = {each.address for each in self.host.attachments if each.management}
        managed |= {e.address for e in self.host.attempts if e.port != LIVE_MIGRATION_PORT}
        check = "LM203" if of_migration else "LM204"
        return [each for each in made if each.address in managed], check

    def _mark(self, attempt: Attempt, check: str) -> Mark:
        if attempt.foreign and (judged := self._judged(attempt, "LM201")) is not None:
            answered = attempt.reached in {Reached.OPEN, Reached.REFUSED}
            return Mark.OTHER if judged.red and answered else judged
        if attempt.reached is Reached.OPEN:
            return Mark.OPEN
        result = self.results.get(check)
        if result is None:
            return Mark.NOT_EXAMINED
        if result.state is State.BLOCKED:
            by = result.blocked_by.check if result.blocked_by is not None else ""
            return self._judged(attempt, by) or Mark.NOT_EXAMINED
        return self._judged(attempt, check) or self._judged(attempt, "LM202") or Mark.AS_MEANT

    def _judged(self, attempt: Attempt, check: str) -> Mark | None:
        """Return the mark of an attempt that a check of the host minds; None: it does not."""
        result = self.results.get(check)
        if result is None:
            return None
        levels = {each.level for each in result.findings if _minds(each, attempt, check)}
        closed = Mark.REFUSED if attempt.reached is Reached.REFUSED else Mark.SILENT
        if Level.FAIL in levels and result.state is State.WAIVED:
            return Mark.WAIVED
        if result.red and levels & {Level.FAIL, Level.WARNING}:
            return closed
        return Mark.WARNED if Level.WARNING in levels else None


def _minds(finding: Finding, attempt: Attempt, check: str) -> bool:
    """Whether a finding speaks of an attempt, by its address, or by its port where it has none."""
    if check == "LM202":
        if finding.fix is None or finding.fix.key not in _OF_THE_WAY:
            return False
        if attempt.subnet is not None and _said(str(attempt.subnet), finding.observed):
            return True
    if not _ADDRESS.search(finding.observed):
        return bool(re.search(rf"\bport {attempt.port}\b", finding.observed))
    ports = _said(str(attempt.address), finding.observed)
    return any(port in {"", str(attempt.port)} for port in ports)


def _said(what: str, text: str) -> list[str]:
    """Return the port behind each mention of an address; empty where there is none."""
    found = re.finditer(rf"(?<![\w.:]){re.escape(what)}(?![\w/]|[.:]\w)(?: port (\d+))?", text)
    return [each[1] or "" for each in found]
