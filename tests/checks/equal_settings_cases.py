"""The verdict table's rows of settings that are the same on hosts that exchange VMs (LM504)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    HOST,
    ISOLATED,
    MIGRATION,
    NODE,
    OTHER,
    RUNNING,
    UNREACHABLE,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.adapters import ADAPTER_RDMA, INTERFACE_MTUS, AdapterRdma, InterfaceMtu
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.identity import Listed
from livemigration.facts.migration import CREDSSP, KERBEROS, MIGRATION_SETTINGS
from livemigration.inventory.exchanging import Outside

BOTH_HOSTS = frozenset({HOST, OTHER})
NOTHING_RUNS: dict[str, Any] = {"services": RUNNING}
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
COMPRESSION: dict[str, Any] = {"compression": True, "smb": False}
SMB: dict[str, Any] = {"compression": False, "smb": True}


def second(**made: Any) -> dict[str, Any]:
    return {"second": made}


def nodes(
    own: str | None = "cl01", its: str | None = "CL01", **its_settings: Any
) -> dict[str, Any]:
    """Return two nodes of these clusters, of which the second has these settings."""
    theirs = {"also": {CLUSTER.name: Cluster(its, None)}, **(NODE if its else NOTHING_RUNS)}
    return {
        **NODE,
        "also": {CLUSTER.name: Cluster(own, None)},
        "second": {**theirs, **its_settings},
    }


def adapters(mtu: int, *, rdma: bool = False, its: bool = False) -> dict[str, Any]:
    """Return what hosts have of the adapter of both subnets; `its`: of the other host."""
    found: dict[str, Any] = {
        INTERFACE_MTUS.name: tuple(InterfaceMtu("ETHERNET", v, mtu) for v in (4, 6)),
        ADAPTER_RDMA.name: (AdapterRdma("ethernet", rdma),),
    }
    return {"second": {"also": found}} if its else {"also": found}


def settings_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the second host with these adapters, which sends over SMB."""
    return {"second": {**facts["second"], **SMB}}


NO_MTU = {"also": {INTERFACE_MTUS.name: (InterfaceMtu("Loopback", 4, 2**32 - 1),)}}
ELSEWHERE: dict[str, Any] = {"networks": ISOLATED, "listeners": (MIGRATION,)}
WITH_CREDSSP = second(authentication=CREDSSP)
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"

