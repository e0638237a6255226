"""What a person does at a console by a fix's steps, as far as a fleet file can express it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livemigration.lab.fleet import FleetHost
from livemigration.verdict.findings import Fix

Change = dict[str, Any]
ByHand = Callable[[FleetHost, Fix], Change | None]

# Of an address or a subnet of the lab, without the octet that the lab chooses.
LOOPBACK = re.compile(r"127\.\d+\.(.*)")
_NAMED = re.compile(r"\b127\.\d+\.(\d+\.\d+(?:/\d+)?)")
_GONE = re.compile(r"\b(?:remove|keep) (?P<addresses>.+) (?:from|out of) the name ", re.IGNORECASE)


def _words(fix: Fix) -> str:
    return "\n".join((fix.summary, *fix.console))


def _addresses(text: str) -> tuple[str, ...]:
    """Return the addresses that a text names, without their subnets' lengths."""
    return tuple(dict.fromkeys(each.partition("/")[0] for each in _NAMED.findall(text)))


def _subnets(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in _NAMED.findall(text) if "/" in each))


def _on_networks(host: FleetHost, addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the networks in which the host has these addresses."""
    named = set(addresses)
    return tuple(name for name, each in host.addresses.items() if each in named)


def _running(name: str) -> ByHand:
    return lambda host, _: {"services": {**host.services, name: "Running"}}


def _dns(host: FleetHost, fix: Fix) -> Change:
    """Return the host's records once those that the fix names are gone, the right one first."""
    found = _GONE.search(fix.summary)
    gone = _addresses(found["addresses"]) if found is not None else ()
    now = (host.management,) if host.dns is None else host.dns
    added = () if fix.summary.startswith(("Remove", "Keep")) else (host.management,)
    after = tuple(each for each in dict.fromkeys((*added, *now)) if each not in gone)
    return {"dns": None if after == (host.management,) else (after or "none")}


def _listener(host: FleetHost, fix: Fix) -> Change:
    """Return the listeners that the fix names as open again; the list itself where it names none.

    A list that lacks an address which is named was lost as a whole.
    """
    back = _on_networks(host, _addresses(_words(fix)))
    closed = tuple(each for each in host.closed if each not in back)
    return {"closed": closed if back else host.closed, "no_listener": False}


def _choose_networks(host: FleetHost, fix: Fix) -> Change | None:
    """Return the networks in which the fix names an address of the host; None where it names none.

    None as well where the host has an address in each network that it selects already.
    """
    if not isinstance(host.networks, str) and set(host.networks) <= set(host.addresses):
        return None
    return _networks(host, fix, tuple(host.addresses))


def _isolate(host: FleetHost, fix: Fix) -> Change | None:
    return _networks(host, fix, tuple(name for name in host.addresses if name != "management"))


def _networks(host: FleetHost, fix: Fix, wanted: Iterable[str]) -> Change | None:
    text = _words(fix)
    subnets = [each.rpartition(".")[0] for each in _subnets(text)]
    named = set(_on_networks(host, _addresses(text)))
    named |= {n for n, each in host.addresses.items() if each.rpartition(".")[0] in subnets}
    chosen = tuple(name for name in wanted if name in named)
    if not chosen:
        return None
    return {"networks": chosen, "half_any": None, "any_rows": None, "tags": ()}


def _other_family(host: FleetHost, fix: Fix) -> Change | None:
    named = _on_networks(host, _addresses(_words(fix)))
    return {"half_any": None, "any_rows": None} if set(named) == set(host.addresses) else None


def _as_on_host(host: FleetHost, _: Fix) -> Change:
    """VMM reads the host again: what it knew of the settings is gone."""
    kept = {"known", "name", "cluster", "perimeter"}
    return {"record": host.record.model_dump(include=kept, exclude_defaults=True)}


def _listed(host: FleetHost, _: Fix) -> Change:
    """VMM lists the host to the suite's account; what it has of the host stays."""
    return {"record": host.record.model_dump(exclude={"known"}, exclude_defaults=True)}


def _suite_gets_in(host: FleetHost, fix: Fix) -> Change | None:
    """Return the host up, or open to the suite's account, whichever the fix speaks of."""
    text = _words(fix)
    if re.search("account of this run access|account accepted", text):
        return {"access": "granted"} if host.access != "granted" else None
    return {"down": None} if host.down is not None else None


def _authentication(_: FleetHost, fix: Fix) -> Change | None:
    """Return the protocol that the fix names; what it scripts was read from its commands."""
    if "Join the host to a domain" in _words(fix):
        return {"workgroup": False, "authentication": 1}
    if "select Kerberos" in _words(fix):
        return {"authentication": 1}
    return {"authentication": 0} if "Select CredSSP" in _words(fix) else None


BY_HAND: Mapping[str, ByHand] = {
    "run-vmms": _running("vmms"),
    "run-vmm-agent": _running("SCVMMAgent"),
    "dns-record": _dns,
    "dns-registration": _dns,
    "wsman-access": _suite_gets_in,
    "wsman-from-vmm": lambda *_: {"control": "open"},
    "control-path": lambda *_: {"control": "open"},
    "port-6600-taken": lambda *_: {"port_owner": None},
    "listener-missing": _listener,
    "address-in-migration-subnets": _choose_networks,
    "address-family": _other_family,
    "choose-networks": _choose_networks,
    "isolate-networks": _isolate,
    "refresh-record": _as_on_host,
    "missing-record": _listed,
    "hyper-v-rights": lambda *_: {"migration_answer": 0},
    "migration-service": lambda *_: {"migration_answer": 0},
    "authentication": _authentication,
}
