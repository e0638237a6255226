"""The verdict table's rows of what a host's Kerberos needs (LM403)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from directory_facts import COMPUTER, said_of
from fact_builders import HOST, NODE, OTHER, UNREACHABLE, all_lost, failure, without_hyperv_v2
from healthy_facts import ASKED
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.clock import CLOCK, Clock
from livemigration.facts.directory import (
    ACCOUNT_DISABLED,
    DIRECTORY_ACCOUNT,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    MIGRATION_SERVICE,
    NameOwner,
    ServiceName,
    SharedName,
    Trust,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.model import Gathered, Inapplicable, Vantage

UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
ALONE: dict[str, Any] = {"second": {"name": "hv02.other.example"}}
SUITE = "the clock of the machine that runs the suite"


def ahead(seconds: float) -> Clock:
    return Clock(ASKED + timedelta(seconds=seconds))


def clocks(own: float, other: float = 0) -> dict[str, Any]:
    """Return two hosts whose clocks are ahead of the suite's by these seconds."""
    return {"also": {CLOCK.name: ahead(own)}, "second": {"also": {CLOCK.name: ahead(other)}}}


def alone(own: float) -> dict[str, Any]:
    return {**ALONE, "also": {CLOCK.name: ahead(own)}}


def took(seconds: float, own: float) -> dict[str, Any]:
    """Return a host that took so long to answer, whose clock is ahead of the end of it."""
    return {"lost": {CLOCK.name: Gathered(ahead(own), Vantage.HOST, seconds, ASKED)}}


NO_MOMENT: dict[str, Any] = {"lost": {CLOCK.name: Gathered(ahead(0), Vantage.HOST)}}


def directory(
    other: Mapping[str, Any] | None = None, *, number: int = 1, **own: Any
) -> dict[str, Any]:
    """Return facts in which a directory says this of the host, and of the other one."""
    return {
        "authentication": number,
        "lost": said_of(**own),
        "other": said_of(OTHER, **(other or {})),
    }


def accounts(row: str, state: Any, given: Mapping[str, Any], **more: Any) -> Case:
    return Case("LM403", row, state, given, **more)


def group(
    row: str,
    state: Any,
    own: Any,
    other: Any,
    *,
    lost: Mapping[str, Any] = {},
    there: Mapping[str, Any] = {},
    **more: Any,
) -> Case:
    """Return a case of a group that is declared, whose two hosts are of two domains."""
    given = {
        "authentication": 1,
        "lost": {**said_of(**own), **lost},
        "second": {"name": ELSEWHERE},
        "other": {**said_of(OTHER, **other), **there} if other is not None else {},
    }
    return accounts(row, state, given, exchanges=frozenset({HOST, ELSEWHERE}), **more)


ELSEWHERE = "hv02.other.example"
THERE: dict[str, Any] = {"domain": "other.example"}
FULL_NAME = ServiceName(MIGRATION_SERVICE, HOST)
SHORT_NAME = ServiceName(MIGRATION_SERVICE, "HV01")
NO_FULL: dict[str, Any] = {"names": (SHORT_NAME,)}
OWNERS = (NameOwner("HV01$", "contoso.com"), NameOwner("OLD$", "contoso.com"))
TWICE: dict[str, Any] = {"shared": (SharedName(MIGRATION_SERVICE, HOST.upper(), OWNERS),)}
SHORT_TWICE: dict[str, Any] = {"shared": (SharedName(MIGRATION_SERVICE, "HV01", OWNERS),)}
DISABLED: dict[str, Any] = {"control": COMPUTER | ACCOUNT_DISABLED}
ELSEWHERE_NAMED = ServiceName(MIGRATION_SERVICE, "hv01.dns.example")
UNREAD_NAMES = {DIRECTORY_NAMES.name: failure(root="")}
UNREAD_TRUSTS = {DIRECTORY_DOMAIN.name: failure(root="")}
OF_ONE_GROUP = {"exchanges": frozenset({HOST, OTHER})}

