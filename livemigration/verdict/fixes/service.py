"""Fixes of Hyper-V's migration service."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS, TROUBLESHOOT_LIVE_MIGRATION


def grant_hyper_v(machine: FixTarget) -> Fix:
    """Return how to let an account call Hyper-V's methods."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Let the account of this run, and VMM's, call Hyper-V on {HOSTS}",
        wrong="The account of this run may not call the migration service",
        word="access denied",
        why="VMM stages through such calls: where its own account lacks the right as well, staging "
        "fails.",
    )
    return by_hand(
        machine,
        cause,
        key="hyper-v-rights",
        console=(
            (
                f"On {name}, add the account of this run to the local group Hyper-V "
                "Administrators. It may then change virtual machines: where that is too much, "
                "leave LM303 out with -k 'not migration_service'."
            ),
            (
                f"Check that VMM's service account is a local administrator of {name}: without "
                "that, staging fails as this call did."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def read_service_log(machine: FixTarget, came_back: str = "") -> Fix:
    """Return how to find out why the service refuses what it is asked."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Find out why a call to the migration service of {HOSTS} fails",
        wrong="A call to the migration service fails, though it changes nothing",
        word="service fails",
        why="VMM stages through such calls, so staging may fail as well.",
        values=(("Came back", one_line(came_back)),) if came_back else (),
    )
    return by_hand(
        machine,
        cause,
        key="migration-service",
        console=(
            (
                f"On {name}, read the log Microsoft-Windows-Hyper-V-VMMS-Admin around the time of "
                "this run."
            ),
            (
                "Where it names nothing, plan a restart of the service vmms by a person, when no "
                "migration runs: running virtual machines stay up, migrations do not."
            ),
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )
