"""The journal of a run: one JSON line for everything that happens.

Whatever ends a run (Ctrl-C, a killed process, a full disk), what the journal holds can be rendered,
and the facts in it need not be gathered again: they are on the disk as soon as they are known.
Results are so within a second, as they follow from the facts. Where facts are not gathered but
read from a file, they are in the run's own facts file before anything follows from them: there they
are looked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from livemigration.base import codec
from livemigration.base.codec import compact
from livemigration.base.errors import UsageError, unreadable
from livemigration.base.json_text import load_json
from livemigration.base.packed import TornError, open_text, pack
from livemigration.collector import facts_file
from livemigration.collector.snapshot import OutcomeTexts, SavedOutcome, Values, outcome_of
from livemigration.facts.model import FactSheet, Outcome, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.stamp import Stamp
from livemigration.run.evidence.model import Gathering
from livemigration.run.exit_code import ExitCode, exit_code_of, worst
from livemigration.run.files import FACTS, RunFiles
from livemigration.run.journal_lines import ReadResults, ResultLines, beginning_of, document_of
from livemigration.run.record import Beginning, Ending, Observed, concluded, with_evidence
from livemigration.run.result import Result
from livemigration.run.run import Run

_OUTCOMES = dict[str, SavedOutcome]
# As many results wait at most, and as many seconds.
MOST_WAITING = 200
LONGEST_WAIT = 1.0
# So many seconds are one moment: many results are there in it, and the words for it take longer.
_MOMENT = 0.001
_BESIDE = "facts-beside"


class Journal:
    """The journal of a run that goes on.

    Args:
        path: of the file.
        clock: seconds that only grow.

    Raises:
        OSError: the file cannot be opened, or a line cannot be written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._stream: IO[str] = path.open("w", encoding="utf-8", newline="\n")
        self._clock = clock
        self._flushed, self._waiting = clock(), 0
        self._told, self._at = self._flushed, _now()
        self._written: dict[tuple[Subject, str], Mapping[str, Outcome[Any]]] = {}
        self._texts, self._results = OutcomeTexts(), ResultLines(())

    def begin(self, beginning: Beginning, stamp: Stamp) -> None:
        """Write what the run is and what it will do."""
        self._results = ResultLines(beginning.plan)
        self._write("begin", run=document_of(beginning), stamp=codec.to_json(stamp))

    def gathering(self, gathering: Gathering) -> None:
        """Write since when facts are gathered, and when that ended."""
        self._write("gathering", gathering=codec.to_json(gathering))

    def facts(
        self, subject: Subject, name: str, outcomes: Mapping[str, Outcome[Any]], text: str = ""
    ) -> None:
        """Write what is new of one machine's facts; `text` is JSON of all, where that is there."""
        written = self._written.get((subject, name), {})
        if written is outcomes:
            return
        fresh = {key: each for key, each in outcomes.items() if written.get(key) is not each}
        # What comes with its text stays as it is; what is still being gathered grows.
        self._written[subject, name] = outcomes if text else {**written, **fresh}
        if not fresh:
            return
        told = text if text and len(fresh) == len(outcomes) else self._texts.outcomes(fresh)
        self._write("facts", told, subject=subject.value, name=name)

    def facts_beside(self) -> None:
        """Write that the facts are those of the run's facts file, which is whole."""
        self._write(_BESIDE)

    def result(self, result: Result) -> None:
        """Write one result."""
        now = self._clock()
        if now - self._told >= _MOMENT:
            self._told, self._at = now, _now()
        for kind, text in self._results.of(result):
            self._stream.write(f'{{"kind":"{kind}","at":"{self._at}","{kind}":{text}}}\n')
        self._waiting += 1
        if self._waiting >= MOST_WAITING or now - self._flushed >= LONGEST_WAIT:
            self.flush()

    def end(self, ending: Ending, stamp: Stamp | None) -> None:
        """Write that the run ended; of two such lines the second counts."""
        self._write("end", ending=codec.to_json(ending), stamp=codec.to_json(stamp))

    def flush(self) -> None:
        """Write what waits to be written."""
        self._stream.flush()
        self._flushed, self._waiting = self._clock(), 0

    def close(self) -> None:
        """Close the file, which is compressed where it is large: nothing is added to it."""
        # Where the disk is full, it stays as far as it came.
        with suppress(OSError):
            self._stream.close()
            pack(self._path)

    def _write(self, kind: str, outcomes: str = "", **content: Any) -> None:
        """Write a line, and whatever waits; `outcomes` is JSON already."""
        text = compact({"kind": kind, "at": _now(), **content})
        self._stream.write(f'{text[:-1]},"outcomes":{outcomes}}}\n' if outcomes else f"{text}\n")
        self.flush()


