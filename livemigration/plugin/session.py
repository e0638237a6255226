"""What one run of pytest has so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.policy import Policy
from livemigration.plugin.artefacts import RunFolder
from livemigration.plugin.discovering import Discovered
from livemigration.plugin.garbage import Garbage
from livemigration.plugin.interrupts import SECONDS, Interrupts
from livemigration.plugin.items import CheckItem
from livemigration.plugin.machines import Machines
from livemigration.plugin.options import Options
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
from livemigration.run.selected import UnselectedChecks
from livemigration.run.waivers.model import Waiver
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
        peers = self.inventory.peers.get(item.target)
        clock = time.perf_counter
        return runner.timed(item.check, facts, item.entry, policy, clock, exchanges=peers)

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
