"""Runs for the tests of the report: what the lab and real fleets bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from report_networks import broken_evidence, broken_network, evidence, facts_of, large_network
from run_builders import made_entry, made_run

from livemigration.facts.model import Subject
from livemigration.run.evidence.model import Gathering, Zone
from livemigration.run.exit_code import ExitCode
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Blocker, Result, State, state_of
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import (
    Finding,
    Fix,
    Level,
    Reference,
    fail,
    not_applicable,
    note,
    ok,
    warn,
)

KB = Reference("KB 2853203", "https://support.microsoft.com/kb/2853203")
PWNED = "<img src=x onerror=document.title='PWNED'>"
HOSTILE_TEXT = f"</pre></details><script>document.title='PWNED'</script>{PWNED}\x1b[2J\u202egnp.exe"

TITLES = {
    "LM001": "The VMM server answers and its release is known.",
    "LM101": "Incoming live migration is enabled.",
    "LM102": "Incoming migrations are accepted where this VMM release will stage them.",
    "LM103": "The host has a usable listener where it says it has one.",
    "LM104": "Authentication works and follows the policy.",
    "LM201": "VMM resolves the host.",
    "LM202": "VMM reaches the subnets that it stages migrations on.",
    "LM203": "The migration service listens on the address that VMM uses.",
    "LM301": "WSMan answers VMM.",
    "LM302": "WSMan accepts the suite, and the agents run.",
    "LM304": "Staging would be accepted.",
}
HOST_CHECKS = tuple(check for check in TITLES if check != "LM001")

DOWN = "Connecting to hv05.lab.test (127.60.0.15) on port 5985 from the suite: timed out after 5 s"


def entry(check: str, target: str, kind: Subject = Subject.HOST) -> PlanEntry:
    node_id = f"checks/test_{check.lower()}.py::test_it[{target}]"
    return made_entry(check, target, kind=kind, title=TITLES[check], node_id=node_id)


def result(check: str, target: str, *findings: Finding, kind: Subject = Subject.HOST) -> Result:
    state = state_of(findings)
    return Result(entry(check, target, kind), state, state is State.FAIL, findings, refs=(KB,))


def blocked(check: str, target: str, by: str, reason: str, next_step: str = "") -> Result:
    return Result(entry(check, target), State.BLOCKED, blocked_by=Blocker(by, reason, next_step))


def passed(target: str, *without: str) -> list[Result]:
    return [
        result(check, target, ok("As it should be."))
        for check in HOST_CHECKS
        if check not in without
    ]


def kb_fix(host: str, key: str = "") -> Fix:
    return Fix(
        key=key or f"{host}:any-network",
        summary=f"Let {host} use any available network for live migration.",
        console=(
            f"In the VMM console open Fabric > Servers, right-click {host}, Properties.",
            'Open "Migration Settings" and select "Use any available network".',
            "Choose OK and wait until the job Change properties of virtual machine host is done.",
        ),
        precondition="No migration is running on the host, and the list is still 10.20.30.0/24.",
        commands=(
            f"$vmHost = Get-SCVMHost -ComputerName '{host}'",
            "if (($vmHost.MigrationSubnet -join ',') -ne '10.20.30.0/24') { throw 'changed' }",
            "Set-SCVMHost -VMHost $vmHost -UseAnyMigrationSubnet $true | Out-Null",
        ),
        undo=(
            "Set-SCVMHost $vmHost -UseAnyMigrationSubnet $false -MigrationSubnet '10.20.30.0/24'",
        ),
        cost="VM memory travels unencrypted on every network of the host.",
        alternative="Upgrade VMM to 2012 R2 or later, or add the management subnet to the list.",
        source=KB,
    )


def kb_host(host: str, key: str = "") -> list[Result]:
    fix = kb_fix(host, key)
    return [
        *passed(host, "LM102", "LM203", "LM304", "LM201"),
        result(
            "LM102",
            host,
            ok("Incoming migrations are enabled."),
            fail(
                "Isolated to 10.20.30.0/24; VMM 3.1.6011 uses 10.20.10.13, which is not among the "
                "listeners (10.20.30.13).",
                "Any network, because this VMM release has KB 2853203.",
                fix,
            ),
        ),
        result(
            "LM201",
            host,
            warn(
                "vmm01.lab.test resolves hv03.lab.test to 10.20.10.13 and also to 10.20.40.13, "
                "which no network card of the host has.",
                "Only addresses of the host.",
            ),
        ),
        result(
            "LM203",
            host,
            fail("TCP 6600 on 10.20.10.13: refused (10061) from vmm01.lab.test.", "Open.", fix),
        ),
        result(
            "LM304",
            host,
            fail(
                "VMM's wizard will show: WSMan could not stage the VM (0x8007274D).",
                "Staging is accepted.",
                fix,
            ),
        ),
    ]


def down_host(host: str) -> list[Result]:
    fix = Fix(
        key=f"{host}:unreachable",
        summary=f"Start {host}, or repair its network.",
        console=("Look at the host's console or at its baseboard controller.",),
        commands=(f"Test-WSMan -ComputerName '{host}'",),
    )
    step = "Find out why the host does not answer, then run the checks again."
    return [
        result("LM302", host, fail(DOWN, "An answer on port 5985.", fix)),
        *(blocked(check, host, "LM302", DOWN, step) for check in HOST_CHECKS if check != "LM302"),
    ]


def hostile_host() -> list[Result]:
    fix = Fix(
        key="hostile",
        summary=f"Mend {PWNED}",
        console=(HOSTILE_TEXT,),
        commands=(f"# {HOSTILE_TEXT}", "# one\nRemove-Item everything"),
        undo=(HOSTILE_TEXT,),
        source=Reference(HOSTILE_TEXT, "javascript:document.title='PWNED'"),
    )
    return [
        *passed(PWNED, "LM103", "LM201"),
        result("LM103", PWNED, fail(HOSTILE_TEXT, HOSTILE_TEXT, fix), note(HOSTILE_TEXT)),
        result("LM201", PWNED, warn(HOSTILE_TEXT, HOSTILE_TEXT, fix)),
    ]


def half_known_host(host: str) -> list[Result]:
    reason = "Reading the migration networks: access denied"
    return [
        *passed(host, "LM102", "LM103"),
        blocked("LM102", host, "LM302", reason, "Give the account rights on root/virtualization."),
        blocked("LM103", host, "LM302", reason),
    ]


def warned_host(host: str) -> list[Result]:
    fix = Fix(
        key=f"{host}:dns",
        summary="Stop the storage card from registering in DNS.",
        commands=(
            "Set-DnsClient -InterfaceAlias 'Storage' -RegisterThisConnectionsAddress $false",
        ),
    )
    return [
        *passed(host, "LM104", "LM201", "LM304"),
        result("LM104", host, ok("Kerberos."), note("Delegation was not examined.")),
        result(
            "LM201", host, warn("An extra address, 10.20.50.14, is stale.", "One address.", fix)
        ),
        result("LM304", host, not_applicable("VMs of this host move only inside its cluster.")),
    ]


def vmm_result(level: Level = Level.WARNING) -> Result:
    finding = {
        Level.OK: ok("VMM 4.22 answers."),
        Level.WARNING: warn(
            "VMM 3.1.6011 has KB 2853203.", "VMM 2012 R2 or later; upgrading removes the KB."
        ),
        Level.FAIL: fail(
            "vmm01.lab.test refused the connection on port 5985 (10061).",
            "An answer.",
            Fix(key="vmm", summary="Start WinRM on vmm01.lab.test.", console=("Start WinRM.",)),
        ),
    }[level]
    return result("LM001", "vmm01.lab.test", finding, kind=Subject.VMM)


def run_of(*results: Result, **changes: object) -> Run:
    names = dict.fromkeys(
        each.entry.target for each in results if each.entry.target_kind is Subject.HOST
    )
    digest = "9f2c4be1d0a77c5b1f0e6d3a2b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e"
    own: dict[str, object] = {
        "inventory": "inventories/lab.yaml",
        "inventory_digest": f"sha256:{digest}",
        "started": datetime(2026, 3, 14, 1, 58, 2, tzinfo=UTC),
        "finished": datetime(2026, 3, 14, 1, 58, 11, tzinfo=UTC),
        "vmm": "vmm01.lab.test",
        "vmm_release": "VMM 2012 SP1 (3.1.6011)",
        "hosts": tuple(
            HostSummary(name, ("ams",), "Windows Server 2012", "cross-host (assumed)")
            for name in names
        ),
    }
    return made_run(results, **{**own, **changes})


def waived_result(host: str) -> Result:
    finding = fail("CredSSP is configured.", "Kerberos.", Fix(key="w", summary="Use Kerberos."))
    reason = "Accepted by J. Doe until 2026-06-30: replaced in June."
    return Result(entry("LM104", host), State.WAIVED, findings=(finding,), reason=reason)


def broken_fleet() -> Run:
    """Return a simulated run with every state but not-run."""
    results = (
        vmm_result(),
        *passed("hv01.lab.test"),
        *warned_host("hv02.lab.test"),
        *kb_host("hv03.lab.test"),
        *down_host("hv05.lab.test"),
        *half_known_host("hv06.lab.test"),
        *passed("hv07.lab.test", "LM104"),
        waived_result("hv07.lab.test"),
        *hostile_host(),
    )
    names = len({each.entry.target for each in results}) - 1
    return run_of(
        *results,
        simulated=True,
        selection=RunSelection(names + 2, names, 3, "group:ams"),
        problems=("The waiver for hv99.lab.test matches no planned check.",),
        zone=Zone("CET", 60),
        gathered=Gathering(
            datetime(2026, 3, 14, 1, 58, 3, tzinfo=UTC),
            datetime(2026, 3, 14, 1, 58, 10, tzinfo=UTC),
        ),
        evidence=broken_evidence(PWNED),
        network=broken_network(PWNED),
    )


def green_fleet() -> Run:
    return run_of(vmm_result(Level.OK), *passed("hv01.contoso.com"), *passed("hv02.contoso.com"))


def vmm_down() -> Run:
    reason = "Connecting to vmm01.lab.test: connection refused"
    hosts = [f"hv{number:02}.lab.test" for number in range(1, 21)]
    behind = (
        blocked(check, host, "LM001", reason) for host in hosts for check in ("LM102", "LM203")
    )
    return run_of(vmm_result(Level.FAIL), *behind)


def interrupted_fleet() -> Run:
    run = run_of(*kb_host("hv03.lab.test"), *passed("hv01.lab.test"))
    return replace(run, results=run.results[:12], interrupted=True, exit_code=ExitCode.INTERRUPTED)


def large_fleet(hosts: int = 1000, key: str = "") -> Run:
    """Return a run in which each tenth host is red; `key` makes one repair of what they need."""
    results: list[Result] = [vmm_result()]
    names = [f"hv{number:04}.lab.test" for number in range(hosts)]
    for number, name in enumerate(names):
        results += kb_host(name, key) if number % 10 == 0 else passed(name)
    line = '{"subnet": "10.20.30.0/24", "metric": 0, "tags": ["Microsoft:UserManaged"]},'
    return run_of(
        *results,
        network=large_network(names),
        evidence=evidence(*(facts_of(name, "[", *[line] * 4, "]") for name in names[::10])),
    )
