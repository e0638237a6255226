"""Facts of one made-up fleet in which a case changes one thing, and the suite's own checks.

`hv01.contoso.com` has a management and a migration address. What is not said follows from the
rest: the listeners have sockets, and a probe of port 6600 opens exactly where a listener is.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from fact_parts import facts_with, local_addresses, network_row, probes_of
from healthy_facts import ASKED, Values, rest_of_host
from run_builders import entry_of

from livemigration.base.addresses import parse_address
from livemigration.facts import host as hosts
from livemigration.facts import migration, network, registry
from livemigration.facts import vmm as vmms
from livemigration.facts.clock import CLOCK
from livemigration.facts.directory import NO_DIRECTORY
from livemigration.facts.identity import Listed
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result
from livemigration.run.runner import evaluate
from livemigration.verdict.check import Check
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL

HOST = "hv01.contoso.com"
OTHER = "hv02.contoso.com"
VMM = "vmm01.contoso.com"

MANAGEMENT = "10.0.0.11"
MIGRATION = "10.0.50.11"
OF_OTHER = "10.0.0.12"
MANAGEMENT_SUBNET = "10.0.0.0/24"
MIGRATION_SUBNET = "10.0.50.0/24"

VMM_2012 = "3.0.6005.0"
VMM_2012_SP1 = "3.1.6011.0"
VMM_2012_R2 = "3.2.7510.0"
VMM_2022 = "10.22.1287.0"

REFUSED, TIMED_OUT = 10061, 10060
CONTROL = 5985
VMMS_PROCESS = 1000

Row = tuple[str, str]
ANY: tuple[Row, ...] = (("0.0.0.0/0", USER_MANAGED_ALL), ("::/0", USER_MANAGED_ALL))
ANY_V4, ANY_V6 = ANY[:1], ANY[1:]
ISOLATED: tuple[Row, ...] = ((MIGRATION_SUBNET, USER_MANAGED),)
BOTH: tuple[Row, ...] = ((MANAGEMENT_SUBNET, USER_MANAGED), (MIGRATION_SUBNET, USER_MANAGED))
ELSEWHERE: tuple[Row, ...] = ((MIGRATION_SUBNET, "Some.Other:Manager"),)
NONE: tuple[Row, ...] = ()

A: dict[str, Any] = {"release": VMM_2012_SP1}
B: dict[str, Any] = {"release": VMM_2022}
ON_MIGRATION: dict[str, Any] = {"networks": ISOLATED, "listeners": (MIGRATION,)}
ON_BOTH: dict[str, Any] = {"networks": BOTH, "listeners": (MANAGEMENT, MIGRATION)}

LOCAL = (f"{MANAGEMENT}/24", f"{MIGRATION}/24", "fe80::1/64", "::1/128", "127.0.0.1/8")
RUNNING = {"vmms": "Running", "SCVMMAgent": "Running"}
NODE = {"services": {**RUNNING, "ClusSvc": "Running"}}


def load_checks() -> dict[str, Check]:
    """Return the suite's checks by identifier, from the folder that pytest collects."""
    found: dict[str, Check] = {}
    for path in sorted((Path(__file__).parents[2] / "checks").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"suite_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        checks = [each for each in vars(module).values() if isinstance(each, Check)]
        found.update((each.identifier, each) for each in checks)
    return found


CHECKS = load_checks()


def failure(kind: FailureKind = FailureKind.FAULT, root: str = "LM302") -> NotGathered:
    """Return the outcome of a group that could not be gathered."""
    return NotGathered(GatherFailure(kind, "Reading it", "it failed", "Look there.", root, 5))


UNREACHABLE = failure(FailureKind.TIMED_OUT)
VMM_DOWN: dict[str, Outcome[Any]] = {
    group.name: failure(FailureKind.TIMED_OUT, "LM001") for group in registry.VMM_VIEW_GROUPS
}


def _rows(rows: Sequence[Row]) -> tuple[migration.MigrationNetwork, ...]:
    return tuple(network_row(subnet, tag) for subnet, tag in rows)


def _probes(
    listeners: Sequence[str], dns: Sequence[str], answers: Mapping[tuple[str, int], int]
) -> vmms.VmmProbes:
    open_ones = set(listeners)
    codes = {(each, 6600): 0 if each in open_ones else REFUSED for each in (*listeners, *dns)}
    codes.update({(each, CONTROL): 0 for each in dns})
    codes.update(answers)
    return vmms.VmmProbes(probes_of(codes))


def host_outcomes(
    *,
    name: str = HOST,
    networks: Sequence[Row] = ANY,
    listeners: Sequence[str] = (MANAGEMENT, MIGRATION),
    local: Sequence[str] = LOCAL,
    dns: Sequence[str] = (MANAGEMENT,),
    answers: Mapping[tuple[str, int], int] = {},
    sockets: Sequence[tuple[str, int]] | None = None,
    services: Mapping[str, str] = RUNNING,
    enabled: bool = True,
    authentication: int = migration.KERBEROS,
    joined: bool = True,
    guard: Sequence[int] = (),
    known_as: str = "",
    known: bool = True,
    perimeter: bool = False,
    wsman: tuple[bool, int | None, str] = (True, None, ""),
    maximum: int = 2,
    compression: bool | None = None,
    smb: bool | None = None,
    domain: str | None = None,
    answers_as: str | None = None,
    recorded: vmms.VmmHostSettings | None = None,
    cluster: str | None = None,
    also: Mapping[str, Any] = {},
) -> dict[str, Outcome[Any]]:
    """Return what became of each group of one host.

    A service's text is its state, then, where it is not Auto, its start mode: `Stopped, Disabled`.
    The machine gives its own name, that of `answers_as` where there is one; `domain` is its domain
    where it is not the name's. `also` holds the values of other groups by their names; what VMM
    recorded agrees with the host
    unless `recorded` says otherwise.
    """
    label, _, suffix = (answers_as or name).partition(".")
    listening = sockets if sockets is not None else [(each, VMMS_PROCESS) for each in listeners]
    dns_name = known_as or name
    values: Values = {
        hosts.HOST_ACCESS.name: (
            hosts.HostAccess(f"{name}, port 5985", "Microsoft Corporation", "OS: 6.2.9200"),
            Vantage.SUITE,
        ),
        hosts.DOMAIN_MEMBERSHIP.name: (
            hosts.DomainMembership(
                label.upper()[:15], domain or suffix or "contoso.com", joined, label
            ),
            Vantage.HOST,
        ),
        hosts.SERVICES.name: (
            hosts.Services(
                tuple(
                    hosts.Service(
                        each,
                        state.partition(", ")[0],
                        state.partition(", ")[2] or "Auto",
                        VMMS_PROCESS * (state == "Running" and each == "vmms"),
                    )
                    for each, state in services.items()
                )
            ),
            Vantage.HOST,
        ),
        migration.MIGRATION_SETTINGS.name: (
            migration.MigrationSettings(enabled, authentication, maximum, 2, compression, smb),
            Vantage.HOST,
        ),
        migration.MIGRATION_NETWORKS.name: (_rows(networks), Vantage.HOST),
        migration.LISTENERS.name: (
            migration.MigrationService(tuple(map(parse_address, listeners)), 0, 0),
            Vantage.HOST,
        ),
        network.LOCAL_ADDRESSES.name: (local_addresses(local), Vantage.HOST),
        network.LISTENING_SOCKETS.name: (
            tuple(network.ListeningSocket(parse_address(a), pid) for a, pid in listening),
            Vantage.HOST,
        ),
        hosts.DEVICE_GUARD.name: (hosts.DeviceGuard(tuple(guard)), Vantage.HOST),
        vmms.VMM_RECORD.name: (
            vmms.VmmRecord(
                known,
                dns_name,
                cluster,
                perimeter,
                recorded or _as_on_host(enabled, authentication, maximum, networks),
            ),
            Vantage.VMM,
        ),
        vmms.VMM_RESOLUTION.name: (
            vmms.VmmResolution(dns_name, tuple(map(parse_address, dns)), None if dns else 11001),
            Vantage.VMM,
        ),
        vmms.VMM_PROBES.name: (_probes(listeners, dns, answers), Vantage.VMM),
        vmms.VMM_WSMAN_TEST.name: (
            vmms.VmmWsmanTest(dns_name, CONTROL, *wsman),
            Vantage.VMM,
        ),
    }
    # What nobody asks for in the first step is not among the values of a healthy host.
    more = {group: (value, registry.GROUPS[group].vantage) for group, value in also.items()}
    made = _gathered(values) | _rest_gathered(tuple(local), tuple(dns)) | _gathered(more)
    return made | dict.fromkeys((each.name for each in registry.DIRECTORY_GROUPS), NO_DIRECTORY)


def _gathered(values: Values) -> dict[str, Outcome[Any]]:
    asked = {CLOCK.name: ASKED}
    return {
        group: Gathered(value, vantage, at=asked.get(group))
        for group, (value, vantage) in values.items()
    }


@cache
def _rest_gathered(local: tuple[str, ...], dns: tuple[str, ...]) -> dict[str, Outcome[Any]]:
    """Return the rest of a host, which is the same for most: nobody may change it."""
    return _gathered(rest_of_host(local, dns, "Ethernet"))


def _as_on_host(
    enabled: bool, authentication: int, maximum: int, networks: Sequence[Row]
) -> vmms.VmmHostSettings:
    return vmms.VmmHostSettings(
        enabled=enabled,
        maximum_migrations=maximum,
        maximum_storage_migrations=2,
        any_subnet=any(tag == USER_MANAGED_ALL for _, tag in networks),
        subnets=tuple(subnet for subnet, tag in networks if tag == USER_MANAGED),
        authentication={migration.CREDSSP: "CredSSP"}.get(authentication, "Kerberos"),
        performance=None,
    )


def vmm_outcomes(
    registry: str | None, server: str | None = None, **says: Any
) -> dict[str, Outcome[Any]]:
    """Return what became of each group of the VMM server; `says` is what else it states."""
    return {
        vmms.VMM_ACCESS.name: Gathered(
            vmms.VmmAccess(f"{VMM}, port 5985", "Microsoft Corporation", "OS: 6.2"), Vantage.SUITE
        ),
        vmms.VMM_RELEASE.name: Gathered(
            vmms.VmmRelease(registry, server, **{"answered_by": VMM, **says}), Vantage.VMM
        ),
    }


def run_facts(
    *,
    release: str | None = VMM_2012_SP1,
    server: str | None = None,
    lost: Mapping[str, Outcome[Any]] = {},
    vmm_lost: Mapping[str, Outcome[Any]] = {},
    other: Mapping[str, Outcome[Any]] = {},
    vmm_says: Mapping[str, Any] = {},
    listed: Sequence[Listed] = (),
    second: Mapping[str, Any] = {},
    **given: Any,
) -> RunFacts:
    """Return the facts of a run of two hosts.

    `lost` replaces groups of the first, `other` those of the second; `second` is what the second
    is made of; `listed` are the inventory's hosts, where they are not these two.
    """
    name = given.get("name", HOST)
    made: dict[str, Any] = {
        "name": OTHER,
        "local": (f"{OF_OTHER}/24",),
        "dns": (OF_OTHER,),
        "listeners": (OF_OTHER,),
        **second,
    }
    facts = facts_with(
        {
            name: {**host_outcomes(**given), **lost},
            made["name"]: {**host_outcomes(**made), **other},
        },
        VMM,
        {**vmm_outcomes(release, server, **vmm_says), **vmm_lost},
    )
    return replace(facts, listed=tuple(listed))


def judged(
    check: str,
    facts: RunFacts,
    policy: Mapping[str, Any] = {},
    exchanges: Exchanges = None,
    drain: DrainRequest | None = None,
) -> Result:
    """Return what the suite's own runner makes of a check of these facts."""
    found = CHECKS[check]
    target = next(iter(facts.hosts)) if found.target is Subject.HOST else VMM
    entry, demands = entry_of(found, target), Policy.model_validate(dict(policy))
    return evaluate(found, facts, entry, demands, exchanges=exchanges, drain=drain)


def all_lost(outcome: Outcome[Any]) -> dict[str, Outcome[Any]]:
    """Return this outcome for every group that is read from a host."""
    read_by_suite = (hosts.HOST_ACCESS, *registry.HOST_GROUPS)
    return {group.name: outcome for group in read_by_suite}


def without_hyperv_v2() -> dict[str, Outcome[Any]]:
    """Return the groups that Windows Server 2008 R2 does not have."""
    reason = Inapplicable("Windows build 7601 has no such class.")
    return {group.name: reason for group in registry.HOST_GROUPS if group.minimum_build > 7601}
