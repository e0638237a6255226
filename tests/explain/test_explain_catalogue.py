"""The catalogue holds every documented code of live migration, and says what it rests on."""

from __future__ import annotations

import re
from dataclasses import fields

from in_turn import in_turn

from livemigration.explain.catalogue import CATALOGUE, lookup, of_check, phrased
from livemigration.explain.entry import Confidence, Entry, Kind, canonical
from livemigration.explain.normal import folded
from livemigration.wsman.codes import ACCESS_DENIED, NAMES, NEXT_STEPS

# The rows of the failure catalogue: status codes.
STATUS = [
    *(0x8007274D, 10061, 0x8007274C, 10060, 0x80072746, 10054, 0x8007271D, 10013),
    *(0x80072741, 10049, 0x8009030E, 0x8009030D, 0x80090322, 0x80070569, 1385, 0x8007052F, 1327),
    *(0x80070005, 0x800705AA, 0x8007000E, 0x80071398, 5016, 0x000013AB, 5035, 0xC03A0014),
    *(0x80042001, 0x8007000D, 0x80048054, 59, 0xC0370027, 0x800706BA, 0x8004100E, 0x80041002),
    *(0x80338000, 0x139F, 0x138F, 0x80190193, 0x8007051F),
]
EVENTS = [
    *(21502, 21501, 21125, 21024, 20413, 20417, 20406, 280, 10698, 20306, 20415, 20418),
    *(22507, 22508, 22509, 22038, 3012, 4, 11, 20414, 21026, 22040, 22505),
]
VMM_JOBS = [
    *(23007, 23801, 23753, 11028, 12711, 12710, 13926, 2911, 2912, 2915, 2916, 2927),
    *(406, 415, 421, 20506, 26260, 10698),
]
INSIDE_VMM_JOBS = [
    *(0x80338104, 0x8007000E, 0x800700A4, 0x800007D0, 0x80041001, 0x80041002, 0x80338000),
    *(0x80338126, 0x80338012, 0x8033809D, 0x8033803B, 0x803381A6),
]
WSMAN = [
    *(2150858752, 2150858767, 2150858770, 2150858778, 2150858779, 2150858790, 2150858793),
    *(2150858811, 2150858813, 2150858817, 2150858843, 2150858909, 2150858974, 2150858980),
    *(2150859003, 2150859012, 2150859013, 2150859014, 2150859019, 2150859195, 2150859025),
    *(2150859026, 2150859027, 2150859046, 2150859113, 2150859120, 2150859121, 2150859173),
    *(2150859174, 2150859175, 2150859176, 2150859179, 2150859180, 2150859181, 2150859193),
    *(2150859194, 2150859240, 87, 5, 2147942402, 2147942606),
]
METHODS = [4096, *range(32768, 32779), 32784, *range(1, 7)]
ROWS = [
    *(canonical(code) for code in [*STATUS, *INSIDE_VMM_JOBS, *WSMAN]),
    *((Kind.EVENT, number) for number in EVENTS),
    *((Kind.VMM, number) for number in VMM_JOBS),
    *((Kind.METHOD, number) for number in METHODS),
    *((Kind.ARTICLE, number) for number in (2853203, 2865716)),
]
MESSAGES = [
    (
        "Migration check for virtual machine x failed to create a planned virtual machine in the "
        "target host hv02"
    ),
    "No available connection to selected VM Network can be found",
    "The host does not have access to sufficient storage of the requested classification",
    (
        "The Virtual Machine Management Service disabled the listener for Virtual Machine "
        "migration connections"
    ),
    "Live migration failed because virtual machine migration limit '2' was reached",
]
UNVERIFIED = [
    *((Kind.EVENT, number) for number in (20414, 21026, 22040, 22505)),
    (Kind.VMM, 26260),
    (Kind.WIN32, 1311),
]


def the(kind: Kind, number: int) -> Entry:
    (entry,) = lookup(number, (kind,))
    return entry


