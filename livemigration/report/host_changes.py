"""What changed since an earlier run, counted in hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livemigration.base.text import counted
from livemigration.facts.model import Subject
from livemigration.report.moments import utc
from livemigration.report.wording import NO_EARLIER_RUN
from livemigration.run.drift.model import Drift, Moved
from livemigration.run.result import State
from livemigration.run.run import Run

_UNDECIDED = {State.BLOCKED, State.INTERNAL_ERROR, State.NOT_RUN}


@dataclass(frozen=True)
class HostChanges:
    """Hosts and VMM servers, each in one of these, in the order of the inventory.

    `otherwise` are those of `before` that fail other checks than before; `unknown` are without a
    verdict now and were not.
    """

    newly: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def host_changes(run: Run, drift: Drift) -> HostChanges:
    """Return which hosts are not ready any more, ready again, or not ready as before.

    A host that fails other checks than before is not ready as before.
    """
    red = _order(run, (each.entry.target for each in run.results if each.red))
    hidden = {each.entry.target for each in run.results if each.state in _UNDECIDED}
    hidden |= {entry.target for entry in run.not_run}
    was = _targets(drift.fixed, drift.still, drift.unjudged)
    # What was waived before and is mended now was no reason to be not ready.
    was |= {each.target for each in drift.waived if each.was in _FAILED}
    moved = _targets(drift.new, drift.fixed, drift.unjudged, drift.waived)
    known = _order(run, was)
    return HostChanges(
        newly=tuple(each for each in red if each not in was),
        again=tuple(each for each in known if each not in red and each not in hidden),
        before=tuple(each for each in red if each in was),
        otherwise=tuple(each for each in red if each in was and each in moved),
        unknown=tuple(
            each
            for each in _order(run, hidden)
            if each not in red and each in _targets(drift.blocked, drift.unjudged)
        ),
    )


# How the earlier results say that a check failed.
_FAILED = {State.FAIL.value, State.WARNING.value}


def changes_sentence(run: Run, drift: Drift) -> str:
    """Return what changed since the earlier run, in one sentence."""
    if drift.started is None:
        return NO_EARLIER_RUN
    return f"Since {utc(drift.started)}: {', '.join(_parts(run, drift)) or 'nothing changed'}."


def _parts(run: Run, drift: Drift) -> Iterator[str]:
    found = host_changes(run, drift)
    if found.newly:
        yield f"{len(found.newly)} newly not ready"
    if found.again:
        yield f"{len(found.again)} ready again"
    if found.before:
        other = f" ({len(found.otherwise)} for other checks)" if found.otherwise else ""
        yield f"{len(found.before)} as before{other}"
    if found.unknown:
        yield f"{len(found.unknown)} newly without a verdict"
    if drift.facts:
        yield f"{counted(len(drift.facts), 'setting')} moved"


def _targets(*kinds: Iterable[Moved]) -> set[str]:
    return {each.target for kind in kinds for each in kind}


def _order(run: Run, names: Iterable[str]) -> tuple[str, ...]:
    """Return names in the order of the run: its VMM servers first, then its hosts."""
    known = set(names)
    servers = (entry.target for entry in run.plan if entry.target_kind is Subject.VMM)
    ordered = dict.fromkeys((*servers, *(host.name for host in run.hosts)))
    return (*(each for each in ordered if each in known), *sorted(known - set(ordered)))
