"""Instances of Windows Firewall: the profiles, the rules with their filters.

The numbers are those of the cmdlets' enumerations; that WMI uses the same is inferred.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from livemigration.facts.firewall import RULE_SOURCE
from livemigration.lab.firewall import ALLOW, BLOCK, FROM_LOCAL, Rule
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row, Rows, SharedRows, has_2012_classes
from livemigration.lab.stock_rules import stock_rules
from livemigration.lab.world import World

_TRUE, _FALSE, _NOT_CONFIGURED = 1, 0, 2
_RULE_ON, _RULE_OFF = 1, 2
_LOCAL_RULES = {"unset": _NOT_CONFIGURED, "allowed": _TRUE, "ignored": _FALSE}
_CATEGORIES = {"public": 0, "private": 1, "domain": 2}


def _profiles(_world: World, host: FleetHost) -> list[Row]:
    return [
        {
            "AllowLocalFirewallRules": _LOCAL_RULES[host.firewall.local_rules],
            "DefaultInboundAction": ALLOW if host.firewall.inbound == "allow" else BLOCK,
            "Enabled": _TRUE if host.firewall.profiles == "on" else _FALSE,
            "Name": name,
        }
        for name in ("Domain", "Private", "Public")
    ]


def _connections(world: World, host: FleetHost) -> list[Row]:
    return [
        {"InterfaceAlias": name, "NetworkCategory": _CATEGORIES[world.profile(host, name)]}
        for name in dict.fromkeys((*host.addresses, *host.ipv6))
    ]


def _rule_row(rule: Rule) -> Row:
    return {
        "Action": rule.action,
        "Direction": rule.direction,
        "Enabled": _RULE_ON if rule.enabled else _RULE_OFF,
        "Profiles": rule.profiles,
    }


def _port_row(rule: Rule) -> Row:
    return {"LocalPort": rule.ports, "Protocol": rule.protocol}


def _address_row(rule: Rule) -> Row:
    return {"LocalAddress": rule.local, "RemoteAddress": rule.remote}


def _program_row(rule: Rule) -> Row:
    return {"AppPath": rule.program}


def _service_row(rule: Rule) -> Row:
    return {"ServiceName": rule.service}


_Maker = Callable[[World, FleetHost], list[Row] | None]


def _of_each_rule(row: Callable[[Rule], Row], *, active: bool = False) -> _Maker:
    def named(rule: Rule, source: int = FROM_LOCAL) -> Row:
        whence = {RULE_SOURCE: source} if row is _rule_row else {}
        return {"InstanceID": rule.name, **row(rule), **whence}

    @lru_cache(maxsize=32)
    def shared(number: int) -> SharedRows:
        return SharedRows(named(rule) for rule in stock_rules(number))

    def make(world: World, host: FleetHost) -> Rows:
        if active:
            merged = [named(*each) for each in world.active_firewall_rules(host)]
            local = host.firewall.local_rules != "ignored"
            return Rows(merged, shared(world.stock_rules(host)) if local else None)
        own = [named(rule) for rule in world.firewall_rules(host)]
        return Rows(own, shared(world.stock_rules(host)))

    return make


def _from_2012_on(maker: _Maker) -> _Maker:
    def make(world: World, host: FleetHost) -> list[Row] | None:
        return maker(world, host) if has_2012_classes(world, host) else None

    return make


_ROW_OF_A_RULE = {
    "MSFT_NetFirewallRule": _rule_row,
    "MSFT_NetProtocolPortFilter": _port_row,
    "MSFT_NetAddressFilter": _address_row,
    "MSFT_NetApplicationFilter": _program_row,
    "MSFT_NetServiceFilter": _service_row,
}
MAKERS = {
    name: _from_2012_on(maker)
    for name, maker in {
        "MSFT_NetFirewallProfile": _profiles,
        "MSFT_NetConnectionProfile": _connections,
        **{name: _of_each_rule(row) for name, row in _ROW_OF_A_RULE.items()},
    }.items()
}
# What the classes have in the active store, where they differ.
IN_ACTIVE_STORE = {
    name: _from_2012_on(_of_each_rule(row, active=True)) for name, row in _ROW_OF_A_RULE.items()
}
