"""The verdict table's rows of the VMM server (LM0xx) and of the settings (LM1xx)."""

from __future__ import annotations

from fact_builders import (
    ANY,
    ANY_V4,
    ANY_V6,
    ELSEWHERE,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    ON_BOTH,
    ON_MIGRATION,
    RUNNING,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    VMM_2012_SP1,
    VMM_2022,
    VMMS_PROCESS,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.model import FailureKind, Inapplicable

OFF = {"enabled": False, "listeners": ()}
IN_CLUSTER = {"migration_scope": "in-cluster"}
ISATAP, LINK_LOCAL, APIPA = "fe80::5efe:10.0.0.11", "fe80::1", "169.254.7.7"


def _vmm(kind: FailureKind) -> dict[str, object]:
    return {"vmm_lost": {"vmm-access": failure(kind, "LM001")}}


VMM_CASES = (
    Case("LM001", "unreachable", FAIL, _vmm(FailureKind.TIMED_OUT), fix="vmm-access"),
    Case("LM001", "access denied", FAIL, _vmm(FailureKind.ACCESS_DENIED), fix="vmm-access"),
    Case(
        "LM001",
        "cmdlets missing",
        FAIL,
        {"vmm_lost": {"vmm-release": failure(FailureKind.SCRIPT, "LM001")}},
        fix="vmm-access",
    ),
    Case("LM001", "3.0.*", FAIL, {"release": VMM_2012}, fix="upgrade-vmm"),
    Case("LM001", "release unreadable", BLOCKED, {"release": None}, by="LM001"),
    Case("LM001", "release unreadable", BLOCKED, {"release": "n/a"}, by="LM001"),
    Case(
        "LM001",
        "release unreadable",
        BLOCKED,
        {"release": VMM_2012_SP1, "server": VMM_2012_R2},
        says="3.2.7510.0 and 3.1.6011.0",
    ),
    Case("LM001", "A", WARNING, A, says="KB 2853203", fix="upgrade-vmm"),
    Case("LM001", "A", WARNING, {"release": "3.1.68108.0"}),
    Case("LM001", "B", PASS, {"release": VMM_2012_R2}),
    Case("LM001", "B", PASS, {"release": "4.0.2051.0"}),
    Case("LM001", "B", PASS, {"release": None, "server": VMM_2022}),
)

ENABLED_CASES = (
    Case("LM101", "cross-host: true", PASS),
    Case("LM101", "cross-host: false", FAIL, OFF, fix="enable-live-migration"),
    Case("LM101", "cross-host: false", FAIL, {**OFF, **B}, fix="enable-live-migration"),
    Case("LM101", "in-cluster", INAPPLICABLE, {**OFF, **NODE}, says="assumed"),
    Case("LM101", "in-cluster", INAPPLICABLE, OFF, IN_CLUSTER, says="migration_scope"),
    Case("LM101", "in-cluster", FAIL, {**OFF, **NODE}, {"migration_scope": "cross-host"}),
    Case(
        "LM101",
        "in-cluster",
        FAIL,
        {**OFF, "services": {**RUNNING, "ClusSvc": "Stopped"}, "lost": {}},
        {"migration_scope": "cross-host"},
    ),
    Case("LM101", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}, says="7601"),
    Case("LM101", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
)

SELECTION_CASES = (
    Case("LM102", "A: any", PASS, {**A, "networks": ANY}),
    Case("LM102", "A: half-any with v4", PASS, {**A, "networks": ANY_V4}, says="IPv6 row"),
    Case(
        "LM102",
        "A: half-any without v4",
        FAIL,
        {**A, "networks": ANY_V6, "listeners": ("2001:db8::11",)},
        fix="use-any-network",
    ),
    Case(
        "LM102",
        "A: isolated, none used",
        FAIL,
        {**A, **ON_MIGRATION},
        says="KB 2853203",
        fix="use-any-network",
    ),
    Case("LM102", "A: isolated, one used", WARNING, {**A, **ON_BOTH}, says="LM306"),
    Case("LM102", "A: managed elsewhere", WARNING, {**A, **ON_BOTH, "networks": ELSEWHERE}),
    Case("LM102", "A: managed elsewhere", FAIL, {**A, **ON_MIGRATION, "networks": ELSEWHERE}),
    Case("LM102", "A: none", FAIL, {**A, "networks": NONE, "listeners": ()}, fix="use-any-network"),
    Case("LM102", "A: none", FAIL, {**A, "networks": NONE, "listeners": (), "dns": ()}),
    Case("LM102", "A: disabled", BLOCKED, {**A, **OFF, "networks": ISOLATED}, by="LM101"),
    Case(
        "LM102",
        "A: policy isolated",
        PASS,
        A,
        {"network_selection": "isolated"},
        says="needs this",
    ),
    Case("LM102", "A: unresolved", BLOCKED, {**A, **ON_MIGRATION, "dns": ()}, by="LM201"),
    Case("LM102", "B: isolated", PASS, {**B, **ON_MIGRATION}),
    Case("LM102", "B: isolated", PASS, {"release": VMM_2012_R2, **ON_MIGRATION}),
    Case("LM102", "B: any", WARNING, B, says="unencrypted", fix="isolate-networks"),
    Case(
        "LM102",
        "B: any, policy isolated",
        FAIL,
        B,
        {"network_selection": "isolated"},
        fix="isolate-networks",
    ),
    Case("LM102", "B: half-any", WARNING, {**B, "networks": ANY_V4}),
    Case("LM102", "B: half-any", WARNING, {**B, "networks": ANY_V6}),
    Case(
        "LM102",
        "B: none, no listener",
        FAIL,
        {**B, "networks": NONE, "listeners": ()},
        fix="choose-networks",
    ),
    Case(
        "LM102",
        "B: none, no listener",
        FAIL,
        {**B, "networks": NONE, "listeners": (LINK_LOCAL, ISATAP, APIPA)},
        {"migration_subnets": ["10.0.50.0/24"]},
        fix="choose-networks",
    ),
    Case("LM102", "B: none, listener", PASS, {**B, "networks": NONE}),
    Case("LM102", "B: managed elsewhere", PASS, {**B, "networks": ELSEWHERE}),
    Case(
        "LM102",
        "B: managed elsewhere",
        FAIL,
        {**B, "networks": ELSEWHERE, "listeners": ()},
        fix="managed-networks",
    ),
    Case("LM102", "in-cluster", INAPPLICABLE, {**A, **ON_MIGRATION, **NODE}),
    Case("LM102", "in-cluster", INAPPLICABLE, {**B, "networks": NONE, "listeners": (), **NODE}),
    Case("LM102", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM102", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case("LM102", "release unknown", BLOCKED, _vmm(FailureKind.TIMED_OUT) | {"release": None}),
    Case("LM102", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

LISTENER_CASES = (
    Case("LM103", "socket on the address", PASS),
    Case("LM103", "socket on 0.0.0.0", PASS, {"sockets": (("0.0.0.0", VMMS_PROCESS),)}),  # noqa: S104 - what the host says
    Case("LM103", "socket on ::", PASS, {"sockets": (("::", VMMS_PROCESS),)}),
    Case("LM103", "no usable listener", FAIL, {"listeners": ()}, fix="listener-missing"),
    Case("LM103", "no usable listener", FAIL, {"listeners": (LINK_LOCAL, ISATAP, APIPA)}),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"networks": (("10.9.9.0/24", ISOLATED[0][1]),), "listeners": ()},
        says="no address in 10.9.9.0/24",
        fix="address-in-migration-subnets",
    ),
    Case(
        "LM103",
        "subnet without address",
        WARNING,
        {"networks": (*ISOLATED, ("10.9.9.0/24", ISOLATED[0][1])), "listeners": (MIGRATION,)},
        says="10.9.9.0/24",
    ),
    Case(
        "LM103",
        "subnet without address, demanded",
        FAIL,
        {"networks": (*ISOLATED, ("10.9.9.0/24", ISOLATED[0][1])), "listeners": (MIGRATION,)},
        {"migration_subnets": ["10.9.9.0/24"]},
    ),
    Case("LM103", "socket missing", FAIL, {"sockets": ()}, fix="listener-missing"),
    Case(
        "LM103", "socket missing", FAIL, {"sockets": ((MANAGEMENT, VMMS_PROCESS),)}, says=MIGRATION
    ),
    Case(
        "LM103",
        "socket of another process",
        FAIL,
        {"sockets": ((MANAGEMENT, 77), (MIGRATION, VMMS_PROCESS))},
        says="77",
        fix="port-6600-taken",
    ),
    Case("LM103", "table not readable", BLOCKED, {"lost": {"listening-sockets": failure()}}),
    Case(
        "LM103", "vmms stopped", BLOCKED, {"services": {**RUNNING, "vmms": "Stopped"}}, by="LM302"
    ),
    Case("LM103", "disabled", INAPPLICABLE, OFF, says="LM101"),
    Case("LM103", "none", INAPPLICABLE, {"networks": NONE, "listeners": ()}, says="LM102"),
    Case("LM103", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CREDSSP, KERBEROS = {"authentication": 0}, {"authentication": 1}
GUARDED, WORKGROUP = {"guard": (1,)}, {"joined": False}
ABSENT = {"lost": {"device-guard": failure()}}

AUTHENTICATION_CASES = (
    Case("LM104", "Kerberos", PASS, KERBEROS, says="LM401"),
    Case("LM104", "Kerberos", PASS, {**KERBEROS, **GUARDED}),
    Case("LM104", "Kerberos", PASS, {**KERBEROS, **ABSENT}),
    Case("LM104", "CredSSP", PASS, CREDSSP),
    Case("LM104", "CredSSP", PASS, {**CREDSSP, "guard": (2,)}),
    Case("LM104", "CredSSP, guard unread", BLOCKED, {**CREDSSP, **ABSENT}),
    Case(
        "LM104",
        "CredSSP, guard running",
        FAIL,
        {**CREDSSP, **GUARDED},
        says="Credential Guard",
        fix="authentication",
    ),
    Case(
        "LM104",
        "policy mismatch",
        FAIL,
        CREDSSP,
        {"authentication": "kerberos"},
        fix="authentication",
    ),
    Case(
        "LM104",
        "policy mismatch",
        FAIL,
        KERBEROS,
        {"authentication": "credssp"},
        fix="authentication",
    ),
    Case(
        "LM104",
        "policy mismatch",
        FAIL,
        {**KERBEROS, **GUARDED},
        {"authentication": "credssp"},
        fix="authentication-policy",
    ),
    Case("LM104", "policy mismatch", FAIL, {**KERBEROS, **ABSENT}, {"authentication": "credssp"}),
    Case("LM104", "workgroup, Kerberos", FAIL, {**KERBEROS, **WORKGROUP}, fix="authentication"),
    Case("LM104", "workgroup, CredSSP", PASS, {**CREDSSP, **WORKGROUP}),
    Case(
        "LM104",
        "workgroup, CredSSP",
        PASS,
        {**CREDSSP, **WORKGROUP},
        {"authentication": "kerberos"},
        says="does not apply outside a domain",
    ),
    Case("LM104", "workgroup, guard running", FAIL, {**CREDSSP, **WORKGROUP, **GUARDED}),
    Case("LM104", "unknown number", FAIL, {"authentication": 7}, says="7"),
    Case("LM104", "in-cluster", INAPPLICABLE, {**CREDSSP, **GUARDED, **NODE}),
    Case("LM104", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    Case(
        "LM104", "2008 R2", INAPPLICABLE, {"lost": {"migration-settings": Inapplicable("absent")}}
    ),
)

CASES = (
    *VMM_CASES,
    *ENABLED_CASES,
    *SELECTION_CASES,
    *LISTENER_CASES,
    *AUTHENTICATION_CASES,
)
