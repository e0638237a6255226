"""What a check sees of a machine and of the others, and what blocks it where it sees nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from livemigration.base.addresses import parse_address
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES, DomainMembership, Services
from livemigration.facts.identity import Listed
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.network import LOCAL_ADDRESSES, LocalAddress
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges, Outside
from livemigration.inventory.policy import Policy
from livemigration.verdict.compared import with_what_is_missing
from livemigration.verdict.findings import Level, fail, note, ok, warn
from livemigration.verdict.fixes.records import refresh_record
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import (
    BlockedError,
    FactsView,
    GroupView,
    InapplicableError,
    UndeclaredFactsError,
)

SEEN = Services(())
ALL = frozenset({SERVICES.name, LOCAL_ADDRESSES.name, DOMAIN_MEMBERSHIP.name})


def lost(
    kind: FailureKind = FailureKind.FAULT, root: str = "LM302", said: str = "it failed"
) -> NotGathered:
    return NotGathered(GatherFailure(kind, "Reading it", said, "Look there.", root))


def view(outcome: Outcome[Any], declared: frozenset[str] = ALL) -> FactsView:
    return FactsView(FactSheet(Subject.HOST, "hv07", {SERVICES.name: outcome}), declared)


def member(domain: str) -> Gathered[DomainMembership]:
    return Gathered(DomainMembership("HV", domain, True, "hv"), Vantage.HOST)


def address(text: str) -> Gathered[tuple[LocalAddress, ...]]:
    return Gathered((LocalAddress(parse_address(text), 24, "E"),), Vantage.HOST)


def group(hosts: dict[str, dict[str, Outcome[Any]]], exchanges: Exchanges = None) -> GroupView:
    sheets = {name: FactSheet(Subject.HOST, name, given) for name, given in hosts.items()}
    vmm = {"vmm01": FactSheet(Subject.VMM, "vmm01", {})}
    return GroupView(RunFacts(sheets, vmm), exchanges)


def test_a_fact_is_its_value_or_the_reason_why_there_is_none() -> None:
    assert view(Gathered(SEEN, Vantage.HOST))[SERVICES] is SEEN
    failure = lost()
    with pytest.raises(BlockedError) as blocked:
        view(failure)[SERVICES]
    assert (blocked.value.by, blocked.value.next_step) == ("LM302", "Look there.")
    assert blocked.value.reason == str(blocked.value) == failure.failure.sentence
    with pytest.raises(InapplicableError) as never:
        view(Inapplicable("Too old."))[SERVICES]
    assert never.value.reason == str(never.value) == "Too old."
    with pytest.raises(UndeclaredFactsError, match=f"{SERVICES.name!r} but does not declare"):
        view(failure, frozenset())[SERVICES]


@pytest.mark.parametrize(
    ("kind", "blocks"), [(FailureKind.TIMED_OUT, True), (FailureKind.FAULT, False)]
)
def test_only_a_machine_that_nobody_reaches_blocks_what_is_asked_elsewhere(
    kind: FailureKind, blocks: bool
) -> None:
    failure = lost(kind)
    if not blocks:
        view(failure).block_if_unreachable(SERVICES)
        return
    with pytest.raises(BlockedError) as blocked:
        view(failure).block_if_unreachable(SERVICES)
    assert (blocked.value.by, blocked.value.next_step) == ("LM302", "Look there.")
    assert blocked.value.reason == failure.failure.sentence


def test_the_inventory_says_who_exchanges_or_else_the_domain_does() -> None:
    hosts: dict[str, dict[str, Outcome[Any]]] = {
        "hv01": {DOMAIN_MEMBERSHIP.name: member("Contoso.com")},
        "hv02": {DOMAIN_MEMBERSHIP.name: member("contoso.COM")},
        "hv03": {DOMAIN_MEMBERSHIP.name: member("other.example")},
        "hv04": {DOMAIN_MEMBERSHIP.name: lost()},
        "hv05": {DOMAIN_MEMBERSHIP.name: lost(FailureKind.NOT_GATHERED)},
    }
    by_domain = group(hosts)
    assert by_domain.peers("hv01") == ("hv02",)
    assert by_domain.unplaced("hv01") == ("hv04",)
    in_groups = group(hosts, Outside(frozenset({"hv02", "hv04", "hv05"})))
    assert in_groups.peers("hv01") == in_groups.unplaced("hv01") == ()
    assert in_groups.not_looked_at("hv01", SERVICES) == ()
    assert not in_groups.is_alone("hv01")
    assert group(hosts, Outside(frozenset({"hv04"}))).peers("hv01") == ("hv02",)
    assert by_domain.not_looked_at("hv01") == ("hv05",)
    said = group(hosts, frozenset({"hv03", "hv04"}))
    assert said.peers("hv01") == ("hv03", "hv04")
    assert said.unplaced("hv01") == ()
    assert said.not_looked_at("hv01") == ()
    assert said.peers("hv01", DOMAIN_MEMBERSHIP) == ("hv03", "hv04")
    none = group(hosts, frozenset())
    assert (none.peers("hv01"), none.not_looked_at("hv01")) == ((), ())


def test_a_host_that_was_not_asked_was_not_looked_at() -> None:
    unasked: dict[str, Outcome[Any]] = {
        DOMAIN_MEMBERSHIP.name: member("contoso.com"),
        LOCAL_ADDRESSES.name: lost(FailureKind.NOT_GATHERED),
    }
    hosts = group({"hv01": {DOMAIN_MEMBERSHIP.name: member("contoso.com")}, "hv02": unasked})
    assert hosts.peers("hv01", DOMAIN_MEMBERSHIP) == ("hv02",)
    assert hosts.peers("hv01", DOMAIN_MEMBERSHIP, LOCAL_ADDRESSES) == ()
    assert hosts.not_looked_at("hv01", DOMAIN_MEMBERSHIP, LOCAL_ADDRESSES) == ("hv02",)


def test_an_address_is_owned_by_each_host_that_has_it() -> None:
    hosts = group(
        {
            "hv01": {LOCAL_ADDRESSES.name: address("10.1.1.7")},
            "hv02": {LOCAL_ADDRESSES.name: address("10.1.1.8")},
            "hv03": {LOCAL_ADDRESSES.name: address("10.1.1.7")},
            "hv04": {LOCAL_ADDRESSES.name: lost()},
        }
    )
    assert hosts.owners(parse_address("10.1.1.7")) == ("hv01", "hv03")
    assert hosts.owners(parse_address("10.1.1.9")) == ()


def test_a_vmm_server_is_known_as_the_inventory_lists_it_among_others() -> None:
    listed = (Listed("vmm01"), Listed("vmm02", answers_as="vmm02-old"))
    hosts = GroupView(replace(group({}).facts, listed_vmms=listed))
    assert hosts.listed_server("vmm02") is listed[1]
    assert hosts.listed_server("vmm09") == Listed("vmm09")


def test_what_was_not_read_of_others_is_blocked_by_the_check_that_says_why() -> None:
    hosts = group(
        {
            "hv01": {
                SERVICES.name: Gathered(SEEN, Vantage.HOST),
                LOCAL_ADDRESSES.name: lost(root="", said="Access is denied."),
            },
            "hv02": {SERVICES.name: lost(root="LM302"), LOCAL_ADDRESSES.name: address("10.1.1.8")},
        }
    )
    error = unread_peers(hosts, ("hv01", "hv02"), SERVICES, LOCAL_ADDRESSES)
    assert error.by == "LM302"
    assert error.reason == (
        "What is needed of hv01 and hv02 could not be read: LM302 of hv02 says why."
    )
    assert error.next_step == "Mend what LM302 says of hv02 first."
    alone = unread_peers(hosts, ("hv01",), SERVICES, LOCAL_ADDRESSES)
    assert alone.by == ""
    # What a machine said may end as a sentence does, or not.
    assert alone.reason == (
        "What is needed of hv01 could not be read: Reading it: Access is denied."
    )
    assert alone.next_step == "Look there."


def test_hosts_that_were_not_looked_at_are_a_note_unless_they_decide() -> None:
    strict, lenient = Policy(fail_on="warning"), Policy()
    repair = refresh_record(FixTarget("hv07", "vmm01"))
    one = list(with_what_is_missing([ok("Seen.")], ["hv09"], lenient))
    assert one == [ok("Seen."), note("1 host of its migration group was not looked at: hv09.")]
    two = list(with_what_is_missing([], ["hv08", "hv09"], lenient))
    assert two == [note("2 hosts of its migration group were not looked at: hv08 and hv09.")]
    assert list(with_what_is_missing([ok("Seen.")], [], strict)) == [ok("Seen.")]
    for told in (warn("Odd.", "Even."), fail("Odd.", "Even.", repair)):
        found = list(with_what_is_missing([told], ["hv09"], strict))
        assert [each.level for each in found] == [told.level, Level.NOTE]
    with pytest.raises(BlockedError) as blocked:
        list(with_what_is_missing([ok("Seen.")], ["hv09"], strict))
    assert "1 host of its migration group was not looked at: hv09" in blocked.value.reason
    assert "--limit" in blocked.value.next_step
