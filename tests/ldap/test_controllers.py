"""Which domain controllers DNS names: in which order, within which bounds, and what is told."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.resolver
import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from played_dns import ADDRESS, Answer, failing, played_dns, srv, zone

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.ldap import controllers
from livemigration.ldap.controllers import Lookup
from livemigration.wsman.errors import WsmanError

DOMAIN = "contoso.test"
SRV = (srv(DOMAIN), "SRV")


def named(*records: str) -> tuple[str, ...]:
    with played_dns(zone({SRV: records})) as own:
        return Lookup(DOMAIN, ADDRESS, own.port, Deadline.after(30)).controllers()


def refused(answer: Answer, domain: str = DOMAIN, seconds: float = 30) -> WsmanError:
    with played_dns(answer) as own:
        lookup = Lookup(domain, ADDRESS, own.port, Deadline.after(seconds))
        with pytest.raises(WsmanError) as caught:
            lookup.controllers()
    return caught.value


def test_the_lower_priority_comes_first() -> None:
    assert named("20 100 389 dc03.contoso.test.", "0 1 389 dc01.contoso.test.") == (
        "dc01.contoso.test",
        "dc03.contoso.test",
    )


def test_of_one_priority_each_comes_first_as_often_as_its_weight_says() -> None:
    random.seed(7)
    records = ("0 90 389 dc01.contoso.test.", "0 10 389 dc02.contoso.test.")
    with played_dns(zone({SRV: records})) as own:
        lookup = Lookup(DOMAIN, ADDRESS, own.port, Deadline.after(30))
        first = [lookup.controllers()[0] for _ in range(60)]
    assert 40 < first.count("dc01.contoso.test") < 60


def test_a_domain_with_many_controllers_is_read_over_tcp() -> None:
    records = [f"{each} 100 389 dc{each:02}.contoso.test." for each in range(40)]
    with played_dns(zone({SRV: records})) as own:
        found = Lookup(DOMAIN, ADDRESS, own.port, Deadline.after(30)).controllers()
        assert own.ways == {"UDP", "TCP"}
    assert found == tuple(f"dc{each:02}.contoso.test" for each in range(40))


def test_what_can_be_no_machines_name_is_left_out() -> None:
    # For an address nobody would ask for a ticket.
    found = named(
        "0 1 389 10.0.0.1.",
        "1 1 389 .",
        r"2 1 389 dc\032\010x.contoso.test.",
        "3 1 389 DC01.contoso.test.",
        "4 1 389 dc01.contoso.test.",
    )
    assert [each.casefold() for each in found] == ["dc01.contoso.test"]


@pytest.mark.parametrize(
    "answer", [zone({}), zone({(SRV[0], "TXT"): ["x"]}), zone({SRV: ["0 1 389 ."]})]
)
def test_a_domain_of_which_dns_names_no_controller_is_told_in_words(answer: Answer) -> None:
    found = refused(answer)
    assert found.kind is FailureKind.NAME_NOT_RESOLVED
    assert found.came_back == (
        "DNS names no domain controller of contoso.test (_ldap._tcp.dc._msdcs.contoso.test at "
        "127.0.0.1)"
    )
    assert "server: under directory" in found.next_step
    assert "dns:" in found.next_step


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_dns_server_that_refuses_is_told_apart_from_one_that_knows_none(
    code: dns.rcode.Rcode,
) -> None:
    assert "no DNS server gave an answer" in refused(failing(code)).came_back


def test_a_silent_dns_server_costs_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controllers, "SECONDS", 0.3)
    started = time.monotonic()
    found = refused(lambda _: None)
    assert time.monotonic() - started < 5
    assert found.kind is FailureKind.NAME_NOT_RESOLVED
    assert "no DNS server answered in time" in found.came_back


def test_the_deadline_of_everything_ends_it_sooner() -> None:
    found = refused(lambda _: None, seconds=0.2)
    assert found.kind is FailureKind.DEADLINE
    assert "time_limit under directory" in found.next_step


def test_bytes_that_are_no_answer_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controllers, "SECONDS", 0.3)
    assert "no DNS server" in refused(lambda asked: asked.to_wire()[:12] + b"\xff" * 40).came_back


@in_turn("domain", ["a..b", "x" * 64, "", "ä" * 300, "\udcff.test"])
def test_a_domain_whose_name_is_none_is_told(domain: str) -> None:
    found = refused(zone({}), domain)
    assert found.kind is FailureKind.NAME_NOT_RESOLVED


@pytest.fixture(scope="module")
def empty() -> Iterator[int]:
    with played_dns(zone({})) as own:
        yield own.port


@given(domain=st.text(max_size=40))
def test_whatever_a_domain_is_called_nothing_but_the_clients_own_error_is_raised(
    empty: int, domain: str
) -> None:
    lookup = Lookup(domain, ADDRESS, empty, Deadline.after(30))
    with pytest.raises(WsmanError):
        lookup.controllers()


def test_an_address_is_asked_of_the_dns_server_that_is_named() -> None:
    records = {
        ("dc01.contoso.test.", "A"): ["10.0.0.1"],
        ("dc02.contoso.test.", "AAAA"): ["fd00::2"],
    }
    with played_dns(zone(records)) as own:
        lookup = Lookup(DOMAIN, ADDRESS, own.port, Deadline.after(30))
        assert lookup.address_of("dc01.contoso.test") == "10.0.0.1"
        assert lookup.address_of("dc02.contoso.test") == "fd00::2"
        with pytest.raises(WsmanError, match="no address of it"):
            lookup.address_of("dc03.contoso.test")


def test_without_one_the_machines_own_are_asked_and_its_own_names_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with played_dns(zone({SRV: ["0 1 389 dc01.contoso.test."]})) as own:

        def configure(self: dns.resolver.Resolver, *_: object) -> None:
            self.nameservers, self.port = [ADDRESS], own.port

        monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", configure)
        monkeypatch.setattr(dns.resolver.Resolver, "read_registry", configure)
        lookup = Lookup(DOMAIN, None, 53, Deadline.after(30))
        assert lookup.controllers() == ("dc01.contoso.test",)
        assert lookup.address_of("dc01.contoso.test") == "dc01.contoso.test"


def test_a_machine_without_dns_servers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def configure(*_: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", configure)
    monkeypatch.setattr(dns.resolver.Resolver, "read_registry", configure)
    with pytest.raises(WsmanError, match="this machine has no DNS server"):
        Lookup(DOMAIN, None, 53, Deadline.after(30))
