"""The verdict table's row of VMM's record (LM107)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fact_builders import (
    ANY,
    ANY_V4,
    BOTH,
    ELSEWHERE,
    HOST,
    ISOLATED,
    MANAGEMENT_SUBNET,
    MIGRATION,
    MIGRATION_SUBNET,
    NODE,
    NONE,
    ON_BOTH,
    ON_MIGRATION,
    TIMED_OUT,
    UNREACHABLE,
    VMM_DOWN,
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
    NO_ANSWER,
    PASS,
    STOPPED,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_RECORD, VmmHostSettings, VmmRecord


def node(cluster: str) -> dict[str, Any]:
    return {**NODE, "also": {CLUSTER.name: Cluster(cluster, None)}}


def state(**values: Any) -> dict[str, Any]:
    """Return VMM's record of a host as it is, but for what VMM says of its state."""
    settings = VmmHostSettings(True, 2, 2, True, (), "Kerberos", None)
    record = VmmRecord(known=True, name=HOST, settings=settings)
    return {VMM_RECORD.name: replace(record, **values)}


def recorded(**values: Any) -> dict[str, Any]:
    return {"recorded": VmmHostSettings(**values)}


SUBNETS = (MANAGEMENT_SUBNET, MIGRATION_SUBNET)

CASES = (
    Case("LM107", "agrees", PASS, A, says="6 settings stated"),
    Case("LM107", "agrees", PASS, {"networks": ISOLATED, **B}),
    Case("LM107", "agrees", PASS, {"networks": BOTH, **recorded(subnets=SUBNETS[::-1])}),
    Case("LM107", "agrees", PASS, {"networks": NONE, **recorded(any_subnet=False, subnets=())}),
    # A list that is kept beside "any network" says nothing.
    Case("LM107", "agrees", PASS, {"networks": ANY, **recorded(any_subnet=True, subnets=SUBNETS)}),
    Case("LM107", "agrees", PASS, recorded(authentication=" KERBEROS ")),
    Case("LM107", "agrees", PASS, recorded(authentication="1")),
    Case(
        "LM107",
        "agrees",
        PASS,
        {"compression": True, "smb": False, **recorded(performance="usecompression")},
    ),
    # Names and numbers that nobody documents are no difference.
    Case("LM107", "unknown spelling", PASS, recorded(enabled=True, authentication="Negotiate")),
    Case("LM107", "unknown spelling", PASS, recorded(enabled=True, performance="2")),
    Case("LM107", "unknown spelling", PASS, {"networks": BOTH, **recorded(subnets=("all",))}),
    Case("LM107", "inexpressible", PASS, {"networks": ANY_V4, **recorded(any_subnet=True)}),
    Case("LM107", "inexpressible", PASS, {"networks": ELSEWHERE, **recorded(any_subnet=True)}),
    Case(
        "LM107",
        "inexpressible",
        PASS,
        {"compression": True, "smb": True, **recorded(performance="UseSmbTransport")},
    ),
    Case("LM107", "inexpressible", PASS, recorded(performance="UseCompression", enabled=True)),
    Case(
        "LM107",
        "differs",
        WARNING,
        recorded(maximum_migrations=4),
        says="VMM has 4, the host 2",
        fix="refresh-record",
    ),
    Case("LM107", "differs", WARNING, recorded(maximum_storage_migrations=8)),
    Case("LM107", "differs", WARNING, recorded(authentication="CredSSP"), says="has CredSSP"),
    Case("LM107", "differs", WARNING, recorded(authentication="0"), says="has CredSSP"),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"compression": True, "smb": False, **recorded(performance="Standard")},
        says="VMM has Standard, the host UseCompression",
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"networks": BOTH, **B, **recorded(any_subnet=False, subnets=(MIGRATION_SUBNET,))},
        says=MANAGEMENT_SUBNET,
    ),
    # Which networks VMM has instead is not stated.
    Case("LM107", "differs", WARNING, {"networks": ANY, **A, **recorded(any_subnet=False)}),
    Case("LM107", "differs", WARNING, {"networks": ISOLATED, **B, **recorded(any_subnet=True)}),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"networks": ANY, "release": None, **recorded(any_subnet=False)},
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {**NODE, **recorded(enabled=False, authentication="0")},
        found=2,
    ),
    Case("LM107", "turns a verdict", FAIL, recorded(enabled=False), says="LM101"),
    Case("LM107", "turns a verdict", FAIL, recorded(maximum_migrations=0), says="LM106"),
    Case("LM107", "turns a verdict", FAIL, {"maximum": 0, **recorded(maximum_migrations=2)}),
    Case(
        "LM107", "turns a verdict", FAIL, {**NODE, **recorded(maximum_migrations=0)}, says="LM106"
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        recorded(authentication="CredSSP"),
        {"authentication": "kerberos"},
        says="LM104",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {**ON_MIGRATION, **A, **recorded(any_subnet=True)},
        says="LM102, LM203 and LM304",
        fix="refresh-record",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ANY, **B, **recorded(any_subnet=False)},
        {"network_selection": "isolated"},
        says="LM102",
    ),
    # Every check that VMM's value would turn is named.
    *(
        Case(
            "LM107",
            "turns a verdict",
            FAIL,
            {**given, **A, **recorded(any_subnet=False, subnets=(MIGRATION_SUBNET,))},
            says=f"{MIGRATION_SUBNET}{told}",
        )
        for given, told in (
            (ON_BOTH, ", the host 10.0.0.0/24 and 10.0.50.0/24. LM102, LM203 and LM304 would"),
            ({"networks": ANY}, "), the host True. LM102, LM203 and LM304 would"),
            (
                {**ON_BOTH, "answers": {(MIGRATION, 6600): TIMED_OUT}},
                ", the host 10.0.0.0/24 and 10.0.50.0/24. LM102, LM202, LM203 and LM304 would",
            ),
        )
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ANY, **A, **recorded(any_subnet=False, subnets=("10.0.99.0/24",))},
        says="LM102, LM103, LM202, LM203 and LM304",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ANY, **B, **recorded(any_subnet=False, subnets=("10.0.99.0/24",))},
        says="LM103",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ANY, **B, **recorded(any_subnet=False, subnets=())},
        says="LM102",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"guard": (1,), **recorded(authentication="CredSSP")},
        says="LM104",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"guard": (1,), "authentication": 0, **recorded(authentication="Kerberos")},
        says="LM104",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"joined": False, "authentication": 0, **recorded(authentication="Kerberos")},
        says="LM104",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        recorded(maximum_migrations=1),
        {"minimum_migrations": 2, "minimum_migrations_required": True},
        says="LM106",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"compression": True, "smb": False, **recorded(performance="UseSmbTransport")},
        {"performance": "compression", "performance_required": True},
        says="LM105",
    ),
    # Neither value would turn these.
    Case("LM107", "differs", WARNING, {"guard": (2,), **recorded(authentication="CredSSP")}),
    Case(
        "LM107",
        "differs",
        WARNING,
        {
            **NODE,
            "cluster": "c1",
            "also": {CLUSTER.name: Cluster("c1", 4)},
            **recorded(maximum_migrations=0),
        },
        {"migration_scope": "cross-host"},
    ),
    Case("LM107", "differs", WARNING, recorded(maximum_migrations=1), {"minimum_migrations": 2}),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"joined": False, "guard": (1,), **recorded(authentication="CredSSP")},
    ),
    # What neither the policy nor Credential Guard lets be fails twice over.
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"guard": (1,), **recorded(authentication="CredSSP")},
        {"authentication": "kerberos"},
        says="LM104",
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"compression": False, "smb": False, **recorded(performance="UseSmbTransport")},
        {"performance": "compression", "performance_required": True},
    ),
    # The host's addresses are asked for only where VMM names subnets.
    Case(
        "LM107",
        "differs",
        WARNING,
        {
            **ON_MIGRATION,
            **B,
            **recorded(any_subnet=True),
            "lost": {LOCAL_ADDRESSES.name: failure()},
        },
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {**ON_BOTH, **A, "dns": (), **recorded(any_subnet=False, subnets=(MIGRATION_SUBNET,))},
    ),
    Case(
        "LM107",
        "guard unread",
        BLOCKED,
        {"lost": {"device-guard": failure()}, **recorded(authentication="CredSSP")},
    ),
    # The cluster.
    Case("LM107", "cluster", WARNING, {"cluster": "c1.contoso.com"}, says="VMM has c1"),
    Case("LM107", "cluster", WARNING, {**node("c1"), "cluster": "c2.contoso.com"}, says="host c1"),
    Case("LM107", "cluster", WARNING, node("c1"), says="VMM has none, the host c1"),
    Case("LM107", "agrees", PASS, {**node("C1"), "cluster": "c1.contoso.com"}),
    Case("LM107", "agrees", PASS, {**NODE, "cluster": "c1.contoso.com"}),
    Case("LM107", "nothing stated", INAPPLICABLE, {**NODE, **recorded()}),
    # What a cluster wrote agrees with a host of which another manager set the networks, or that
    # shows no networks.
    *(
        Case(
            "LM107",
            "written by the cluster",
            PASS,
            {
                **node("c1"),
                "networks": networks,
                "also": {
                    CLUSTER.name: Cluster("c1", None),
                    **state(
                        cluster="c1.contoso.com",
                        subnets_user_managed=managed,
                        settings=VmmHostSettings(
                            any_subnet=False, subnets=(f"{MIGRATION}/32", "fe80::1/128")
                        ),
                    ),
                },
            },
        )
        for networks in (ELSEWHERE, NONE)
        for managed in (False, None)
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {
            "networks": NONE,
            **B,
            "also": state(
                subnets_user_managed=True,
                settings=VmmHostSettings(any_subnet=False, subnets=(f"{MIGRATION}/32",)),
            ),
        },
    ),
    Case("LM107", "unknown to VMM", FAIL, {"known": False}, says="may not", fix="missing-record"),
    Case("LM107", "nothing stated", INAPPLICABLE, recorded()),
    Case("LM107", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM107", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM107", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)


OTHERWISE = (
    Otherwise(
        "LM107",
        behind=NO_ANSWER | STOPPED,
    ),
)
