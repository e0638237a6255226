"""Fixes of what Windows Firewall does with live migration: the one rule, never its group."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from livemigration.base.addresses import Address, Subnet
from livemigration.base.text import one_line, some
from livemigration.facts.firewall import FirewallRule
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import comment, quote, quote_list
from livemigration.verdict.fixes.script import PRECONDITION, FixTarget, opening, refuse
from livemigration.verdict.references import VMM_PORTS

_CIM = "-CimSession $session"
_NAMED = f"{_CIM} -Name {quote(MIGRATION_RULE)}"
_FIND = f"$rule = Get-NetFirewallRule {_NAMED} -ErrorAction 'SilentlyContinue'"
_SCOPE = f"Get-NetFirewallAddressFilter {_CIM} -AssociatedNetFirewallRule $rule"
_WHAT = "TCP port 6600, program %systemroot%\\system32\\vmms.exe, service vmms"
_PROFILES = {1: "Domain", 2: "Private", 4: "Public"}
_EVERY_PROFILE = sum(_PROFILES)


def _where(addresses: Sequence[Address | Subnet]) -> str:
    return some(addresses) if addresses else "the hosts that exchange virtual machines with it"


def _sources(addresses: Sequence[Address | Subnet]) -> str:
    return some(addresses) if addresses else "not known"


def _look(machine: FixTarget) -> str:
    return (
        f"On {one_line(machine.name)}, see whether Group Policy lets port 6600 in: "
        "Get-NetFirewallPortFilter -PolicyStore ActiveStore | Where-Object LocalPort -eq 6600 | "
        "Get-NetFirewallRule. If it does for these hosts, nothing is to be done."
    )


_COST = "A host that is added later must be added to the scope of the rule."
_COST_OF_SUBNETS = (
    "The rule lets in every machine of these subnets. A host that is added later in another subnet "
    "must be added to the scope of the rule."
)


def _subnets(addresses: Sequence[Address | Subnet]) -> tuple[Subnet, ...]:
    return tuple(each for each in addresses if isinstance(each, IPv4Network | IPv6Network))


def _cost(addresses: Sequence[Address | Subnet]) -> str:
    return _COST_OF_SUBNETS if _subnets(addresses) else _COST


def _one_notation(addresses: Sequence[Address | Subnet]) -> str:
    """Return what makes the masks of these subnets the prefix lengths that a fix sets.

    Windows may show a subnet with its mask that was set with its prefix length.
    """
    masks = {
        each.prefixlen: str(each.netmask).replace(".", "\\.")
        for each in _subnets(addresses)
        if each.version == 4
    }
    return "".join(f" -replace '/{mask}$', '/{masked}'" for masked, mask in sorted(masks.items()))


def _as_observed(
    machine: FixTarget,
    *,
    enabled: bool,
    scope: Sequence[str],
    profiles: int = 0,
    added: Sequence[Address | Subnet] = (),
) -> tuple[str, ...]:
    """Return the guard of the rule: there, with the same state, profiles and remote addresses.

    `profiles` are as a rule has them, `added` are those of them that this fix has set.
    """
    shown = _one_notation(added)
    return (
        _FIND,
        refuse(
            machine,
            f"$null -eq $rule -or [string]$rule.Enabled -ne {quote(enabled)} -or "
            f"@({_numbers(profiles)}) -notcontains $rule.Profiles",
            "its firewall rule is no longer as observed",
        ),
        f"$now = @(({_SCOPE}).RemoteAddress{shown} | Sort-Object) -join ', '",
        f"$observed = @({quote_list(scope)}{shown} | Sort-Object) -join ', '",
        refuse(
            machine, "$now -ne $observed", "the scope of its firewall rule is no longer as observed"
        ),
    )


def _set(*, enabled: bool, scope: Sequence[str], profiles: Sequence[str]) -> str:
    return (
        f"Set-NetFirewallRule {_NAMED} -Enabled {quote(enabled)} "
        f"-Profile {quote_list(profiles)} -RemoteAddress {quote_list(scope)}"
    )


def _numbers(profiles: int) -> str:
    """Return the numbers by which Windows may show these profiles: of every one, 0 or all bits."""
    every = not profiles or profiles & _EVERY_PROFILE == _EVERY_PROFILE
    numbers = {0, _EVERY_PROFILE, profiles} if every else {profiles}
    return ", ".join(map(str, sorted(numbers)))


def _profiles(mask: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _PROFILES.items() if mask & bit) or ("Any",)


def admit_peers(
    machine: FixTarget,
    rule: FirewallRule | None,
    scope: Sequence[str],
    addresses: Sequence[Address | Subnet],
    narrow: Sequence[str] = (),
    merged: bool = False,
) -> Fix:
    """Return how to let the other hosts in with Hyper-V's own rule.

    Args:
        machine: the host.
        rule: the rule VIRT-MIGL-In-TCP-NoScope as observed, or None where it is not there.
        scope: its remote addresses as observed.
        addresses: from where the other hosts come, or their subnets; none where not known.
        narrow: the rules that let in some of the other hosts; none where no rule lets in any.
        merged: whether the rules of Group Policy were read as well.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Let the other hosts in on port 6600 of {HOSTS}",
        wrong=(
            "The local firewall rules let in only some of the other hosts on port 6600"
            if narrow
            else "No local firewall rule lets the other hosts in on port 6600"
        ),
        word="rule too narrow" if narrow else "no rule",
        why=(
            "No rule of Group Policy was seen that lets them in. Without one, the host that sends "
            "a virtual machine cannot connect."
            if merged
            else "Group Policy may let them in, which is not seen here. Where it does not, the "
            "host that sends a virtual machine cannot connect."
        ),
        values=(("Rule", some(narrow)), ("Must let in", _sources(addresses))),
    )
    commands, undo = _script(machine, rule, scope, addresses)
    return Fix(
        key="firewall-rule",
        summary=cause.order(machine.name),
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
        cost=_cost(addresses),
        source=VMM_PORTS,
        cause=cause,
    )


