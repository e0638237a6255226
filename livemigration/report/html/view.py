"""Everything that a page shows of a run, worked out before the first line of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from livemigration.base.text import counted
from livemigration.facts.model import Subject
from livemigration.report.boards import Board, Boards, boards_of
from livemigration.report.boards_svg import board_svg
from livemigration.report.drain.document import documents_of
from livemigration.report.grouping import Reason, View, hosts_sentence, reasons, view_of
from livemigration.report.html.cards import Card, Cards
from livemigration.report.html.check_table import CheckTable, check_table_of
from livemigration.report.html.drains import Drain, drain_of
from livemigration.report.html.figures import Trend, bar_svg, trend_of
from livemigration.report.html.ladders import Ladder, ladder_of
from livemigration.report.html.proof import proof_of
from livemigration.report.html.quiet import (
    Changes,
    Open,
    WarningCause,
    changes_of,
    not_examined,
    notes_of,
    warnings_of,
)
from livemigration.report.html.standing import Standing, Tally, newly_failing, standings, tally
from livemigration.report.moments import utc
from livemigration.report.naming import Names
from livemigration.report.paths import PathKind, kinds_of
from livemigration.report.rails import Rails, rails_of
from livemigration.report.repairs import ToMend, Unresolved, to_mend
from livemigration.report.wording import (
    change_sentences,
    drift_sentence,
    remark_sentences,
    selection_sentences,
    session_lines,
    verdict_scope,
    verdict_words,
)
from livemigration.run.result import State
from livemigration.run.run import Run
from livemigration.run.sessions import client_words
from livemigration.verdict.move_matrix import Matrix

# Above as many hosts, what unfolds under a host stands in pages of its own.
ONE_PAGE = 500
PER_PAGE = 250


@dataclass(frozen=True)
class Beside:
    """A file that stands beside the page: its name, and what it is."""

    name: str
    what: str = ""


class PageView:
    """A run as a page shows it. `files` stand beside the page."""

    def __init__(self, run: Run, files: tuple[Beside, ...] = ()) -> None:
        self.run = run
        self.files = files
        self.view: View = view_of(run)
        self.mend: ToMend = to_mend(run)
        self.names = Names(
            [each.name for each in self.view.hosts] + [each.name for each in self.view.others]
        )
        self.standings: Mapping[str, Standing] = standings(run, self.view, self.mend)
        self.tally: Tally = tally(self.standings)
        self._cards = Cards(run, self.mend, self.names, self.standings)

    @property
    def sharded(self) -> bool:
        """Whether what unfolds under a host stands in pages of its own."""
        return len(self.standings) > ONE_PAGE

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """The repairs."""
        return self._cards.all()

    @property
    def maker(self) -> Cards:
        """What makes the details of a machine."""
        return self._cards

    @cached_property
    def telling(self) -> tuple[tuple[Subject, str], ...]:
        """The machines that have something to unfold, in the order of the repairs."""
        found = dict.fromkeys(
            (each.kind, name) for each in self.mend.repairs for name in each.names
        )
        found |= dict.fromkeys(
            (entry.target_kind, entry.target)
            for each in self.mend.unresolved
            for entry in each.entries
        )
        return tuple(found)

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The page on which a machine's details stand; empty for this one."""
        if not self.sharded:
            return {}
        return {
            name: f"hosts-{place // PER_PAGE + 1:03}.html"
            for place, (_, name) in enumerate(self.telling)
        }

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each host, the worst first."""
        first = [name for each in self.mend.repairs for name in each.names]
        ranks = {"bad": 0, "unknown": 1, "waived": 2, "warn": 3, "ready": 4}
        rest = sorted(self.standings.values(), key=lambda each: ranks[each.counts])
        ordered = dict.fromkeys((*first, *(each.name for each in rest)))
        return {name: place for place, name in enumerate(ordered)}

    @cached_property
    def check_table(self) -> CheckTable:
        """Every check of every target."""
        return check_table_of(self.run, self.order)

    @cached_property
    def moves(self) -> Boards:
        """Who can go where."""
        return boards_of(self.run.matrix or Matrix(), self.names)

    @property
    def shows_moves(self) -> bool:
        """Whether there is more to say of it than that all can go everywhere."""
        return bool(self.moves.boards or self.moves.unplaced or self.moves.alone)

    def moves_picture(self, board: Board) -> str:
        """Return the picture of a board."""
        return board_svg(board)

    @cached_property
    def warnings(self) -> tuple[WarningCause, ...]:
        """The warnings, each cause once."""
        return warnings_of(self.view)

    @cached_property
    def open(self) -> tuple[Open, ...]:
        """What was not examined."""
        return not_examined(self.run, self.mend, self.names)

    @cached_property
    def changes(self) -> tuple[Changes, ...]:
        """What changed since the earlier run."""
        return changes_of(self.run.drift) if self.run.drift else ()

    @cached_property
    def notes(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """The notes of the checks."""
        return notes_of(self.view)

    @cached_property
    def inapplicable(self) -> tuple[Reason, ...]:
        """Why checks do not apply."""
        return reasons(self.run.results)

    @cached_property
    def repaired(self) -> frozenset[str]:
        """The machines that have a line in a card."""
        return frozenset(name for each in self.mend.repairs for name in each.names)

    @cached_property
    def first_unresolved(self) -> Mapping[str, Unresolved]:
        """Under which reason a machine unfolds."""
        found: dict[str, Unresolved] = {}
        for each in self.mend.unresolved:
            for name in each.names:
                found.setdefault(name, each)
        return found

    @cached_property
    def placed(self) -> frozenset[str]:
        """The machines whose anchor stands before the table of every check."""
        return self.repaired | frozenset(self.first_unresolved)

    @property
    def anchored(self) -> frozenset[str]:
        """The machines whose checks have anchors on this page."""
        return frozenset() if self.sharded else self.placed

    @property
    def described(self) -> frozenset[str]:
        """The checks that the page describes."""
        return frozenset(self.check_table.checks)

    @property
    def has_waived(self) -> bool:
        """Whether somebody signed for something."""
        return bool(self.view.waived or self.run.waivers)

    @property
    def is_ready(self) -> bool:
        """Whether the verdict is ready: then there is nothing to mend."""
        return self.run.verdict == "ready"

    @property
    def any_script(self) -> bool:
        """Whether commands mend anything."""
        return any(each.scripted for each in self.mend.repairs)

    @property
    def script_file(self) -> str:
        """The fix script beside the page; empty where there is none."""
        return next((each.name for each in self.files if each.name.endswith(".ps1")), "")

    @property
    def proof(self) -> str:
        """The command that proves that all is mended."""
        return proof_of(self.run)

    @property
    def selected(self) -> str:
        """What was selected, in short where that is all."""
        if self.whole and not self.run.gate:
            hosts = self.run.selection.inventory_hosts
            return f"{'the only host' if hosts == 1 else f'all {hosts} hosts'}, all checks"
        return " ".join(selection_sentences(self.run))

    @property
    def meta(self) -> tuple[str, ...]:
        """What the run was for, whom it asked and when, in short."""
        run = self.run
        return tuple(
            each
            for each in (
                *(said.removesuffix(".") for said in change_sentences(run)),
                f"{self.names.short(run.vmm)}, VMM {run.vmm_release.removeprefix('VMM ')}"
                if run.vmm
                else "",
                f"finished {utc(run.finished)}",
            )
            if each
        )

    @property
    def sessions(self) -> tuple[str, ...]:
        """How the machines were signed in to that answered, each way once."""
        return session_lines(self.run.sessions, self.names)

    @property
    def client(self) -> str:
        """What carried the messages to them."""
        return client_words(self.run.sessions)

    @property
    def drift_sentence(self) -> str:
        """What changed since the earlier run."""
        return drift_sentence(self.run.drift) if self.run.drift else ""

    @property
    def drift_line(self) -> str:
        """How many hosts are newly not ready, ready again, and as before."""
        drift = self.run.drift
        if drift is None or drift.started is None:
            return ""
        newly = newly_failing(self.run)
        failing = {host.name for host in self.view.failing}
        again = {each.target for each in drift.fixed} - failing
        parts = (
            (len(newly), "newly not ready"),
            (len(again), "ready again"),
            (len(failing - newly), "as before"),
        )
        said = [f"{number} {what}" for number, what in parts if number]
        return f"Since {utc(drift.started)}: {', '.join(said) or 'no host changed'}."

    @property
    def foot(self) -> str:
        """What stands at the foot of each printed sheet."""
        mark = " - SIMULATED: no evidence" if self.run.simulated else ""
        return f"livemigration - {self.heading} - {utc(self.run.finished)}{mark}"

    @property
    def bar(self) -> str:
        """The hosts by what they count as, as a bar."""
        return bar_svg(self.tally)

    @cached_property
    def rails(self) -> Rails | None:
        """What VMM and the other hosts reach of each host; none at a gate, which has no VMM."""
        return None if self.run.gate else rails_of(self.run, self.mend)

    @cached_property
    def paths(self) -> tuple[PathKind, ...]:
        """The networks over which clusters move virtual machines, equal clusters together."""
        return kinds_of(self.run.paths, self.names)

    def ladder(self, kind: PathKind) -> Ladder:
        """Return the picture of such a path."""
        return ladder_of(kind)

    @cached_property
    def drains(self) -> tuple[Drain, ...]:
        """The plans by which hosts are emptied."""
        return tuple(drain_of(each, self.names) for each in documents_of(self.run))

    @property
    def trend(self) -> Trend | None:
        """How many hosts were not ready in earlier runs; none where there is nothing to compare."""
        return trend_of(self.run.trend, len(self.view.failing))

    @property
    def tone(self) -> str:
        """The colour of the verdict."""
        verdict = self.run.verdict
        if verdict == "ready":
            return "ok"
        return "warn" if verdict.startswith("NO VERDICT") else "bad"

    @property
    def heading(self) -> str:
        """The verdict."""
        return verdict_words(self.run)

    @property
    def sentence(self) -> str:
        """How many hosts are ready, and for whom the verdict holds."""
        said = hosts_sentence(self.view).rstrip(".")
        scope = verdict_scope(self.run)
        if self.run.verdict == "ready":
            said = f"{said}, as far as examined"
        return f"{said}. This verdict is {scope}." if scope else f"{said}."

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """What went wrong with the run itself."""
        return (
            *self.run.problems,
            *(
                f"Internal error in {each.entry.check} of {each.entry.target}: "
                f"{each.reason or 'no reason was recorded.'}"
                for each in self.view.internal_errors
            ),
            *remark_sentences(self.run),
        )

    @property
    def whole(self) -> str:
        """That nothing was deselected; empty where something was."""
        selection = self.run.selection
        if selection.deselected_hosts or selection.deselected_checks or selection.lacking:
            return ""
        return (
            f"Nothing was deselected: all {counted(selection.inventory_hosts, 'host')}, all checks"
        )

    @property
    def checks(self) -> str:
        """How many checks ended in each state."""
        counts = self.run.counts
        counts[State.NOT_RUN] += len(self.run.not_run)
        words = (
            (State.PASS, "passed"),
            (State.FAIL, "failed"),
            (State.WARNING, "warned"),
            (State.WAIVED, "waived"),
            (State.BLOCKED, "not examined"),
            (State.NOT_RUN, "not run"),
            (State.INTERNAL_ERROR, "ended in an internal error"),
            (State.NOT_APPLICABLE, "not applicable"),
        )
        parts = (f"{counts[state]} {word}" for state, word in words if counts[state])
        return f"{counts.total()}: {', '.join(parts)}"
