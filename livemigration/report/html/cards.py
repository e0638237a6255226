"""The repairs as cards: each cause once, then its hosts as lines that unfold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.report.fix_script.loop import Block, mending_blocks, undoing_blocks
from livemigration.report.html.factbook import FactBook, Facts
from livemigration.report.html.standing import Standing
from livemigration.report.naming import Names
from livemigration.report.repairs import Mended, RepairGroup, Told, ToMend
from livemigration.report.wording import result_word
from livemigration.run.plan import PlanEntry
from livemigration.run.repairs import is_scripted
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Fix, Level
from livemigration.verdict.fixes.script import PRECONDITION

# As many hosts of a repair have a line of their own; the others are folded.
OPEN_LINES = 25
# As many ways to do the same are shown beside each other; each host's own is in its line.
SHOWN_WAYS = 3
MANY_CHECKS = 6
_TELLING = {Level.FAIL, Level.WARNING}
_QUIET = {State.PASS, State.NOT_APPLICABLE, State.BLOCKED, State.NOT_RUN}


@dataclass(frozen=True)
class Check:
    """What one check came to on one machine, in the words of its findings."""

    check: str
    state: str
    word: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Held:
    """Checks of one machine that were not evaluated, and the check because of which."""

    by: str
    reason: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Details:
    """What unfolds under a machine: its checks, what was not evaluated, and what was read."""

    checks: tuple[Check, ...]
    held: tuple[Held, ...]
    facts: Facts
    notes: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class MachineLine:
    """One machine in a card. `first` is the card in which it unfolds; `also` are its others."""

    name: str
    short: str
    values: tuple[str, ...]
    standing: Standing | None
    first: RepairGroup
    also: tuple[RepairGroup, ...]


@dataclass(frozen=True)
class Script:
    """PowerShell of a card: what stands over it, the lines, and the anchor of the block."""

    title: str
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One repair as it is shown."""

    repair: RepairGroup
    title: str
    why: tuple[Told, ...]
    machines: tuple[MachineLine, ...]
    steps: tuple[Told, ...]
    first: tuple[Told, ...]
    cost: tuple[Told, ...]
    instead: tuple[Told, ...]
    scripts: tuple[Script, ...]
    waits: str

    @property
    def folded(self) -> tuple[tuple[MachineLine, ...], ...]:
        """The machines without an open line; those together that are found by the same."""
        alike: dict[object, list[MachineLine]] = defaultdict(list)
        for each in self.machines[OPEN_LINES:]:
            known = each.standing
            what = (known.keys, known.tags, known.word) if known else ()
            alike[each.first is self.repair, what].append(each)
        return tuple(map(tuple, alike.values()))

    @property
    def newly(self) -> int:
        """How many of its hosts were ready in the earlier run."""
        return sum("new" in each.standing.tags for each in self.machines if each.standing)


