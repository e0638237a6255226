"""What is made of accounts of a directory: their names, and which of them are no host to add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sansldap
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.discovery import directory
from livemigration.discovery.found import Found, NotFoundError, Scope
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Access
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.inventory.directory import DirectoryServer
from livemigration.ldap.directory import Entry
from livemigration.wsman.errors import WsmanError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BASE = "DC=contoso,DC=com"
UNTOLD = "the directory shows no DNS name of it: this one is made of its account's name"


def ago(**silent: int) -> str:
    since = NOW - timedelta(**silent) - datetime(1601, 1, 1, tzinfo=UTC)
    return str(since // timedelta(microseconds=1) * 10)


def entry(**values: Any) -> Entry:
    """Return the account of a healthy host with these attributes; None takes one out."""
    told = {
        "dNSHostName": "hv01.contoso.com",
        "sAMAccountName": "HV01$",
        "objectClass": ("top", "computer"),
        "userAccountControl": "4096",
        "lastLogonTimestamp": ago(days=1),
        **values,
    }
    named = {key: each if isinstance(each, tuple) else (each,) for key, each in told.items()}
    return Entry(
        f"CN=HV01,{BASE}",
        {
            key.casefold(): tuple(each.encode() for each in some)
            for key, some in named.items()
            if None not in some
        },
    )


def found(*entries: Entry, domain: str = "contoso.com", error: WsmanError | None = None) -> Found:
    target = DirectoryTarget(DirectoryServer(domain=domain), Access())

    class Played:
        def search(
            self, base: str, wanted: sansldap.FilterSubstrings, attributes: Sequence[str]
        ) -> Iterator[Entry]:
            assert base == BASE
            assert (wanted.attribute, wanted.any, wanted.final) == (
                "servicePrincipalName",
                [],
                None,
            )
            assert wanted.initial == b"Microsoft Virtual System Migration Service/"
            known = {each.casefold() for each in attributes}
            for each in entries:
                yield Entry(each.name, {k: v for k, v in each.values.items() if k in known})

    @contextmanager
    def signed_in(
        asked: DirectoryTarget, of: str, until: Deadline
    ) -> Iterator[tuple[Played, Entry]]:
        assert (asked, of) == (target, domain)
        assert until.remaining <= target.entry.time_limit
        if error is not None:
            raise error
        yield Played(), Entry("", {"defaultnamingcontext": (BASE.encode(),)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "signed_in", signed_in)
        return directory.ask_directory(target, domain, NOW, Deadline.after(3000))


def test_hosts_are_in_order_and_those_of_the_domain_that_are_missing_are_gone() -> None:
    said = found(entry(dNSHostName="HV02.contoso.com"), entry())
    assert [each.name for each in said.hosts] == ["hv01.contoso.com", "HV02.contoso.com"]
    assert (said.title, said.scope) == (
        "The directory of contoso.com",
        Scope(domain="contoso.com"),
    )
    assert said.strict
    assert {each.reaching for each in said.hosts} == {directory.BY_KERBEROS}


@in_turn(
    "values, name, notes",
    [
        ({}, "hv01.contoso.com", ()),
        ({"dNSHostName": "hv01.contoso.com."}, "hv01.contoso.com", ()),
        ({"dNSHostName": "HV01.CONTOSO.COM"}, "HV01.CONTOSO.COM", ()),
        ({"dNSHostName": None}, "HV01.contoso.com", (UNTOLD,)),
        ({"dNSHostName": None, "sAMAccountName": None}, f"CN=HV01,{BASE}", (UNTOLD,)),
        (
            {"dNSHostName": "hv01.fabrikam.com"},
            "hv01.fabrikam.com",
            ("its DNS name is not one of contoso.com: compare",),
        ),
    ],
)
def test_a_host_has_its_dns_name_or_one_made_of_its_account(
    values: dict[str, Any], name: str, notes: tuple[str, ...]
) -> None:
    (host,) = found(entry(**values)).hosts
    assert (host.name, host.notes) == (name, notes)


@in_turn("length, shown", [(80, 80), (81, 77)])
def test_a_long_domain_is_told_as_far_as_a_line_goes(length: int, shown: int) -> None:
    domain = ".".join(["x" * 60, "y" * 60])[:length]
    (host,) = found(entry(), domain=domain).hosts
    told = domain[:shown] + "..." * (shown < length)
    assert host.notes == (f"its DNS name is not one of {told}: compare",)


CLUSTERS = ("MSClusterVirtualServer/cl01", "HOST/cl01")
NO_COMPUTER = "no computer's account has this name of the migration service"


@in_turn(
    "values, why",
    [
        ({}, ""),
        ({"objectClass": None, "userAccountControl": None}, ""),
        ({"objectClass": ("top", "User")}, NO_COMPUTER),
        ({"objectClass": ("TOP", "COMPUTER")}, ""),
        ({"servicePrincipalName": CLUSTERS}, "the account of a cluster's name, and no machine's"),
        ({"userAccountControl": "4098"}, "its account is disabled"),
        ({"lastLogonTimestamp": ago(days=90)}, ""),
        (
            {"lastLogonTimestamp": ago(days=90, seconds=1)},
            "its account has not signed in for 90 days, since 2026-03-02",
        ),
        (
            {"lastLogonTimestamp": None},
            "its account never signed in, as far as the directory shows",
        ),
    ],
)
def test_an_account_that_is_no_host_to_add_says_why(values: dict[str, Any], why: str) -> None:
    assert found(entry(**values)).hosts[0].unfit == why


def test_a_directory_that_does_not_answer_is_no_empty_one() -> None:
    lost = WsmanError(FailureKind.UNREACHABLE, "the connection was lost")
    said = r"^Asking the directory of contoso\.com \(a domain controller that DNS names, port \d+\)"
    with pytest.raises(NotFoundError, match=rf"{said}: the connection was lost\. "):
        found(error=lost)
