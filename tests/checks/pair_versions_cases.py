"""The verdict table's rows of configuration versions and builds (LM503)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    HOST,
    NODE,
    OTHER,
    UNREACHABLE,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case
from vm_facts import OFF, Vm, with_machines

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, OperatingSystem
from livemigration.facts.identity import Listed
from livemigration.facts.machine_values import PATCH_LEVEL, PatchLevel
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES

BOTH = frozenset({HOST, OTHER})
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
HIDDEN = with_machines(workers=1)
WS2012, WS2012R2, WS2016, WS2019, WS2022, WS2025 = 9200, 9600, 14393, 17763, 20348, 26100
STANDARD, DATACENTER, AZURE = 7, 8, 406


def system(
    build: int, *machines: Vm, sku: int | None = DATACENTER, patch: int | None = 1
) -> dict[str, Any]:
    """Return the groups of a host of a build, with these machines."""
    version = f"{'6.3' if build < WS2016 else '10.0'}.{build}"
    return {
        OPERATING_SYSTEM.name: OperatingSystem(build, version, "Windows Server", sku),
        PATCH_LEVEL.name: PatchLevel(patch),
        **with_machines(*machines),
    }


def pair(own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"also": own, "second": {"also": other}}


def vm(version: str, enabled: int = 2, name: str = "db01") -> Vm:
    return Vm(name, enabled, version=version)


def moves(build: int, other: int, *versions: str, **said: Any) -> dict[str, Any]:
    """Return a host of one build, and one of another with machines of these versions."""
    machines = (vm(each, name=f"vm{number}") for number, each in enumerate(versions))
    return pair(system(build), system(other, *machines, **said))


def in_cluster(own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    name = {CLUSTER.name: Cluster("cl01", None)}
    return {**NODE, "also": {**own, **name}, "second": {**NODE, "also": {**other, **name}}}


CASES = (
    Case("LM503", "in the set", PASS, {}, says="Windows build 9200 runs configuration versions 4"),
    Case(
        "LM503",
        "in the set",
        PASS,
        moves(WS2022, WS2019, "8.0", "8.3", "9.0"),
        says="runs configuration versions 8.0 to 10.0",
        exchanges=BOTH,
    ),
    # The floor rose: what 2012 R2 left behind runs on 2019, and does not start on 2022.
    Case(
        "LM503",
        "too old",
        FAIL,
        moves(WS2022, WS2019, "5.0", "9.0"),
        says="version 5.0 does not run on Windows build 20348 (it runs 8.0 to 10.0): vm0 of hv02",
        unsaid="vm1",
        fix="configuration-versions",
        exchanges=BOTH,
    ),
    Case("LM503", "too old", PASS, moves(WS2019, WS2016, "5.0"), exchanges=BOTH),
    Case(
        "LM503",
        "too new",
        FAIL,
        moves(WS2016, WS2019, "9.0"),
        says="vm0",
        fix="configuration-versions",
        exchanges=BOTH,
    ),
    # As numbers: as texts, 10.0 is below 9.0.
    Case("LM503", "too new", FAIL, moves(WS2019, WS2022, "10.0"), exchanges=BOTH),
    Case("LM503", "too new", PASS, moves(WS2016, WS2019, "8.0"), exchanges=BOTH),
    Case(
        "LM503",
        "two versions",
        FAIL,
        moves(WS2019, WS2022, "10.0", "9.2"),
        found=2,
        exchanges=BOTH,
    ),
    Case(
        "LM503",
        "nodes of a cluster",
        FAIL,
        in_cluster(system(WS2016), system(WS2019, vm("9.0"))),
        says="db01",
    ),
    Case("LM503", "rolling upgrade", PASS, in_cluster(system(WS2016), system(WS2019, vm("8.0")))),
    Case("LM503", "assumed", WARNING, moves(WS2016, WS2019, "9.0"), says=MEANT),
    Case(
        "LM503",
        "machine is off",
        PASS,
        pair(system(WS2016), system(WS2019, vm("9.0", OFF))),
        notes="Of virtual machines that are off: Configuration version 9.0 does not run",
        exchanges=BOTH,
    ),
    # What no source says never fails a host.
    Case(
        "LM503",
        "not published",
        WARNING,
        moves(WS2025, WS2025, "255.0"),
        says="Whether configuration version 255.0 runs on Windows build 26100",
        unsaid="meant to",
        fix="configuration-versions",
        exchanges=BOTH,
    ),
    Case(
        "LM503",
        "not published",
        WARNING,
        moves(WS2025, WS2025, ""),
        says="is not stated, and whether it runs on Windows build 26100",
    ),
    Case("LM503", "not published", WARNING, moves(WS2012, WS2012R2, "5.0"), exchanges=BOTH),
    Case("LM503", "2012 to 2012 R2", PASS, moves(WS2012R2, WS2012, "4.0"), exchanges=BOTH),
    Case("LM503", "between releases", PASS, moves(25398, WS2022, "10.0"), exchanges=BOTH),
    Case("LM503", "between releases", WARNING, moves(25398, WS2025, "12.0"), exchanges=BOTH),
    Case(
        "LM503",
        "wide gap",
        WARNING,
        moves(WS2022, WS2016, "8.0"),
        says=f"Windows build 20348 here, 14393 on {OTHER}: other releases lie between",
        unsaid="meant to",
        exchanges=BOTH,
    ),
    Case("LM503", "wide gap, assumed", PASS, moves(WS2022, WS2016), notes="other releases lie"),
    # One cause, one finding.
    Case("LM503", "wide gap", FAIL, moves(WS2022, WS2016, "5.0"), unsaid="lie", exchanges=BOTH),
    Case(
        "LM503",
        "another product",
        WARNING,
        moves(WS2022, WS2022, sku=AZURE),
        says="This host runs Windows Server; these run Azure Stack HCI or Azure Local",
        exchanges=BOTH,
    ),
    Case(
        "LM503",
        "another product",
        WARNING,
        pair(system(WS2022, sku=AZURE), system(WS2022)),
        says=f"these run Windows Server: {OTHER}",
        exchanges=BOTH,
    ),
    Case("LM503", "product not stated", PASS, moves(WS2022, WS2022, sku=None), exchanges=BOTH),
    Case("LM503", "another edition", PASS, moves(WS2022, WS2022, sku=STANDARD), exchanges=BOTH),
    Case(
        "LM503",
        "another patch level",
        PASS,
        moves(WS2022, WS2022, patch=2),
        notes=f"Another patch level: 20348.1 here, 20348.2 on {OTHER}",
        exchanges=BOTH,
    ),
    Case(
        "LM503",
        "patch level not stated",
        PASS,
        moves(WS2022, WS2022, patch=None),
        unsaid="patch",
        exchanges=BOTH,
    ),
    Case("LM503", "patch level unread", PASS, {"lost": {PATCH_LEVEL.name: failure(root="")}}),
    Case(
        "LM503",
        "machines not seen",
        BLOCKED,
        pair(system(WS2016), {**system(WS2019), **HIDDEN}),
        says=f"could not be read: {OTHER}",
        exchanges=BOTH,
    ),
    # Whatever they are, the same build runs them.
    Case("LM503", "machines not seen", PASS, {"second": {"also": HIDDEN}}, exchanges=BOTH),
    Case("LM503", "own machines not seen", BLOCKED, {"also": HIDDEN}, says="may not see"),
    Case(
        "LM503",
        "build unread",
        BLOCKED,
        {"other": {OPERATING_SYSTEM.name: failure(root="")}},
        says=f"What is needed of {OTHER} could not be read: Reading it",
        exchanges=BOTH,
    ),
    Case("LM503", "some not looked at", PASS, UNSEEN, notes="was not looked at: hv03"),
    Case("LM503", "some not looked at", BLOCKED, UNSEEN, {"fail_on": "warning"}, says="hv03"),
    Case("LM503", "no other host", INAPPLICABLE, {"second": {"name": "hv02.other.example"}}),
    Case("LM503", "domain unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case("LM503", "machines unread", BLOCKED, {"lost": {VIRTUAL_MACHINES.name: failure(root="")}}),
    Case("LM503", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM503", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
