"""The repair of the firewall is one rule, scoped to the peers, that gives back what it found."""

from __future__ import annotations

from typing import Any

from fact_builders import MANAGEMENT, OF_OTHER, judged, run_facts
from firewall_facts import on, profiles, seen
from in_turn import in_turn
from test_fixes import words

from livemigration.verdict.findings import Fix


def fix_of(given: dict[str, Any]) -> Fix:
    fixes = [each.fix for each in judged("LM305", run_facts(**given)).findings]
    found = [each for each in fixes if each is not None]
    assert len(found) == 1
    return found[0]


def changes(lines: tuple[str, ...]) -> list[str]:
    cmdlets = ("New-NetFirewallRule", "Set-NetFirewallRule", "Remove-NetFirewallRule")
    return [line for line in lines if line.startswith(cmdlets)]


def test_a_missing_rule_is_made_for_the_peers_only_and_removed_again() -> None:
    fix = fix_of(seen())
    (made,) = changes(fix.commands)
    assert "-Name 'VIRT-MIGL-In-TCP-NoScope'" in made
    assert f"-RemoteAddress @('{OF_OTHER}')" in made
    assert changes(fix.undo) == [
        "Remove-NetFirewallRule -CimSession $session -Name 'VIRT-MIGL-In-TCP-NoScope'"
    ]


def test_a_disabled_rule_is_scoped_to_the_peers_and_given_back_as_it_was() -> None:
    fix = fix_of(seen({"enabled": False, "profiles": 3, "remote": ("10.9.0.0/16",)}))
    (made,) = changes(fix.commands)
    assert f"-Enabled 'True' -Profile @('Any') -RemoteAddress @('{OF_OTHER}')" in made
    (back,) = changes(fix.undo)
    assert "-Enabled 'False' -Profile @('Domain', 'Private')" in back
    assert "-RemoteAddress @('10.9.0.0/16')" in back


def test_a_narrow_rule_keeps_whom_it_lets_in_today() -> None:
    fix = fix_of(seen({"remote": ("10.9.0.0/16",)}))
    (made,) = changes(fix.commands)
    assert f"-RemoteAddress @('10.9.0.0/16', '{OF_OTHER}')" in made


@in_turn(
    "given",
    [
        on(profiles(local_rules=False), {}),
        seen(second={"name": "hv02.other.example"}),
        seen({}, {"name": "Site", "action": 4}),
        seen({"protocol": "UDP"}),
        seen({"local": (MANAGEMENT,)}),
    ],
)
def test_what_a_person_must_decide_is_not_scripted(given: dict[str, Any]) -> None:
    assert not changes(fix_of(given).commands)


def test_where_local_rules_are_ignored_the_rule_belongs_in_group_policy() -> None:
    text = words(fix_of(on(profiles(local_rules=False), {})))
    assert "in Group Policy" in text
    assert "A local rule would have no effect" in text
    assert OF_OTHER in text
