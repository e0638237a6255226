"""The scripts of the firewall's fixes: what they change, and what they look at first."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from in_turn import in_turn

from livemigration.base.addresses import Address, parse_address
from livemigration.facts.firewall import ALLOW, FirewallRule
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.verdict.fixes import firewall as fixes
from livemigration.verdict.fixes.script import PRECONDITION, FixTarget, opening
from livemigration.verdict.references import VMM_PORTS

MACHINE = FixTarget("hv07.contoso.com", "vmm01.contoso.com")
PEERS = tuple(map(parse_address, ("10.1.1.8", "10.1.2.8")))
AS_TEXT = "@('10.1.1.8', '10.1.2.8')"
NAMED = f"-CimSession $session -Name '{MIGRATION_RULE}'"


def rule(*, enabled: bool | None, profiles: int = 0) -> FirewallRule:
    return FirewallRule(MIGRATION_RULE, enabled, ALLOW, profiles)


def guards(lines: Sequence[str]) -> tuple[str, str]:
    """Return the state and the scope for which a script does not stop, as it compares them."""
    (state,) = [line for line in lines if line.startswith("if ($null -eq $rule -or")]
    (scope,) = [line for line in lines if line.startswith("$observed = ")]
    return state.partition("-ne ")[2].partition(" -or ")[0], scope


def profiles(lines: Sequence[str]) -> str:
    """Return the profiles for which a script does not stop, as it compares them."""
    (state,) = [line for line in lines if line.startswith("if ($null -eq $rule -or")]
    return state.rpartition(" -or ")[2].partition(" -notcontains $rule.Profiles)")[0]


def test_a_rule_is_made_where_there_is_none_and_taken_away_as_it_was_made() -> None:
    fix = fixes.admit_peers(MACHINE, None, (), PEERS)
    assert fix.commands[: len(opening(MACHINE))] == opening(MACHINE)
    find, there, create = fix.commands[len(opening(MACHINE)) :]
    assert find.startswith(f"$rule = Get-NetFirewallRule {NAMED}")
    assert there.startswith("if ($null -ne $rule) { throw 'hv07.contoso.com: ")
    assert create.startswith(f"New-NetFirewallRule {NAMED} ")
    assert f"-RemoteAddress {AS_TEXT} " in create
    assert fix.undo[: len(opening(MACHINE))] == opening(MACHINE)
    assert guards(fix.undo) == ("'True'", f"$observed = @({AS_TEXT} | Sort-Object) -join ', '")
    assert fix.undo[-1] == f"Remove-NetFirewallRule {NAMED}"
    assert fix.precondition.endswith(PRECONDITION)
    assert fix.precondition != PRECONDITION


def test_a_rule_for_subnets_is_known_again_in_whichever_notation_windows_shows_them() -> None:
    subnets = tuple(map(ip_network, ("10.1.0.0/16", "10.7.50.0/24", "10.8.50.0/24", "fd00::/64")))
    fix = fixes.admit_peers(MACHINE, None, (), subnets)
    as_text = "@('10.1.0.0/16', '10.7.50.0/24', '10.8.50.0/24', 'fd00::/64')"
    assert f"-RemoteAddress {as_text} " in fix.commands[-1]
    shown = r" -replace '/255\.255\.0\.0$', '/16' -replace '/255\.255\.255\.0$', '/24'"
    assert guards(fix.undo)[1] == f"$observed = @({as_text}{shown} | Sort-Object) -join ', '"
    assert any(
        line.endswith(f".RemoteAddress{shown} | Sort-Object) -join ', '") for line in fix.undo
    )
    assert fix.cost.startswith("The rule lets in every machine of these subnets. ")
    wider = fixes.admit_peers(MACHINE, rule(enabled=True), ("10.9.0.9",), subnets[:1])
    assert "-replace" not in "".join(wider.commands)
    assert "-replace" in "".join(wider.undo)


@pytest.mark.parametrize(
    ("observed", "shown"), [(0, "@(0, 7)"), (7, "@(0, 7)"), (8, "@(8)"), (1, "@(1)"), (6, "@(6)")]
)
def test_a_rule_of_some_profiles_is_not_taken_for_one_of_every_profile(
    observed: int, shown: str
) -> None:
    scope = tuple(map(str, PEERS))
    fix = fixes.admit_peers(MACHINE, rule(enabled=True, profiles=observed), scope, PEERS)
    assert profiles(fix.commands) == shown
    # By its scope alone nobody could tell whether the commands were carried out.
    assert profiles(fix.undo) == "@(0, 7)"
    assert profiles(fixes.admit_peers(MACHINE, None, (), PEERS).undo) == "@(0, 7)"


@pytest.mark.parametrize("scope", [("Any",), ("10.9.0.9", "any"), ("*",)])
def test_to_a_rule_that_lets_in_anybody_no_peer_is_added(scope: tuple[str, ...]) -> None:
    fix = fixes.admit_peers(MACHINE, rule(enabled=True, profiles=1), scope, PEERS)
    assert (fix.commands, fix.undo, fix.precondition) == ((), (), "")
    # One that is off lets in nobody: it is put on for the peers alone.
    off = fixes.admit_peers(MACHINE, rule(enabled=False, profiles=1), scope, PEERS)
    assert off.commands[-1].endswith(f"-RemoteAddress {AS_TEXT}")


@in_turn(
    "enabled, profiles, scope, complete, back",
    [
        (True, 1, ("10.9.0.0/16",), "@('10.9.0.0/16', '10.1.1.8', '10.1.2.8')", "@('Domain')"),
        (True, 0, ("10.1.1.8",), AS_TEXT, "@('Any')"),
        (False, 6, ("10.9.0.0/16",), AS_TEXT, "@('Private', 'Public')"),
        (False, 8, (), AS_TEXT, "@('Any')"),
    ],
)
def test_a_rule_is_widened_and_given_back_as_observed(
    enabled: bool, profiles: int, scope: tuple[str, ...], complete: str, back: str
) -> None:
    fix = fixes.admit_peers(MACHINE, rule(enabled=enabled, profiles=profiles), scope, PEERS)
    before = "@(" + ", ".join(f"'{each}'" for each in scope) + ")"
    assert guards(fix.commands) == (
        f"'{enabled}'",
        f"$observed = @({before} | Sort-Object) -join ', '",
    )
    assert fix.commands[-1] == (
        f"Set-NetFirewallRule {NAMED} -Enabled 'True' -Profile @('Any') -RemoteAddress {complete}"
    )
    # What is undone is what the commands made: enabled, with the complete scope.
    assert guards(fix.undo) == ("'True'", f"$observed = @({complete} | Sort-Object) -join ', '")
    given_back = before if scope else "@('Any')"
    assert fix.undo[-1] == (
        f"Set-NetFirewallRule {NAMED} -Enabled '{enabled}' -Profile {back} "
        f"-RemoteAddress {given_back}"
    )
    said = back.removeprefix("@(").removesuffix(")").replace("'", "")
    assert f"enabled {enabled}, profiles {said}" in fix.undo[0]


@pytest.mark.parametrize(
    ("known", "peers"), [(rule(enabled=True), ()), (None, ()), (rule(enabled=None), PEERS)]
)
def test_a_rule_that_a_person_must_look_at_first_is_not_scripted(
    known: FirewallRule | None, peers: tuple[Address, ...]
) -> None:
    fix = fixes.admit_peers(MACHINE, known, ("Any",), peers)
    assert (fix.commands, fix.undo, fix.precondition) == ((), (), "")
    where = "10.1.1.8 and 10.1.2.8" if peers else "the hosts that exchange virtual machines"
    assert f"from {where}" in fix.console[1]


@pytest.mark.parametrize("addresses", [PEERS, ()])
def test_every_fix_of_the_firewall_names_the_host_and_from_where_the_others_come(
    addresses: tuple[Address, ...],
) -> None:
    where = "10.1.1.8 and 10.1.2.8" if addresses else "the hosts that exchange virtual machines"
    for fix in (
        fixes.admit_peers(MACHINE, None, (), addresses),
        fixes.admit_by_group_policy(MACHINE, addresses),
    ):
        assert "hv07.contoso.com" in fix.console[0]
        assert "ActiveStore" in fix.console[0]
        assert where in fix.console[1]
        assert "hv07.contoso.com" in fix.console[1]
        assert "added later" in fix.cost
    for fix in (
        fixes.narrow_block(MACHINE, ("Site-Block", "Other")),
        fixes.look_at_rules(MACHINE, ("Site-Block", "Other")),
    ):
        assert "Site-Block and Other" in fix.console[0]
        assert "hv07.contoso.com" in fix.console[0]
        assert len(fix.console) == 2
    for fix in (
        fixes.admit_peers(MACHINE, None, (), addresses),
        fixes.admit_by_group_policy(MACHINE, addresses),
        fixes.narrow_block(MACHINE, ("Site-Block",)),
        fixes.look_at_rules(MACHINE, ("Site-Block",)),
    ):
        assert "hv07.contoso.com" in fix.summary
        assert fix.source == VMM_PORTS
