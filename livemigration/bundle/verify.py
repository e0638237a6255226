"""Whether a bundle is as it was written, says what its facts lead to, and is still evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from livemigration import __version__
from livemigration.base import codec
from livemigration.base.json_text import ambiguous, load_json
from livemigration.base.text import counted
from livemigration.bundle.account import unaccounted_checks, unaccounted_hosts, untimely
from livemigration.bundle.again import Pairs, dropped, judged, run_again, unlike
from livemigration.bundle.archive import MANIFEST, DamagedError, Manifest, Opened, open_bundle
from livemigration.bundle.likeness import Likeness
from livemigration.bundle.members import (
    FACTS,
    REPLAY,
    RESULTS,
    VIEWS,
    manifest_of,
    unlike_written,
    views_of,
)
from livemigration.bundle.replay import Replay, from_document, key_of
from livemigration.bundle.stays import unfounded
from livemigration.collector.snapshot import facts_of
from livemigration.facts.sheets import RunFacts
from livemigration.placement.solver import installed
from livemigration.report.moments import utc
from livemigration.report.wording import SIMULATED
from livemigration.run.consistency import contradictions
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.results_file import run_of_text
from livemigration.run.run import Run
from livemigration.run.selected import suite_checks, whole_suite
from livemigration.run.sessions import unsafe_sentences
from livemigration.verdict.check import Check

_MOST_TOLD = 20
_MOST_OF_WHOLE = 3


@dataclass(frozen=True)
class Verification:
    """What verifying a bundle came to: what is wrong with it, and why it is no evidence now."""

    wrong: tuple[str, ...]
    no_evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    manifest: Manifest | None = None

    @property
    def code(self) -> ExitCode:
        """0: verified, and still evidence. 1: not verified. 10: verified, but no evidence."""
        if self.wrong:
            return ExitCode.NOT_READY
        return ExitCode.NO_VERDICT if self.no_evidence else ExitCode.READY


def verify(path: Path, checks: Mapping[str, Check], now: datetime) -> Verification:
    """Return what verifying a bundle comes to.

    Args:
        path: the bundle.
        checks: the checks that are known here, by their identifiers.
        now: the time, to say whether it is still evidence.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        opened = open_bundle(path)
        run = _run(opened)
    except DamagedError as error:
        return Verification((f"The bundle is damaged: {error}.",))
    manifest = opened.manifest
    replayed = _Replayed(opened, run, checks)
    denied = [f"results.json: {each}" for each in contradictions(run)]
    # What is wrong with the whole comes first, then with each result: the list is cut.
    wrong = [
        *denied[:_MOST_OF_WHOLE],
        *_unlike(opened, run),
        *replayed.differences(),
        *denied[_MOST_OF_WHOLE:],
    ]
    if len(wrong) > _MOST_TOLD:
        wrong[_MOST_TOLD:] = [f"And {counted(len(wrong) - _MOST_TOLD, 'difference')} more."]
    return Verification(
        tuple(wrong),
        tuple(_no_evidence(run, now)),
        (*_notes(manifest, run), *replayed.notes()),
        manifest,
    )


def _run(opened: Opened) -> Run:
    try:
        run = run_of_text(opened.members[RESULTS])
    except KeyError:
        raise DamagedError(f"{RESULTS} is missing") from None
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{RESULTS} cannot be read: {str(error)[:100]}") from None
    return run


def _other_solvers(run: Run) -> str:
    """Return why plans cannot be made again here: with another solver they may be others."""
    if not run.drains:
        return ""
    found = installed()
    here = found.name if found is not None else ""
    made = {each.solver for each in run.drains} - {here}
    if not made:
        return ""
    solver = next(iter(made)) or "no exact solver"
    return (
        f"The plans of its drains were made with {solver}, and {here or 'none'} is installed here. "
        "Verify where it is the same: livemigration[drain] brings it."
    )


def _unlike(opened: Opened, run: Run) -> Iterator[str]:
    """Yield what says something else than the results do."""
    others = {name: each for name, each in opened.members.items() if name != MANIFEST}
    said, other = (codec.to_json(each) for each in (opened.manifest, manifest_of(run, others)))
    for name in said:
        if said[name] != other[name]:
            yield f"manifest.json: {name} is not what the results say."
    made = views_of(run)
    for name in others.keys() - {RESULTS, FACTS, REPLAY, *VIEWS, *made}:
        yield f"{name} is no file of a bundle: nothing vouches for it."
    if run.suite_version != __version__:
        # Of its own release, `unlike_written` holds every byte against what is written.
        for name, content in opened.members.items():
            if name.endswith(".json") and (why := ambiguous(content)):
                yield f"{name} {why}."
        return
    for name in {**VIEWS, **made}:
        if made.get(name) != opened.members.get(name):
            yield f"{name} does not show what the results say."


