"""The run that --resume goes on with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import Inventory
from livemigration.run import journal
from livemigration.run.files import RunFiles
from livemigration.run.journal import JournalContent

_LAB_ADDRESS = re.compile(r"\b127\.(1[6-9]|[2-9][0-9]|1[0-9]{2}|2[0-4][0-9])\.")


def load(path: Path, inventory: Inventory) -> JournalContent:
    """Return what the journal of an earlier run holds.

    Raises:
        UsageError: it is no journal, of another inventory, or its facts are no evidence any more.
    """
    file = RunFiles.of(path).journal
    told = journal.read(file)
    if told.beginning.inventory_digest != inventory.digest:
        raise UsageError(
            f"{file}: a run of {told.beginning.inventory}, which has changed since or is not this "
            "inventory. Run without --resume."
        )
    if told.beginning.facts_from is not None:
        raise UsageError(f"{file}: a replay of facts, which asked nobody. Run without --resume.")
    hours = inventory.site_policy.evidence_valid_for
    began = told.gathering.began if told.gathering is not None else None
    if began is not None and datetime.now(UTC) > began + timedelta(hours=hours):
        raise UsageError(
            f"{file}: its facts are older than {hours} hours, the policy's evidence_valid_for. Run "
            "without --resume."
        )
    return told


def lab_network(told: JournalContent) -> int | None:
    """Return the second number of the addresses that a simulated fleet had.

    It chooses one at every start: 127.N.…; what is known of its machines names addresses of the
    earlier.
    None: nothing is known that names one.
    """
    for outcomes in told.outcomes.values():
        if found := _LAB_ADDRESS.search(repr(outcomes)):
            return int(found.group(1))
    return None
