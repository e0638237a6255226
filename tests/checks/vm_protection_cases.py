"""The verdict table's rows of protected virtual machines (LM704)."""

from __future__ import annotations

from typing import Any

from device_facts import NO_STORE, certificates, guardian, host_with, protected
from fact_builders import (
    HOST,
    NODE,
    OTHER,
    UNREACHABLE,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, STOPPED, WARNING, Case, Otherwise
from vm_facts import OFF, SAVED, Vm, with_machines

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host_guardian import GUARDIAN_CERTIFICATES, HOST_GUARDIAN
from livemigration.facts.identity import Listed

BOTH_HOSTS = frozenset({HOST, OTHER})
WEB, DB, ASLEEP, DOWN = (
    Vm("web01"),
    Vm("db01"),
    Vm("web01", enabled=SAVED),
    Vm("web01", enabled=OFF),
)
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
HGS, OTHER_HGS = "https://hgs.contoso.com/keyprotection", "https://other.contoso.com/keyprotection"
NO_LIST = {GUARDIAN_CERTIFICATES.name: failure(root="")}
NEITHER_READ = {each.name: failure(root="LM302") for each in (HOST_GUARDIAN, GUARDIAN_CERTIFICATES)}


def tpm(*machines: Vm, **more: Any) -> dict[str, Any]:
    return {"also": host_with(*machines, **protected(*machines, tpm=True), **more)}


def shielded(*machines: Vm, **more: Any) -> dict[str, Any]:
    rows = protected(*machines, tpm=True, shielded=True)
    return {"also": host_with(*machines, **rows, **more)}


def second(**also: Any) -> dict[str, Any]:
    return {"second": {"also": also}}


def nodes(given: dict[str, Any], **its: Any) -> dict[str, Any]:
    cluster = {CLUSTER.name: Cluster("cl01", None)}
    return {
        **NODE,
        "also": {**given["also"], **cluster},
        "second": {**NODE, "also": {**its, **cluster}},
    }


def case(row: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM704", row, state, given, **more)


GUARDED = shielded(WEB, **guardian(True, HGS))

CASES = (
    case(
        "unprotected",
        PASS,
        {"also": host_with(WEB)},
        says="1 virtual machine, and none that may run has a virtual TPM",
    ),
    case("unprotected", PASS, {"also": host_with(WEB, **protected(WEB))}, says="has a virtual TPM"),
    case("no machine", INAPPLICABLE, {"also": host_with()}, says="has no virtual machine"),
    case("no rights", BLOCKED, {"also": with_machines(workers=2)}, says="may not see"),
    case("vTPM, same certificates", PASS, tpm(WEB), says="from opening web01"),
    case("vTPM, more there", PASS, {**tpm(WEB), **second(**certificates("AA", "BB", "CC"))}),
    case("vTPM, nobody else", PASS, tpm(WEB, **NO_STORE), exchanges=frozenset({HOST})),
    case(
        "vTPM, lacking",
        WARNING,
        {**tpm(WEB), **second(**certificates("AA"))},
        says=f"web01 has a virtual TPM, and {OTHER} lacks certificates that this host has",
        fix="virtual-tpm-certificates",
        exchanges=BOTH_HOSTS,
    ),
    case(
        "vTPM, lacking",
        WARNING,
        nodes(tpm(WEB, DB), **certificates()),
        says="db01 has a vi",
        found=2,
    ),
    case("vTPM, lacking, assumed", WARNING, {**tpm(WEB), **second(**certificates())}, says=MEANT),
    case(
        "vTPM, list not read there",
        WARNING,
        {**tpm(WEB), **second(**NO_STORE)},
        says=f"whether {OTHER} has the certificates of this host is not known",
        fix="virtual-tpm-certificates",
    ),
    case(
        "vTPM, list not read there",
        WARNING,
        {**tpm(WEB), "other": NO_LIST},
        says="is not known",
    ),
    # The machine runs, so that its certificates are somewhere: the list was looked for elsewhere.
    case("vTPM, list not read here", WARNING, tpm(WEB, **certificates()), says="is not known"),
    case("vTPM, list not read here", WARNING, tpm(WEB, **NO_STORE), says="is not known"),
    case("vTPM, guardian not known", WARNING, tpm(WEB, **guardian(None)), says="is not known"),
    case("vTPM, guardian there", WARNING, {**tpm(WEB), **second(**guardian(True, HGS))}),
    case(
        "vTPM of a guarded host",
        PASS,
        {**tpm(WEB, **guardian(True, HGS)), **second(**guardian(True, HGS), **NO_STORE)},
    ),
    case(
        "vTPM of a guarded host, not guarded there",
        WARNING,
        tpm(WEB, **guardian(True, HGS)),
        says="whose keys the Host Guardian Service of this host keeps",
        fix="host-guardian",
        exchanges=BOTH_HOSTS,
    ),
    case("vTPM, off", PASS, tpm(DOWN, **NO_STORE), notes="web01 is protected; it is off or saved"),
    case("vTPM, off", PASS, {**tpm(ASLEEP), **second(**certificates())}, says="that may run has"),
    case("shielded, same service", PASS, {**GUARDED, **second(**guardian(True, HGS, OTHER_HGS))}),
    case(
        "shielded, not guarded there",
        FAIL,
        GUARDED,
        says=f"web01 is shielded, and {OTHER} is not guarded by the same Host Guardian Service.",
        fix="host-guardian",
        exchanges=BOTH_HOSTS,
    ),
    case("shielded, other service", FAIL, nodes(GUARDED, **guardian(True, OTHER_HGS))),
    case("shielded, not let in there", FAIL, nodes(GUARDED, **guardian(False, HGS))),
    case("shielded, not guarded there, assumed", WARNING, GUARDED, says=MEANT, fix="host-guardian"),
    case(
        "shielded, not known there",
        WARNING,
        nodes(GUARDED, **guardian(None)),
        says=f"whether {OTHER} is guarded by the same Host Guardian Service is not known",
        fix="host-guardian",
    ),
    case("shielded, not known there", WARNING, nodes(GUARDED, **guardian(True)), says="not known"),
    # It runs, though the service does not let the host in now.
    case("shielded, not let in here", FAIL, nodes(shielded(WEB, **guardian(False, HGS)))),
    # Without a service its owner's certificates open it, as they open a virtual TPM.
    case("shielded, kept here", PASS, shielded(WEB)),
    case("shielded, kept here", WARNING, {**shielded(WEB), **second(**certificates())}),
    case("shielded, off", PASS, shielded(DOWN, **guardian(True, HGS)), notes="off or saved"),
    case("vTPM, list not read here", WARNING, {**tpm(WEB), "lost": NO_LIST}, says="is not known"),
    case(
        "nobody is read",
        BLOCKED,
        {**tpm(WEB), "other": NEITHER_READ},
        by="LM302",
    ),
    case(
        "not looked at", WARNING, {**tpm(WEB), **UNSEEN, **second(**certificates())}, notes="hv03"
    ),
    case(
        "not looked at",
        BLOCKED,
        {**tpm(WEB), **UNSEEN},
        policy={"fail_on": "warning"},
        says="hv03.contoso.com",
    ),
    case("unread", BLOCKED, {**tpm(WEB), "lost": NEITHER_READ}, by="LM302"),
    case("unread, unprotected", PASS, {"also": host_with(WEB), "lost": NEITHER_READ}),
    case("unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    case("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

OTHERWISE = (
    Otherwise("LM704", behind=STOPPED, warned_unread=frozenset({GUARDIAN_CERTIFICATES.name})),
)
