"""The facts of a firewall, for the cases about it; what is not said is as Hyper-V sets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fact_builders import (
    MANAGEMENT,
    MIGRATION,
    ON_MIGRATION,
    TIMED_OUT,
)
from fact_parts import gathered, local_addresses, routes_by
from healthy_facts import RULE, VMMS_PROGRAM

from livemigration.facts import firewall, firewall_filters
from livemigration.facts.firewall import ALLOW, BLOCK
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES

# From VMM nothing is seen, so that the rules decide.
SILENT: dict[str, Any] = {
    **ON_MIGRATION,
    "answers": {(MIGRATION, 6600): TIMED_OUT, (MANAGEMENT, 6600): TIMED_OUT},
}
PRIVATE_BIT = 2


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of these rules; what is not said is as the Hyper-V role sets it."""
    made = [
        {
            "name": RULE,
            "enabled": True,
            "action": ALLOW,
            "profiles": 0,
            "protocol": "TCP",
            "ports": ("6600",),
            "local": ("Any",),
            "remote": ("Any",),
            "program": VMMS_PROGRAM,
            "service": "vmms",
            **each,
        }
        for each in given
    ]
    return {
        firewall.FIREWALL_RULES.name: tuple(
            firewall.FirewallRule(r["name"], r["enabled"], r["action"], r["profiles"]) for r in made
        ),
        firewall_filters.FIREWALL_PORTS.name: tuple(
            firewall_filters.PortFilter(r["name"], r["protocol"], r["ports"]) for r in made
        ),
        firewall_filters.FIREWALL_ADDRESSES.name: tuple(
            firewall_filters.AddressFilter(r["name"], r["local"], r["remote"]) for r in made
        ),
        firewall_filters.FIREWALL_PROGRAMS.name: tuple(
            firewall_filters.ProgramFilter(r["name"], r["program"]) for r in made
        ),
        firewall_filters.FIREWALL_SERVICES.name: tuple(
            firewall_filters.ServiceFilter(r["name"], r["service"]) for r in made
        ),
    }


def seen(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a host whose rules decide, and that has these."""
    return {**SILENT, "also": rules(*given), **more}


def other(routes: Sequence[tuple[str, str]], *local: str) -> dict[str, Any]:
    """Return the addresses of the other host, and its routes by their gateways."""
    own = gathered(LOCAL_ADDRESSES, local_addresses(local))
    return {"other": {**own, **gathered(ROUTES, routes_by(routes))}}


NEAR, FAR = "10.0.0.12/24", "10.0.51.12/24"
BY_WEST = (("10.0.50.0/24", "10.0.51.254"), ("0.0.0.0/0", "10.0.0.1"))
BY_MANAGEMENT = (("10.0.50.0/24", "10.0.0.1"),)


def profiles(
    *, enabled: bool | None = True, action: int = BLOCK, local_rules: bool | None = None
) -> dict[str, Any]:
    return {
        firewall.FIREWALL_PROFILES.name: tuple(
            firewall.FirewallProfile(name, enabled, action, local_rules)
            for name in ("Domain", "Private", "Public")
        )
    }


def on(also: dict[str, Any], *given: dict[str, Any]) -> dict[str, Any]:
    return {**SILENT, "also": {**also, **rules(*given)}}


BLOCKS = {"name": "Site-Block", "action": BLOCK, "program": "Any", "service": "Any"}
WIDE = {"protocol": "Any", "ports": ("Any",), "program": "Any", "service": "Any"}
HELD = {"enabled": False, "listeners": ()}
UNSURE_PROFILE = {firewall.CONNECTION_PROFILES.name: (firewall.ConnectionProfile("Ethernet", 7),)}
ONE_IGNORES = {
    firewall.FIREWALL_PROFILES.name: (
        firewall.FirewallProfile("Domain", True, ALLOW, False),
        firewall.FirewallProfile("Private", True, ALLOW, None),
        firewall.FirewallProfile("Public", False, BLOCK, None),
    )
}
PUBLIC = {firewall.CONNECTION_PROFILES.name: (firewall.ConnectionProfile("ETHERNET", 0),)}