def _script(
    machine: FixTarget,
    rule: FirewallRule | None,
    scope: Sequence[str],
    addresses: Sequence[Address | Subnet],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commands and the undo; none where a person must look at the rule first."""
    peers = tuple(str(each) for each in addresses)
    if not peers:
        return (), ()
    if rule is None:
        return _creating(machine, peers, addresses)
    if rule.enabled is None or (rule.enabled and _lets_in_anybody(scope)):
        return (), ()
    # What the rule lets in today stays; a rule that is off lets in nobody.
    complete = tuple(dict.fromkeys((*(scope if rule.enabled else ()), *peers)))
    before = comment(
        f"Before the change: enabled {rule.enabled}, profiles {', '.join(_profiles(rule.profiles))}"
    )
    commands = (
        *opening(machine),
        *_as_observed(machine, enabled=rule.enabled, scope=scope, profiles=rule.profiles),
        _set(enabled=True, scope=complete, profiles=("Any",)),
    )
    undo = (
        before,
        *opening(machine),
        *_as_observed(machine, enabled=True, scope=complete, added=addresses),
        _set(enabled=rule.enabled, scope=scope or ("Any",), profiles=_profiles(rule.profiles)),
    )
    return commands, undo


def _lets_in_anybody(scope: Sequence[str]) -> bool:
    """Whether a scope has no bounds: it stands for itself, so that no peer can be added to it.

    Whether the rule is to let anybody in on further profiles too, a person says.
    """
    return any(each.strip().casefold() in {"any", "*"} for each in scope)


def _creating(
    machine: FixTarget, peers: tuple[str, ...], addresses: Sequence[Address | Subnet]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commands that make the rule where there is none, and the undo."""
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
        *_as_observed(machine, enabled=True, scope=peers, added=addresses),
        f"Remove-NetFirewallRule {_NAMED}",
    )
    return (*opening(machine), _FIND, there, create), (*opening(machine), *remove)


def admit_by_group_policy(
    machine: FixTarget, addresses: Sequence[Address | Subnet], *, merged: bool = False
) -> Fix:
    """Return how to let the other hosts in where the host ignores local rules.

    `merged`: the rules of Group Policy were read as well.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Let the other hosts in on port 6600 of {HOSTS}, in Group Policy",
        wrong="The firewall ignores local rules, those for port 6600 included",
        word="rules ignored",
        why="Only Group Policy can let the other hosts in, and "
        + ("none of its rules was seen to" if merged else "its rules are not seen here")
        + ". Without one, the host that sends a virtual machine cannot connect.",
        values=(("Must let in", _sources(addresses)),),
    )
    return by_hand(
        machine,
        cause,
        key="firewall-group-policy",
        console=(
            _look(machine),
            (
                f"Otherwise, in the Group Policy that sets the firewall of {name}, add one inbound "
                f"rule: {_WHAT}, from {_where(addresses)}. A local rule would have no effect."
            ),
            f"On {name}, run gpupdate, and then run the suite again.",
        ),
        cost=_cost(addresses),
        source=VMM_PORTS,
    )


def narrow_block(machine: FixTarget, rules: Sequence[str]) -> Fix:
    """Return what to do about a rule that blocks: a person decides whose it is."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Take live migration out of what the firewall of {HOSTS} blocks",
        wrong="A firewall rule blocks the other hosts on port 6600",
        word="firewall",
        why="A rule that blocks wins over each rule that allows, so the host that sends a virtual "
        "machine cannot connect.",
        values=(("Rule", some(rules)),),
    )
    return by_hand(
        machine,
        cause,
        key="firewall-block",
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


def look_at_rules(machine: FixTarget, rules: Sequence[str]) -> Fix:
    """Return how to settle what the text of rules leaves open."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Find out whether port 6600 of {HOSTS} is open to the other hosts",
        wrong="A firewall rule does not show whom it lets in on port 6600",
        word="rule unclear",
        why="If it does not let the other hosts in, they cannot send virtual machines. A "
        "connection from one of them shows it.",
        values=(("Rule", some(rules)),),
    )
    return by_hand(
        machine,
        cause,
        key="firewall-look",
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
