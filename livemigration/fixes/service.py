"""Repairs of Hyper-V's migration service."""

from __future__ import annotations

from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line
from livemigration.fixes.script import Machine
from livemigration.references import TROUBLESHOOT_HOST_STATUS, TROUBLESHOOT_LIVE_MIGRATION


def grant_hyper_v(machine: Machine) -> Fix:
    """Return how to let an account call Hyper-V's methods."""
    name = one_line(machine.name)
    return Fix(
        key="hyper-v-rights",
        summary=f"Let the suite's account, and VMM's, call Hyper-V on {name}.",
        console=(
            (
                f"On {name}, add the suite's account to the local group Hyper-V Administrators. "
                "It may then change virtual machines: where that is too much, leave LM303 out with "
                "-k 'not migration_service'."
            ),
            (
                f"Check that VMM's service account is a local administrator of {name}: without "
                "that, staging fails as this call did."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def read_service_log(machine: Machine) -> Fix:
    """Return how to find out why the service refuses what it is asked."""
    name = one_line(machine.name)
    return Fix(
        key="migration-service",
        summary=f"Find out why the migration service of {name} does not answer.",
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
