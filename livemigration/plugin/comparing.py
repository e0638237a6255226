"""The earlier run that --baseline names, and what changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.inventory import Inventory
from livemigration.plugin.options import Options
from livemigration.run.drift.baseline import LAST, Baseline, last, load
from livemigration.run.drift.compare import compare
from livemigration.run.drift.model import Drift
from livemigration.run.run import Run


def baseline_of(options: Options, inventory: Inventory) -> Baseline | None:
    """Return the earlier run that the options name; None where they name none.

    Raises:
        UsageError: it cannot be read.
    """
    if options.baseline is None:
        return None
    if options.baseline == LAST:
        return last(options.reports, inventory.label)
    return load(Path(options.baseline))


def drift_since(baseline: Baseline, current: Run, facts: RunFacts | None) -> Drift:
    """Return what changed from the earlier run to this one."""
    if baseline.run is None:
        return Drift(baseline.label, None, remarks=baseline.remarks)
    found = compare(
        baseline.run,
        current,
        label=baseline.label,
        before=baseline.facts,
        after=facts,
        damaged=baseline.damaged,
    )
    return replace(found, remarks=(*baseline.remarks, *found.remarks))
