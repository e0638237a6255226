"""The fixes of a report, carried out on a simulated fleet.

What a fix scripts is read from its own commands: what they give to Set-SCVMHost, to the cluster and
to the firewall. What a person does at a console is known here by the fix's key, as far as a fleet
file can express it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from livemigration.findings import Fix
from livemigration.fixes.options import VMM_OPTIONS
from livemigration.lab.fleet import SCOPE_WORDS, Fleet, FleetHost
from livemigration.lab.fleet_values import is_ipv6_network
from livemigration.repairs import repairs_of
from livemigration.results import Result

Change = dict[str, Any]

_SET = re.compile(r"Set-SCVMHost -VMHost \$vmHost (?P<rest>.*) \| Out-Null")
_ADMIT = re.compile(
    r"(?:New|Set)-NetFirewallRule .*-RemoteAddress (?P<scope>@\([^)]*\))(?: \| Out-Null)?"
)
_LIMIT = re.compile(r"\$cluster\.MaximumParallelMigrations = (\d+)")
_PARAMETER = re.compile(r"-(?P<name>\w+) (?P<value>@\([^)]*\)|\$\w+|'[^']*'|\d+)")
_TEXT = re.compile(r"'([^']*)'")
_LOOPBACK = re.compile(r"127\.\d+\.(.*)")


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
        name, fix = repair.target, repair.fix
        known = next((host for host in fleet.hosts if host.name == name), None)
        change = _change(known, fix) if known is not None else None
        limit = _cluster_limit(fix)
        if known is None or (change is None and limit is None):
            left[f"{name}: {fix.summary} A person must do this."] = None
            continue
        hosts[name].update(change or {})
        if limit is not None and known.cluster is not None:
            document["clusters"][known.cluster]["maximum_parallel_migrations"] = limit
        done[f"{name}: {fix.summary}"] = None
    return Mended(Fleet.model_validate(document), tuple(done), tuple(left))


def _cluster_limit(fix: Fix) -> int | None:
    found = (_LIMIT.fullmatch(line) for line in fix.commands)
    return next((int(match[1]) for match in found if match is not None), None)


def _change(host: FleetHost, fix: Fix) -> Change | None:
    """Return the fields of the host that a fix changes; None where nothing here knows how."""
    scripted: Change = {}
    for line in fix.commands:
        if match := _SET.fullmatch(line):
            for parameter in _PARAMETER.finditer(match["rest"]):
                scripted |= _PARAMETERS[parameter["name"]](parameter["value"])
        if match := _ADMIT.fullmatch(line):
            scripted |= _firewall(host, match["scope"])
    if scripted:
        return scripted
    by_hand = _BY_HAND.get(fix.key)
    return by_hand(host) if by_hand is not None else None


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
        if match := _LOOPBACK.fullmatch(text):
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


def _running(name: str) -> Callable[[FleetHost], Change]:
    return lambda host: {"services": {**host.services, name: "Running"}}


def _choose_networks(host: FleetHost) -> Change | None:
    """Return every network of the host; None where it has an address in each that it names."""
    if not isinstance(host.networks, str) and set(host.networks) <= set(host.addresses):
        return None
    return {"networks": tuple(host.addresses), "any_rows": None, "tags": ()}


def _isolate(host: FleetHost) -> Change | None:
    networks = tuple(name for name in host.addresses if name != "management")
    return {"networks": networks, "half_any": None, "any_rows": None} if networks else None


def _as_on_host(host: FleetHost) -> Change:
    """VMM reads the host again: what it knew of the settings is gone."""
    kept = {"name", "cluster", "perimeter"}
    return {"record": host.record.model_dump(include=kept, exclude_defaults=True)}


_BY_HAND: Mapping[str, Callable[[FleetHost], Change | None]] = {
    "run-vmms": _running("vmms"),
    "run-vmm-agent": _running("SCVMMAgent"),
    "dns-record": lambda _: {"dns": None},
    "dns-registration": lambda _: {"dns": None},
    "wsman-access": lambda _: {"down": None, "access": "granted"},
    # The port, or the address that the name stands for.
    "wsman-from-vmm": lambda _: {"control": "open", "dns": None},
    "control-path": lambda _: {"control": "open"},
    "port-6600-taken": lambda _: {"port_owner": None},
    "listener-missing": lambda _: {"closed": (), "no_listener": False},
    "address-in-migration-subnets": _choose_networks,
    "choose-networks": _choose_networks,
    "isolate-networks": _isolate,
    "refresh-record": _as_on_host,
    "missing-record": _as_on_host,
    "hyper-v-rights": lambda _: {"migration_answer": 0},
    "migration-service": lambda _: {"migration_answer": 0},
    # Without commands it is the way into a domain.
    "authentication": lambda _: {"workgroup": False, "authentication": 1},
}
