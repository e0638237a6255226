"""What is said of an inventory that was brought up to date, line by line; and what is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from in_turn import in_turn
from test_inventory_updates import HEAD, VMM, update

from livemigration.discovery import asking
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found, FoundHost, Scope
from livemigration.discovery.group_names import name_from
from livemigration.discovery.source import Kind, Source, source_of
from livemigration.discovery.telling import SIMULATED, lines_of
from livemigration.discovery.updating import updated

TEXT = (
    f"{HEAD}hosts:\n  - {{name: hv01, groups: [ams]}}\n  - {{name: hv02.contoso.com}}\n"
    '  - {name: "hv[08-09].contoso.com"}\n  - {name: hv10.contoso.com}\n'
)
STAY = "They stay in the inventory: remove by hand those that are gone."
HOSTS = (
    FoundHost("hv01.contoso.com", groups=("AMS", "cl01"), notes=("paused.",), unfit="It is off."),
    FoundHost("HV02.contoso.com", groups=("cl01",)),
    FoundHost("hv03.contoso.com", groups=("ams", "new"), notes=("in maintenance", "joining.")),
    FoundHost("hv04.contoso.com"),
    FoundHost("hv05.contoso.com", unfit="its account is disabled."),
    FoundHost("hv08.contoso.com"),
    FoundHost(""),
)


def test_everything_that_a_person_must_know_is_told() -> None:
    found = Found(
        "The VMM server", HOSTS, Scope(server=VMM), ("two are one.",), VMM, simulated=True
    )
    own = Existing(TEXT, "prod.yaml", Path())
    done = updated(found, own, patterns=("hv0[1-3]*",))
    said = lines_of(done, written=True)
    reason = next(each.why for each in done.compared.left_out if not each.name)
    assert said == [
        "The VMM server lists 7 hosts.",
        "New: 1",
        "  hv03.contoso.com (ams, new)",
        "In the inventory already: 3",
        "  hv01, which is hv01.contoso.com there",
        f"Not listed there (any more): 2. {STAY}",
        "  hv09.contoso.com (in hv[08-09].contoso.com)",
        "  hv10.contoso.com",
        "Left out: 2",
        "  hv05.contoso.com: its account is disabled",
        f"  (no name): {reason.removesuffix('.')}",
        "Not asked for by --limit: hv04.contoso.com",
        "To be known: 2",
        "  hv03.contoso.com: in maintenance; joining",
        "  hv01: It is off; paused",
        "Groups there that the inventory does not give them; add what you go by:",
        "  cl01: hv01 and hv02.contoso.com",
        "Two are one.",
        SIMULATED,
        "Wrote prod.yaml. Review it, then: livemigration doctor --inventory prod.yaml",
    ]


def test_where_nothing_is_new_nothing_was_written() -> None:
    done = update(TEXT, Found("It", (FoundHost("hv10.contoso.com"),), Scope(group="none")))
    assert lines_of(done, written=False) == [
        "It lists 1 host.",
        "In the inventory already: 1",
        "Nothing is new: prod.yaml was left as it is.",
    ]


def lines_about(text: str, *hosts: FoundHost) -> list[str]:
    return lines_of(update(text, Found("It", hosts, Scope(group="none"))), written=False)


@in_turn("length, shown", [(80, 80), (81, 77)])
def test_a_long_name_is_told_as_far_as_a_line_goes(length: int, shown: int) -> None:
    whole = ".".join(["hv01", "x" * 60, "y" * 60])[:length]
    told = whole[:shown] + "..." * (shown < length)
    known = lines_about(f"{HEAD}hosts:\n  - name: hv01\n", FoundHost(whole))
    assert f"  hv01, which is {told} there" in known
    left_out = lines_about(HEAD, FoundHost(whole, unfit="It is off."))
    assert f"  {told}: It is off" in left_out


@in_turn("length, shown", [(400, 400), (401, 397)])
def test_a_long_reason_is_told_as_far_as_a_line_goes(length: int, shown: int) -> None:
    why = "x" * shown + ("..." if shown < length else "")
    told = lines_about(HEAD, FoundHost("hv01", unfit="x" * length))
    assert f"  hv01: {why}" in told


def test_a_host_without_a_group_is_told_by_its_name_alone() -> None:
    assert lines_about(HEAD, FoundHost("hv01.contoso.com"))[1:] == [
        "New: 1",
        "  hv01.contoso.com",
        "Nothing was written: prod.yaml would change.",
    ]


@in_turn(
    "scope, gone",
    [
        (Scope(), ["hv01", "hv02.contoso.com", "hv08.contoso.com", "hv09.contoso.com"]),
        (Scope(group="AMS"), ["hv01"]),
        (Scope(domain="CONTOSO.com"), ["hv02.contoso.com", "hv08.contoso.com", "hv09.contoso.com"]),
        (Scope(server="vmm02.contoso.com"), []),
    ],
)
def test_only_what_a_source_would_list_is_gone_from_there(scope: Scope, gone: list[str]) -> None:
    done = update(TEXT, Found("It", (FoundHost("hv10.contoso.com"),), scope))
    assert [each.name for each in done.compared.gone] == gone


@in_turn(
    "text, source",
    [
        ("vmm:vmm01.contoso.com", Source(Kind.VMM, "vmm01.contoso.com")),
        ("ad:contoso.com", Source(Kind.DIRECTORY, "contoso.com")),
        ("cluster:cl01", Source(Kind.CLUSTER, "cl01")),
        ("ansible:C:\\a.yml", Source(Kind.ANSIBLE, "C:\\a.yml")),
    ],
)
def test_a_source_is_read_as_it_is_written(text: str, source: Source) -> None:
    assert source_of(text) == source
    assert str(source) == text


def test_a_name_of_just_the_length_that_a_group_may_have_is_kept() -> None:
    assert name_from("x" * 62 + "!y") is not None
    assert name_from("a " * 31 + "b") == "a-" * 31 + "b"


def test_ansible_does_not_get_the_passwords_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[frozenset[str]] = []

    def ask_ansible(path: Path, passwords: frozenset[str]) -> Found:
        told.append(passwords)
        return Found(str(path), ())

    monkeypatch.setattr(asking, "ask_ansible", ask_ansible)
    text = f"{TEXT}credentials: {{password_variable: OUR_PASSWORD}}\n"
    own = Existing(text, "prod.yaml", Path())
    source, now = source_of("ansible:hosts.yml"), datetime(2026, 6, 1, tzinfo=UTC)
    found = asking.ask(source, own, lambda _: pytest.fail("an account was read"), now)
    assert found.title == "hosts.yml"
    assert told == [{"OUR_PASSWORD"}]
