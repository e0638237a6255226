"""Repairs of Windows Remote Management and of the services on a host."""

from __future__ import annotations

from livemigration.facts.host import SCVMM_AGENT, VMMS
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line, sentence
from livemigration.fixes.script import Machine
from livemigration.references import TROUBLESHOOT_HOST_STATUS, VMM_PORTS

_BY_KIND = {
    FailureKind.NAME_NOT_RESOLVED: "Correct the name or the address in the inventory, or the DNS "
    "servers of the machine that runs the suite.",
    FailureKind.REFUSED: "On the host, check that Windows Remote Management listens (winrm "
    "enumerate winrm/config/listener), and that the inventory names its port.",
    FailureKind.AUTHENTICATION: "Check the user name and the password that the suite was given.",
    FailureKind.ACCESS_DENIED: "Give the suite's account the right to use Windows Remote "
    "Management and to read WMI on the host.",
}
_REACH = (
    "Check that the host is up, and that the firewalls let the machine that runs the suite reach "
    "Windows Remote Management."
)


def answer_suite(machine: Machine, failure: GatherFailure) -> Fix:
    """Return how to let the suite in, by what went wrong."""
    advice = _BY_KIND.get(failure.kind, _REACH if failure.kind.is_unreachable else "")
    steps = (failure.next_step, advice, "Then run the suite again.")
    return Fix(
        key="wsman-access",
        summary=f"Let the suite read from {one_line(machine.name)}.",
        console=tuple(sentence(each) for each in steps if each),
        source=VMM_PORTS,
    )


def answer_vmm(machine: Machine, port: int) -> Fix:
    """Return how to let VMM in."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    return Fix(
        key="wsman-from-vmm",
        summary=f"Make Windows Remote Management of {name} answer {vmm} on port {port}.",
        console=(
            (
                f"On {name}, check that Windows Remote Management listens on port {port} (winrm "
                "enumerate winrm/config/listener) and that its IPv4Filter and IPv6Filter are *."
            ),
            (
                f"On {vmm}, check that no WinHTTP proxy takes the host's name (netsh winhttp show "
                "proxy)."
            ),
            f"Check the firewalls between {vmm} and {name} for TCP port {port}.",
        ),
        commands=("netsh winhttp show proxy",),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def run_vmms(machine: Machine, *, installed: bool) -> Fix:
    """Return how to get the Hyper-V management service running; a person starts it."""
    name = one_line(machine.name)
    step = (
        f"On {name}, read why the service {VMMS} stopped (event log Hyper-V-VMMS), and start it."
        if installed
        else f"Install the Hyper-V role on {name}, or remove it from the inventory."
    )
    return Fix(
        key="run-vmms",
        summary=f"Get the Hyper-V management service of {name} running.",
        console=(step,),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def run_agent(machine: Machine, *, installed: bool) -> Fix:
    """Return how to get the VMM agent running."""
    name = one_line(machine.name)
    step = (
        f"On {name}, read why the service {SCVMM_AGENT} stopped, and start it."
        if installed
        else f"In the VMM console, add {name} under Fabric > Servers, which installs the agent."
    )
    return Fix(
        key="run-vmm-agent",
        summary=f"Get the VMM agent of {name} running.",
        console=(step, f"In the VMM console, refresh {name} and read its status."),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def wait_for(machine: Machine, service: str) -> Fix:
    """Return what to do about a service that is between two states."""
    name = one_line(machine.name)
    return Fix(
        key="wait-for-service",
        summary=f"Let the services of {name} come to a state that lasts, then look again.",
        console=(
            (
                f"On {name}, watch the service {service} until it runs: a host that has just "
                "started takes some minutes. Then run the suite again."
            ),
            (
                "Where it stays as it is, or stops, read why in the event log System (Service "
                "Control Manager)."
            ),
        ),
        source=TROUBLESHOOT_HOST_STATUS,
    )
