"""The verdict table's row of the firewall (LM305)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    OF_OTHER,
    ON_MIGRATION,
    OTHER,
    REFUSED,
    UNREACHABLE,
    VMM_DOWN,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from firewall_facts import (
    BLOCKS,
    BY_MANAGEMENT,
    BY_WEST,
    FAR,
    HELD,
    NEAR,
    ONE_IGNORES,
    PRIVATE_BIT,
    PUBLIC,
    SILENT,
    UNSURE_PROFILE,
    WIDE,
    on,
    other,
    profiles,
    rules,
    seen,
)
from healthy_facts import RULE
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    MIGRATION_OFF,
    OFF_LATER,
    PASS,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts import firewall_filters
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.firewall import ALLOW, BLOCK
from livemigration.facts.identity import Listed
from livemigration.facts.network import LOCAL_ADDRESSES

EFFECT_CASES = (
    Case("LM305", "open from VMM", PASS, {**ON_MIGRATION, "also": rules()}, says="let this"),
    Case("LM305", "open from VMM", PASS, {"also": rules()}, found=2),
    Case(
        "LM305",
        "refused from VMM",
        PASS,
        {**ON_MIGRATION, "also": rules(), "answers": {(MIGRATION, 6600): REFUSED}},
        says="10061",
    ),
    Case("LM305", "profile off", PASS, on(profiles(enabled=False)), notes="no rule restricts"),
    Case("LM305", "profile state unknown", WARNING, on(profiles(enabled=None))),
    Case("LM305", "profile state unknown", PASS, on(profiles(enabled=None), {})),
    Case("LM305", "let in by default", PASS, on(profiles(action=ALLOW)), says="by default"),
    Case("LM305", "let in by default", FAIL, on(profiles(action=ALLOW), BLOCKS)),
    Case("LM305", "let in by default", PASS, on(profiles(action=ALLOW))),
    # Local rules count only where they are let take effect, and one that blocks is no other.
    Case("LM305", "let in by default", PASS, on(profiles(action=ALLOW, local_rules=False))),
    Case(
        "LM305",
        "let in by default",
        PASS,
        on(profiles(action=ALLOW, local_rules=False), BLOCKS),
        notes="Group Policy",
    ),
    Case("LM305", "let in by default", FAIL, on(profiles(action=ALLOW, local_rules=True), BLOCKS)),
    Case(
        "LM305",
        "let in by default",
        WARNING,
        on({**UNSURE_PROFILE, **ONE_IGNORES}, BLOCKS),
        fix="firewall-look",
    ),
    Case("LM305", "let in by default", PASS, on({**UNSURE_PROFILE, **ONE_IGNORES})),
)

ALLOW_CASES = (
    Case("LM305", "allowed for any", PASS, SILENT, says=RULE),
    Case("LM305", "allowed for any", PASS, {**SILENT, **B}),
    Case("LM305", "allowed for any", PASS, seen({"name": "Site", **WIDE}), says="rule Site"),
    Case("LM305", "allowed for any", PASS, on(PUBLIC, {"profiles": 4})),
    Case("LM305", "allowed for the peers", PASS, seen({"remote": (OF_OTHER,)})),
    Case("LM305", "allowed for the peers", PASS, seen({"remote": ("10.0.0.0/255.255.255.0",)})),
    Case("LM305", "allowed for the peers", PASS, seen({"remote": ("LocalSubnet",)})),
    Case(
        "LM305",
        "allowed for the peers",
        PASS,
        seen({"remote": ("10.9.9.9",)}, {"name": "Site", "remote": ("10.0.0.0-10.0.0.99",)}),
        says="rule Site.",
    ),
    Case(
        "LM305",
        "allowed for others only",
        WARNING,
        seen({"remote": ("10.9.0.0/16",)}),
        says=OTHER,
        fix="firewall-rule",
    ),
    # The other host is in the local subnet with one address, and comes from another.
    Case(
        "LM305",
        "allowed for others only",
        WARNING,
        {**seen({"remote": ("LocalSubnet",)}), **other(BY_WEST, NEAR, FAR)},
        says=OTHER,
        fix="firewall-rule",
    ),
    Case(
        "LM305",
        "allowed for the peers",
        PASS,
        {**seen({"remote": ("10.0.51.0/24",)}), **other(BY_WEST, NEAR, FAR)},
    ),
    Case(
        "LM305",
        "allowed for the peers",
        PASS,
        {**seen({"remote": ("LocalSubnet",)}), **other(BY_MANAGEMENT, NEAR, FAR)},
    ),
    # Two routes of one length: from either side it must get in.
    Case(
        "LM305",
        "scope not decidable",
        WARNING,
        {**seen({"remote": ("LocalSubnet",)}), **other((*BY_WEST, *BY_MANAGEMENT), NEAR, FAR)},
        fix="firewall-look",
    ),
    Case(
        "LM305",
        "allowed for the peers",
        PASS,
        {
            **seen({"remote": ("LocalSubnet", "10.0.51.12")}),
            **other((*BY_WEST, *BY_MANAGEMENT), NEAR, FAR),
        },
    ),
    Case(
        "LM305",
        "peers unread",
        BLOCKED,
        {**seen({"remote": ("LocalSubnet",)}), "other": {LOCAL_ADDRESSES.name: failure(root="")}},
        says=OTHER,
    ),
    Case(
        "LM305",
        "peers unread",
        BLOCKED,
        {**seen({"remote": ("LocalSubnet",)}), "other": all_lost(UNREACHABLE)},
        by="LM302",
    ),
    Case("LM305", "allowed for any", PASS, {**SILENT, "other": all_lost(UNREACHABLE)}, notes=OTHER),
    Case("LM305", "scope not decidable", WARNING, seen({"remote": ("DNS",)}), fix="firewall-look"),
    Case("LM305", "scope not decidable", WARNING, seen({"ports": ("Odd",)}), fix="firewall-look"),
    Case(
        "LM305",
        "scope, no peers known",
        WARNING,
        seen({"remote": ("10.0.0.0/8",)}, dns=(MANAGEMENT,), second={"name": "hv02.other.example"}),
        fix="firewall-look",
    ),
)

UNSEEN: dict[str, Any] = {
    "listed": tuple(Listed(f"hv0{number}.contoso.com") for number in (1, 2, 3))
}
ALONE: dict[str, Any] = {"second": {"name": "hv02.other.example"}, **UNSEEN}
ROW = "peers not looked at"
PARTIAL_CASES = (
    Case("LM305", ROW, PASS, seen({}, **UNSEEN), notes="not looked at: hv03.contoso.com"),
    Case("LM305", ROW, WARNING, seen(**UNSEEN), notes="not looked at", fix="firewall-rule"),
    # Whom a scoped rule lets in is a question of hosts that were not looked at.
    Case(
        "LM305",
        ROW,
        PASS,
        seen({"remote": ("10.0.0.0/8",)}, dns=(MANAGEMENT,), **ALONE),
        notes="not looked at",
        found=0,
    ),
    Case("LM305", ROW, BLOCKED, seen({}, **UNSEEN), {"fail_on": "warning"}, says="hv03"),
    # A block of some hosts would be a failure, were one of those among them.
    Case(
        "LM305",
        ROW,
        BLOCKED,
        seen({}, {"name": "Odd", "action": BLOCK, "remote": ("10.9.9.0/24",)}, **UNSEEN),
        says="hv03.contoso.com",
    ),
    Case(
        "LM305",
        ROW,
        FAIL,
        seen({}, {"name": "Odd", "action": BLOCK}, **ALONE),
        fix="firewall-block",
    ),
    Case(
        "LM305",
        ROW,
        FAIL,
        seen({}, {"name": "Odd", "action": BLOCK, "remote": ("10.0.0.0/8",)}, **UNSEEN),
        fix="firewall-block",
    ),
)

LACKING_CASES = (
    Case("LM305", "no rule", WARNING, seen(), says="Group Policy", fix="firewall-rule"),
    Case("LM305", "no rule", WARNING, seen({"protocol": "UDP"}), fix="firewall-rule"),
    Case("LM305", "no rule", WARNING, seen({"program": "System"})),
    Case("LM305", "no rule", WARNING, seen({"local": (MANAGEMENT,)})),
    Case(
        "LM305",
        "no rule",
        WARNING,
        seen(second={"name": "hv02.other.example"}),
        fix="firewall-rule",
    ),
    Case("LM305", "rule disabled", WARNING, seen({"enabled": False}), fix="firewall-rule"),
    Case(
        "LM305",
        "rule disabled",
        WARNING,
        seen({"enabled": False, "profiles": 3, "remote": ("10.9.0.0/16",)}),
        fix="firewall-rule",
    ),
    Case("LM305", "rule of another profile", WARNING, seen({"profiles": PRIVATE_BIT})),
    # It lets in the others already: all that is to be changed is its profiles.
    Case(
        "LM305",
        "rule of another profile",
        WARNING,
        seen({"profiles": PRIVATE_BIT, "remote": ("10.0.0.12",)}),
        fix="firewall-rule",
    ),
    Case("LM305", "rule of another profile", WARNING, on(PUBLIC, {"profiles": 3}), says="Public"),
    # Which profile counts is not known, so that only a rule of each of them covers.
    Case("LM305", "rule of another profile", WARNING, on(UNSURE_PROFILE, {"profiles": 1})),
    Case("LM305", "allowed for any", PASS, on(UNSURE_PROFILE, {"profiles": 7})),
    Case("LM305", "rule of an unknown action", WARNING, seen({"action": 9}), fix="firewall-look"),
    Case("LM305", "rule of an unknown action", WARNING, seen({"enabled": None}), says=RULE),
    Case(
        "LM305",
        "filter missing",
        WARNING,
        {**SILENT, "also": {**rules({}), firewall_filters.FIREWALL_PORTS.name: ()}},
        fix="firewall-look",
    ),
    Case(
        "LM305",
        "local rules ignored",
        WARNING,
        on(profiles(local_rules=False), {}),
        says="ignores local rules",
        fix="firewall-group-policy",
    ),
    Case("LM305", "allowed for any", PASS, on(profiles(local_rules=True), {})),
)

BLOCK_CASES = (
    Case("LM305", "blocked", FAIL, seen({}, BLOCKS), says="Site-Block", fix="firewall-block"),
    Case("LM305", "blocked", FAIL, seen({}, {**BLOCKS, "remote": (OF_OTHER,)}), says=OTHER),
    Case("LM305", "blocked", FAIL, seen({}, {**BLOCKS, "ports": ("6000-7000",)})),
    Case("LM305", "block not decidable", WARNING, seen({}, {**BLOCKS, "remote": ("Intranet",)})),
    Case("LM305", "block not decidable", WARNING, seen({}, {**BLOCKS, "ports": ("Odd",)})),
    Case("LM305", "block that does not match", PASS, seen({}, {**BLOCKS, "enabled": False})),
    Case("LM305", "block that does not match", PASS, seen({}, {**BLOCKS, "ports": ("443",)})),
    Case("LM305", "block that does not match", PASS, seen({}, {**BLOCKS, "protocol": "17"})),
    Case("LM305", "block that does not match", PASS, seen({}, {**BLOCKS, "remote": ("10.9.9.9",)})),
    Case("LM305", "block that does not match", PASS, seen({}, {**BLOCKS, "profiles": 6})),
)

OTHER_CASES = (
    # A node of a cluster needs no listener of its own; VMM's connection to one address decides it.
    Case("LM305", "in-cluster", PASS, {**NODE, "networks": NONE, **HELD}, found=2),
    Case("LM305", "in-cluster", WARNING, {**NODE, "networks": NONE, **HELD, "also": rules()}),
    # The other host is a node of another cluster, so it sends nothing here.
    Case(
        "LM305",
        "in-cluster",
        WARNING,
        {
            **NODE,
            "networks": NONE,
            **HELD,
            "also": {**rules({"remote": ("10.9.0.0/16",)}), CLUSTER.name: Cluster("East", None)},
        },
        unsaid=OTHER,
        fix="firewall-look",
    ),
    Case("LM305", "VMM down", PASS, {**SILENT, "lost": VMM_DOWN}),
    Case("LM305", "VMM down", FAIL, {**seen({}, BLOCKS), "lost": VMM_DOWN}),
    # An answer to VMM would have decided.
    Case("LM305", "VMM down", BLOCKED, {**seen(), "lost": VMM_DOWN}, by="LM001"),
    Case("LM305", "disabled", BLOCKED, {"networks": ISOLATED, **HELD}, by="LM101"),
    Case("LM305", "none", BLOCKED, {"networks": NONE, "listeners": ()}, by="LM102"),
    Case(
        "LM305", "no usable listener", BLOCKED, {"networks": ISOLATED, "listeners": ()}, by="LM103"
    ),
    Case("LM305", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM305", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CASES = (
    *EFFECT_CASES,
    *ALLOW_CASES,
    *PARTIAL_CASES,
    *LACKING_CASES,
    *BLOCK_CASES,
    *OTHER_CASES,
)


OTHERWISE = (
    Otherwise(
        "LM305",
        behind=MIGRATION_OFF | OFF_LATER,
        elsewhere=(
            "yield not_applicable(",
            '"No other host exchanges',
            "continue",
        ),
    ),
)
