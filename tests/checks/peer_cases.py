"""The verdict table's row of the group's other hosts (LM205)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    ISOLATED,
    MIGRATION,
    NODE,
    NONE,
    OF_OTHER,
    ON_MIGRATION,
    OTHER,
    UNREACHABLE,
    VMM_DOWN,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from fact_parts import gathered, local_addresses
from healthy_facts import routes
from verdict_case import (
    BLOCKED,
    INAPPLICABLE,
    MIGRATION_OFF,
    OFF_LATER,
    PASS,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES

ON_IPV6: dict[str, Any] = {"networks": ISOLATED, "listeners": ("2001:db8::11",)}
DISABLED: dict[str, Any] = {"enabled": False, "listeners": ()}
UNSEEN: dict[str, Any] = {
    "listed": tuple(Listed(f"hv0{number}.contoso.com") for number in (1, 2, 3))
}
ALONE: dict[str, Any] = {"second": {"name": "hv02.other.example"}}


def other(*local: str, gateway: str | None = None) -> dict[str, Any]:
    """Return the tables of the other host."""
    own = gathered(LOCAL_ADDRESSES, local_addresses(local))
    return {"other": {**own, **gathered(ROUTES, routes(local, gateway))}}


def unread(*groups: str) -> dict[str, Any]:
    return {"other": {each: failure(root="") for each in groups}}


CASES = (
    Case("LM205", "on-link", PASS, {**A}, says="shared subnet"),
    Case("LM205", "on-link", PASS, {**B, **ON_MIGRATION, **other("10.0.50.12/24")}, says=OTHER),
    Case("LM205", "on-link", PASS, {**ON_IPV6, **other("2001:db8::12/64")}, says=OTHER),
    # A switchless pair: one of several listeners is enough.
    Case(
        "LM205",
        "on-link",
        PASS,
        {"listeners": ("10.1.1.1", MIGRATION), **other("10.1.1.2/30")},
        unsaid="gateway",
    ),
    # What VMM sees is no part of the question.
    Case("LM205", "on-link", PASS, {"lost": VMM_DOWN}),
    Case("LM205", "gateway", PASS, ON_MIGRATION, notes="through a gateway", found=0),
    Case("LM205", "neither", WARNING, ON_IPV6, says="prove it by hand", fix="reach-listeners"),
    Case("LM205", "neither", WARNING, {**ON_MIGRATION, **other(f"{OF_OTHER}/24")}, says=OTHER),
    Case("LM205", "no other host", INAPPLICABLE, ALONE, says="No other host"),
    Case(
        "LM205",
        "no other host",
        INAPPLICABLE,
        {"other": without_hyperv_v2()},
        says="No other host",
    ),
    Case(
        "LM205",
        "no other looked at",
        INAPPLICABLE,
        {**ALONE, **UNSEEN},
        says="2 hosts of its migration group were not looked at",
        notes="not looked at: hv02.contoso.com and hv03",
    ),
    Case(
        "LM205",
        "some not looked at",
        PASS,
        UNSEEN,
        says="shared subnet",
        notes="not looked at: hv03.contoso.com",
    ),
    Case(
        "LM205",
        "some not looked at",
        WARNING,
        {**ON_IPV6, **UNSEEN},
        notes="not looked at: hv03.contoso.com",
    ),
    Case("LM205", "some not looked at", BLOCKED, UNSEEN, {"fail_on": "warning"}, says="hv03"),
    Case("LM205", "disabled", BLOCKED, {**ALONE, **UNSEEN, **DISABLED}, by="LM101"),
    Case("LM205", "tables unread", BLOCKED, unread(LOCAL_ADDRESSES.name), says=OTHER),
    # The check that says why, and of which host.
    Case(
        "LM205",
        "tables unread",
        BLOCKED,
        {"other": all_lost(UNREACHABLE)},
        says=f"LM302 of {OTHER} says why",
        by="LM302",
    ),
    Case(
        "LM205",
        "tables unread",
        BLOCKED,
        {"other": {DOMAIN_MEMBERSHIP.name: failure(root="")}},
        says=OTHER,
    ),
    Case("LM205", "tables unread", BLOCKED, {**ON_MIGRATION, **unread(ROUTES.name)}),
    # The addresses alone show a shared subnet.
    Case("LM205", "on-link", PASS, unread(ROUTES.name)),
    Case("LM205", "disabled", BLOCKED, {"enabled": False, "listeners": ()}, by="LM101"),
    Case("LM205", "none", BLOCKED, {"networks": NONE, "listeners": ()}, by="LM102"),
    Case(
        "LM205", "no usable listener", BLOCKED, {"networks": ISOLATED, "listeners": ()}, by="LM103"
    ),
    Case("LM205", "in-cluster", INAPPLICABLE, {**NODE, **ON_IPV6}, says="inside its cluster"),
    Case("LM205", "in-cluster", INAPPLICABLE, ON_IPV6, {"migration_scope": "in-cluster"}),
    Case("LM205", "neither", WARNING, {**NODE, **ON_IPV6}, {"migration_scope": "cross-host"}),
    Case("LM205", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM205", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)


OTHERWISE = (
    Otherwise(
        "LM205",
        behind=MIGRATION_OFF | OFF_LATER,
        elsewhere=(
            "yield note(_unplaced(",
            'yield note(f"Not judged, because their tables',
        ),
    ),
)
