"""What to do where VMM's record of a host is not as the host is."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS


def refresh_record(machine: FixTarget, theirs: str = "", own: str = "") -> Fix:
    """Return how to let VMM read the host again.

    `theirs` and `own`: what VMM has on record, and what the host has.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Refresh {HOSTS} in VMM",
        wrong="VMM has other settings on record than the host has",
        word="record differs",
        why="VMM places virtual machines by its record, which is wrong until VMM reads the host "
        "again.",
        values=(("VMM has", theirs), ("The host has", own)) if theirs else (),
    )
    return by_hand(
        machine,
        cause,
        key="refresh-record",
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


def missing_record(machine: FixTarget) -> Fix:
    """Return what to look at where VMM lists no such host, the account's own rights first."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    cause = Cause(
        title=f"Find out why VMM does not list {HOSTS}",
        wrong="VMM lists no host of this name, or the account may not see it",
        word="not in VMM",
        why="VMM moves virtual machines between the hosts that it manages, and no others.",
    )
    return Fix(
        key="missing-record",
        summary=f"Find out why VMM on {vmm} does not list {name}.",
        console=(
            (
                "In the VMM console, under Settings > Security > User Roles, check that the scope "
                f"of the account of this run holds the host group of {name}."
            ),
            (
                f"Check that the inventory names {name} as VMM does: the full name, and for a "
                "perimeter host its address or short name."
            ),
            f"Where VMM does not manage {name} at all, add it: Fabric > Add Resources.",
        ),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )


def reach_host(
    machine: FixTarget, health: Sequence[str], state: str = "", *, known: bool = True
) -> Fix:
    """Return how to let VMM reach a host again.

    Args:
        machine: the host.
        health: what VMM's monitors say of it.
        state: VMM's CommunicationState of it.
        known: whether that state has a known meaning.
    """
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    cause = Cause(
        title=f"Let VMM reach {HOSTS} again"
        if known
        else f"See in the VMM console whether VMM reaches {HOSTS}",
        wrong="VMM reports that it does not reach the host"
        if known
        else "VMM's CommunicationState is a number without a known meaning",
        word="VMM has no way" if known else "state unknown",
        why="VMM can do nothing with a host that it does not reach, and what it has on record is "
        "no evidence."
        if known
        else "If VMM does not reach the host, it can do nothing with it; its record was not "
        "compared.",
        values=(
            ("CommunicationState", one_line(state) or "not stated"),
            ("VMM says", "; ".join(one_line(each) for each in health) or "nothing more"),
        ),
    )
    said = f" VMM says: {'; '.join(one_line(each) for each in health)}." if health else ""
    return Fix(
        key="vmm-reaches-host",
        summary=f"Let VMM on {vmm} reach {name} again."
        if known
        else f"See in the VMM console whether VMM on {vmm} reaches {name}.",
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
        cause=cause,
    )


def end_maintenance(machine: FixTarget) -> Fix:
    """Return how to take a host out of VMM's maintenance mode, where that is wanted."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Take {HOSTS} out of VMM's maintenance mode, if virtual machines are to move there",
        wrong="Maintenance mode is on in VMM",
        word="maintenance",
        why="VMM places no virtual machine on a host in maintenance mode.",
    )
    return by_hand(
        machine,
        cause,
        key="vmm-maintenance",
        console=(
            "Ask who put it there, and whether the work on it is done.",
            (
                f"Then, in the VMM console, open Fabric > Servers, select {name} and choose Stop "
                "Maintenance Mode."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )
