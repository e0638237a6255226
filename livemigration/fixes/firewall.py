"""Repairs of what Windows Firewall does with live migration: the one rule, never its group."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import Address
from livemigration.facts.firewall import FirewallRule
from livemigration.findings import Fix
from livemigration.firewall import MIGRATION_RULE
from livemigration.fixes.quoting import comment, one_line, quote, quote_list, some
from livemigration.fixes.script import PRECONDITION, Machine, opening, refuse
from livemigration.references import VMM_PORTS

_CIM = "-CimSession $session"
_NAMED = f"{_CIM} -Name {quote(MIGRATION_RULE)}"
_FIND = f"$rule = Get-NetFirewallRule {_NAMED} -ErrorAction 'SilentlyContinue'"
_SCOPE = f"Get-NetFirewallAddressFilter {_CIM} -AssociatedNetFirewallRule $rule"
_WHAT = "TCP port 6600, program %systemroot%\\system32\\vmms.exe, service vmms"
_PROFILES = {1: "Domain", 2: "Private", 4: "Public"}


def _where(addresses: Sequence[Address]) -> str:
    return some(addresses) if addresses else "the hosts that exchange virtual machines with it"


def _look(machine: Machine) -> str:
    return (
        f"On {one_line(machine.name)}, see whether Group Policy lets port 6600 in: "
        "Get-NetFirewallPortFilter -PolicyStore ActiveStore | Where-Object LocalPort -eq 6600 | "
        "Get-NetFirewallRule. If it does for these hosts, nothing is to be done."
    )


def _as_observed(machine: Machine, *, enabled: bool, scope: Sequence[str]) -> tuple[str, ...]:
    """Return the guard of the rule: there, and with the same state and remote addresses."""
    return (
        _FIND,
        refuse(
            machine,
            f"$null -eq $rule -or [string]$rule.Enabled -ne {quote(enabled)}",
            "its firewall rule is no longer as observed",
        ),
        f"$now = @(({_SCOPE}).RemoteAddress | Sort-Object) -join ', '",
        f"$observed = @({quote_list(scope)} | Sort-Object) -join ', '",
        refuse(
            machine, "$now -ne $observed", "the scope of its firewall rule is no longer as observed"
        ),
    )


def _set(*, enabled: bool, scope: Sequence[str], profiles: Sequence[str]) -> str:
    return (
        f"Set-NetFirewallRule {_NAMED} -Enabled {quote(enabled)} "
        f"-Profile {quote_list(profiles)} -RemoteAddress {quote_list(scope)}"
    )


def _profiles(mask: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _PROFILES.items() if mask & bit) or ("Any",)


def admit_peers(
    machine: Machine,
    rule: FirewallRule | None,
    scope: Sequence[str],
    addresses: Sequence[Address],
) -> Fix:
    """Return how to let the other hosts in with Hyper-V's own rule.

    Args:
        machine: the host.
        rule: the rule VIRT-MIGL-In-TCP-NoScope as observed, or None where it is not there.
        scope: its remote addresses as observed.
        addresses: from where the other hosts come; none where that is not known.
    """
    name = one_line(machine.name)
    commands, undo = _script(machine, rule, scope, addresses)
    return Fix(
        key="firewall-rule",
        summary=f"Let the other hosts in on port 6600 of {name}.",
        console=(
            _look(machine),
            (
                f"Otherwise, in Windows Defender Firewall with Advanced Security of {name}, let in "
                f"{_WHAT}, from {_where(addresses)}, on every profile. Change only this rule "
                f"({MIGRATION_RULE}), not the other rules of Hyper-V."
            ),
        ),
        precondition=f"No rule of Group Policy does the same. {PRECONDITION}" if commands else "",
        commands=commands,
        undo=undo,
        cost="A host that is added later must be added to the scope of the rule.",
        source=VMM_PORTS,
    )


def _script(
    machine: Machine,
    rule: FirewallRule | None,
    scope: Sequence[str],
    addresses: Sequence[Address],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commands and the undo; none where a person must look at the rule first."""
    peers = tuple(str(each) for each in addresses)
    if not peers:
        return (), ()
    if rule is None:
        create = (
            f"New-NetFirewallRule {_NAMED} -DisplayName 'Hyper-V (MIG-TCP-In)' "
            "-Direction 'Inbound' -Action 'Allow' -Protocol 'TCP' -LocalPort '6600' "
            "-Program '%systemroot%\\system32\\vmms.exe' -Service 'vmms' "
            f"-Profile 'Any' -RemoteAddress {quote_list(peers)} | Out-Null"
        )
        there = refuse(
            machine, "$null -ne $rule", "its firewall is no longer as observed: the rule exists"
        )
        remove = (
            *_as_observed(machine, enabled=True, scope=peers),
            f"Remove-NetFirewallRule {_NAMED}",
        )
        return (*opening(machine), _FIND, there, create), (*opening(machine), *remove)
    if rule.enabled is None:
        return (), ()
    # What the rule lets in today stays; a rule that is off lets in nobody.
    complete = tuple(dict.fromkeys((*(scope if rule.enabled else ()), *peers)))
    before = comment(
        f"Before the change: enabled {rule.enabled}, profiles {', '.join(_profiles(rule.profiles))}"
    )
    commands = (
        *opening(machine),
        *_as_observed(machine, enabled=rule.enabled, scope=scope),
        _set(enabled=True, scope=complete, profiles=("Any",)),
    )
    undo = (
        before,
        *opening(machine),
        *_as_observed(machine, enabled=True, scope=complete),
        _set(enabled=rule.enabled, scope=scope or ("Any",), profiles=_profiles(rule.profiles)),
    )
    return commands, undo


def admit_by_group_policy(machine: Machine, addresses: Sequence[Address]) -> Fix:
    """Return how to let the other hosts in where the host ignores local rules."""
    name = one_line(machine.name)
    return Fix(
        key="firewall-group-policy",
        summary=f"Let the other hosts in on port 6600 of {name}, in Group Policy.",
        console=(
            _look(machine),
            (
                f"Otherwise, in the Group Policy that sets the firewall of {name}, add one inbound "
                f"rule: {_WHAT}, from {_where(addresses)}. A local rule would have no effect."
            ),
            f"On {name}, run gpupdate, and then run the suite again.",
        ),
        cost="A host that is added later must be added to the scope of the rule.",
        source=VMM_PORTS,
    )


def narrow_block(machine: Machine, rules: Sequence[str]) -> Fix:
    """Return what to do about a rule that blocks: a person decides whose it is."""
    name = one_line(machine.name)
    return Fix(
        key="firewall-block",
        summary=f"Take live migration out of what the firewall of {name} blocks.",
        console=(
            (
                f"On {name}, look at the rule {some(rules)} "
                "(Get-NetFirewallRule -Name), and ask whoever set it."
            ),
            (
                "Narrow it, so that port 6600 from the other hosts is no longer among what it "
                "blocks: a rule that blocks wins over each rule that allows."
            ),
        ),
        source=VMM_PORTS,
    )


def look_at_rules(machine: Machine, rules: Sequence[str]) -> Fix:
    """Return how to settle what the text of rules leaves open."""
    name = one_line(machine.name)
    return Fix(
        key="firewall-look",
        summary=f"See whether the firewall of {name} lets the other hosts in on port 6600.",
        console=(
            (
                f"On {name}, look at the rule {some(rules)} (Get-NetFirewallRule "
                "-Name) and at what it is scoped to."
            ),
            (
                f"Prove it: on another host, run Test-NetConnection -ComputerName {name} -Port "
                "6600, once for each address of the finding (Windows Server 2012 R2 or later)."
            ),
        ),
        source=VMM_PORTS,
    )
