"""The journal of a run: one JSON line for everything that happens, flushed as it comes.

Whatever ends a run (Ctrl-C, a killed process, a full disk), what the journal holds can be rendered,
and the facts in it need not be gathered again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from livemigration import codec
from livemigration.errors import UsageError
from livemigration.evidence.model import Gathering
from livemigration.facts.model import FactSheet, Outcome, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.facts.snapshot import SavedOutcome, outcome_of, saved_outcome
from livemigration.record import Asked, Beginning, Ending, concluded, shown
from livemigration.results import ExitCode, Result, Run, exit_code_of, worst
from livemigration.stamp import Stamp

_OUTCOMES = dict[str, SavedOutcome]


class Journal:
    """The journal of a run that goes on.

    Raises:
        OSError: the file cannot be opened, or a line cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._stream: IO[str] = path.open("w", encoding="utf-8", newline="\n")
        self._written: dict[tuple[Subject, str], dict[str, Outcome[Any]]] = {}

    def begin(self, beginning: Beginning, stamp: Stamp) -> None:
        """Write what the run is and what it will do."""
        self._write("begin", run=codec.to_json(beginning), stamp=codec.to_json(stamp))

    def gathering(self, gathering: Gathering) -> None:
        """Write since when facts are gathered, and when that ended."""
        self._write("gathering", gathering=codec.to_json(gathering))

    def facts(self, subject: Subject, name: str, outcomes: Mapping[str, Outcome[Any]]) -> None:
        """Write what is new of one machine's facts."""
        written = self._written.setdefault((subject, name), {})
        fresh = {key: each for key, each in outcomes.items() if written.get(key) is not each}
        if not fresh:
            return
        written.update(fresh)
        saved = {key: saved_outcome(key, each) for key, each in fresh.items()}
        self._write(
            "facts", subject=subject.value, name=name, outcomes=codec.to_json(saved, _OUTCOMES)
        )

    def result(self, result: Result) -> None:
        """Write one result."""
        self._write("result", result=codec.to_json(result))

    def end(self, ending: Ending, stamp: Stamp | None) -> None:
        """Write that the run ended; of two such lines the second counts."""
        self._write("end", ending=codec.to_json(ending), stamp=codec.to_json(stamp))

    def close(self) -> None:
        """Close the file; every line is already written."""
        with suppress(OSError):
            self._stream.close()

    def _write(self, kind: str, **content: Any) -> None:
        document = {"kind": kind, "at": datetime.now(UTC).isoformat(), **content}
        self._stream.write(json.dumps(document, separators=(",", ":")) + "\n")
        self._stream.flush()


@dataclass
class Told:
    """What a journal holds. `ending` is None where the run did not end."""

    beginning: Beginning
    last: datetime
    gathering: Gathering | None = None
    outcomes: dict[tuple[Subject, str], dict[str, Outcome[Any]]] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    ending: Ending | None = None

    @property
    def facts(self) -> RunFacts:
        """Every fact that was gathered, by its machine."""

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
        """The run as far as it came: one that did not end is no verdict."""
        facts = self.facts if self.outcomes else None
        asked = shown(self.beginning, Asked(facts, self.gathering), self.results)
        return concluded(self.beginning, asked, self.results, self.ending or self._cut_off())

    def _cut_off(self) -> Ending:
        codes = {exit_code_of(self.results)} if self.results else set()
        return Ending(
            finished=self.last,
            exit_code=worst({*codes, ExitCode.INTERRUPTED}),
            interrupted=True,
            problems=("The run did not end. This is what its journal holds.",),
        )


def read(path: Path) -> Told:
    """Return what a journal holds. A last line that was cut off is left out.

    Raises:
        UsageError: the file cannot be read, or is no journal of this release.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}.") from None
    told: Told | None = None
    # What follows the last line break was cut off, or is nothing.
    for number, line in enumerate(lines[:-1], start=1):
        try:
            told = _and(told, json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(
                f"{path}, line {number}: not a line of a journal of this release"
                f"{f': {error}' if type(error) is ValueError else ''}."
            ) from None
    if told is None and any(lines):
        raise UsageError(
            f"{path}: the journal was cut in its first line, by a full disk or a killed process: "
            "nothing of this run can be shown. Run again."
        )
    if told is None:
        raise UsageError(f"{path}: the journal is empty: the run ended before it began.")
    return told


def _and(told: Told | None, line: Any) -> Told:
    """Return what is told with one more line."""
    kind, at = line["kind"], datetime.fromisoformat(line["at"])
    if told is None:
        if kind != "begin":
            raise ValueError("it does not begin with the plan")
        return Told(codec.from_json(Beginning, line["run"]), at)
    told.last = at
    if kind == "gathering":
        told.gathering = codec.from_json(Gathering, line["gathering"])
    elif kind == "facts":
        saved: _OUTCOMES = codec.from_json(_OUTCOMES, line["outcomes"])
        own = told.outcomes.setdefault((Subject(line["subject"]), line["name"]), {})
        own.update({name: outcome_of(name, each, line["name"]) for name, each in saved.items()})
    elif kind == "result":
        told.results.append(codec.from_json(Result, line["result"]))
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