OF_ACCOUNTS = (
    accounts("account", PASS, directory(), says="is enabled", found=2),
    accounts("account", PASS, directory(encryption_types=None), found=2),
    accounts("account", PASS, directory(encryption_types=0), found=2),
    accounts("account", PASS, directory(encryption_types=0x1F), found=2),
    accounts("disabled", FAIL, directory(**DISABLED), says="disabled", fix="account-disabled"),
    accounts("disabled", FAIL, {**directory(**DISABLED), **NODE}, fix="account-disabled"),
    accounts("disabled, CredSSP", FAIL, directory(**DISABLED, number=0)),
    accounts(
        "disabled, clock unread",
        FAIL,
        {**directory(), "lost": {**said_of(**DISABLED), CLOCK.name: failure()}},
    ),
    accounts("no name", FAIL, directory(names=()), says=HOST, fix="spn-missing"),
    accounts("no full name", FAIL, directory(**NO_FULL), fix="spn-missing"),
    accounts("no full name, CredSSP", PASS, directory(**NO_FULL, number=0), notes=HOST, found=2),
    accounts(
        "no full name, in-cluster", PASS, {**directory(**NO_FULL), **NODE}, notes=HOST, found=2
    ),
    accounts("no short name", PASS, directory(names=(FULL_NAME,)), notes="short name", found=2),
    accounts(
        "another DNS suffix",
        PASS,
        directory(dns_name="hv01.dns.example", names=(ELSEWHERE_NAMED, SHORT_NAME)),
        found=2,
    ),
    accounts("name twice", FAIL, directory(**TWICE), says="OLD$ in contoso.com", fix="spn-twice"),
    accounts("name twice, CredSSP", PASS, directory(**TWICE, number=0), notes="OLD$", found=2),
    accounts("short name twice", PASS, directory(**SHORT_TWICE), notes="short name", found=2),
    accounts("no catalogue", PASS, directory(whole_forest=False), notes="own domain only", found=2),
    accounts(
        "no AES",
        WARNING,
        directory(encryption_types=4),
        says="without AES",
        fix="account-encryption",
    ),
    accounts("not found", BLOCKED, directory(found=False), says="shows no account HV01$"),
    accounts("kept back", BLOCKED, directory(control=None), says="userAccountControl"),
    accounts("names unread", BLOCKED, {**directory(), "lost": {**said_of(), **UNREAD_NAMES}}),
    accounts(
        "no directory for the domain",
        PASS,
        {"lost": {DIRECTORY_ACCOUNT.name: Inapplicable("no directory configured for x")}},
    ),
    group("no trust", FAIL, {}, THERE, says="trusts the other", fix="trust"),
    group("no trust, disabled", FAIL, {"trusts": (Trust("other.example", 0, 8),)}, THERE),
    group("trust", PASS, {"trusts": (Trust("OTHER.example", 3, 8),)}, THERE, found=2),
    group("trust", PASS, {}, {**THERE, "trusts": (Trust("contoso.com", None, None),)}, found=2),
    group("one forest", PASS, {}, {**THERE, "forest": "CONTOSO.com"}, found=2),
    group("root unread", PASS, {}, {**THERE, "forest": "root.example"}, notes="not both", found=2),
    group("no directory there", PASS, {}, None, notes="not both forest roots", found=2),
    group("trusts unread", BLOCKED, {}, THERE, lost=UNREAD_TRUSTS),
    group("trusts unread, disabled", FAIL, DISABLED, THERE, lost=UNREAD_TRUSTS, says="disabled"),
    # The other host's own verdict is blocked by them.
    group("trusts unread there", PASS, {}, THERE, there=UNREAD_TRUSTS, notes="not both", found=2),
    accounts(
        "trusts unread, one domain",
        PASS,
        {**directory(), "lost": {**said_of(), **UNREAD_TRUSTS}},
        **OF_ONE_GROUP,
        found=2,
    ),
)
CASES = (
    Case("LM403", "clock", PASS, {}, says=f"within 60 seconds of {SUITE}"),
    Case("LM403", "clock", PASS, clocks(59), says="within 60 seconds"),
    Case("LM403", "clock off", WARNING, clocks(75), says=f"75 seconds ahead of {SUITE}"),
    Case("LM403", "clock off", WARNING, clocks(-299), says="5 minutes behind", fix="clock"),
    Case("LM403", "clock off", FAIL, clocks(600), says="10 minutes ahead", fix="clock"),
    Case("LM403", "clock off", FAIL, clocks(-7200), says="2 hours behind", fix="clock"),
    Case("LM403", "clock off", FAIL, clocks(-9e7), says="days behind", fix="clock"),
    # Two hosts agree, and the machine that runs the suite does not.
    Case(
        "LM403",
        "the suite's clock off",
        PASS,
        clocks(600, 610),
        says="of the other hosts' clocks",
        notes="that is off: 10 minutes behind",
    ),
    Case("LM403", "the suite's clock off", PASS, clocks(-600, -600), notes="10 minutes ahead of"),
    Case("LM403", "the suite's clock off", WARNING, clocks(700, 600), unsaid=SUITE),
    # One clock against that of the suite.
    Case("LM403", "clock off, alone", PASS, alone(10)),
    Case("LM403", "clock off, alone", WARNING, alone(100), says=SUITE),
    Case("LM403", "clock off, alone", FAIL, alone(400), says=SUITE),
    # Others that were not looked at would say which clock is off.
    Case("LM403", "some not looked at", PASS, UNSEEN),
    Case("LM403", "some not looked at", BLOCKED, {**UNSEEN, **clocks(600)}, says="hv03"),
    Case("LM403", "some not looked at", BLOCKED, {**UNSEEN, **clocks(600, 600)}, says="hv03"),
    # It read its clock somewhere in the time that asking took.
    Case("LM403", "clock, asked slowly", PASS, took(400, -400)),
    Case("LM403", "clock, asked slowly", PASS, took(400, 0)),
    Case("LM403", "clock, asked slowly", WARNING, took(20, -315)),
    Case("LM403", "clock, asked slowly", FAIL, took(20, -400)),
    Case("LM403", "clock, moment not known", INAPPLICABLE, NO_MOMENT, says="do not say when"),
    Case(
        "LM403",
        "clock of another host not known",
        PASS,
        {"other": {CLOCK.name: failure(root="")}},
        says=SUITE,
    ),
    Case("LM403", "clock unread", BLOCKED, {"lost": {CLOCK.name: failure()}}, by="LM302"),
    Case("LM403", "workgroup", INAPPLICABLE, {"joined": False, **clocks(9000)}, says="workgroup"),
    Case("LM403", "domain unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case("LM403", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM403", "2008 R2", PASS, {"lost": without_hyperv_v2()}),
    *OF_ACCOUNTS,
)