@in_turn("kind, number", dict.fromkeys(ROWS))
def test_each_documented_code_is_in_the_catalogue(kind: Kind, number: int) -> None:
    assert the(kind, number).meaning


@in_turn("message", MESSAGES)
def test_each_message_without_a_number_is_in_the_catalogue(message: str) -> None:
    assert len(list(phrased(folded(message)))) == 1


@in_turn("number", sorted({*NAMES, *ACCESS_DENIED, *NEXT_STEPS}))
def test_each_fault_that_the_suite_names_is_explained_under_that_name(number: int) -> None:
    kind, plain = canonical(number)
    entry = the(kind, plain)
    assert number not in NAMES or NAMES[number] in entry.names
    # What the suite prints beside the fault and what is explained must not part.
    assert number not in NEXT_STEPS or NEXT_STEPS[number] in entry.steps


def test_each_entry_says_what_to_do_and_what_it_rests_on() -> None:
    for entry in CATALOGUE:
        assert entry.steps, entry.title
        assert entry.sources, entry.title


def test_what_no_source_describes_says_so() -> None:
    found = {(e.kind, e.number) for e in CATALOGUE if e.confidence is Confidence.UNVERIFIED}
    assert found == set(UNVERIFIED)


def test_each_sentence_is_ascii_and_ends_as_one() -> None:
    for entry in CATALOGUE:
        for text in (entry.meaning, entry.cause, entry.caution, *entry.steps):
            assert text.isascii(), text
            assert not text or text.endswith((".", "*")), text
        for each in fields(entry):
            assert "  " not in str(getattr(entry, each.name)), entry.title


def test_checks_are_named_as_identifiers() -> None:
    for entry in CATALOGUE:
        assert all(re.fullmatch(r"LM[0-9]{3}", each) for each in entry.checks)
        assert len(set(entry.checks)) == len(entry.checks)


def test_the_refusal_alone_is_not_called_the_bug() -> None:
    caution = the(Kind.WIN32, 10061).caution
    for part in ("not the VMM bug", "3.1.*", "3.2.7510", "LM102", "LM203", "LM304", "KB 2853203"):
        assert part in caution
    assert "Any available network" not in " ".join(the(Kind.WIN32, 10061).steps)


def test_the_time_out_tells_of_the_stealth_mode() -> None:
    entry = the(Kind.WIN32, 10060)
    assert "stealth mode" in entry.cause
    assert "listener list first" in entry.caution


def test_the_article_gives_its_repair_with_its_release_and_its_cost() -> None:
    steps = " ".join(the(Kind.ARTICLE, 2853203).steps)
    assert steps.index("3.1.*") < steps.index("Use any available network")
    assert "unencrypted" in steps
    assert "3.2.7510" in steps


@in_turn(
    "forbidden",
    [
        "disable credential guard",
        "disable ntlm",
        "trustedhosts *",
        "enable-netfirewallrule -displaygroup",
        "restart-service",
        "route",
    ],
)
def test_no_step_gives_advice_that_is_forbidden(forbidden: str) -> None:
    steps = [step for entry in CATALOGUE for step in entry.steps]
    bad = [each for each in steps if forbidden in each.casefold()]
    # Looking at a route is not opening one.
    assert all(each.startswith(("Check", "Then look")) for each in bad), bad


def test_a_check_has_the_codes_that_name_it() -> None:
    assert the(Kind.WIN32, 10061) in of_check("LM102")
    assert of_check("LM999") == ()


@in_turn(
    "number, kind, check",
    [
        (21502, Kind.EVENT, "LM501"),
        (21502, Kind.EVENT, "LM703"),
        (20506, Kind.VMM, "LM107"),
    ],
)
def test_a_code_that_a_check_names_leads_back_to_that_check(
    number: int, kind: Kind, check: str
) -> None:
    (entry,) = lookup(number, [kind])
    assert check in entry.checks
