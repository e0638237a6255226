"""The record of a run: each part from the beginning, from what was asked and from the ending."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cluster_facts import of_cluster
from fact_builders import (
    HOST,
    NODE,
    OTHER,
    UNREACHABLE,
    VMM,
    VMM_2022,
    all_lost,
    failure,
    run_facts,
)
from whole_run import BEGAN, whole_run

from livemigration.facts.host import (
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    SIMULATED_VENDOR,
    HostAccess,
    OperatingSystem,
)
from livemigration.facts.identity import Listed
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FactSheet, Gathered, NotGathered, Subject, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RELEASE
from livemigration.inventory.change import Change
from livemigration.inventory.policy import Policy
from livemigration.run.evidence.model import Evidence, Gathering, NetworkEvidence
from livemigration.run.exit_code import ExitCode
from livemigration.run.merge.model import Besides
from livemigration.run.not_examined import Managed
from livemigration.run.paths import paths_of
from livemigration.run.record import (
    Beginning,
    Ending,
    Observed,
    concluded,
    evidence_ends,
    of_the_run,
    stamp_on,
    with_evidence,
)
from livemigration.run.run import HostSummary, Run

END = Ending(
    BEGAN + timedelta(minutes=1),
    ExitCode.NO_VERDICT,
    interrupted=True,
    stopped_early="--maxfail",
    problems=("Full.",),
    besides=Besides(own_tests_failed=1),
)
GATHERING = Gathering(BEGAN, BEGAN + timedelta(seconds=30))


@cache
def whole() -> Run:
    return whole_run(run_facts())[0]


def beginning(**changes: Any) -> Beginning:
    run = whole()
    assert run.demands is not None
    assert run.zone is not None
    return replace(
        Beginning(
            suite_version=run.suite_version,
            inventory=run.inventory,
            inventory_digest=run.inventory_digest,
            started=run.started,
            zone=run.zone,
            servers=(VMM,),
            selection=run.selection,
            hosts=tuple(HostSummary(host.name, ("core",)) for host in run.hosts),
            plan=run.plan,
            reads={},
            demands=run.demands,
        ),
        **changes,
    )


def told(facts: RunFacts | None = None, begun: Beginning | None = None, **asked: Any) -> Run:
    begun = begun or beginning()
    given = Observed(facts, **{"gathering": GATHERING, **asked})
    return concluded(begun, given, whole().results, END)


def test_what_is_known_at_the_beginning_and_at_the_end_is_in_the_record() -> None:
    begun = beginning(
        change=Change("CHG1", "Kim"),
        facts_from="facts.json",
        resumed=BEGAN - timedelta(hours=1),
        gate="host-build",
        lab="mixed.yaml",
    )
    evidence, network = Evidence(), NetworkEvidence()
    run = told(run_facts(), begun, evidence=evidence, network=network)
    for field in fields(Beginning):
        if field.name in {"servers", "reads", "listed", "listed_vmms", "hosts", "waivers"}:
            continue
        assert getattr(run, field.name) == getattr(begun, field.name), field.name
    for field in fields(Ending):
        assert getattr(run, field.name) == getattr(END, field.name), field.name
    assert run.results == whole().results
    assert run.gathered is GATHERING
    assert (run.evidence, run.network) == (evidence, network)
    assert run.stamp == stamp_on(begun, Observed(run_facts(), GATHERING))
    assert "gate host-build" in " ".join(run.not_examined)


def test_the_networks_of_a_cluster_are_in_the_record() -> None:
    facts = run_facts(**of_cluster())
    assert told(facts).paths == paths_of(facts) != ()
    assert told(None).paths == ()


def test_a_host_has_its_system_and_its_scope_where_they_were_read() -> None:
    system = Gathered(OperatingSystem(20348, "10.0.20348", "Windows Server 2022"), Vantage.HOST)
    node = run_facts(
        services=NODE["services"],
        lost={OPERATING_SYSTEM.name: system},
        other={SERVICES.name: failure()},
    )
    first, second = told(node).hosts
    assert (first.name, first.groups) == (HOST, ("core",))
    assert first.scope == "in-cluster (assumed)"
    assert first.system == "Windows Server 2022 (10.0.20348)"
    assert second.scope == ""
    lost = told(run_facts(lost={OPERATING_SYSTEM.name: failure()})).hosts[0]
    assert (lost.system, lost.scope) == ("", "cross-host (assumed)")
    assert told(None).hosts == beginning().hosts
    demands = replace(
        beginning().demands,
        policies=(
            replace(
                beginning().demands.policies[0],
                policy=Policy(migration_scope="in-cluster"),
                hosts=(HOST, OTHER),
            ),
        ),
    )
    assert told(run_facts(), beginning(demands=demands)).hosts[0].scope == "in-cluster"


def test_the_release_is_that_of_the_server_or_of_each_by_its_name() -> None:
    assert told(run_facts(release=VMM_2022)).vmm_release == f"{VMM_2022} (2012 R2 or later)"
    assert told(None).vmm_release == "not read"
    lost = run_facts(vmm_lost={VMM_RELEASE.name: failure()})
    assert told(lost).vmm_release == "not read"
    assert (told(lost).vmm, told(None).vmm) == (VMM, VMM)
    two = beginning(servers=(VMM, "vmm02"))
    facts = run_facts(release=VMM_2022)
    both = replace(facts, vmms={**facts.vmms, "vmm02": FactSheet(Subject.VMM, "vmm02", {})})
    assert told(both, beginning(servers=())).vmm == VMM
    said = told(both, two)
    assert said.vmm_release == f"{VMM}: {VMM_2022} (2012 R2 or later), vmm02: not read"
    assert said.vmm == f"{VMM} and vmm02"


def test_what_a_server_manages_is_counted_where_it_said_so() -> None:
    facts = run_facts(vmm_says={"managed_hosts": (HOST, OTHER, "hv09.contoso.com")})
    facts = replace(facts, listed=tuple(map(Listed, facts.hosts)))
    run = told(facts)
    assert run.managed == (Managed(VMM, 3, ("hv09.contoso.com",)),)
    assert any("hv09.contoso.com" in each for each in run.not_examined)
    assert told(run_facts()).managed == ()
    assert told(None).managed == ()


def test_only_machines_of_the_run_are_shown() -> None:
    facts = run_facts()
    more = replace(
        facts,
        hosts={**facts.hosts, "hv09": FactSheet(Subject.HOST, "hv09", {})},
        vmms={**facts.vmms, "vmm09": FactSheet(Subject.VMM, "vmm09", {})},
    )
    kept = of_the_run(beginning(), more)
    assert (set(kept.hosts), set(kept.vmms)) == ({HOST, OTHER}, {VMM})
    # A server of the plan counts, also where the beginning does not name it.
    planned = of_the_run(beginning(servers=()), more)
    assert set(planned.vmms) == {VMM}
    named = of_the_run(beginning(servers=("vmm09",), plan=()), more)
    assert set(named.vmms) == {"vmm09"}
    asked = with_evidence(beginning(), Observed(more, GATHERING), whole().results)
    assert asked.network is not None
    assert [host.name for host in asked.network.hosts] == [HOST, OTHER]
    assert [host.groups for host in asked.network.hosts] == [("core",), ("core",)]
    nothing = Observed(None, GATHERING)
    assert with_evidence(beginning(), nothing, ()) is nothing


def test_facts_are_evidence_from_the_first_of_them_on() -> None:
    hours = timedelta(hours=beginning().demands.site.evidence_valid_for)
    assert told(run_facts()).valid_until == BEGAN + hours
    assert told(run_facts(), gathering=None).valid_until is None
    assert told(None).valid_until is None
    gone = all_lost(UNREACHABLE)
    assert isinstance(gone[SERVICES.name], NotGathered)
    empty = RunFacts({HOST: FactSheet(Subject.HOST, HOST, {})}, {})
    assert told(empty).valid_until is None
    assert evidence_ends(BEGAN, Policy(evidence_valid_for=1)) == BEGAN + timedelta(hours=1)
    assert evidence_ends(datetime.max.replace(tzinfo=BEGAN.tzinfo), Policy()) is None


@pytest.mark.parametrize(("lab", "simulated"), [("", False), ("mixed.yaml", True)])
def test_a_simulated_fleet_is_one_before_any_machine_answered(lab: str, simulated: bool) -> None:
    assert told(None, beginning(lab=lab)).simulated is simulated
    assert bool(stamp_on(beginning(lab=lab), Observed()).watermark) is simulated
    assert told(run_facts(), beginning(lab=lab)).simulated is simulated
    # An inventory that names no fleet may still lead to one.
    access = HostAccess(f"{HOST}, port 5985", SIMULATED_VENDOR, "OS: 6.2.9200")
    peer = run_facts(lost={HOST_ACCESS.name: Gathered(access, Vantage.SUITE)})
    assert told(peer, beginning(lab=lab)).simulated


def test_the_facts_behind_a_failure_are_those_of_the_groups_that_its_check_reads() -> None:
    facts = run_facts(enabled=False)
    run, _ = whole_run(facts)
    # A check of another release may read a group that this one does not know.
    reads = {"LM101": (MIGRATION_SETTINGS.name, "gone-group")}
    asked = with_evidence(beginning(reads=reads), Observed(facts, GATHERING), run.results)
    assert asked.evidence is not None
    assert [
        (each.target, [fact.group for fact in each.facts]) for each in asked.evidence.targets
    ] == [(HOST, [MIGRATION_SETTINGS.name])]
