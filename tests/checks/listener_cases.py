"""The verdict table's rows of LM103: usable listeners, and the sockets behind them."""

from __future__ import annotations

from fact_builders import (
    ANY_V4,
    ANY_V6,
    ELSEWHERE,
    ISOLATED,
    LOCAL,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    ON_MIGRATION,
    RUNNING,
    UNREACHABLE,
    VMMS_PROCESS,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise

from livemigration.verdict.networks import USER_MANAGED

ISATAP, LINK_LOCAL, APIPA = "fe80::5efe:10.0.0.11", "fe80::1", "169.254.7.7"
UNUSABLE = (LINK_LOCAL, ISATAP, APIPA)
ALL_V4 = (("0.0.0.0", VMMS_PROCESS),)  # noqa: S104 - what the host says
V6 = "2001:db8::11"
ON_V6 = {"local": (f"{V6}/64",), "listeners": (V6,)}
FOREIGN = ("10.9.9.0/24", USER_MANAGED)
DEMANDS_FOREIGN = {"migration_subnets": ["10.9.9.0/24"]}
SEVERAL_SITES = {"networks": (*ISOLATED, FOREIGN), "listeners": (MIGRATION,)}
OFF = {"enabled": False, "listeners": ()}

SOCKET_CASES = (
    Case("LM103", "socket on the address", PASS),
    Case("LM103", "socket on the address", PASS, {**ON_MIGRATION, "release": None}),
    Case("LM103", "socket on the address", PASS, {"networks": ANY_V4}),
    Case("LM103", "socket on the address", PASS, {**ON_MIGRATION, "networks": ELSEWHERE}),
    # Beside a usable one, an address that cannot be used needs no socket.
    Case(
        "LM103",
        "socket on the address",
        PASS,
        {"listeners": (*UNUSABLE, MIGRATION), "sockets": ((MIGRATION, VMMS_PROCESS),)},
    ),
    Case("LM103", "socket on 0.0.0.0", PASS, {"sockets": ALL_V4}),
    Case("LM103", "socket on ::", PASS, {"sockets": (("::", VMMS_PROCESS),)}),
    Case("LM103", "socket on ::", PASS, {**ON_V6, "sockets": (("::", VMMS_PROCESS),)}),
    # A socket on 0.0.0.0 serves no IPv6 listener.
    Case("LM103", "socket missing", FAIL, {**ON_V6, "sockets": ALL_V4}, says=V6),
    Case(
        "LM103",
        "socket missing",
        FAIL,
        {"listeners": (MANAGEMENT, V6), "sockets": ALL_V4},
        says=f"Nothing listens on port 6600 of {V6}",
    ),
    Case(
        "LM103",
        "socket missing",
        FAIL,
        {"sockets": ()},
        unsaid="vmms listens on port",
        fix="listener-missing",
    ),
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
    Case(
        "LM103",
        "socket of another process",
        FAIL,
        {"sockets": (("::", 77),)},
        says="77",
        unsaid="vmms listens on port",
    ),
    Case(
        "LM103",
        "socket of another process",
        FAIL,
        {"sockets": ((MANAGEMENT, 77),)},
        says=MIGRATION,
        found=2,
    ),
    Case(
        "LM103",
        "socket missing",
        FAIL,
        {"sockets": (), "lost": {"local-addresses": failure()}},
    ),
    Case("LM103", "table not readable", BLOCKED, {"lost": {"listening-sockets": failure()}}),
    Case(
        "LM103", "vmms stopped", BLOCKED, {"services": {**RUNNING, "vmms": "Stopped"}}, by="LM302"
    ),
    Case("LM103", "vmms stopped", BLOCKED, {"services": {}}, by="LM302"),
)

ADDRESS_CASES = (
    Case("LM103", "no usable listener", FAIL, {"listeners": ()}, fix="listener-missing"),
    Case("LM103", "no usable listener", FAIL, {"listeners": (LINK_LOCAL,)}),
    Case("LM103", "no usable listener", FAIL, {"listeners": (ISATAP,)}),
    Case("LM103", "no usable listener", FAIL, {"listeners": ("2001:db8::200:5efe:198.51.100.7",)}),
    Case("LM103", "no usable listener", FAIL, {"listeners": (APIPA,)}),
    Case("LM103", "no usable listener", FAIL, {"networks": ELSEWHERE, "listeners": UNUSABLE}),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"networks": (FOREIGN,), "listeners": ()},
        says="no address in 10.9.9.0/24",
        fix="address-in-migration-subnets",
    ),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {**SEVERAL_SITES, "listeners": ()},
        unsaid="no address in",
        fix="listener-missing",
    ),
    # What is certain is said, whatever else cannot be read.
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"listeners": (), "lost": {"listening-sockets": failure()}},
    ),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"listeners": (), "lost": {"local-addresses": failure()}},
    ),
    Case("LM103", "subnet without address", WARNING, SEVERAL_SITES, says="10.9.9.0/24"),
    # Networks of another manager are judged by the listener list alone.
    Case(
        "LM103",
        "socket on the address",
        PASS,
        {"networks": (*ELSEWHERE, ("10.9.9.0/24", ELSEWHERE[0][1])), "listeners": (MIGRATION,)},
    ),
    Case(
        "LM103",
        "subnet without address, demanded",
        FAIL,
        SEVERAL_SITES,
        DEMANDS_FOREIGN,
        unsaid="which it selects",
    ),
    Case("LM103", "subnet without address, demanded", FAIL, ON_MIGRATION, DEMANDS_FOREIGN),
    Case(
        "LM103",
        "subnet without address",
        WARNING,
        SEVERAL_SITES,
        {"migration_subnets": ["10.0.50.0/24"]},
    ),
    Case("LM103", "disabled", INAPPLICABLE, OFF, says="LM101"),
    Case(
        "LM103",
        "disabled",
        INAPPLICABLE,
        {**OFF, **NODE},
        says="the networks of the cluster decide",
        unsaid="LM101",
    ),
    Case("LM103", "none", INAPPLICABLE, {"networks": NONE, "listeners": ()}, says="LM102"),
    Case(
        "LM103",
        "none",
        INAPPLICABLE,
        {"networks": NONE, "listeners": (), **NODE},
        says="the networks of the cluster decide",
        unsaid="LM102",
    ),
    Case(
        "LM103",
        "disabled",
        INAPPLICABLE,
        OFF,
        {"migration_scope": "in-cluster"},
        says="migration_scope: in-cluster",
        unsaid="LM101",
    ),
    # Any network of a family that the host does not have.
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"networks": ANY_V6, "listeners": ()},
        says="it has no IPv6 address",
        fix="address-family",
    ),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"networks": ANY_V4, "listeners": (), "local": (f"{V6}/64",)},
        says="it has no IPv4 address",
        fix="address-family",
    ),
    Case(
        "LM103",
        "no usable listener",
        FAIL,
        {"networks": ANY_V6, "listeners": (), "local": (*LOCAL, f"{V6}/64")},
        unsaid="the host has no IPv6 address",
        fix="listener-missing",
    ),
    Case("LM103", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM103", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CASES = (*SOCKET_CASES, *ADDRESS_CASES)


OTHERWISE = (
    Otherwise(
        "LM103",
        warned=frozenset({"one list for several sites"}),
    ),
)
