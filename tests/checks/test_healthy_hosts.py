"""Hosts that are different, and healthy: no check fails on them, and none is blocked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from case_tables import otherwise
from cluster_role_facts import Vm, of_roles
from fact_builders import (
    ANY_V4,
    BOTH,
    CHECKS,
    ELSEWHERE,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NONE,
    ON_BOTH,
    ON_MIGRATION,
    REFUSED,
    TIMED_OUT,
    VMM_2012_SP1,
    VMM_2022,
    VMMS_PROCESS,
    host_outcomes,
    judged,
    run_facts,
    vmm_outcomes,
    without_hyperv_v2,
)
from in_turn import in_turn
from verdict_case import said

from livemigration.facts import registry
from livemigration.run.result import State
from livemigration.verdict.networks import USER_MANAGED
from livemigration.verdict.second_step import OF_THE_SECOND_STEP

FOLDER = Path(__file__).parents[2] / "checks"

OF_CLUSTER: dict[str, Any] = of_roles(Vm(), cluster="cl01.contoso.com")
SILENT = {(MIGRATION, 6600): TIMED_OUT, (MANAGEMENT, 6600): REFUSED}

HEALTHY: dict[str, dict[str, Any]] = {
    "any network, VMM 2012 SP1": {"release": VMM_2012_SP1},
    "any network, IPv6 disabled, VMM 2012 SP1": {"release": VMM_2012_SP1, "networks": ANY_V4},
    "management network selected as well, VMM 2012 SP1": {
        "release": VMM_2012_SP1,
        "networks": BOTH,
    },
    "isolated migration network that VMM cannot reach": {**ON_MIGRATION, "answers": SILENT},
    "isolated migration network that VMM reaches": ON_MIGRATION,
    "link-local and ISATAP listeners beside the usable one": {
        "networks": ISOLATED,
        "listeners": (MIGRATION, "fe80::1", "fe80::5efe:10.0.50.11"),
        "sockets": ((MIGRATION, VMMS_PROCESS),),
        "answers": SILENT,
    },
    "one socket on 0.0.0.0": {
        **ON_MIGRATION,
        "sockets": (("0.0.0.0", VMMS_PROCESS),),  # noqa: S104 - what the host says
    },
    "perimeter host, known by its address": {
        **ON_MIGRATION,
        "known_as": MANAGEMENT,
        "perimeter": True,
        "joined": False,
        "authentication": 0,
    },
    "workgroup host with CredSSP": {**ON_MIGRATION, "joined": False, "authentication": 0},
    "cluster node without networks of its own": {
        **OF_CLUSTER,
        "networks": NONE,
        "listeners": (),
        "enabled": False,
        "authentication": 0,
        "guard": (1,),
    },
    "cluster node whose networks the cluster set": {**OF_CLUSTER, "networks": ELSEWHERE},
    "cluster node under VMM 2012 SP1": {**OF_CLUSTER, **ON_MIGRATION, "release": VMM_2012_SP1},
    "networks set by another manager": {**ON_MIGRATION, "networks": ELSEWHERE},
    "one list for several sites": {
        "networks": (*ISOLATED, ("10.9.50.0/24", USER_MANAGED)),
        "listeners": (MIGRATION,),
        "answers": SILENT,
    },
    "Windows Server 2008 R2": {"lost": without_hyperv_v2()},
    "Credential Guard with Kerberos": {**ON_MIGRATION, "guard": (1, 2)},
    "perimeter host, known by its NetBIOS name": {
        **ON_MIGRATION,
        "known_as": "HV01",
        "perimeter": True,
        "joined": False,
        "authentication": 0,
    },
    "cluster node without networks of its own, enabled": {
        **OF_CLUSTER,
        "networks": NONE,
        "listeners": (),
        "sockets": (),
    },
    "port 6600 let through for the other hosts only": {
        **ON_BOTH,
        "answers": {(MIGRATION, 6600): TIMED_OUT, (MANAGEMENT, 6600): TIMED_OUT},
    },
    "host that VMM knows by an IPv6 address as well": {
        **ON_MIGRATION,
        "local": (f"{MANAGEMENT}/24", f"{MIGRATION}/24", "2001:db8::11/64"),
        "dns": (MANAGEMENT, "2001:db8::11"),
    },
}


@in_turn("kind", HEALTHY)
def test_no_check_fails_on_a_host_that_is_merely_different_or_warns_without_need(
    kind: str,
) -> None:
    given = {"release": VMM_2022, **HEALTHY[kind]}
    facts = run_facts(**given)
    warned = set()
    # Whether a host can be emptied depends on what others have, however healthy it is.
    for check in (name for name, each in CHECKS.items() if not each.is_asked_by_host):
        result = judged(check, facts)
        assert result.state in {State.PASS, State.WARNING, State.NOT_APPLICABLE}, (
            f"{check}: {said(result)}"
        )
        if result.state is State.WARNING:
            warned.add(check)
    # What the verdict table has a warning for; VMM 2012 SP1 itself is one more.
    old = {"LM001"} if given["release"] == VMM_2012_SP1 else set()
    assert warned == {check for check in CHECKS if kind in otherwise(check).warned} | old


def test_a_host_without_hyper_v_version_2_gives_one_reason() -> None:
    facts = run_facts(lost=without_hyperv_v2(), release=VMM_2022)
    # Without a directory there is nothing to say of delegation, whatever the host.
    others = CHECKS.keys() - {"LM001", "LM401"}
    results = [judged(check, facts) for check in sorted(others)]
    reasons = {each.reason for each in results if each.state is State.NOT_APPLICABLE}
    assert reasons == {"Windows build 7601 has no such class."}


def test_the_checks_of_this_release_are_all_looked_at() -> None:
    written = (path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.py")))
    declared = [name for text in written for name in re.findall(r'@check\(\s*"(LM\d+)"', text)]
    assert sorted(CHECKS) == sorted(declared)
    assert declared


def test_a_healthy_host_has_every_fact_that_a_check_may_read() -> None:
    known = {**host_outcomes(), **vmm_outcomes(VMM_2022)}
    first = set(registry.GROUPS) - OF_THE_SECOND_STEP
    assert first == set(known), "give it a value in tests/checks/healthy_facts.py"
