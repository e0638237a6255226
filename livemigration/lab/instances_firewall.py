"""Instances of Windows Firewall: the profiles, a few rules with their filters.

The numbers are those of the cmdlets' enumerations; that WMI uses the same is inferred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livemigration.lab.fleet import CONTROL_PORT, LISTENER_PORT
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row, has_2012_classes
from livemigration.lab.world import World

_TRUE, _FALSE, _NOT_CONFIGURED = 1, 0, 2
_RULE_ON, _RULE_OFF = 1, 2
_ALLOW, _BLOCK = 2, 4
_INBOUND = 1
_LOCAL_RULES = {"unset": _NOT_CONFIGURED, "allowed": _TRUE, "ignored": _FALSE}
_PUBLIC, _DOMAIN = 0, 2
_ANY = ("Any",)
# windows-facts.md 3.2; the blocking rule's name is the lab's own.
MIGRATION_RULE = "VIRT-MIGL-In-TCP-NoScope"
BLOCKING_RULE = "Block-Live-Migration"
_VMMS = r"%systemroot%\system32\vmms.exe"


@dataclass(frozen=True)
class _Rule:
    name: str
    port: int
    enabled: bool = True
    action: int = _ALLOW
    program: str = "Any"
    service: str = "Any"
    remote: tuple[str, ...] = _ANY


def _rules(world: World, host: FleetHost) -> list[_Rule]:
    kind = host.firewall.rule
    found = [_Rule("WINRM-HTTP-In-TCP", CONTROL_PORT, program="System")]
    if kind not in {"missing", "group-policy"}:
        found.append(
            _Rule(
                MIGRATION_RULE,
                LISTENER_PORT,
                enabled=kind != "disabled",
                program=_VMMS,
                service="vmms",
                remote=world.scope_texts(host),
            )
        )
    if kind == "block":
        found.append(_Rule(BLOCKING_RULE, LISTENER_PORT, action=_BLOCK))
    return found


def _profiles(_world: World, host: FleetHost) -> list[Row]:
    return [
        {
            "AllowLocalFirewallRules": _LOCAL_RULES[host.firewall.local_rules],
            "DefaultInboundAction": _BLOCK,
            "Enabled": _TRUE if host.firewall.profiles == "on" else _FALSE,
            "Name": name,
        }
        for name in ("Domain", "Private", "Public")
    ]


def _connections(_world: World, host: FleetHost) -> list[Row]:
    # A network on which no domain controller answers is an unidentified one: public.
    return [
        {
            "InterfaceAlias": name,
            "NetworkCategory": _DOMAIN if name == "management" and not host.workgroup else _PUBLIC,
        }
        for name in host.addresses
    ]


def _rule_row(rule: _Rule) -> Row:
    return {
        "Action": rule.action,
        "Direction": _INBOUND,
        "Enabled": _RULE_ON if rule.enabled else _RULE_OFF,
        "Profiles": 0,
    }


def _port_row(rule: _Rule) -> Row:
    return {"LocalPort": (str(rule.port),), "Protocol": "TCP"}


def _address_row(rule: _Rule) -> Row:
    return {"LocalAddress": _ANY, "RemoteAddress": rule.remote}


def _program_row(rule: _Rule) -> Row:
    # The cmdlets say Program; that the class says AppPath is presumed.
    return {"AppPath": rule.program}


def _service_row(rule: _Rule) -> Row:
    return {"ServiceName": rule.service}


_Maker = Callable[[World, FleetHost], list[Row] | None]


def _of_each_rule(row: Callable[[_Rule], Row]) -> _Maker:
    def make(world: World, host: FleetHost) -> list[Row]:
        return [{"InstanceID": rule.name, **row(rule)} for rule in _rules(world, host)]

    return make


def _from_2012_on(maker: _Maker) -> _Maker:
    def make(world: World, host: FleetHost) -> list[Row] | None:
        return maker(world, host) if has_2012_classes(world, host) else None

    return make


MAKERS = {
    name: _from_2012_on(maker)
    for name, maker in {
        "MSFT_NetFirewallProfile": _profiles,
        "MSFT_NetConnectionProfile": _connections,
        "MSFT_NetFirewallRule": _of_each_rule(_rule_row),
        "MSFT_NetProtocolPortFilter": _of_each_rule(_port_row),
        "MSFT_NetAddressFilter": _of_each_rule(_address_row),
        "MSFT_NetApplicationFilter": _of_each_rule(_program_row),
        "MSFT_NetServiceFilter": _of_each_rule(_service_row),
    }.items()
}