@dataclass
class _Replayed:
    """What the facts of a bundle lead to, held against its results.

    `unread` counts the texts that were not compared; `unlisted`: another release wrote the facts,
    and no inventory is in them.
    """

    opened: Opened
    run: Run
    checks: Mapping[str, Check]
    unread: int = 0
    unlisted: bool = False

    def differences(self) -> Iterator[str]:
        """Yield a sentence for each result, and each other part, that the facts do not lead to."""
        members = self.opened.members
        try:
            document = load_json(members[FACTS])
            facts, replay = facts_of(document), from_document(load_json(members[REPLAY]))
            yield from self._stamped(document, replay)
            yield from self._led_to(facts, replay)
        except KeyError as error:
            yield f"{error.args[0]} is missing, so nothing could be replayed."
        except (ValueError, RecursionError, AttributeError) as error:
            yield f"The facts cannot be replayed: {str(error)[:200]}."

    def notes(self) -> Iterator[str]:
        """Yield what was not compared."""
        if self.unread:
            yield (
                f"{counted(self.unread, 'text')} quoting a machine's own words could not be "
                "compared: facts.json does not hold them."
            )
        if self.unlisted:
            yield "facts.json lists no inventory: whether each host is accounted for is not known."

    def _stamped(self, facts: dict[str, Any], replay: Replay) -> Iterator[str]:
        run, stamp = self.run, codec.to_json(self.run.stamp)
        change = run.change.identifier if run.change is not None else None
        said = facts.get("stamp"), facts.get("change"), facts.get("suite_version")
        if said != (stamp, change, run.suite_version):
            yield "facts.json says another change, policy, time or version than the results."
        if replay.stamp != run.stamp:
            yield "replay.json says another change, policy or time than the results."

    def _led_to(self, facts: RunFacts, replay: Replay) -> Iterator[str]:
        run, checks = self.run, self.checks
        pairs = Pairs.between(run, replay)
        if others := _other_solvers(run):
            yield others
            return
        found: list[Result] = []
        for result, judgement in judged(run, facts, replay, checks):
            if judgement is None:
                yield (
                    f"{_where(result)}: this check is not known here. Verify where the site's "
                    "checks are."
                )
                continue
            found.append(judgement)
        if len(found) < len(run.results):
            return
        again = run_again(run, facts, replay, found, checks, pairs)
        for result, other in zip(run.results, again.results, strict=True):
            if (result.state, result.red) != (other.state, other.red):
                yield (
                    f"{_where(result)}: the results say {_word(result)}, the facts lead to "
                    f"{_word(other)}."
                )
        yield from dropped(run, facts, pairs, suite_checks())
        yield from unfounded(facts, replay.demands)
        yield from untimely(run, facts)
        own = run.suite_version == __version__
        self.unlisted = not own and not facts.listed
        if not self.unlisted:
            yield from unaccounted_hosts(run, facts, pairs.of)
        if own:
            yield from unaccounted_checks(run, whole_suite())
            for name in unlike_written(run, self.opened):
                yield f"{name} has more in it, or another form, than the suite writes."
            held = self.opened.members
            likeness = Likeness(key_of(held[RESULTS]), pairs.parts(), held[FACTS].decode())
            yield from unlike(run, again, likeness)
            self.unread = likeness.unread


def _where(result: Result) -> str:
    return f"{result.entry.check} {result.entry.target}"


def _word(result: Result) -> str:
    return f"{result.state.value}{' (red)' if result.red and result.state is State.WARNING else ''}"


def _no_evidence(run: Run, now: datetime) -> Iterator[str]:
    if run.simulated:
        yield SIMULATED
        return
    if run.valid_until is None:
        yield "When its facts were gathered is not known, so it is no evidence. Run again."
    elif now > run.valid_until:
        yield f"It was evidence until {utc(run.valid_until)}. Run again."


def _notes(manifest: Manifest, run: Run) -> Iterator[str]:
    yield from unsafe_sentences(run.sessions)
    if run.suite_version != __version__:
        yield (
            f"It was written by livemigration {manifest.suite_version}; this is {__version__}. Its "
            "views were not made again, the texts of its findings were not compared, nor what it "
            "says of checks that were not made."
        )
