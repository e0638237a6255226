"""The fixes of a report, carried out on a simulated fleet.

What a fix scripts is read from its own commands: what they give to Set-SCVMHost, to the cluster and
to the firewall. What a person does at a console is known here by the fix's key, as far as a fleet
file can express it; which addresses and networks it is done to is read from the fix's own words,
so that nothing is repaired of which the report says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from livemigration.lab.by_cluster import of_cluster, of_roles
from livemigration.lab.by_hand import BY_HAND, LOOPBACK, Change
from livemigration.lab.fleet import Fleet, FleetHost
from livemigration.lab.fleet_values import SCOPE_WORDS, is_ipv6_network
from livemigration.run.repairs import repairs_of
from livemigration.run.result import Result
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.options import VMM_OPTIONS

_SET = re.compile(r"Set-SCVMHost -VMHost \$vmHost (?P<rest>.*) \| Out-Null")
_ADMIT = re.compile(
    r"(?:New|Set)-NetFirewallRule .*-RemoteAddress (?P<scope>@\([^)]*\))(?: \| Out-Null)?"
)
_PARAMETER = re.compile(r"-(?P<name>\w+) (?P<value>@\([^)]*\)|\$\w+|'[^']*'|\d+)")
_TEXT = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Mended:
    """The fleet afterwards; what was done and what was left, a sentence each."""

    fleet: Fleet
    done: tuple[str, ...]
    left: tuple[str, ...]


def apply(fleet: Fleet, results: Iterable[Result]) -> Mended:
    """Return the fleet as it is once every repair was carried out."""
    document = fleet.model_dump(mode="json", exclude_defaults=True)
    hosts = {host["name"]: host for host in document["hosts"]}
    done: dict[str, None] = {}
    left: dict[str, None] = {}
    for repair in repairs_of(results):
        name = repair.target
        known = next((host for host in fleet.hosts if host.name == name), None)
        for fix in repair.fixes:
            # After an earlier repair the host is another one.
            host = FleetHost.model_validate(hosts[name]) if known is not None else None
            change = _change(host, fix) if host is not None else None
            of_its = of_cluster(Fleet.model_validate(document), host, fix) if host else {}
            if host is None or (change is None and not of_its):
                left[f"{name}: {fix.summary} A person must do this."] = None
                continue
            hosts[name].update(change or {})
            if host.cluster is not None:
                document["clusters"][host.cluster].update(of_its)
            done[f"{name}: {fix.summary}"] = None
    return Mended(Fleet.model_validate(document), tuple(done), tuple(left))


def _change(host: FleetHost, fix: Fix) -> Change | None:
    """Return the fields of the host that a fix changes; None where nothing here knows how."""
    scripted = of_roles(host, fix.commands)
    for line in fix.commands:
        if match := _SET.fullmatch(line):
            for parameter in _PARAMETER.finditer(match["rest"]):
                scripted |= _PARAMETERS[parameter["name"]](parameter["value"])
        if match := _ADMIT.fullmatch(line):
            scripted |= _firewall(host, match["scope"])
    if scripted:
        return scripted
    by_hand = BY_HAND.get(fix.key)
    return by_hand(host, fix) if by_hand is not None else None


def _truth(value: str) -> bool:
    return value.casefold() == "$true"


def _any_subnet(value: str) -> Change:
    if not _truth(value):
        return {}
    return {"networks": "any", "half_any": None, "any_rows": None, "tags": ()}


def _of_lab(value: str) -> tuple[str, ...]:
    """Return addresses or subnets; the lab chooses their second octet, so it is left out."""
    found = []
    for text in _TEXT.findall(value):
        if match := LOOPBACK.fullmatch(text):
            found.append(match[1])
        elif is_ipv6_network(text):
            found.append(text)
    return tuple(found)


def _subnets(value: str) -> Change:
    return {"networks": _of_lab(value), "half_any": None, "any_rows": None, "tags": ()}


def _firewall(host: FleetHost, value: str) -> Change:
    words = tuple(each for each in _TEXT.findall(value) if each in SCOPE_WORDS)
    kept = host.firewall.model_dump(mode="json", exclude={"rule", "scope"}, exclude_defaults=True)
    return {"firewall": {**kept, "scope": (*words, *_of_lab(value))}}


def _performance(value: str) -> Change:
    names = {name: option for option, name in VMM_OPTIONS.items()}
    return {"performance": names[value.strip("'")]}


_PARAMETERS: Mapping[str, Callable[[str], Change]] = {
    "EnableLiveMigration": lambda value: {"enabled": _truth(value)},
    "UseAnyMigrationSubnet": _any_subnet,
    "MigrationSubnet": _subnets,
    "MigrationAuthProtocol": lambda value: {"authentication": 1 if "Kerberos" in value else 0},
    "LiveMigrationMaximum": lambda value: {"maximum_migrations": int(value)},
    "MigrationPerformanceOption": _performance,
}
