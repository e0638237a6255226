"""Repairs of the VMM server and of what it must reach."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import listed
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.findings import Fix, Reference
from livemigration.fixes.quoting import one_line, sentence
from livemigration.fixes.script import Machine
from livemigration.references import (
    KB_2853203,
    SET_UP_HOSTS,
    TROUBLESHOOT_HOST_STATUS,
    VMM_PORTS,
)


def mend_access(vmm: str, failure: GatherFailure) -> Fix:
    """Return how to let the suite talk to the VMM server, by what went wrong."""
    name = one_line(vmm)
    steps = {
        FailureKind.ACCESS_DENIED: (
            (
                f"On {name}, let the suite's account use Windows Remote Management, and in VMM "
                "give it a user role that sees the hosts; Read-Only Administrator is enough."
            ),
        ),
        FailureKind.AUTHENTICATION: (
            "Check the user name and the password that the suite was given.",
        ),
        FailureKind.MISSING: (
            (
                f"Check that {name} is the VMM server, and that the VMM console with its cmdlets "
                "is installed there."
            ),
        ),
        FailureKind.SCRIPT: (
            (
                f"On {name}, open the VMM command shell as the suite's account and check that "
                "Get-SCVMMServer answers."
            ),
        ),
    }.get(
        failure.kind,
        (
            (
                f"Check that {name} is up, and that Windows Remote Management listens there and is "
                "let through from the machine that runs the suite."
            ),
        ),
    )
    next_step = (sentence(failure.next_step),) if failure.next_step else ()
    return Fix(
        key="vmm-access",
        summary=f"Let the suite read from the VMM server {name}.",
        console=(*next_step, *steps),
        source=VMM_PORTS,
    )


def upgrade(vmm: str, source: Reference = KB_2853203) -> Fix:
    """Return the lasting repair of KB 2853203, and of a release that cannot migrate at all."""
    return Fix(
        key="upgrade-vmm",
        summary=f"Upgrade VMM on {one_line(vmm)} to 2012 R2 or later.",
        console=("Plan the upgrade to a release of VMM that Microsoft supports.",),
        cost="An upgrade of VMM is a change of its own, with its own window.",
        source=source,
    )


def control_path(machine: Machine, port: int) -> Fix:
    """Return how to restore VMM's own way to a host."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
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
    )


def unreached_by_policy(machine: Machine, subnets: Sequence[str]) -> Fix:
    """Return what to do where the policy asks for reachability that VMM does not have.

    Never a route: from 2012 R2 on, Microsoft advises migration networks that VMM cannot reach.
    """
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
    )


def reached_against_policy(machine: Machine, subnets: Sequence[str]) -> Fix:
    """Return how to close a way that the policy forbids."""
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
    )
