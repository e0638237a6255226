"""Fixes of the VMM server and of what it must reach."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import listed, one_line, sentence
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.facts.vmm import Probe
from livemigration.verdict.findings import HOSTS, Cause, Fix, Reference
from livemigration.verdict.fixes.access import NO_ACCESS, OTHERWISE, came_back
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import (
    KB_2853203,
    SET_UP_HOSTS,
    TROUBLESHOOT_HOST_STATUS,
    VMM_PORTS,
)

# What is to be done, what is wrong, and that in a word; else as with a host.
_NO_ACCESS = {
    FailureKind.ACCESS_DENIED: (
        f"Give the account of this run access to {HOSTS}",
        "The account may not use Windows Remote Management or VMM there",
        "access denied",
    ),
    FailureKind.MISSING: (
        f"Install the VMM console on {HOSTS}, or name another VMM server",
        "What the VMM cmdlets need is not there",
        "no cmdlets",
    ),
    FailureKind.SCRIPT: (
        f"Get the VMM cmdlets to work on {HOSTS}",
        "A script with the VMM cmdlets fails",
        "script fails",
    ),
}


def mend_access(vmm: str, failure: GatherFailure) -> Fix:
    """Return how to get answers from the VMM server, by what went wrong."""
    name = one_line(vmm)
    title, wrong, word = {**NO_ACCESS, **_NO_ACCESS}.get(failure.kind, OTHERWISE)
    cause = Cause(
        title=title,
        wrong=wrong,
        word=word,
        why="Its hosts were not judged by what only VMM knows: its release, and what it reaches.",
        values=came_back(failure),
    )
    return Fix(
        key="vmm-access",
        summary=cause.order(f"the VMM server {name}"),
        console=(_access_step(name, failure), "Then run the suite again."),
        source=VMM_PORTS,
        cause=cause,
    )


def _access_step(name: str, failure: GatherFailure) -> str:
    # What went wrong says the same, except about the account's role in VMM.
    if failure.next_step and failure.kind not in _NO_ACCESS:
        return sentence(failure.next_step)
    return {
        FailureKind.ACCESS_DENIED: (
            f"On {name}, give the account of this run the right to use Windows Remote Management, "
            "and in VMM a user role that sees the hosts; Read-Only Administrator is enough."
        ),
        FailureKind.AUTHENTICATION: (
            "Check the user name and the password that the suite was given."
        ),
        FailureKind.MISSING: (
            f"Check that {name} is the VMM server, and that the VMM console with its cmdlets is "
            "installed there."
        ),
        FailureKind.SCRIPT: (
            f"On {name}, open the VMM command shell as the account of this run and check that "
            "Get-SCVMMServer answers."
        ),
    }.get(
        failure.kind,
        f"Check that {name} is up, and that Windows Remote Management listens there and is let "
        "through from the machine that runs the suite.",
    )


def upgrade(vmm: str, source: Reference = KB_2853203) -> Fix:
    """Return the lasting fix of KB 2853203, and of a release that cannot migrate at all."""
    affected = source == KB_2853203
    cause = Cause(
        title=f"Upgrade VMM on {HOSTS} to 2012 R2 or later",
        wrong="VMM 2012 SP1 has KB 2853203"
        if affected
        else "VMM 2012 without SP1 cannot do shared-nothing live migration",
        word="KB 2853203" if affected else "too old",
        why="It stages on the address that it uses for a host, so hosts must accept live migration "
        "there."
        if affected
        else "No virtual machine moves between hosts through this VMM.",
    )
    return Fix(
        key="upgrade-vmm",
        summary=f"Upgrade VMM on {one_line(vmm)} to 2012 R2 or later.",
        console=("Plan the upgrade to a release of VMM that Microsoft supports.",),
        cost="An upgrade of VMM is a change of its own, with its own window.",
        source=source,
        cause=cause,
    )


def control_path(machine: FixTarget, port: int, tried: Sequence[Probe] = ()) -> Fix:
    """Return how to restore VMM's own way to a host. `tried`: what VMM met on that port."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    outcomes = dict.fromkeys(each.outcome for each in tried)
    cause = Cause(
        title=f"Restore VMM's way to {HOSTS} on TCP port {port}",
        wrong=f"VMM does not get through on port {port}, by which it manages hosts",
        word=f"{port} shut",
        why="VMM can do nothing with a host on an address at which this port does not answer.",
        values=(
            ("Address", listed(dict.fromkeys(each.address for each in tried))),
            ("From VMM", listed(outcomes)),
        )
        if tried
        else (),
    )
    return Fix(
        key="control-path",
        summary=f"Restore the way from {vmm} to {name} on TCP port {port}.",
        console=(
            f"On {name}, check that Windows Remote Management listens on port {port}.",
            (
                f"Check the firewalls between {vmm} and {name}, and the Windows Firewall profile "
                "that the management network of the host is in."
            ),
            f"In VMM, refresh {name} and read its status.",
        ),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )


def unreached_by_policy(machine: FixTarget, subnets: Sequence[str]) -> Fix:
    """Return what to do where the policy asks for reachability that VMM does not have.

    Never a route: from 2012 R2 on, Microsoft advises migration networks that VMM cannot reach.
    """
    cause = Cause(
        title=f"Review what the policy asks of the migration networks of {HOSTS}",
        wrong="VMM does not reach migration networks, and the policy asks it to",
        word="policy",
        why="From VMM 2012 R2 on a migration network needs no way from VMM: isolated is right.",
        values=(("Not reached", listed(subnets)),),
    )
    return Fix(
        key="reachability-policy",
        summary=f"Review what the policy asks of {listed(subnets)}.",
        console=(
            (
                f"The policy (vmm_reaches_migration_subnets: required) asks that "
                f"{one_line(machine.vmm)} reaches {listed(subnets)} of {one_line(machine.name)}."
            ),
            (
                "Isolated migration networks need no way from VMM where VMM is 2012 R2 or later: "
                "set the policy to auto, or to forbidden."
            ),
        ),
        source=SET_UP_HOSTS,
        cause=cause,
    )


def reached_against_policy(machine: FixTarget, subnets: Sequence[str]) -> Fix:
    """Return how to close a way that the policy forbids."""
    cause = Cause(
        title=f"Close VMM's way to the migration networks of {HOSTS}",
        wrong="VMM reaches migration networks, which the policy forbids",
        word="policy",
        why="VM memory travels there, unencrypted unless the VM encrypts it: the policy wants "
        "these networks isolated.",
        values=(("Reached", listed(subnets)),),
    )
    return Fix(
        key="close-migration-subnets",
        summary=f"Close the way from {one_line(machine.vmm)} to {listed(subnets)}.",
        console=(
            (
                f"On the router or firewall in front of {listed(subnets)}, let in only the hosts "
                "that exchange virtual machines, and not the VMM server."
            ),
            f"Keep the management network of {one_line(machine.name)} open to VMM.",
        ),
        source=SET_UP_HOSTS,
        cause=cause,
    )
