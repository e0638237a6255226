"""The verdict table's rows of delegation (LM401)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from directory_facts import BOTH_SERVICES, COMPUTER, SID, SID_OF_OTHER, names, said_of
from fact_builders import HOST, NODE, OTHER, UNREACHABLE, failure
from fact_parts import gathered
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    FILE_SERVICE,
    MIGRATION_SERVICE,
    NO_DIRECTORY,
    DirectoryAccount,
)
from livemigration.facts.host import OPERATING_SYSTEM, OperatingSystem
from livemigration.facts.identity import Listed
from livemigration.facts.model import Outcome

BOTH = frozenset({HOST, OTHER})
TRUSTED = 0x80000
A_GROUP = "S-1-5-21-1-2-3-1188"
KERBEROS_ONLY: dict[str, Any] = {"control": COMPUTER}


def on_2022() -> dict[str, Outcome[Any]]:
    return gathered(OPERATING_SYSTEM, OperatingSystem(20348, "10.0.20348", "Windows Server 2022"))


def directory(
    other: Mapping[str, Any] | None = None, lost: Mapping[str, Any] = {}, **own: Any
) -> dict[str, Any]:
    """Return facts in which a directory says this of the host's account, and of the other one's."""
    return {
        "authentication": 1,
        "lost": {**said_of(**own), **on_2022(), **lost},
        "other": said_of(OTHER, **(other or {})),
    }


UNREAD_CLUSTER = failure(root="")


def of_clusters(own: Mapping[str, Any], one: Any, other: Any) -> dict[str, Any]:
    """Return two nodes, with what was read of the cluster of each: that, or why nothing was."""

    def read(cluster: Any) -> dict[str, Outcome[Any]]:
        is_read = isinstance(cluster, Cluster)
        return gathered(CLUSTER, cluster) if is_read else {CLUSTER.name: cluster}

    given = directory(**own, lost=read(one))
    return {**given, **NODE, "other": {**given["other"], **read(other)}, "second": NODE}


def declared(
    row: str, state: Any, given: Mapping[str, Any], policy: Mapping[str, Any] = {}, **more: Any
) -> Case:
    return Case("LM401", row, state, given, policy, exchanges=BOTH, **more)


def assumed(row: str, state: Any, given: Mapping[str, Any], **more: Any) -> Case:
    return Case("LM401", row, state, given, **more)


NOTHING: dict[str, Any] = {"delegates_to": ()}
NO_FILES: dict[str, Any] = {"delegates_to": names((MIGRATION_SERVICE,), OTHER)}
SHORT: dict[str, Any] = {"delegates_to": names(BOTH_SERVICES, OTHER, forms="short")}
FULL: dict[str, Any] = {"delegates_to": names(BOTH_SERVICES, OTHER, forms="full")}
MIXED_CASE: dict[str, Any] = {
    "delegates_to": names(("MICROSOFT virtual system Migration Service", "CIFS"), OTHER.upper())
}

CASES = (
    declared("all there", PASS, directory(), says="to 1 host"),
    declared("all there", PASS, directory(**MIXED_CASE), says="to 1 host"),
    assumed("all there", PASS, directory()),
    declared("nothing", FAIL, directory(**NOTHING), says=OTHER, fix="delegation"),
    assumed("nothing", WARNING, directory(**NOTHING), says="meant to exchange", fix="delegation"),
    declared(
        "another host's", FAIL, directory(delegates_to=names(BOTH_SERVICES, HOST)), fix="delegation"
    ),
    declared("no cifs", FAIL, directory(**NO_FILES), says="and not cifs", fix="delegation"),
    assumed("no cifs", WARNING, directory(**NO_FILES), says="meant to exchange"),
    declared(
        "only cifs",
        FAIL,
        directory(delegates_to=names((FILE_SERVICE,), OTHER)),
        says="may not delegate live migration",
    ),
    declared("short form only", WARNING, directory(**SHORT), says="not documented"),
    declared("no short form", PASS, directory(**FULL), notes="short form"),
    declared(
        "Kerberos only",
        FAIL,
        directory(**KERBEROS_ONLY),
        says="Kerberos only",
        fix="delegation-protocol",
    ),
    # Active Directory itself says that the host is to send virtual machines.
    assumed("Kerberos only", FAIL, directory(**KERBEROS_ONLY), fix="delegation-protocol"),
    declared(
        "Kerberos only on 2012 R2",
        PASS,
        directory(
            **KERBEROS_ONLY,
            lost=gathered(OPERATING_SYSTEM, OperatingSystem(9600, "6.3.9600", "2012 R2")),
        ),
    ),
    declared("Kerberos only", FAIL, directory(**KERBEROS_ONLY, **NOTHING), fix="delegation"),
    declared(
        "any service",
        WARNING,
        directory(control=COMPUTER | TRUSTED, **NOTHING),
        says="to any service",
        fix="delegation-unconstrained",
    ),
    declared(
        "resource-based",
        WARNING,
        directory(**NOTHING, other={"acting": (SID,)}),
        says="resource-based delegation only",
        fix="delegation",
    ),
    declared(
        "resource-based of another",
        FAIL,
        directory(**NOTHING, other={"acting": (SID_OF_OTHER,)}),
        fix="delegation",
    ),
    declared(
        "resource-based by a group",
        WARNING,
        directory(**NOTHING, other={"acting": (A_GROUP,)}),
        says="cannot be shown",
    ),
    declared(
        "resource-based, unreadable",
        WARNING,
        directory(**NOTHING, other={"acting": None}),
        says="cannot be shown",
    ),
    declared(
        "not found",
        BLOCKED,
        directory(lost=gathered(DIRECTORY_ACCOUNT, DirectoryAccount(False, "HV01$"))),
        says="shows no account HV01$",
    ),
    declared("kept back", BLOCKED, directory(control=None, **NOTHING), says="userAccountControl"),
    declared(
        "directory silent", BLOCKED, directory(lost={DIRECTORY_ACCOUNT.name: failure(root="")})
    ),
    declared(
        "unreachable", BLOCKED, directory(lost={DIRECTORY_ACCOUNT.name: UNREACHABLE}), by="LM302"
    ),
    assumed("no directory", INAPPLICABLE, {}, says="no directory configured"),
    assumed("no directory", INAPPLICABLE, {"lost": {DIRECTORY_ACCOUNT.name: NO_DIRECTORY}}),
    declared(
        "CredSSP", INAPPLICABLE, {**directory(**NOTHING), "authentication": 0}, says="CredSSP"
    ),
    declared("no protocol", BLOCKED, {**directory(), "authentication": 7}, by="LM104"),
    assumed("in-cluster", INAPPLICABLE, {**directory(**NOTHING), **NODE}, says="cluster"),
    declared(
        "workgroup", INAPPLICABLE, {**directory(**NOTHING), "joined": False}, says="no domain"
    ),
    declared(
        "peer in a workgroup",
        INAPPLICABLE,
        {**directory(**NOTHING), "second": {"joined": False}},
        says="is in a domain",
    ),
    declared(
        "nodes of one cluster",
        INAPPLICABLE,
        {
            **directory(**NOTHING),
            **NODE,
            "also": {CLUSTER.name: Cluster("cl01", 1)},
            "second": {**NODE, "also": {CLUSTER.name: Cluster("CL01", 1)}},
        },
        {"migration_scope": "cross-host"},
        says="outside its own cluster",
    ),
    declared(
        "nodes of two clusters",
        FAIL,
        {
            **directory(**NOTHING),
            **NODE,
            "also": {CLUSTER.name: Cluster("cl01", 1)},
            "second": {**NODE, "also": {CLUSTER.name: Cluster("cl02", 1)}},
        },
        {"migration_scope": "cross-host"},
        fix="delegation",
    ),
    declared(
        "own cluster unread",
        BLOCKED,
        of_clusters(NOTHING, UNREAD_CLUSTER, Cluster("cl02", 1)),
        {"migration_scope": "cross-host"},
    ),
    declared(
        "cluster of the other unread",
        BLOCKED,
        of_clusters(NOTHING, Cluster("cl01", 1), UNREAD_CLUSTER),
        {"migration_scope": "cross-host"},
        says=OTHER,
    ),
    # Nothing is missing, and so it does not matter whose nodes they are.
    declared(
        "cluster unread, all there",
        PASS,
        of_clusters({}, UNREAD_CLUSTER, Cluster("cl02", 1)),
        {"migration_scope": "cross-host"},
    ),
    declared(
        "cluster unread, Kerberos only",
        FAIL,
        of_clusters({**NO_FILES, **KERBEROS_ONLY}, UNREAD_CLUSTER, Cluster("cl02", 1)),
        {"migration_scope": "cross-host"},
        fix="delegation-protocol",
    ),
    declared(
        "cluster unread, any service",
        WARNING,
        of_clusters({**NOTHING, "control": COMPUTER | TRUSTED}, UNREAD_CLUSTER, Cluster("cl02", 1)),
        {"migration_scope": "cross-host"},
        fix="delegation-unconstrained",
    ),
    declared(
        "nothing, both ways",
        FAIL,
        directory(**NOTHING, other=NOTHING),
        says=OTHER,
        fix="delegation",
    ),
    declared(
        "nothing, peer trusted for all",
        FAIL,
        directory(**NOTHING, other={"control": COMPUTER | TRUSTED, **NOTHING}),
    ),
    declared(
        "nothing, peer not shown", FAIL, directory(**NOTHING, other={"found": False, **NOTHING})
    ),
    Case("LM401", "alone", INAPPLICABLE, directory(**NOTHING), exchanges=frozenset({HOST})),
    declared(
        "not looked at",
        PASS,
        {**directory(), "listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))},
    ),
    assumed(
        "not looked at",
        PASS,
        {**directory(), "listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))},
        notes="1 host of its migration group was not looked at",
    ),
)

OTHERWISE = (
    Otherwise(
        "LM401",
        elsewhere=('return f"{len(hosts)} of',),
    ),
)
