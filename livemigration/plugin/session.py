"""What one run of pytest has so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from livemigration.collector.told_again import LinesOf
from livemigration.facts.model import FactGroup, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DRAIN, DrainRequest, is_drained
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.policy import Policy
from livemigration.plugin.artefacts import RunFolder
from livemigration.plugin.discovering import Discovered
from livemigration.plugin.garbage import Garbage
from livemigration.plugin.interrupts import SECONDS, Interrupts
from livemigration.plugin.items import CheckItem
from livemigration.plugin.machines import Machines
from livemigration.plugin.options import STAGE_VM, Options
from livemigration.plugin.progress import Judging
from livemigration.plugin.waiving import waived
from livemigration.run import runner
from livemigration.run.drift.baseline import Baseline
from livemigration.run.drift.model import Drift
from livemigration.run.journal import Journal, JournalContent
from livemigration.run.merge.model import Besides
from livemigration.run.plan import PlanEntry
from livemigration.run.record import Beginning, Observed
from livemigration.run.result import Result
from livemigration.run.run import Earlier, Run
from livemigration.run.selected import UnselectedChecks, whole_suite
from livemigration.run.waivers.model import Waiver
from livemigration.verdict.check import AREA_OF_DRAINS, Check
from livemigration.wsman.manners import IDLE_MINUTES


@dataclass
class Session:
    """What one run has so far. `machines` is None where no machine may be asked."""

    options: Options
    inventory: Inventory
    hosts: tuple[str, ...]
    started: datetime
    saved: RunFacts | None = None
    discovered: Discovered | None = None
    earlier: JournalContent | None = None
    baseline: Baseline | None = None
    drift: Drift | None = None
    trend: tuple[Earlier, ...] = ()
    folder: RunFolder | None = None
    machines: Machines | None = None
    opened: Journal | None = None
    journal: Journal | None = None
    observed: Observed = field(default_factory=Observed)
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plan: tuple[PlanEntry, ...] = ()
    results: list[Result] = field(default_factory=list)
    deselected: list[CheckItem] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    besides: Besides = field(default_factory=Besides)
    interrupted: bool = False
    stopped_early: str = ""
    places: dict[str, str] = field(default_factory=dict)
    found: dict[str, Subject] = field(default_factory=dict)
    offered: dict[str, Subject] = field(default_factory=dict)
    suite: Mapping[str, Subject] = field(default_factory=dict)
    beginning: Beginning | None = None
    waivers: tuple[Waiver, ...] = ()
    signed: dict[str, tuple[CheckItem, ...]] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    unselected: UnselectedChecks = field(default_factory=UnselectedChecks)
    run: Run | None = None
    report: Path | None = None
    bundle: Path | None = None
    # Whether checks are all that this run of pytest has.
    alone: bool = True
    judging: Judging | None = None
    collects_only: bool = False
    results_missing: bool = False
    interrupts: Interrupts = field(default_factory=Interrupts)
    garbage: Garbage = field(default_factory=Garbage)
    # Those of the facts file that is replayed; None: none is.
    lines: LinesOf | None = None
    # What is asked of drains by options; None: nothing.
    drain: DrainRequest | None = None

    @property
    def drained(self) -> tuple[str, ...]:
        """The hosts that are asked to be emptied: named, or by their policy; or all, selected."""
        inventory = self.inventory
        if inventory.gate:
            return ()
        named = tuple(
            host
            for host in self.hosts
            if is_drained(host, inventory.policies.get(host, inventory.site_policy), self.drain)
        )
        every = self.options.selects_drains and not (self.drain is not None and self.drain.hosts)
        return self.hosts if every else named

    def asks_for(self, opt_in: str | None) -> bool:
        """Whether a check that only this option asks for is part of the run."""
        if opt_in == DRAIN:
            return bool(self.drained)
        return opt_in is None or (opt_in == STAGE_VM and bool(self.options.stage_vm))

    def hosts_for(self, check: Check) -> tuple[str, ...]:
        """Return the hosts on which a check is made."""
        return self.drained if check.is_asked_by_host else self.hosts

    @property
    def of_drains(self) -> tuple[FactGroup[Any], ...]:
        """What is asked of every host, because machines of another one could go there.

        Of a shard as well where the host that is to be emptied is in another one.
        """
        planned = any(entry.area == AREA_OF_DRAINS for entry in self.plan)
        if not planned and (self.options.shard is None or not self._drained_anywhere):
            return ()
        asked = (each for each in whole_suite() if each.is_asked_by_host)
        return tuple({group.name: group for each in asked for group in each.groups}.values())

    @property
    def _drained_anywhere(self) -> bool:
        inventory = self.inventory
        policies = inventory.policies.values()
        named = self.drain is not None and bool(self.drain.hosts)
        return (
            named
            or self.options.selects_drains
            or any(each.drain == "every-host" for each in policies)
        )

    def give_up(self) -> None:
        """Ask nothing more, and end what runs on servers; what stays there is a problem told.

        What is known by then is on the disk.
        """
        self.to_journal(Journal.flush)
        left = self.machines.give_up(SECONDS) if self.machines is not None else []
        for machine in left:
            self.problems.append(
                f"A remote shell stays open on {machine} for {IDLE_MINUTES} minutes, its idle "
                "time-out: it did not end in time. It changes nothing there."
            )

    def place_of(self, identifier: str, place: str) -> str:
        """Return where a check of this identifier was first seen, which is here if nowhere."""
        return self.places.setdefault(identifier, place)

    def evaluate(self, item: CheckItem) -> Result:
        """Judge one item, keep the result and write it to the journal."""
        facts = self.observed.facts
        if facts is None:
            raise RuntimeError("facts are gathered before any check runs")
        policy = self.inventory.policies.get(item.target, self.inventory.site_policy)
        result = self._judged(item, facts, policy)
        if result.red:
            # Roots are judged here as well: their own turn may come later.
            roots = [self._judged(each, facts, policy) for each in self.signed.get(item.target, ())]
            result = waived(result, roots, self.waivers, self.started, policy)
        self.results.append(result)
        self.to_journal(lambda journal: journal.result(result))
        return result

    def _judged(self, item: CheckItem, facts: RunFacts, policy: Policy) -> Result:
        if self.beginning is None:
            raise RuntimeError("the plan is fixed before any check runs")
        peers = self.beginning.demands.exchanges_of(item.target)
        clock = time.perf_counter
        return runner.timed(
            item.check, facts, item.entry, policy, clock, exchanges=peers, drain=self.drain
        )

    def to_journal(self, write: Callable[[Journal], None]) -> None:
        """Write to the journal; the first failure ends it."""
        if self.journal is None:
            return
        try:
            write(self.journal)
        except OSError as error:
            self.artefact_problem("The journal", error)
            self.journal = None

    def artefact_problem(self, what: str, error: Exception) -> None:
        """Remember that an artefact could not be written; the verdict stays."""
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.problems.append(f"{what} could not be written: {reason[:200]}.")
        self.besides = replace(self.besides, artefact_missing=True)

    def unwritten(self, error: OSError) -> None:
        """Remember once that results.json could not be written."""
        if not self.results_missing:
            self.artefact_problem("results.json", error)
        self.results_missing = True
