"""The verdict table's rows of the VMM server (LM0xx), LM101 and LM104."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    NODE,
    RUNNING,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    VMM_2012_SP1,
    VMM_2022,
    VMM_DOWN,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise

from livemigration.facts.model import FailureKind, Inapplicable

IN_CLUSTER = {"migration_scope": "in-cluster"}
CROSS_HOST = {"migration_scope": "cross-host"}
OLD_WINDOWS = {"lost": without_hyperv_v2()}
DOWN = {"lost": all_lost(UNREACHABLE)}


def _vmm(kind: FailureKind) -> dict[str, Any]:
    return {"vmm_lost": {"vmm-access": failure(kind, "LM001")}}


def _cmdlets(kind: FailureKind) -> dict[str, Any]:
    return {"vmm_lost": {"vmm-release": failure(kind, "LM001")}}


NOT_ASKED = {
    "vmm_lost": {
        group: failure(FailureKind.NOT_IN_FILE, "") for group in ("vmm-access", "vmm-release")
    }
}

VMM_CASES = (
    Case("LM001", "unreachable", FAIL, _vmm(FailureKind.TIMED_OUT), fix="vmm-access"),
    Case("LM001", "unreachable", FAIL, _vmm(FailureKind.REFUSED), fix="vmm-access"),
    Case("LM001", "unreachable", FAIL, _vmm(FailureKind.NAME_NOT_RESOLVED), fix="vmm-access"),
    Case("LM001", "unreachable", FAIL, _vmm(FailureKind.DEADLINE), fix="vmm-access"),
    Case("LM001", "access denied", FAIL, _vmm(FailureKind.ACCESS_DENIED), fix="vmm-access"),
    Case("LM001", "access denied", FAIL, _vmm(FailureKind.AUTHENTICATION), fix="vmm-access"),
    Case("LM001", "access denied", FAIL, _cmdlets(FailureKind.ACCESS_DENIED), fix="vmm-access"),
    Case("LM001", "cmdlets missing", FAIL, _cmdlets(FailureKind.SCRIPT), fix="vmm-access"),
    Case("LM001", "cmdlets missing", FAIL, _cmdlets(FailureKind.MISSING), fix="vmm-access"),
    Case("LM001", "3.0.*", FAIL, {"release": VMM_2012}, fix="upgrade-vmm"),
    Case("LM001", "3.0.*", FAIL, {"release": "3.0.6062"}, says="shared-nothing"),
    Case("LM001", "release unreadable", BLOCKED, {"release": None}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": ""}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": "n/a"}, says="n/a", by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": "3"}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": "3.2.7509.0"}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": "2.0.4521.0"}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, _cmdlets(FailureKind.PROTOCOL)),
    # What nobody asked says nothing about the server.
    Case("LM001", "release unreadable", BLOCKED, NOT_ASKED),
    Case(
        "LM001",
        "release unreadable",
        BLOCKED,
        {"release": VMM_2012_SP1, "server": VMM_2012_R2},
        says="3.2.7510.0 and 3.1.6011.0",
    ),
    Case("LM001", "A", WARNING, A, says="KB 2853203", fix="upgrade-vmm"),
    Case("LM001", "A", WARNING, {"release": "3.1.68108.0"}),
    Case("LM001", "A", WARNING, {"release": VMM_2012_SP1, "server": "3.1.6109.0"}),
    # A release without the KB is not told of it.
    Case("LM001", "B", PASS, {"release": VMM_2012_R2}, says=VMM_2012_R2, unsaid="KB"),
    Case("LM001", "B", PASS, {"release": "3.2.7510"}),
    Case("LM001", "B", PASS, {"release": "4.0.2051.0"}),
    Case("LM001", "B", PASS, {"release": "10.19.1013.0"}),
    Case("LM001", "B", PASS, {"release": None, "server": VMM_2022}),
)

OFF = {"enabled": False, "listeners": ()}
STARTED_NODE = {"services": {**RUNNING, "ClusSvc": "Running, Manual"}}
STARTING_NODE = {"services": {**RUNNING, "ClusSvc": "Start Pending, Manual"}}
STOPPED_NODE = {"services": {**RUNNING, "ClusSvc": "Stopped"}}
NO_NODE = {"services": {**RUNNING, "ClusSvc": "Stopped, Disabled"}}

ENABLED_CASES = (
    Case("LM101", "cross-host: true", PASS),
    Case("LM101", "cross-host: true", PASS, NODE, CROSS_HOST),
    Case("LM101", "cross-host: false", FAIL, OFF, fix="enable-live-migration"),
    Case("LM101", "cross-host: false", FAIL, {**OFF, **B}, fix="enable-live-migration"),
    Case("LM101", "cross-host: false", FAIL, {**OFF, **NODE}, CROSS_HOST),
    Case("LM101", "cross-host: false", FAIL, {**OFF, **NO_NODE}),
    Case("LM101", "cross-host: false", FAIL, {**OFF, "release": None}),
    Case("LM101", "in-cluster", INAPPLICABLE, {**OFF, **NODE}, says="assumed"),
    Case("LM101", "in-cluster", INAPPLICABLE, {**OFF, **STOPPED_NODE}, says="assumed"),
    Case("LM101", "in-cluster", INAPPLICABLE, {**OFF, **STARTED_NODE}, says="assumed"),
    Case("LM101", "in-cluster", INAPPLICABLE, {**OFF, **STARTING_NODE}, says="assumed"),
    Case("LM101", "in-cluster", INAPPLICABLE, OFF, IN_CLUSTER, says="migration_scope"),
    Case("LM101", "2008 R2", INAPPLICABLE, OLD_WINDOWS, says="7601"),
    Case("LM101", "unreachable", BLOCKED, DOWN, by="LM302"),
)

CREDSSP, KERBEROS = {"authentication": 0}, {"authentication": 1}
GUARDED, WORKGROUP = {"guard": (1,)}, {"joined": False}
UNREAD = {"lost": {"device-guard": failure()}}
ASKS_KERBEROS, ASKS_CREDSSP = {"authentication": "kerberos"}, {"authentication": "credssp"}

DOMAIN_CASES = (
    Case("LM104", "Kerberos", PASS, KERBEROS, notes="needs delegation"),
    Case(
        "LM104", "Kerberos", PASS, {**KERBEROS, **GUARDED}, ASKS_KERBEROS, notes="needs delegation"
    ),
    Case("LM104", "Kerberos", PASS, {**KERBEROS, **UNREAD}, notes="needs delegation"),
    Case("LM104", "CredSSP", PASS, CREDSSP, notes="started on the source host"),
    Case("LM104", "CredSSP", PASS, CREDSSP, ASKS_CREDSSP),
    # 2 is another security service: hypervisor-enforced code integrity.
    Case("LM104", "CredSSP", PASS, {**CREDSSP, "guard": (2,)}),
    Case(
        "LM104",
        "perimeter, joined",
        WARNING,
        {**KERBEROS, "perimeter": True},
        notes="needs delegation",
    ),
    Case("LM104", "perimeter, joined", WARNING, {**KERBEROS, "perimeter": True}, ASKS_KERBEROS),
    Case("LM104", "perimeter, joined", FAIL, {**KERBEROS, "perimeter": True}, ASKS_CREDSSP),
    Case("LM104", "perimeter, joined", PASS, {**CREDSSP, "perimeter": True}),
    Case("LM104", "perimeter, joined", PASS, {**KERBEROS, "lost": VMM_DOWN}),
    Case("LM104", "CredSSP, guard unread", BLOCKED, {**CREDSSP, **UNREAD}),
    Case(
        "LM104",
        "CredSSP, guard running",
        FAIL,
        {**CREDSSP, "guard": (2, 1)},
        says="Credential Guard",
        fix="authentication",
    ),
    Case("LM104", "CredSSP, guard running", FAIL, {**CREDSSP, **GUARDED}, ASKS_CREDSSP),
    Case("LM104", "policy mismatch", FAIL, CREDSSP, ASKS_KERBEROS, fix="authentication"),
    Case("LM104", "policy mismatch", FAIL, {**CREDSSP, **GUARDED}, ASKS_KERBEROS, found=2),
    Case("LM104", "policy mismatch", FAIL, {**CREDSSP, **UNREAD}, ASKS_KERBEROS),
    Case("LM104", "policy mismatch", FAIL, KERBEROS, ASKS_CREDSSP, fix="authentication"),
    Case(
        "LM104",
        "policy mismatch",
        FAIL,
        {**KERBEROS, **GUARDED},
        ASKS_CREDSSP,
        fix="authentication-policy",
    ),
    Case("LM104", "policy mismatch", FAIL, {**KERBEROS, **UNREAD}, ASKS_CREDSSP),
    Case("LM104", "unknown number", FAIL, {"authentication": 7}, says="7"),
    Case("LM104", "in-cluster", INAPPLICABLE, {**CREDSSP, **GUARDED, **NODE}),
    Case("LM104", "in-cluster", INAPPLICABLE, CREDSSP, {**IN_CLUSTER, **ASKS_KERBEROS}),
    Case("LM104", "unreachable", BLOCKED, DOWN, by="LM302"),
    Case("LM104", "2008 R2", INAPPLICABLE, OLD_WINDOWS),
    Case(
        "LM104", "2008 R2", INAPPLICABLE, {"lost": {"migration-settings": Inapplicable("absent")}}
    ),
)

WORKGROUP_CASES = (
    Case("LM104", "workgroup, Kerberos", FAIL, {**KERBEROS, **WORKGROUP}, fix="authentication"),
    Case("LM104", "workgroup, Kerberos", FAIL, {**KERBEROS, **WORKGROUP}, ASKS_KERBEROS),
    Case("LM104", "workgroup, Kerberos", FAIL, {**KERBEROS, **WORKGROUP}, ASKS_CREDSSP),
    Case(
        "LM104",
        "workgroup, Kerberos",
        FAIL,
        {**KERBEROS, **WORKGROUP, **UNREAD},
    ),
    Case(
        "LM104",
        "workgroup, CredSSP",
        PASS,
        {**CREDSSP, **WORKGROUP},
        notes="started on the source host",
    ),
    Case(
        "LM104",
        "workgroup, CredSSP",
        PASS,
        {**CREDSSP, **WORKGROUP},
        ASKS_KERBEROS,
        notes="does not apply outside a domain",
    ),
    Case("LM104", "workgroup, guard running", FAIL, {**CREDSSP, **WORKGROUP, **GUARDED}),
    Case("LM104", "workgroup, guard running", FAIL, {**KERBEROS, **WORKGROUP, **GUARDED}),
    Case("LM104", "CredSSP, guard unread", BLOCKED, {**CREDSSP, **WORKGROUP, **UNREAD}),
)

CASES = (*VMM_CASES, *ENABLED_CASES, *DOMAIN_CASES, *WORKGROUP_CASES)


OTHERWISE = (
    Otherwise(
        "LM104",
        only_warns=frozenset({"vmm-record"}),
    ),
)