CASES = (
    Case("LM504", "equal", PASS, {}, says=f"The same as on {OTHER}: authentication Kerberos"),
    Case(
        "LM504",
        "equal",
        PASS,
        {**COMPRESSION, **B, **second(**COMPRESSION), "authentication": KERBEROS},
        says="authentication Kerberos and performance option Compression",
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "authentication, declared",
        FAIL,
        {"authentication": CREDSSP},
        says=f"with CredSSP, {OTHER} with Kerberos",
        unsaid="meant to exchange",
        fix="authentication",
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "authentication, declared",
        FAIL,
        WITH_CREDSSP,
        says=f"with Kerberos, {OTHER} with CredSSP",
        fix="one-protocol",
        exchanges=BOTH_HOSTS,
    ),
    # The policy's protocol is the one to have; a workgroup can have no Kerberos.
    Case(
        "LM504",
        "authentication, declared",
        FAIL,
        WITH_CREDSSP,
        {"authentication": "credssp"},
        fix="one-protocol",
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "authentication, declared",
        FAIL,
        {"authentication": CREDSSP, **second(joined=False, domain="WORKGROUP")},
        fix="one-protocol",
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "authentication, declared",
        FAIL,
        {"authentication": 7},
        says="with AuthenticationType 7",
        fix="authentication",
        exchanges=BOTH_HOSTS,
    ),
    Case("LM504", "authentication, assumed", WARNING, WITH_CREDSSP, says=MEANT),
    Case(
        "LM504",
        "authentication, assumed",
        WARNING,
        {"authentication": CREDSSP},
        says=MEANT,
        fix="authentication",
    ),
    # A group that leaves the other host out is taken at its word.
    Case(
        "LM504", "no other host", INAPPLICABLE, WITH_CREDSSP, exchanges=frozenset({HOST}), says="No"
    ),
    # And so is the group of the other host, which leaves this one out.
    Case(
        "LM504",
        "no other host",
        INAPPLICABLE,
        WITH_CREDSSP,
        exchanges=Outside(frozenset({OTHER})),
        says="No other host",
    ),
    Case(
        "LM504",
        "no other host",
        INAPPLICABLE,
        {**UNSEEN, **WITH_CREDSSP},
        exchanges=Outside(frozenset({OTHER, "hv03.contoso.com"})),
        says="No other host",
    ),
    Case(
        "LM504",
        "authentication, assumed",
        WARNING,
        {**UNSEEN, **WITH_CREDSSP},
        exchanges=Outside(frozenset({"hv03.contoso.com"})),
        says=MEANT,
        unsaid="hv03",
    ),
    Case(
        "LM504", "no other host", INAPPLICABLE, second(name="hv02.other.example"), says="No other"
    ),
    Case("LM504", "no other host", INAPPLICABLE, {"other": without_hyperv_v2()}, says="No other"),
    Case(
        "LM504",
        "workgroup",
        INAPPLICABLE,
        {"joined": False, **second(joined=False, authentication=CREDSSP)},
        says="No other",
    ),
    Case("LM504", "in-cluster", PASS, nodes(authentication=CREDSSP), unsaid="authentication"),
    Case(
        "LM504",
        "in-cluster",
        WARNING,
        {**nodes(authentication=CREDSSP, **SMB), **COMPRESSION},
        unsaid="CredSSP",
        says="Compression here, SMB on",
    ),
    Case("LM504", "another cluster", INAPPLICABLE, nodes(its="cl02", authentication=CREDSSP)),
    Case("LM504", "a host in no cluster", INAPPLICABLE, nodes(its=None, authentication=CREDSSP)),
    Case(
        "LM504",
        "a host in no cluster",
        WARNING,
        nodes(its=None, authentication=CREDSSP),
        {"migration_scope": "cross-host"},
        says=MEANT,
    ),
    Case(
        "LM504",
        "another cluster, declared",
        FAIL,
        nodes(its="cl02", authentication=CREDSSP),
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "in-cluster by the policy",
        INAPPLICABLE,
        nodes(its="cl02", authentication=CREDSSP),
        {"migration_scope": "in-cluster"},
        exchanges=BOTH_HOSTS,
    ),
    # Whether both are nodes of one cluster decides, and was not read.
    Case(
        "LM504",
        "cluster not known",
        BLOCKED,
        {**nodes(authentication=CREDSSP), "other": {CLUSTER.name: failure(root="")}},
        says=OTHER,
        exchanges=BOTH_HOSTS,
    ),
    Case("LM504", "cluster not known", BLOCKED, {**NODE, **WITH_CREDSSP}, says="shows no cluster"),
    Case(
        "LM504",
        "performance option",
        WARNING,
        {**COMPRESSION, **second(**SMB)},
        says=f"Compression here, SMB on {OTHER}",
        exchanges=BOTH_HOSTS,
    ),
    Case(
        "LM504",
        "performance option",
        WARNING,
        {**COMPRESSION, **second(compression=False, smb=False)},
        says=MEANT,
    ),
    # Windows Server 2012 has no such option.
    Case("LM504", "performance option", PASS, {**COMPRESSION}, unsaid="Compression"),
    Case("LM504", "performance option", PASS, second(**SMB), unsaid="SMB"),
    Case(
        "LM504",
        "MTU",
        WARNING,
        adapters(9000),
        says=f"The MTU is 9000 here and 1500 on {OTHER}, on 10.0.0.0/24.",
        unsaid="meant",
        exchanges=BOTH_HOSTS,
    ),
    Case("LM504", "MTU", WARNING, adapters(9000, its=True), says=MEANT),
    Case("LM504", "MTU", PASS, {**adapters(9000), **adapters(9000, its=True)}),
    # Another subnet, a host that does not say, and one that listens nowhere.
    Case("LM504", "MTU", PASS, {**ELSEWHERE, **adapters(9000)}),
    Case("LM504", "MTU", PASS, NO_MTU),
    Case("LM504", "MTU", PASS, {**adapters(9000), **second(listeners=())}),
    Case(
        "LM504",
        "MTU inside a cluster",
        WARNING,
        {**nodes(also={CLUSTER.name: Cluster("cl01", None), **adapters(9000)["also"]})},
        says="1500 here and 9000 on",
    ),
    Case(
        "LM504",
        "adapters of the other unread",
        PASS,
        {"other": {INTERFACE_MTUS.name: failure(root="")}},
        notes=f"adapters could not be read: {OTHER}",
    ),
    Case("LM504", "adapters unread", BLOCKED, {"lost": {INTERFACE_MTUS.name: failure()}}),
    Case(
        "LM504",
        "adapters unread",
        BLOCKED,
        {**COMPRESSION, **second(**SMB), "lost": {ADAPTER_RDMA.name: failure()}},
        says="Compression here",
    ),
    Case(
        "LM504",
        "RDMA",
        PASS,
        {**SMB, **adapters(1500, rdma=True), **second(**SMB)},
        notes=f"On 10.0.0.0/24, RDMA is on here and not on {OTHER}",
    ),
    Case(
        "LM504",
        "RDMA",
        PASS,
        {**SMB, **settings_of(adapters(1500, rdma=True, its=True))},
        notes=f"not on here, and on {OTHER} it is",
    ),
    Case(
        "LM504",
        "RDMA",
        PASS,
        {**SMB, **adapters(1500, rdma=True), **settings_of(adapters(1500, rdma=True, its=True))},
        unsaid="RDMA",
    ),
    # Without SMB, RDMA carries nothing.
    Case("LM504", "RDMA", PASS, adapters(1500, rdma=True), unsaid="RDMA"),
    Case("LM504", "some not looked at", PASS, UNSEEN, notes="not looked at: hv03.contoso.com"),
    Case(
        "LM504",
        "some not looked at",
        INAPPLICABLE,
        {**UNSEEN, **second(name="hv02.other.example")},
        says="2 hosts of its migration group were not looked at",
        notes="not looked at: hv02.contoso.com and hv03.contoso.com",
    ),
    Case("LM504", "some not looked at", BLOCKED, UNSEEN, {"fail_on": "warning"}, says="hv03"),
    Case(
        "LM504",
        "settings unread",
        BLOCKED,
        {"other": {MIGRATION_SETTINGS.name: failure(root="")}},
        says=OTHER,
    ),
    Case("LM504", "settings unread", BLOCKED, {"other": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM504", "domain unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case("LM504", "services unread", BLOCKED, {"lost": {SERVICES.name: failure()}}),
    Case("LM504", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM504", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
