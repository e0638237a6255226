"""The rows that are asked for come to the verdict that every row would come to."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import wsman_replies as soap
from asked_host import Asked
from in_turn import in_turn
from narrow_host import GROUPS, Host, asked, firewall, whole
from ntlm_server import message_id
from windows_host import SERVER_2022, answering

from livemigration.facts.firewall import ALLOW, BLOCK, ENABLED_RULES, FIREWALL_RULES
from livemigration.facts.firewall_filters import FIREWALL_PORTS
from livemigration.facts.firewall_words import OTHER_PROTOCOL
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.network import LocalAddress
from livemigration.gather import narrow
from livemigration.gather.narrow import candidates
from livemigration.gather.properties import AbsentProperties
from livemigration.verdict.firewall.rules import MIGRATION_RULE, Firewall, Peer
from livemigration.wsman.errors import WsmanError, WsmanFault, timed_out

VMMS = r"%systemroot%\system32\vmms.exe"
QUOTA_VIOLATION, INVALID_QUERY, NO_FILTER = 0x8004106C, 0x80041017, 0x8033801A


OWN = ("10.1.1.7", "10.1.2.7")
LOCAL = tuple(
    LocalAddress(ipaddress.ip_address(address), 24, name)
    for name, address in zip("AB", OWN, strict=True)
)
NEAR, FAR = (
    Peer(f"hv{number:02}", ((ipaddress.ip_address(address),),))
    for number, address in ((8, "10.1.1.8"), (9, "10.1.9.9"))
)


def told(found: Firewall) -> list[Any]:
    """Return everything that a check says of a firewall, or bases a fix on."""
    rule = found.find(MIGRATION_RULE)
    said: list[Any] = [rule, rule and found.is_for_migration(rule), rule and found.scope_of(rule)]
    for text in OWN:
        address = ipaddress.ip_address(text)
        for peers in ((), (NEAR,), (NEAR, FAR)):
            judged = found.facing(address, LOCAL).judge(peers)
            # WMI promises no order.
            said.append(replace(judged, rules=tuple(sorted(judged.rules))))
        facing = found.facing(address, LOCAL)
        said += [sorted(facing.scoped(action)) for action in (ALLOW, BLOCK)]
    return said


def refused(code: int, *inner: int, subcode: str = "InternalError") -> WsmanFault:
    return WsmanFault(FailureKind.FAULT, "no", code=code, subcode=subcode, provider_codes=inner)


def rule(name: str, **changed: Any) -> dict[str, dict[str, Any]]:
    """Return a rule with its filters by class; what is not said is the rule of the role."""
    says = {
        "Action": ALLOW, "Direction": 1, "Enabled": 1, "Profiles": 0, "Protocol": "TCP",
        "LocalPort": ("6600",), "LocalAddress": ("Any",), "RemoteAddress": ("Any",),
        "AppPath": VMMS, "ServiceName": "vmms", **changed,
    }  # fmt: skip
    return {
        group.source: {
            each.name: name if each.name == "InstanceID" else says[each.name]
            for each in group.query.wmi_class.properties
        }
        for group in GROUPS
    }


def host_with(*rules: dict[str, dict[str, Any]], **more: Any) -> Host:
    return Host({group.source: [each[group.source] for each in rules] for group in GROUPS}, **more)


OTHERS = [
    *(rule(f"Out-{n}", Direction=2) for n in range(3)),
    *(rule(f"Off-{n}", Enabled=2) for n in range(4)),
    *(rule(f"UDP-{n}", Protocol="UDP") for n in range(5)),
    *(rule(f"Web-{n}", LocalPort=("80",)) for n in range(6)),
]


def test_rows_that_cannot_matter_are_not_sent() -> None:
    host = host_with(rule(MIGRATION_RULE, Enabled=2), rule("Any", LocalPort=("Any",)), *OTHERS)
    found = asked(host, AbsentProperties())
    # Rules: both, five of UDP, six of port 80. Ports: all but UDP. Three filters of both rules.
    assert host.sent == 13 + 15 + 3 * 2
    assert len(host.asked) == 5
    ports = found[FIREWALL_PORTS.name]
    assert isinstance(ports, Gathered)
    told = {each.identifier: each.protocol for each in ports.value}
    assert told["UDP-1"] == OTHER_PROTOCOL
    assert "Out-1" not in told
    assert "Off-1" not in told


def test_over_a_slow_link_ports_are_asked_for_by_name() -> None:
    rules = (rule(MIGRATION_RULE, Enabled=2), rule("Any", LocalPort=("Any",)), *OTHERS)
    host = host_with(*rules)
    found = asked(host, AbsentProperties(), few_bytes=True)
    # Of the ports: those of both, and six of port 80; none of UDP comes.
    assert host.sent == 13 + 8 + 3 * 2
    # The role's rule is disabled, and asked for by its name.
    assert len(host.asked) == 6
    assert told(firewall(found)) == told(firewall(whole(host_with(*rules))))


@pytest.mark.parametrize(
    "more", [(), (rule(f"{MIGRATION_RULE}-2"), rule("VIRT-MIGL-3", Enabled=2))]
)
def test_over_a_slow_link_no_rule_says_that_it_is_enabled(more: Sequence[Any]) -> None:
    rules = (rule(MIGRATION_RULE), *more, *OTHERS)
    host = host_with(*rules)
    found = asked(host, AbsentProperties(), few_bytes=True)
    of_rules = [each for each in host.asked if "MSFT_NetFirewallRule" in each]
    assert of_rules == [ENABLED_RULES.wql]
    assert told(firewall(found)) == told(firewall(whole(host_with(*rules))))


def test_a_host_that_sends_what_was_not_asked_for_is_asked_for_every_row() -> None:
    class Unfiltered(Host):
        def enumerate(self, query: Any) -> Any:
            return super().enumerate(replace(query, where=None))

    rules = (rule(MIGRATION_RULE), rule("Off", Enabled=2), rule("Out", Direction=2))
    rows = {group.source: [each[group.source] for each in rules] for group in GROUPS}
    found = asked(Unfiltered(rows), AbsentProperties())
    assert told(firewall(found)) == told(firewall(whole(Host(rows))))


def test_where_no_rule_may_be_about_the_port_nothing_more_is_asked() -> None:
    host = host_with(rule("Web", LocalPort=("80",)))
    asked(host, AbsentProperties())
    assert len(host.asked) == 2


def test_a_host_without_rules_is_asked_for_all_of_them_and_for_nothing_else() -> None:
    host = host_with()
    found = asked(host, AbsentProperties())
    assert ["WHERE" in each for each in host.asked] == [True, False]
    assert all(isinstance(each, Gathered) and each.value == () for each in found.values())


def test_a_host_that_finds_nothing_is_asked_for_every_row() -> None:
    host = host_with(rule(MIGRATION_RULE), hides=True)
    assert told(firewall(asked(host, AbsentProperties()))) == told(firewall(whole(host)))
    assert sum("WHERE" not in each for each in host.asked) == 2 * len(GROUPS)


def test_a_host_that_hides_the_port_of_the_roles_own_rule_is_asked_for_every_row() -> None:
    class Wrong(Host):
        def enumerate(self, query: Any) -> Any:
            rows = super().enumerate(query)
            if "Protocol <>" in query.wql:
                return tuple(each for each in rows if each["Protocol"] != "TCP")
            return rows

    rows = {
        group.source: [each[group.source] for each in (rule(MIGRATION_RULE), *OTHERS)]
        for group in GROUPS
    }
    rows["MSFT_NetProtocolPortFilter"][-1]["Protocol"] = "6"
    assert told(firewall(asked(Wrong(rows), AbsentProperties()))) == told(
        firewall(whole(Host(rows)))
    )


@in_turn(
    "refusal",
    [
        refused(QUOTA_VIOLATION),
        refused(2150858752, QUOTA_VIOLATION),
        refused(INVALID_QUERY),
        refused(NO_FILTER),
        refused(0x80041001),
        WsmanFault(FailureKind.FAULT, "no", subcode="CannotProcessFilter"),
    ],
)
def test_a_build_that_refuses_a_filter_is_asked_for_it_once(refusal: WsmanFault) -> None:
    run = AbsentProperties()
    refuses = {"MSFT_NetAddressFilter": refusal}
    for number in range(3):
        host = host_with(rule(MIGRATION_RULE), *OTHERS, refuses=refuses)
        found = asked(host, run)
        assert told(firewall(found)) == told(firewall(whole(host_with(rule(MIGRATION_RULE)))))
        of_addresses = [each for each in host.asked if "MSFT_NetAddressFilter" in each]
        assert ["WHERE" in each for each in of_addresses] == (
            [True, False] if number == 0 else [False]
        )
    other = host_with(rule(MIGRATION_RULE))
    asked(other, run, build=26100)
    assert all("WHERE" in each for each in other.asked)


def test_a_host_of_no_known_build_tells_nothing_of_others() -> None:
    run = AbsentProperties()
    refuses = {"MSFT_NetFirewallRule": refused(INVALID_QUERY)}
    for _ in range(2):
        host = host_with(rule(MIGRATION_RULE), refuses=refuses)
        asked(host, run, build=None)
        assert ["WHERE" in each for each in host.asked[:2]] == [True, False]


def assert_takes_filters(run: AbsentProperties) -> None:
    """Assert that another host of the build is asked with filters."""
    host = host_with(rule(MIGRATION_RULE))
    asked(host, run)
    assert len(host.asked) == len(GROUPS)
    assert all("WHERE" in each for each in host.asked)


def test_a_build_that_refuses_the_narrowest_filter_is_asked_with_the_next() -> None:
    class Picky(Host):
        def enumerate(self, query: Any) -> Any:
            if "NOT" in query.wql:
                self.asked.append(query.wql)
                raise refused(INVALID_QUERY)
            return super().enumerate(query)

    run = AbsentProperties()
    rows = {group.source: [rule(MIGRATION_RULE)[group.source]] for group in GROUPS}
    for number in range(2):
        host = Picky(rows)
        found = asked(host, run)
        assert told(firewall(found)) == told(firewall(whole(Host(rows))))
        of_ports = [each for each in host.asked if "MSFT_NetProtocolPortFilter" in each]
        assert ["NOT" in each for each in of_ports] == ([True, False] if number == 0 else [False])
        assert all("WHERE" in each for each in of_ports)


def test_an_inbound_rule_that_is_named_like_an_outbound_one_keeps_its_ports() -> None:
    named = rule("Site-Out-TCP", Action=BLOCK)
    host = host_with(rule(MIGRATION_RULE), named)
    assert told(firewall(asked(host, AbsentProperties()))) == told(firewall(whole(host)))
    assert not any("NOT InstanceID" in each for each in host.asked)


@in_turn(
    "refusal",
    [
        WsmanFault(FailureKind.ACCESS_DENIED, "no", code=5),
        refused(0x8004100E),
        refused(2150858752, 0x80041010),
        refused(0x803381A6),
        refused(2150858793, subcode="TimedOut"),
        timed_out("late"),
    ],
)
def test_what_does_not_mean_the_filter_is_told_as_it_is(refusal: WsmanError) -> None:
    run = AbsentProperties()
    host = host_with(rule(MIGRATION_RULE), refuses={"MSFT_NetFirewallRule": refusal})
    found = asked(host, run)
    outcome = found[FIREWALL_RULES.name]
    assert isinstance(outcome, NotGathered)
    assert outcome.failure.code == refusal.code
    assert_takes_filters(run)


def test_a_host_that_refuses_every_row_too_says_nothing_of_the_filter() -> None:
    class Broken(Host):
        def enumerate(self, query: Any) -> Any:
            self.asked.append(query.wql)
            raise refused(0x80041001)

    run = AbsentProperties()
    asked(Broken({}), run)
    assert_takes_filters(run)


@pytest.mark.parametrize("most", [1, 7, 100])
def test_many_names_are_asked_for_in_parts_that_a_query_holds(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow, "_MOST_NAMES", most)
    rules = [rule(f"R{n}-{'x' * 300}") for n in range(14)]
    host = host_with(*rules)
    found = asked(host, AbsentProperties())
    assert told(firewall(found)) == told(firewall(whole(host_with(*rules))))
    assert all(len(each) <= 12_000 for each in host.asked)
    of_services = [each for each in host.asked if "MSFT_NetServiceFilter" in each]
    # More than three queries would be dearer than every row.
    assert len(of_services) == {1: 1, 7: 2, 100: 1}[most]
    assert ("WHERE" in of_services[0]) is (most > 1)


def test_a_name_that_no_query_holds_is_asked_for_with_every_row() -> None:
    host = host_with(rule("x" * 13_000))
    asked(host, AbsentProperties())
    assert sum("WHERE" not in each for each in host.asked) == 3


def test_facts_of_every_row_have_the_same_candidates() -> None:
    rows = host_with(rule(MIGRATION_RULE, Enabled=2), rule("Any", LocalPort=("Any",)), *OTHERS)
    for found in (asked(rows, AbsentProperties()), whole(rows)):
        rules, ports = found[FIREWALL_RULES.name], found[FIREWALL_PORTS.name]
        assert isinstance(rules, Gathered)
        assert isinstance(ports, Gathered)
        assert candidates(rules.value, ports.value) == (MIGRATION_RULE, "Any")


@pytest.mark.long
def test_what_a_host_refused_is_told_of_it() -> None:
    healthy = answering(SERVER_2022)

    def answer(request: bytes) -> tuple[int, bytes]:
        if b"FROM MSFT_NetAddressFilter WHERE" in request:
            return 500, soap.envelope(soap.fault(QUOTA_VIOLATION), message_id(request))
        return healthy(request)

    refusing, calm = Asked(answer=answer), Asked()
    assert refusing.value(HOST_ACCESS).unfiltered == ("MSFT_NetAddressFilter",)
    assert calm.value(HOST_ACCESS).unfiltered == ()
    for group in GROUPS:
        assert refusing.value(group) == calm.value(group)
    assert len(refusing.requests) == len(calm.requests) + 1
