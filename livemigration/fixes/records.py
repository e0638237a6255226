"""What to do where VMM's record of a host is not as the host is."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line
from livemigration.fixes.script import Machine
from livemigration.references import TROUBLESHOOT_HOST_STATUS


def refresh_record(machine: Machine) -> Fix:
    """Return how to let VMM read the host again."""
    name = one_line(machine.name)
    return Fix(
        key="refresh-record",
        summary=f"Refresh {name} in VMM.",
        console=(
            f"In the VMM console, open Fabric > Servers, select {name} and choose Refresh.",
            (
                "Where the values still differ, set them on Properties > Migration Settings, which "
                "changes the host and VMM's record together. Find out who changed the host behind "
                "VMM's back."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def missing_record(machine: Machine) -> Fix:
    """Return what to look at where VMM lists no such host, the account's own rights first."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    return Fix(
        key="missing-record",
        summary=f"Find out why VMM on {vmm} does not list {name} to the suite.",
        console=(
            (
                "In the VMM console, under Settings > Security > User Roles, check that the scope "
                f"of the suite's account holds the host group of {name}."
            ),
            (
                f"Check that the inventory names {name} as VMM does: the full name, and for a "
                "perimeter host its address or short name."
            ),
            f"Where VMM does not manage {name} at all, add it: Fabric > Add Resources.",
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def reach_host(machine: Machine, health: Sequence[str]) -> Fix:
    """Return how to let VMM reach a host again; `health` is what VMM's monitors say of it."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    said = f" VMM says: {'; '.join(one_line(each) for each in health)}." if health else ""
    return Fix(
        key="vmm-reaches-host",
        summary=f"Let VMM on {vmm} reach {name} again.",
        console=(
            (
                f"In the VMM console, open Fabric > Servers > {name} > Properties > Status, and "
                f"read which monitor is not healthy.{said}"
            ),
            "Mend first what LM201, LM204, LM301 and LM302 say of this host.",
            (
                f"Then select {name} and choose Refresh. Where it stays as it is, check the Run As "
                "account by which VMM manages the host."
            ),
            "Run the suite again: what VMM has on record of the host was not compared.",
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def end_maintenance(machine: Machine) -> Fix:
    """Return how to take a host out of VMM's maintenance mode, where that is wanted."""
    name = one_line(machine.name)
    return Fix(
        key="vmm-maintenance",
        summary=f"Take {name} out of VMM's maintenance mode, if it is to receive VMs.",
        console=(
            "Ask who put it there, and whether the work on it is done.",
            (
                f"Then, in the VMM console, open Fabric > Servers, select {name} and choose Stop "
                "Maintenance Mode."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )
