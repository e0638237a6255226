"""Fixes of Windows Remote Management and of the services on a host."""

from __future__ import annotations

from livemigration.base.text import one_line, sentence
from livemigration.facts.host import SCVMM_AGENT, VMMS
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.access import NO_ACCESS, OTHERWISE, came_back
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS, VMM_PORTS

_BY_KIND = {
    FailureKind.NAME_NOT_RESOLVED: "Correct the name or the address in the inventory, or the DNS "
    "servers of the machine that runs the suite.",
    FailureKind.REFUSED: "On the host, check that Windows Remote Management listens (winrm "
    "enumerate winrm/config/listener), and that the inventory names its port.",
    FailureKind.AUTHENTICATION: "Check the user name and the password that the suite was given.",
    FailureKind.ACCESS_DENIED: "Give the account the right to use Windows Remote Management and to "
    "read WMI on the host.",
}
_REACH = (
    "Check that the host is up, and that the firewalls let the machine that runs the suite reach "
    "Windows Remote Management."
)


def answer_suite(machine: FixTarget, failure: GatherFailure) -> Fix:
    """Return how to get answers from a host, by what went wrong."""
    # What the conversation says is to be done comes of the same kind, and knows more.
    advice = _BY_KIND.get(failure.kind, _REACH if failure.kind.is_unreachable else "")
    steps = (failure.next_step or advice, "Then run the suite again.")
    title, wrong, word = NO_ACCESS.get(failure.kind, OTHERWISE)
    cause = Cause(
        title=title,
        wrong=wrong,
        word=word,
        why="Nothing of it could be read, so nothing else was judged."
        if failure.kind.is_unreachable and failure.kind is not FailureKind.DEADLINE
        else "What could not be read was not judged.",
        values=came_back(failure),
    )
    return by_hand(
        machine,
        cause,
        key="wsman-access",
        console=tuple(sentence(each) for each in steps if each),
        source=VMM_PORTS,
    )


def answer_vmm(machine: FixTarget, port: int, code: str = "") -> Fix:
    """Return how to let VMM in. `code` is that of the answer, where there is one."""
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    cause = Cause(
        title=f"Make Windows Remote Management of {HOSTS} answer VMM",
        wrong=f"Test-WSMan from the VMM server gets no answer on port {port}",
        word="no WSMan answer",
        why="VMM manages hosts through Windows Remote Management. The port itself is open to it.",
        values=(("Code", code),) if code else (),
    )
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
        cause=cause,
    )


def run_vmms(machine: FixTarget, *, state: str) -> Fix:
    """Return how to get the Hyper-V management service running; a person starts it.

    `state` is that of the service; empty where it is not installed.
    """
    name = one_line(machine.name)
    step = (
        f"On {name}, read why the service {VMMS} stopped (event log Hyper-V-VMMS), and start it."
        if state
        else f"Install the Hyper-V role on {name}, or remove it from the inventory."
    )
    cause = Cause(
        title=f"Start the Hyper-V management service on {HOSTS}"
        if state
        else f"Install Hyper-V on {HOSTS}, or correct the inventory",
        wrong=f"The Hyper-V management service ({VMMS}) does not run"
        if state
        else f"Hyper-V is not installed: there is no service {VMMS}",
        word=f"{VMMS} not running" if state else "no Hyper-V",
        why="Without it nothing listens on port 6600, so no virtual machine can be sent there.",
        values=_service(VMMS, state),
    )
    return by_hand(
        machine,
        cause,
        key="run-vmms",
        console=(step,),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def _service(name: str, state: str) -> tuple[tuple[str, str], ...]:
    return ("Service", name), ("State", one_line(state) or "not installed")


def run_agent(machine: FixTarget, *, state: str) -> Fix:
    """Return how to get the VMM agent running; `state` is as for `run_vmms`."""
    name = one_line(machine.name)
    step = (
        f"On {name}, read why the service {SCVMM_AGENT} stopped, and start it."
        if state
        else f"In the VMM console, add {name} under Fabric > Servers, which installs the agent."
    )
    cause = Cause(
        title=f"Start the VMM agent on {HOSTS}" if state else f"Install the VMM agent on {HOSTS}",
        wrong=f"The VMM agent (service {SCVMM_AGENT}) does not run"
        if state
        else f"The VMM agent is not installed: there is no service {SCVMM_AGENT}",
        word="agent stopped"
        if state == "Stopped"
        else "agent not running"
        if state
        else "no agent",
        why="VMM can give no task to a host whose agent does not run.",
        values=_service(SCVMM_AGENT, state),
    )
    return by_hand(
        machine,
        cause,
        key="run-vmm-agent",
        console=(step, f"In the VMM console, refresh {name} and read its status."),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def wait_for(machine: FixTarget, service: str, state: str) -> Fix:
    """Return what to do about a service that is between two states."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Wait until the services of {HOSTS} run, then look again",
        wrong=f"The service {service} is between two states",
        word="service changing",
        why="A host that has just started takes some minutes. Until the service runs, live "
        "migration does not work.",
        values=_service(service, state),
    )
    return by_hand(
        machine,
        cause,
        key="wait-for-service",
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
