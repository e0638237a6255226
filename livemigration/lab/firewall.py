"""A simulated host's firewall: its inbound rules, and whether they let a connection in."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet
from livemigration.lab.fleet_host import HostFirewall
from livemigration.lab.fleet_parts import FleetRule, port_span

ALLOW, BLOCK = 2, 4
INBOUND, OUTBOUND = 1, 2
# Bits of MSFT_NetFirewallRule.Profiles; 0 is any.
PROFILES = {"domain": 1, "private": 2, "public": 4}
# windows-facts.md 3.2; the blocking rule's name is the lab's own.
MIGRATION_RULE = "VIRT-MIGL-In-TCP-NoScope"
BLOCKING_RULE = "Block-Live-Migration"
# A rule that a policy brings has a GUID for a name.
GROUP_POLICY_RULE = "{5B6F0A52-61C4-4C9A-9A0B-6E0C1D2F6600}"
# MSFT_NetFirewallRule.PolicyStoreSourceType.
FROM_LOCAL, FROM_GROUP_POLICY = 1, 2
_VMMS = r"%systemroot%\system32\vmms.exe"
_ANY = ("Any",)
_MIGRATION_PORT, _CONTROL_PORT = 6600, 5985

# Turns the texts of a fleet file into those that Windows has.
Texts = Callable[[Sequence[str]], tuple[str, ...]]


@dataclass(frozen=True)
class Rule:
    """A rule with its filters, as Windows has them."""

    name: str
    ports: tuple[str, ...]
    enabled: bool = True
    action: int = ALLOW
    profiles: int = 0
    protocol: str = "TCP"
    program: str = "Any"
    service: str = "Any"
    local: tuple[str, ...] = _ANY
    remote: tuple[str, ...] = _ANY
    direction: int = INBOUND


@dataclass(frozen=True)
class InboundConnection:
    """A connection to a port of vmms: from where, to which address of which profile."""

    source: Address
    destination: Address
    profile: str
    port: int = _MIGRATION_PORT


def rules_of(firewall: HostFirewall, texts: Texts) -> tuple[Rule, ...]:
    """Return the rules of the local store."""
    found = [Rule("WINRM-HTTP-In-TCP", (str(_CONTROL_PORT),), program="System")]
    if firewall.rule not in {"missing", "group-policy"}:
        found.append(
            Rule(
                MIGRATION_RULE,
                (str(_MIGRATION_PORT),),
                enabled=firewall.rule != "disabled",
                program=_VMMS,
                service="vmms",
                remote=texts(firewall.scope),
            )
        )
    if firewall.rule == "block":
        found.append(Rule(BLOCKING_RULE, (str(_MIGRATION_PORT),), action=BLOCK))
    return (*found, *(_spelled_out(each, texts) for each in firewall.rules))


def active_rules_of(firewall: HostFirewall, texts: Texts) -> tuple[tuple[Rule, int], ...]:
    """Return the rules of the active store, each with the number of the store that it is from.

    Local rules that a policy has ignored take no effect; that the active store is without them is
    inferred.
    """
    local = () if firewall.local_rules == "ignored" else rules_of(firewall, texts)
    found = [(each, FROM_LOCAL) for each in local]
    if firewall.rule == "group-policy":
        rule = Rule(GROUP_POLICY_RULE, (str(_MIGRATION_PORT),), program=_VMMS, service="vmms")
        found.append((rule, FROM_GROUP_POLICY))
    return tuple(found)


def _spelled_out(rule: FleetRule, texts: Texts) -> Rule:
    return Rule(
        rule.name,
        rule.ports,
        enabled=rule.enabled,
        action=ALLOW if rule.action == "allow" else BLOCK,
        profiles=sum(PROFILES[each] for each in set(rule.profiles)),
        protocol=rule.protocol,
        program=rule.program,
        service=rule.service,
        local=texts(rule.local),
        remote=texts(rule.scope),
    )


def admits(
    firewall: HostFirewall, texts: Texts, connection: InboundConnection, own: Sequence[Subnet]
) -> bool:
    """Return whether a host's firewall lets a connection to vmms in.

    A rule that blocks wins over one that allows. `own` are the host's subnets, for LocalSubnet.
    """
    if firewall.profiles == "off":
        return True
    rules = () if firewall.local_rules == "ignored" else rules_of(firewall, texts)
    about = {each.action for each in rules if _is_about(each, connection, own)}
    if BLOCK in about:
        return False
    return ALLOW in about or firewall.rule == "group-policy" or firewall.inbound == "allow"


def _is_about(rule: Rule, connection: InboundConnection, own: Sequence[Subnet]) -> bool:
    return (
        rule.enabled
        and rule.protocol in {"TCP", "Any"}
        and _is_vmms(rule)
        and (not rule.profiles or bool(rule.profiles & PROFILES[connection.profile]))
        and any(_holds_port(each, connection.port) for each in rule.ports)
        and _holds(rule.local, connection.destination, own)
        and _holds(rule.remote, connection.source, own)
    )


def _is_vmms(rule: Rule) -> bool:
    program = rule.program.rpartition("\\")[2].casefold()
    return program in {"any", "vmms.exe"} and rule.service.casefold() in {"any", "vmms"}


def _holds_port(text: str, port: int) -> bool:
    return text == "Any" or port in (port_span(text) or ())


def _holds(texts: Iterable[str], address: Address, own: Sequence[Subnet]) -> bool:
    return any(_holds_one(each, address, own) for each in texts)


def _holds_one(text: str, address: Address, own: Sequence[Subnet]) -> bool:
    if text == "Any":
        return True
    if text == "LocalSubnet":
        return any(address in subnet for subnet in own)
    first, dash, last = text.partition("-")
    if dash:
        bounds = ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
        return isinstance(address, ipaddress.IPv4Address) and bounds[0] <= address <= bounds[1]
    return address in ipaddress.ip_network(text)
