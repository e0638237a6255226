"""The verdict table's rows of LM102: the network selection, by release and policy."""

from __future__ import annotations

from fact_builders import (
    ANY,
    ANY_V4,
    ANY_V6,
    BOTH,
    ELSEWHERE,
    ISOLATED,
    LOCAL,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    ON_BOTH,
    ON_MIGRATION,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    MIGRATION_OFF,
    NO_RELEASE,
    NOT_RESOLVED,
    PASS,
    VMM_IS_DOWN,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts.model import FailureKind
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL

ISATAP, LINK_LOCAL, APIPA = "fe80::5efe:10.0.0.11", "fe80::1", "169.254.7.7"
UNUSABLE = (LINK_LOCAL, ISATAP, APIPA)
OFF = {"enabled": False, "listeners": ()}
WITHOUT = {"networks": NONE, "listeners": ()}
POLICY_ISOLATED = {"network_selection": "isolated"}
STALE = "10.0.0.99"
V6, V6_MIGRATION = "2001:db8::11", "2001:db8:50::11"
ON_V6 = {
    "networks": (("2001:db8:50::/64", USER_MANAGED),),
    "local": (f"{V6}/64", f"{V6_MIGRATION}/64"),
    "listeners": (V6_MIGRATION,),
}
OFF_V6 = {"networks": ANY_V6, "local": (f"{V6}/64",), "dns": (V6,)}

AFFECTED_CASES = (
    Case("LM102", "A: any", PASS, {**A, "networks": ANY}),
    # Any is looked at before the rows that a person added.
    Case("LM102", "A: any", PASS, {**A, "networks": (*ISOLATED, *ANY)}),
    Case("LM102", "A: any", PASS, {**A, "networks": ANY, "dns": ()}),
    Case("LM102", "A: half-any with v4", PASS, {**A, "networks": ANY_V4}, notes="IPv6 row"),
    Case(
        "LM102",
        "A: half-any without v4",
        FAIL,
        {**A, "networks": ANY_V6, "listeners": (V6,)},
        fix="use-any-network",
    ),
    Case(
        "LM102",
        "A: half-any without v4",
        WARNING,
        {**A, "networks": ANY_V6, "listeners": (V6,), "local": (f"{V6}/64",), "dns": (V6,)},
    ),
    Case(
        "LM102",
        "A: isolated, none used",
        FAIL,
        {**A, **ON_MIGRATION},
        says="KB 2853203",
        fix="use-any-network",
    ),
    Case("LM102", "A: isolated, none used", FAIL, {**A, **ON_V6, "dns": (V6,)}, says="KB"),
    # An address is used only where VMM resolves to it, and is a listener only where it is usable.
    Case(
        "LM102",
        "A: isolated, none used",
        FAIL,
        {
            **A,
            "networks": ISOLATED,
            "listeners": (APIPA, MIGRATION),
            "dns": (APIPA,),
            "local": (*LOCAL, f"{APIPA}/16"),
        },
    ),
    # What is not shown to be the host's own address is no reason to change its networks.
    Case(
        "LM102", "A: foreign address", BLOCKED, {**A, **ON_MIGRATION, "dns": (STALE,)}, by="LM201"
    ),
    Case("LM102", "A: foreign address", BLOCKED, {**A, **ON_BOTH, "dns": (STALE, MANAGEMENT)}),
    Case("LM102", "A: foreign address", BLOCKED, {**A, **ON_MIGRATION, "dns": ("127.0.0.1",)}),
    Case("LM102", "A: foreign address", PASS, {**A, "dns": (STALE,)}),
    Case(
        "LM102",
        "A: foreign address",
        BLOCKED,
        {**A, **ON_MIGRATION, "known_as": STALE, "dns": (STALE,)},
        says="knows hv01.contoso.com by 10.0.0.99",
    ),
    Case(
        "LM102",
        "A: own addresses unread",
        BLOCKED,
        {**A, **ON_MIGRATION, "lost": {"local-addresses": failure()}},
        by="LM302",
    ),
    Case("LM102", "A: own addresses unread", BLOCKED, {**A, **ON_MIGRATION, "local": ()}),
    Case("LM102", "A: isolated, none used", FAIL, {**A, **ON_MIGRATION}, POLICY_ISOLATED),
    Case(
        "LM102",
        "A: isolated, one used",
        WARNING,
        {**A, **ON_BOTH},
        says="LM306",
    ),
    Case(
        "LM102",
        "A: isolated, one used",
        WARNING,
        {**A, **ON_MIGRATION, "dns": (MANAGEMENT, MIGRATION)},
    ),
    Case("LM102", "A: isolated, one used", WARNING, {**A, **ON_V6, "dns": (V6_MIGRATION,)}),
    Case("LM102", "A: managed elsewhere", WARNING, {**A, **ON_BOTH, "networks": ELSEWHERE}),
    Case("LM102", "A: managed elsewhere", FAIL, {**A, **ON_MIGRATION, "networks": ELSEWHERE}),
    # Neither the tag of any network on a subnet nor an untagged 0.0.0.0/0 is "any".
    Case(
        "LM102",
        "A: managed elsewhere",
        FAIL,
        {**A, **ON_MIGRATION, "networks": (("10.0.50.0/24", USER_MANAGED_ALL),)},
    ),
    Case(
        "LM102",
        "A: managed elsewhere",
        FAIL,
        {**A, **ON_MIGRATION, "networks": (("0.0.0.0/0", "Some.Other:Manager"),)},
    ),
    Case("LM102", "A: none", FAIL, {**A, **WITHOUT}, fix="use-any-network"),
    Case("LM102", "A: none", FAIL, {**A, **WITHOUT, "dns": ()}),
    # Where the list holds an address that VMM uses, staging is accepted whatever the rows say.
    Case("LM102", "A: none", WARNING, {**A, "networks": NONE}, says="LM306"),
    Case("LM102", "A: none", FAIL, {**A, "networks": NONE, "listeners": (MIGRATION,)}),
    # Two causes are said in one run: what is off, and what would fail once it is on.
    Case(
        "LM102",
        "A: disabled, and isolated from VMM",
        FAIL,
        {**A, **OFF, "networks": ISOLATED},
        says="Once incoming live migration is enabled (LM101), this fails next",
        fix="use-any-network",
    ),
    Case(
        "LM102",
        "A: disabled, and isolated from VMM",
        FAIL,
        {**A, **OFF, "networks": (("10.9.9.0/24", USER_MANAGED),)},
        says="it has no address in 10.9.9.0/24",
        fix="address-in-migration-subnets",
    ),
    Case(
        "LM102",
        "A: disabled, and isolated from VMM",
        FAIL,
        {**A, **OFF, "networks": ANY_V6},
        says="this fails next",
        fix="use-any-network",
    ),
    Case("LM102", "A: disabled", BLOCKED, {**A, **OFF, "networks": BOTH}, by="LM101"),
    Case("LM102", "A: disabled", BLOCKED, {**A, **OFF, **OFF_V6}, by="LM101"),
    Case(
        "LM102",
        "A: disabled",
        BLOCKED,
        {**A, **OFF, "networks": ISOLATED, "dns": (STALE,)},
        by="LM201",
    ),
    Case("LM102", "A: policy isolated", PASS, A, POLICY_ISOLATED, notes="needs this"),
)

RESOLVED_CASES = (
    Case("LM102", "B: isolated", PASS, {**B, **ON_MIGRATION}),
    Case("LM102", "B: isolated", PASS, {**B, **ON_MIGRATION}, POLICY_ISOLATED),
    Case("LM102", "B: isolated", PASS, {"release": VMM_2012_R2, **ON_MIGRATION}),
    Case("LM102", "B: isolated", PASS, {**B, **ON_V6}),
    Case("LM102", "B: isolated", PASS, {**B, **ON_MIGRATION, "dns": ()}),
    Case(
        "LM102",
        "B: any",
        WARNING,
        B,
        says="unencrypted unless the VM encrypts it",
        fix="isolate-networks",
    ),
    Case("LM102", "B: any", WARNING, {**B, "networks": (*ISOLATED, *ANY)}),
    Case("LM102", "B: any", WARNING, {"release": VMM_2012_R2}),
    Case("LM102", "B: any", WARNING, B, unsaid="policy"),
    Case(
        "LM102",
        "B: any, policy isolated",
        FAIL,
        B,
        POLICY_ISOLATED,
        says="the policy demands them",
        fix="isolate-networks",
    ),
    Case("LM102", "B: half-any", WARNING, {**B, "networks": ANY_V4}, says="IPv4 only"),
    Case("LM102", "B: half-any", WARNING, {**B, "networks": ANY_V6}, says="IPv6 only"),
    # A failure is also what the policy forbids.
    Case("LM102", "B: half-any, policy isolated", FAIL, {**B, "networks": ANY_V4}, POLICY_ISOLATED),
    Case("LM102", "B: none, no listener", FAIL, {**B, **WITHOUT}, fix="choose-networks"),
    Case(
        "LM102",
        "B: none, no listener",
        FAIL,
        {**B, "networks": NONE, "listeners": UNUSABLE},
        {"migration_subnets": ["10.0.50.0/24"]},
        fix="choose-networks",
    ),
    Case("LM102", "B: none, listener", PASS, {**B, "networks": NONE}, notes="listeners"),
    Case("LM102", "B: managed elsewhere", PASS, {**B, "networks": ELSEWHERE}, notes="listeners"),
    Case(
        "LM102",
        "B: managed elsewhere",
        FAIL,
        {**B, "networks": ELSEWHERE, "listeners": UNUSABLE},
        fix="managed-networks",
    ),
)

EITHER_CASES = (
    Case("LM102", "in-cluster", INAPPLICABLE, {**A, **ON_MIGRATION, **NODE}),
    Case("LM102", "in-cluster", INAPPLICABLE, {**B, **WITHOUT, **NODE}),
    Case(
        "LM102", "in-cluster", INAPPLICABLE, B, {**POLICY_ISOLATED, "migration_scope": "in-cluster"}
    ),
    Case("LM102", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM102", "release unknown", BLOCKED, {"release": "unknown", **ON_MIGRATION}, by="LM001"),
    Case("LM102", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case(
        "LM102",
        "release unknown",
        BLOCKED,
        {**ON_MIGRATION, "vmm_lost": {"vmm-release": failure(FailureKind.TIMED_OUT, "LM001")}},
        by="LM001",
    ),
    Case("LM102", "unresolved", BLOCKED, {**A, **ON_MIGRATION, "dns": ()}, by="LM201"),
    Case("LM102", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM102", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CASES = (*AFFECTED_CASES, *RESOLVED_CASES, *EITHER_CASES)


OTHERWISE = (
    Otherwise(
        "LM102",
        behind=VMM_IS_DOWN | NO_RELEASE | NOT_RESOLVED | MIGRATION_OFF,
        at_the_gate=INAPPLICABLE,
        warned=frozenset({"management network selected as well, VMM 2012 SP1"}),
    ),
)
