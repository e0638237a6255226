"""What becomes of a connection to port 6600: the passage, by which rules, and for which peers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.facts.firewall import (
    ALLOW,
    BLOCK,
    ConnectionProfile,
    FirewallProfile,
    FirewallRule,
)
from livemigration.facts.firewall_filters import (
    AddressFilter,
    PortFilter,
    ProgramFilter,
    ServiceFilter,
)
from livemigration.facts.firewall_words import Match, any_of
from livemigration.facts.network import LocalAddress
from livemigration.verdict.firewall.match import all_of
from livemigration.verdict.firewall.rules import Firewall, Judgement, Passage, Peer

ADDRESS = parse_address("10.1.1.7")
LOCAL = (LocalAddress(ADDRESS, 24, "Ethernet"), LocalAddress(parse_address("::1"), 128, "Loop"))
NEAR = Peer("hv08", ((parse_address("10.1.1.8"),),))
FAR = Peer("hv09", ((parse_address("10.1.9.9"),),))
DOMAIN = ConnectionProfile("ethernet", 2)
VMMS = "%systemroot%\\system32\\vmms.exe"


def made(name: str = "Rule", /, **given: Any) -> dict[str, Any]:
    """Return one rule with its filters; what is not said lets in port 6600 of vmms."""
    return {
        "name": name,
        "enabled": True,
        "action": ALLOW,
        "profiles": 0,
        "protocol": "TCP",
        "ports": ("6600",),
        "local": ("Any",),
        "remote": ("Any",),
        **given,
    }


def firewall(*rules: dict[str, Any], **more: Any) -> Firewall:
    return Firewall(
        **{
            "profiles": (FirewallProfile("Domain", True, BLOCK, None),),
            "rules": tuple(
                FirewallRule(r["name"], r["enabled"], r["action"], r["profiles"]) for r in rules
            ),
            "ports": {
                r["name"].casefold(): PortFilter(r["name"], r["protocol"], r["ports"])
                for r in rules
            },
            "addresses": {
                r["name"].casefold(): AddressFilter(r["name"], r["local"], r["remote"])
                for r in rules
            },
            "programs": {r["name"].casefold(): ProgramFilter(r["name"], VMMS) for r in rules},
            "services": {r["name"].casefold(): ServiceFilter(r["name"], "vmms") for r in rules},
            "connections": (DOMAIN,),
            **more,
        }
    )


NEAR_ONLY, FAR_ONLY = ("10.1.1.8",), ("10.1.9.0/24",)
OFF = FirewallProfile("Domain", False, BLOCK, None)
UNSURE = FirewallProfile("Domain", None, BLOCK, None)
PUBLIC = FirewallProfile("Public", True, BLOCK, None)
LETS_IN = FirewallProfile("Domain", True, ALLOW, None)
IGNORES = FirewallProfile("Domain", True, BLOCK, False)
SCOPED_BLOCK = made("Site", action=BLOCK, remote=FAR_ONLY)
ANY_BLOCK = made("Site", action=BLOCK)
VAGUE_BLOCK = made("Site", action=BLOCK, ports=("Odd",))


@in_turn(
    "judged, peers, expected",
    [
        (firewall(profiles=(OFF,)), (NEAR,), Judgement(Passage.OFF, "Domain")),
        (firewall(profiles=(OFF, PUBLIC)), (), Judgement(Passage.OFF, "Domain")),
        (
            firewall(profiles=(OFF, PUBLIC), connections=()),
            (),
            Judgement(Passage.ABSENT),
        ),
        (firewall(profiles=(UNSURE,)), (), Judgement(Passage.ABSENT, "Domain")),
        (firewall(profiles=()), (), Judgement(Passage.ABSENT, "Domain")),
        (firewall(profiles=(LETS_IN,)), (NEAR,), Judgement(Passage.OPEN, "Domain")),
        (firewall(profiles=(IGNORES,)), (NEAR,), Judgement(Passage.IGNORED, "Domain")),
        (
            firewall(ANY_BLOCK, profiles=(replace(LETS_IN, local_rules=False),)),
            (NEAR,),
            Judgement(Passage.OPEN, "Domain"),
        ),
        (
            firewall(
                ANY_BLOCK,
                profiles=(replace(LETS_IN, local_rules=False), replace(LETS_IN, name="Public")),
                connections=(),
            ),
            (NEAR,),
            Judgement(Passage.DOUBTFUL, "", ("Site",), ("hv08",)),
        ),
        (
            firewall(made(), ANY_BLOCK),
            (NEAR, FAR),
            Judgement(Passage.BLOCKED, "Domain", ("Site",), ("hv08", "hv09")),
        ),
        (
            firewall(made(), SCOPED_BLOCK),
            (NEAR, FAR),
            Judgement(Passage.BLOCKED, "Domain", ("Site",), ("hv09",)),
        ),
        (
            firewall(made(), SCOPED_BLOCK),
            (NEAR,),
            Judgement(Passage.ALLOWED, "Domain", ("Rule",)),
        ),
        (firewall(made(), SCOPED_BLOCK), (), Judgement(Passage.DOUBTFUL, "Domain", ("Site",))),
        (firewall(made(), VAGUE_BLOCK), (), Judgement(Passage.DOUBTFUL, "Domain", ("Site",))),
        (firewall(made(), VAGUE_BLOCK), (NEAR,), Judgement(Passage.DOUBTFUL, "Domain", ("Site",))),
        (firewall(), (NEAR,), Judgement(Passage.ABSENT, "Domain")),
        (firewall(made(enabled=False)), (NEAR,), Judgement(Passage.ABSENT, "Domain")),
        (firewall(made(profiles=4)), (NEAR,), Judgement(Passage.ABSENT, "Domain")),
        (firewall(made(local=("10.1.1.6",))), (NEAR,), Judgement(Passage.ABSENT, "Domain")),
        (firewall(made()), (), Judgement(Passage.ALLOWED, "Domain", ("Rule",))),
        (
            firewall(made(), made("Vague", ports=("Odd",))),
            (),
            Judgement(Passage.ALLOWED, "Domain", ("Rule",)),
        ),
        (
            firewall(made("Vague", ports=("Odd",))),
            (),
            Judgement(Passage.DOUBTFUL, "Domain", ("Vague",)),
        ),
        (
            firewall(made("Vague", ports=("Odd",))),
            (NEAR, FAR),
            Judgement(Passage.DOUBTFUL, "Domain", ("Vague",), ("hv08", "hv09")),
        ),
        (
            firewall(made(remote=NEAR_ONLY)),
            (NEAR, FAR),
            Judgement(Passage.NARROW, "Domain", ("Rule",), ("hv09",)),
        ),
        (
            firewall(made(remote=NEAR_ONLY), made("Unused", remote=("10.1.7.7",))),
            (NEAR,),
            Judgement(Passage.ALLOWED, "Domain", ("Rule",)),
        ),
        (firewall(made(remote=NEAR_ONLY)), (), Judgement(Passage.DOUBTFUL, "Domain", ("Rule",))),
        (
            firewall(made(), addresses={}),
            (NEAR,),
            Judgement(Passage.DOUBTFUL, "Domain", ("Rule",), ("hv08",)),
        ),
    ],
)
def test_a_connection_is_judged_with_its_rules_and_peers(
    judged: Firewall, peers: tuple[Peer, ...], expected: Judgement
) -> None:
    assert judged.facing(ADDRESS, LOCAL).judge(peers) == expected


@in_turn("lacking", ["ports", "addresses", "programs", "services"])
def test_a_rule_with_a_filter_that_was_not_read_is_not_taken_for_hyper_vs_own(lacking: str) -> None:
    whole = firewall(made())
    assert whole.is_for_migration(whole.rules[0])
    without = firewall(made(), **{lacking: {}})
    assert not without.is_for_migration(without.rules[0])


@in_turn("lacking", ["ports", "addresses", "programs", "services"])
def test_a_rule_with_a_filter_that_was_not_read_decides_nothing(lacking: str) -> None:
    without = firewall(made(), **{lacking: {}})
    expected = Judgement(Passage.DOUBTFUL, "Domain", ("Rule",), ("hv08",))
    assert without.facing(ADDRESS, LOCAL).judge((NEAR,)) == expected


@in_turn(
    "other",
    [{"protocol": "UDP"}, {"ports": ("445",)}, {"local": ("10.1.1.7",)}, {"action": BLOCK}],
)
def test_a_rule_about_something_else_is_not_hyper_vs_own(other: dict[str, Any]) -> None:
    judged = firewall(made(**other))
    assert not judged.is_for_migration(judged.rules[0])


def test_rules_for_some_peers_are_named_where_they_surely_count_on_the_address() -> None:
    judged = firewall(
        made("All"),
        made("Near", remote=NEAR_ONLY),
        made("Public", remote=NEAR_ONLY, profiles=4),
        made("Domain", remote=NEAR_ONLY, profiles=1),
        made("Vague", remote=NEAR_ONLY, ports=("Odd",)),
        made("Block", remote=NEAR_ONLY, action=BLOCK),
    )
    assert judged.facing(ADDRESS, LOCAL).scoped(ALLOW) == ("Near", "Domain")
    assert judged.facing(ADDRESS, LOCAL).scoped(BLOCK) == ("Block",)
    unplaced = replace(judged, connections=())
    assert unplaced.facing(ADDRESS, LOCAL).scoped(ALLOW) == ("Near",)


def test_of_nothing_any_is_no_and_all_is_yes() -> None:
    assert any_of(()) is Match.NO
    assert all_of(()) is Match.YES


def test_a_rule_is_found_by_its_name_in_any_case() -> None:
    judged = firewall(made("Virt-Migl"), made("Other", remote=NEAR_ONLY))
    assert judged.find("VIRT-MIGL") is judged.rules[0]
    assert judged.find("VIRT") is None
    assert judged.scope_of(judged.rules[1]) == NEAR_ONLY
    assert replace(judged, addresses={}).scope_of(judged.rules[1]) == ()
