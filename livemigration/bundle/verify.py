"""Whether a bundle is as it was written, says what its facts lead to, and is still evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from livemigration import __version__, codec
from livemigration.bundle.archive import DamagedError, Manifest, Opened, open_bundle
from livemigration.bundle.members import FACTS, REPLAY, RESULTS, VIEWS
from livemigration.bundle.replay import differences, from_document
from livemigration.check import Check
from livemigration.report.moments import utc
from livemigration.report.wording import SIMULATED, counted
from livemigration.results import ExitCode, Run

_MOST_TOLD = 20


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
    wrong = [*_unlike(opened, run), *_replayed(opened, run, checks)]
    if len(wrong) > _MOST_TOLD:
        wrong[_MOST_TOLD:] = [f"And {counted(len(wrong) - _MOST_TOLD, 'difference')} more."]
    return Verification(
        tuple(wrong), tuple(_no_evidence(run, now)), tuple(_notes(manifest, run)), manifest
    )


def _run(opened: Opened) -> Run:
    try:
        run: Run = codec.from_json(Run, json.loads(opened.members[RESULTS]))
    except KeyError:
        raise DamagedError(f"{RESULTS} is missing") from None
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{RESULTS} cannot be read: {str(error)[:100]}") from None
    return run


def _unlike(opened: Opened, run: Run) -> Iterator[str]:
    """Yield what says something else than the results do."""
    manifest = opened.manifest
    change = run.change.identifier if run.change is not None else None
    said = (manifest.change, manifest.simulated, manifest.valid_until, manifest.finished)
    if said != (change, run.simulated, run.valid_until, run.finished):
        yield "The manifest says something else than the results."
    if run.suite_version != __version__:
        return
    for name, make in VIEWS.items():
        if make(run) != opened.members.get(name):
            yield f"{name} does not show what the results say."


def _replayed(opened: Opened, run: Run, checks: Mapping[str, Check]) -> Iterator[str]:
    try:
        facts = json.loads(opened.members[FACTS])
        replay = from_document(json.loads(opened.members[REPLAY]))
        yield from differences(run, facts, replay, checks)
    except KeyError as error:
        yield f"{error.args[0]} is missing, so nothing could be replayed."
    except (ValueError, RecursionError, AttributeError) as error:
        yield f"The facts cannot be replayed: {str(error)[:200]}."


def _no_evidence(run: Run, now: datetime) -> Iterator[str]:
    if run.simulated:
        yield SIMULATED
        return
    if run.valid_until is None:
        yield "When its facts were gathered is not known, so it is no evidence. Run again."
    elif now > run.valid_until:
        yield f"It was evidence until {utc(run.valid_until)}. Run again."


def _notes(manifest: Manifest, run: Run) -> Iterator[str]:
    if run.suite_version != __version__:
        yield (
            f"It was written by livemigration {manifest.suite_version}; this is {__version__}. Its "
            "views were not made again."
        )
