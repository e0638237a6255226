"""What a run is before anything is asked: the first line of its journal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from livemigration import __version__
from livemigration.facts.model import Subject
from livemigration.plugin.session import Session
from livemigration.run.evidence.moments import zone_of
from livemigration.run.plan import RunSelection
from livemigration.run.record import (
    Beginning,
)
from livemigration.run.run import HostSummary
from livemigration.run.selected import asked_by_host, lab_of, left_out_of, pairs_of


def targets_of(session: Session) -> set[str]:
    """Return the hosts of the plan."""
    return {entry.target for entry in session.plan if entry.target_kind is Subject.HOST}


def beginning_of(session: Session) -> Beginning:
    """Return what the run is before anything is asked: worked out once it is planned."""
    if session.beginning is None or session.beginning.plan is not session.plan:
        session.beginning = _begun(session)
    return session.beginning


def _begun(session: Session) -> Beginning:
    inventory, options = session.inventory, session.options
    targets = targets_of(session)
    hosts = tuple(host for host in inventory.hosts if host.name in targets)
    return Beginning(
        suite_version=__version__,
        inventory=inventory.label,
        inventory_digest=inventory.digest,
        started=session.started,
        zone=zone_of(session.started, *_shown_in_local_time(session)),
        servers=tuple(each.name for each in inventory.servers_of(targets)),
        selection=_selection(session, targets),
        hosts=tuple(HostSummary(host.name, host.groups) for host in hosts),
        plan=session.plan,
        reads=session.reads,
        demands=replace(inventory.demands_on([host.name for host in hosts]), drain=session.drain),
        change=options.change,
        facts_from=options.facts.name if options.facts else None,
        waivers=session.waivers,
        gate=inventory.gate,
        lab=lab_of(inventory),
        listed=tuple(each.listed for each in inventory.hosts),
        listed_vmms=tuple(each.listed for each in inventory.vmms),
        resumed=session.earlier.beginning.started if session.earlier is not None else None,
    )


def _selection(session: Session, targets: Collection[str]) -> RunSelection:
    """Return what the run looks at, and what it leaves out; `targets` are its hosts."""
    inventory, options = session.inventory, session.options
    left_out = left_out_of(
        session.plan,
        {**session.suite, **session.offered},
        without=session.lacking,
        machines=[(Subject.VMM, each.name) for each in inventory.servers_of(targets)],
    )
    return RunSelection(
        inventory_hosts=len(inventory.hosts),
        selected_hosts=len(targets),
        deselected_checks=max(
            len(session.deselected),
            pairs_of(
                each
                for each in left_out
                if each.check in session.offered and each.check not in asked_by_host()
            ),
        ),
        limit=", ".join(options.limits),
        lacking=session.lacking,
        left_out=left_out,
        unselected_hosts=tuple(host.name for host in inventory.hosts if host.name not in targets),
        unselected_checks=session.unselected.checks,
        opt_ins=session.unselected.opt_ins,
        shard=str(options.shard) if options.shard is not None else "",
        directory=bool(inventory.directories),
    )


def _shown_in_local_time(session: Session) -> tuple[datetime, ...]:
    """Return what may be far from the run's start: its window, and when facts were gathered."""
    window = session.options.change.window if session.options.change is not None else None
    gathered = session.saved.gathered if session.saved is not None else None
    known = (window.start, window.end) if window is not None else ()
    return (*known, gathered) if gathered is not None else known