class Cards:
    """Makes the cards of a run, and what unfolds under each machine."""

    def __init__(
        self, run: Run, mend: ToMend, names: Names, standings: Mapping[str, Standing]
    ) -> None:
        self._mend = mend
        self._names = names
        self._standings = standings
        self._book = FactBook(run)
        self._results: dict[tuple[Subject, str], list[Result]] = defaultdict(list)
        self._planned: dict[Subject, set[str]] = defaultdict(set)
        for result in run.results:
            self._planned[result.entry.target_kind].add(result.entry.check)
            self._results[result.entry.target_kind, result.entry.target].append(result)
        self._of: dict[tuple[Subject, str], list[RepairGroup]] = defaultdict(list)
        # Of the repairs whose cards do not have every step of every machine.
        self._differing = {
            repair.anchor: {each.name: each for each in repair.machines}
            for repair in mend.repairs
            if _differs(repair.told(lambda fix: fix.console))
        }
        for repair in mend.repairs:
            for name in repair.names:
                self._of[repair.kind, name].append(repair)

    @property
    def book(self) -> FactBook:
        """The facts of the run."""
        return self._book

    def all(self) -> tuple[Card, ...]:
        """Return a card for each repair, the worst first."""
        return tuple(map(self._card, self._mend.repairs))

    def details(self, kind: Subject, name: str) -> Details:
        """Return what unfolds under a machine."""
        results = self._results[kind, name]
        telling = [each for each in results if each.state not in _QUIET]
        entries = [each.entry for each in results if each.state is not State.PASS]
        return Details(
            tuple(map(_check, telling)),
            _held(results),
            self._book.behind(kind, name, entries),
            _notes(results),
            tuple(self._own_steps(kind, name)),
        )

    def _own_steps(self, kind: Subject, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the steps of a machine where its card has placeholders or not every way."""
        for repair in self._of[kind, name]:
            if repair.anchor in self._differing:
                machine = self._differing[repair.anchor][name]
                lines = dict.fromkeys(line for fix in machine.fixes for line in fix.console)
                yield f"repair {repair.number}", tuple(lines)

    def _card(self, repair: RepairGroup) -> Card:
        return Card(
            repair=repair,
            title=repair.about(self._names),
            why=repair.told(lambda fix: (fix.cause.why,) if fix.cause else ()),
            machines=tuple(self._line(repair, each) for each in repair.machines),
            steps=repair.told(lambda fix: fix.console),
            # What holds for every script is said once, above them all.
            first=repair.told(lambda fix: (fix.precondition.replace(PRECONDITION, "").strip(),)),
            cost=repair.told(lambda fix: (fix.cost,)),
            instead=repair.told(lambda fix: (fix.alternative,)),
            scripts=_scripts(repair),
            waits=self._waits(repair),
        )

    def _waits(self, repair: RepairGroup) -> str:
        """Return which checks wait for a repair; all of them are not listed."""
        waiting = checks_of(repair.waiting)
        kinds = {entry.target_kind for entry in repair.waiting}
        every = {check for kind in kinds for check in self._planned[kind]}
        left = sorted(every - set(waiting))
        if len(waiting) > MANY_CHECKS and len(left) < MANY_CHECKS:
            return f"all but {', '.join(left)}" if left else "all"
        return ", ".join(waiting)

    def _line(self, repair: RepairGroup, machine: Mended) -> MachineLine:
        mine = self._of[repair.kind, machine.name]
        values = dict(machine.values)
        return MachineLine(
            machine.name,
            self._names.short(machine.name),
            tuple(values.get(label, "") for label in repair.labels[:2]),
            self._standings.get(machine.name) if repair.kind is Subject.HOST else None,
            mine[0],
            tuple(each for each in mine if each is not repair),
        )


def _differs(told: Sequence[Told]) -> bool:
    return len(told) > 1 or not all(each.whole for each in told)


def _check(result: Result) -> Check:
    lines = [(each.observed, each.expected) for each in result.findings if each.level in _TELLING]
    if result.reason and not lines:
        lines = [(result.reason, "")]
    state = "fail" if result.red else result.state.value
    return Check(result.entry.check, state, result_word(result), tuple(lines))


def _held(results: Iterable[Result]) -> tuple[Held, ...]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in results:
        if result.state is State.BLOCKED:
            by = result.blocked_by
            key = (by.check, by.reason) if by else ("", result.reason)
            found[key].append(result.entry.check)
        elif result.state is State.NOT_RUN:
            found["", result.reason or "It did not run."].append(result.entry.check)
    return tuple(Held(by, reason, tuple(checks)) for (by, reason), checks in found.items())


def _scripts(repair: RepairGroup) -> tuple[Script, ...]:
    if repair.scripted:
        return _named(repair, (each for fixes in repair.rounds for each in _round(fixes)))
    looks = repair.told(lambda fix: fix.commands)[:SHOWN_WAYS]
    return _named(repair, (("Look it up", each.lines) for each in looks))


def _round(fixes: Mapping[str, Fix]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the commands of one fix of each host, and what undoes them."""
    fixes = {name: fix for name, fix in fixes.items() if is_scripted(fix)}
    if len(fixes) == 1:
        (fix,) = fixes.values()
        yield "PowerShell, for this host", fix.commands
        yield "Undo", fix.undo
        return
    blocks = [("PowerShell", each) for each in mending_blocks(fixes)]
    blocks += [("Undo", each) for each in undoing_blocks(fixes)]
    for what, each in blocks:
        yield f"{what}, for {_of(each)}", each.lines


def _of(block: Block) -> str:
    if len(block.hosts) == 1:
        return block.hosts[0]
    return f"{len(block.hosts)} hosts: the first alone, read back, then the others"


def _named(repair: RepairGroup, scripts: Iterable[tuple[str, Sequence[str]]]) -> tuple[Script, ...]:
    stem = repair.anchor.removeprefix("fix-")
    return tuple(
        Script(title, f"ps-{stem}-{number}", tuple(lines))
        for number, (title, lines) in enumerate(scripts, 1)
        if lines
    )


def checks_of(entries: Iterable[PlanEntry]) -> tuple[str, ...]:
    """Return the checks of some entries, each once."""
    return tuple(sorted({entry.check for entry in entries}))


def _notes(results: Iterable[Result]) -> tuple[tuple[str, str], ...]:
    """Return the notes of a machine, each behind the checks that say it."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in results:
        for finding in each.findings:
            if finding.level is Level.NOTE:
                found[finding.observed].append(each.entry.check)
    return tuple((", ".join(dict.fromkeys(checks)), text) for text, checks in found.items())
