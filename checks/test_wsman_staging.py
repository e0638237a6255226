"""Whether Windows Remote Management answers, and whether VMM's staging would be accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from livemigration.base.text import listed, one_line, sentence
from livemigration.facts.host import (
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    SCVMM_AGENT,
    SERVICES,
    VMMS,
    Service,
)
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup, FailureKind, GatherFailure, NotGathered
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_PROBES, VMM_RELEASE, VMM_RESOLUTION, VMM_WSMAN_TEST
from livemigration.inventory.policy import Policy
from livemigration.verdict.blocking import NOT_ASKED, block_if_unresolved, no_answer, release_for
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, ok, warn
from livemigration.verdict.fixes.identity import find_the_host
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.wsman import (
    answer_suite,
    answer_vmm,
    run_agent,
    run_vmms,
    wait_for,
)
from livemigration.verdict.migration_path import block_unless_shown, path_of
from livemigration.verdict.readings import control_probes, selection_of
from livemigration.verdict.references import (
    KB_2853203,
    TROUBLESHOOT_HOST_STATUS,
    TROUBLESHOOT_LIVE_MIGRATION,
    VMM_PORTS,
)
from livemigration.verdict.release import Release
from livemigration.verdict.resolution import block_if_foreign
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import BlockedError, FactsView, GroupView

# What a listener answers whose IPv4Filter leaves the address out, and so does a proxy.
_HTTP_FORBIDDEN = 403


@check(
    "LM301",
    needs=(VMM_WSMAN_TEST,),
    may_need=(HOST_ACCESS, LOCAL_ADDRESSES, VMM_RESOLUTION, VMM_PROBES),
    refs=(TROUBLESHOOT_HOST_STATUS, VMM_PORTS),
)
def test_wsman_answers_vmm(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    """WSMan of the host answers VMM.

    Why: VMM manages hosts through Windows Remote Management. Asked from the VMM server, in the way
    of VMM, faults of its WinHTTP proxy show as well.

    Fails: Test-WSMan from the VMM server is not answered. What another machine answers under the
    host's name says nothing of the host.
    """
    test = host[VMM_WSMAN_TEST]
    asked = f"{one_line(test.name)} port {test.port}"
    block_if_foreign(host, vmm)
    if test.answered:
        yield ok(f"{asked} answers Test-WSMan from the VMM server {vmm.name}.")
        return
    host.block_if_unreachable(HOST_ACCESS)
    _block_if_no_service(host)
    block_if_unresolved(host, vmm)
    _block_if_shut(host)
    code = "" if test.code is None else f" (0x{test.code & 0xFFFFFFFF:08X})"
    said = f": {one_line(test.text)}" if test.text.strip() else ""
    yield fail(
        sentence(f"{asked} does not answer Test-WSMan from the VMM server {vmm.name}{code}{said}"),
        "An answer to Test-WSMan.",
        answer_vmm(FixTarget(host.name, vmm.name), test.port, code.strip(" ()")),
    )


def _block_if_no_service(host: FactsView) -> None:
    """Raise BlockedError where the suite met no WS-Management either: one cause, one finding.

    What refuses the account of the suite may still answer Test-WSMan, which needs none.
    """
    access = host.outcome(HOST_ACCESS)
    if isinstance(access, NotGathered):
        failure = access.failure
        if failure.kind is FailureKind.PROTOCOL or failure.code == _HTTP_FORBIDDEN:
            raise BlockedError(failure.root, failure.sentence, failure.next_step)


def _block_if_shut(host: FactsView) -> None:
    """Raise BlockedError where VMM does not even get to the port: one root cause, one finding."""
    tried = control_probes(host[VMM_PROBES], host[VMM_RESOLUTION].addresses)
    if tried and not any(probe.open for probe in tried):
        raise BlockedError(
            "LM204",
            f"The control port of {host.name} is not open to VMM ({tried[0].outcome}).",
            "Open the control port first.",
        )


@check(
    "LM302",
    may_need=(HOST_ACCESS, SERVICES, DOMAIN_MEMBERSHIP, LOCAL_ADDRESSES),
    refs=(TROUBLESHOOT_HOST_STATUS, VMM_PORTS),
)
def test_wsman_accepts_the_suite_and_agents_run(
    host: FactsView, vmm: FactsView, group: GroupView
) -> Iterator[Finding]:
    """WSMan of the host accepts the suite, and the services behind live migration run.

    Why: what cannot be read cannot be judged, so an unreachable host is one failure here and blocks
    the rest. So does a machine that says another name than the inventory, and one that answers
    under two of its names: whatever it says is not this host's. Without vmms nothing listens on
    port 6600; without SCVMMAgent VMM cannot act.

    Fails: the host cannot be reached or refuses the account of this run; another machine answers
    under its name, or the same machine as under another name; vmms or SCVMMAgent does not run.
    With --gate host-build, VMM has not installed its agent yet: SCVMMAgent need not run.
    """
    machine = FixTarget(host.name, vmm.name)
    if (failure := _unreadable(host, (HOST_ACCESS, SERVICES))) is not None:
        code = "" if failure.code is None else f" ({failure.code})"
        yield fail(
            sentence(f"{no_answer(failure, 'host')}{failure.sentence.rstrip('.')}{code}"),
            "The host answers, and lets the account of this run read.",
            answer_suite(machine, failure),
        )
        return
    if (stranger := group.stranger(host.name)) is not None:
        yield fail(
            sentence(f"{stranger.description[0].upper()}{stranger.description[1:]}"),
            f"{host.name} itself answers, and each machine is listed once.",
            find_the_host(host.name, stranger),
        )
        return
    access, services = host[HOST_ACCESS], host[SERVICES]
    stopped = False
    wanted = {VMMS: run_vmms, SCVMM_AGENT: run_agent}
    if vmm.is_left_out:
        del wanted[SCVMM_AGENT]
    for name, repair in wanted.items():
        service = services.find(name)
        if service is None or not service.running:
            stopped = True
            yield _not_running(machine, name, service, repair)
    if not stopped:
        run = "runs" if vmm.is_left_out else "run"
        yield ok(f"{one_line(access.endpoint)} accepts the suite; {listed(wanted)} {run}.")


def _not_running(
    machine: FixTarget, name: str, service: Service | None, repair: Callable[..., Fix]
) -> Finding:
    expected = f"The service {name} runs."
    if service is not None and service.changing:
        told = f"The service {name} {service.changing} ({service.state})."
        return fail(told, expected, wait_for(machine, name, service.state))
    state = "" if service is None else one_line(service.state) or "unknown"
    told = f"is not running ({state})" if state else "is not installed"
    return fail(f"The service {name} {told}.", expected, repair(machine, state=state))


def _unreadable(host: FactsView, groups: tuple[FactGroup[Any], ...]) -> GatherFailure | None:
    for group in groups:
        outcome = host.outcome(group)
        if isinstance(outcome, NotGathered) and outcome.failure.kind not in NOT_ASKED:
            return outcome.failure
    return None


@check(
    "LM304",
    needs=(MIGRATION_NETWORKS, LISTENERS),
    may_need=(
        SERVICES,
        VMM_RELEASE,
        VMM_RESOLUTION,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        DOMAIN_MEMBERSHIP,
        HOST_ACCESS,
    ),
    refs=(KB_2853203, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_staging_would_be_accepted(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The host accepts the planned VM that VMM 2012 SP1 stages before it rates the host.

    Why: where staging is refused, the placement rating of the host is zero, and the wizard shows a
    refused connection (0x8007274D) instead of the setting that causes it.

    Fails: with VMM 2012 SP1, no address that VMM uses is a listener.

    Warns: only some of them are.

    Does not apply: from VMM 2012 R2 on, and moves inside a cluster.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
        return
    release, version = release_for(vmm)
    selection = selection_of(host)
    if release is Release.RESOLVED:
        yield not_applicable(f"KB 2853203 is resolved in this release ({version}).")
        return
    if selection.accepts_any:
        yield ok(f"The host accepts live migration on {selection.words}.")
        return
    path = path_of(host, vmm)
    used, listening = path.addresses, path.used_listeners
    if not listening:
        block_unless_shown(host, vmm.name)
        yield fail(
            f"No address that {vmm.name} uses ({listed(used)}) is a listener: {path.cause}. "
            "VMM's wizard will show a zero rating: \u201cMigration check \u2026 failed to create a "
            f"planned virtual machine in the target host. \u2026 with host {one_line(host.name)}: "
            "No connection could be made because the target machine actively refused it. "
            "(0x8007274D)\u201d.",
            "An address that VMM uses is a listener.",
            path.repair,
        )
    elif len(listening) < len(used):
        yield warn(
            f"Of the addresses that {vmm.name} uses ({listed(used)}), only {listed(listening)} "
            f"{'is a listener' if len(listening) == 1 else 'are listeners'}; the rating depends on "
            "which is tried first.",
            "Each address that VMM uses is a listener.",
        )
    else:
        yield ok(f"Each address that {vmm.name} uses ({listed(used)}) is a listener.")