def _now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass
class JournalContent:
    """What a journal holds. `ending` is None where the run did not end.

    `beside` is the facts file that has the facts; None: they are in the journal.
    """

    beginning: Beginning
    last: datetime
    gathering: Gathering | None = None
    outcomes: dict[tuple[Subject, str], dict[str, Outcome[Any]]] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    ending: Ending | None = None
    lines: ReadResults | None = field(default=None, repr=False, compare=False)
    values: Values = field(default_factory=Values, repr=False, compare=False)
    beside: Path | None = None

    @property
    def facts(self) -> RunFacts:
        """Every fact that was gathered, by its machine.

        Raises:
            UsageError: they stand in a file that cannot be read.
        """
        if self.beside is not None and not self.outcomes:
            self.outcomes = _outcomes_in(self.beside)

        def sheets(subject: Subject, names: Sequence[str]) -> dict[str, FactSheet]:
            # A replay has the facts of hosts that were not selected as well, to compare with.
            more = [name for kind, name in self.outcomes if kind is subject]
            return {
                name: FactSheet(subject, name, self.outcomes.get((subject, name), {}))
                for name in dict.fromkeys((*names, *more))
            }

        return RunFacts(
            sheets(Subject.HOST, [host.name for host in self.beginning.hosts]),
            sheets(Subject.VMM, self.beginning.servers),
            dict(self.beginning.demands.managers),
            gathered=self.gathering.began if self.gathering is not None else None,
            listed=self.beginning.listed,
            listed_vmms=self.beginning.listed_vmms,
        )

    @property
    def run(self) -> Run:
        """The run as far as it came: one that did not end is no verdict.

        Raises:
            UsageError: as for `facts`.
        """
        facts = self.facts if self.outcomes or self.beside else None
        observed = with_evidence(self.beginning, Observed(facts, self.gathering), self.results)
        return concluded(self.beginning, observed, self.results, self.ending or self._cut_off())

    def _cut_off(self) -> Ending:
        return Ending(
            finished=self.last,
            exit_code=worst({exit_code_of(self.results), ExitCode.INTERRUPTED}),
            interrupted=True,
            problems=("The run did not end. This is what its journal holds.",),
        )


def _outcomes_in(path: Path) -> dict[tuple[Subject, str], dict[str, Outcome[Any]]]:
    if not path.is_file():
        raise UsageError(
            f"{path}: the facts of this run are not beside its journal. Put the file back, or "
            "replay the facts again."
        )
    facts = facts_file.load(path)
    sheets = (*facts.hosts.values(), *facts.vmms.values())
    return {(each.subject, each.name): dict(each.outcomes) for each in sheets}


def read(path: Path) -> JournalContent:
    """Return what a journal holds, compressed or not. What was cut off at its end is left out.

    Raises:
        UsageError: the file cannot be read, or is no journal of this release.
    """
    told: JournalContent | None = None
    line = ""
    try:
        with open_text(path, errors="replace", torn=True) as stream:
            for number, line in enumerate(stream, start=1):
                # What has no line break was cut off.
                told = _and_line(told, line, f"{path}, line {number}") if line[-1] == "\n" else told
    except OSError as error:
        raise unreadable(path, error) from None
    except TornError as error:
        raise UsageError(f"{path}: {error}.") from None
    if told is None and line:
        raise UsageError(
            f"{path}: the journal was cut in its first line, by a full disk or a killed process: "
            "nothing of this run can be shown. Run again."
        )
    if told is None:
        raise UsageError(f"{path}: the journal is empty: the run ended before it began.")
    if told.beside is not None:
        told.beside = RunFiles.of(path).facts
    return told


def _and_line(told: JournalContent | None, line: str, place: str) -> JournalContent:
    try:
        return _and(told, load_json(line))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{place}: not a line of a journal of this release"
            f"{f': {error}' if type(error) is ValueError else ''}."
        ) from None


def _and(told: JournalContent | None, line: Any) -> JournalContent:
    """Return what is told with one more line."""
    kind, at = line["kind"], datetime.fromisoformat(line["at"])
    if told is None:
        if kind != "begin":
            raise ValueError("it does not begin with the plan")
        beginning = beginning_of(line["run"])
        return JournalContent(beginning, at, lines=ReadResults(beginning.plan))
    told.last = at
    if kind == "gathering":
        told.gathering = codec.from_json(Gathering, line["gathering"])
    elif kind == "facts":
        saved: _OUTCOMES = codec.from_json(_OUTCOMES, line["outcomes"])
        own = told.outcomes.setdefault((Subject(line["subject"]), line["name"]), {})
        machine, read_value = line["name"], told.values.of
        own.update(
            {name: outcome_of(name, each, machine, read_value) for name, each in saved.items()}
        )
    elif kind == _BESIDE:
        told.beside = Path(FACTS)
    elif kind in {"refs", "said", "result"} and told.lines is not None:
        result = told.lines.take(kind, line[kind])
        told.results += () if result is None else (result,)
    elif kind == "end":
        told.ending = codec.from_json(Ending, line["ending"])
    else:
        raise ValueError(f"{kind!r} is not a kind of line")
    return told


def ending_of(run: Run) -> Ending:
    """Return how a run ended."""
    return Ending(
        run.finished,
        run.exit_code,
        run.interrupted,
        run.stopped_early,
        run.problems,
        run.besides,
    )
