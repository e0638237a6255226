"""Codes are found in every spelling, and nothing else is taken for one."""

from __future__ import annotations

import datetime as dt
import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.explain.catalogue import CATALOGUE
from livemigration.explain.entry import Kind, canonical, signed, unsigned
from livemigration.explain.extract import alone, inside

REFUSED = (Kind.WIN32, 10061)
UNREACHABLE = (Kind.RESULT, 0x80338012)
ZERO_RATING = (Kind.ARTICLE, 2853203)

# The text that VMM 2012 SP1 shows, with the letter O in its code.
OF_THE_WIZARD = """\
Migration check for virtual machine vm01 failed to create a planned virtual machine in the target
host. Detailed error message: The Virtual Machine Management Service failed to establish a
connection for a Virtual Machine migration with host hv02.contoso.com: No connection could be made
because the target machine actively refused it. (Ox8007274D).
"""
OF_THE_ARTICLE = f"""\
# A VM live migration fails with error 0x8007274D in System Center 2012 VMM SP1
_Original product version:_ System Center 2012 Virtual Machine Manager Service Pack 1
_Original KB number:_ &nbsp; 2853203
> {OF_THE_WIZARD}
This issue was resolved in System Center 2012 R2 Virtual Machine Manager (hh831435, 08/18/2020).
"""


def codes(text: str) -> list[tuple[Kind, int | None]]:
    return [(entry.kind, entry.number) for found in inside(text) for entry in found.entries]


def unknown(text: str) -> list[int | None]:
    return [found.number for found in inside(text) if not found.entries]


@in_turn(
    "spelling, expected",
    [
        ("0x8007274D", REFUSED),
        ("0X8007274d", REFUSED),
        ("Ox8007274D", REFUSED),
        ("ox8007274d", REFUSED),
        ("8007274D", REFUSED),
        ("(0x8007274D).", REFUSED),
        ("-2147014835", REFUSED),
        ("\u22122147014835", REFUSED),
        ("2147952461", REFUSED),
        ("10061", REFUSED),
        ("0x274D", REFUSED),
        ("WSAECONNREFUSED", REFUSED),
        ("2150858770", UNREACHABLE),
        ("-2144108526", UNREACHABLE),
        ("0x80338012", UNREACHABLE),
        ("ERROR_WSMAN_DESTINATION_UNREACHABLE", UNREACHABLE),
        ("DESTINATION_UNREACHABLE", UNREACHABLE),
        ("2912", (Kind.VMM, 2912)),
        ("23007", (Kind.VMM, 23007)),
        ("12710", (Kind.VMM, 12710)),
        ("21502", (Kind.EVENT, 21502)),
        ("32784", (Kind.METHOD, 32784)),
        ("2853203", ZERO_RATING),
        ("5", (Kind.WIN32, 5)),
    ],
)
def test_a_code_that_stands_alone_is_read_in_each_spelling(
    spelling: str, expected: tuple[Kind, int]
) -> None:
    found = alone(spelling)
    assert found is not None
    assert expected in {(entry.kind, entry.number) for entry in found.entries}


@in_turn(
    "text",
    [
        "",
        "hv01",
        "10.0.0.1",
        "3.1.6011.0",
        "99999999999",
        "-5000000000",
        "0x",
        "0x123456789",
        "1-2",
    ],
)
def test_what_is_not_a_code_alone_is_not_read_as_one(text: str) -> None:
    assert alone(text) is None


@in_turn(
    "text, expected",
    [
        ("Error (2912)", [(Kind.VMM, 2912)]),
        ("Error (10698) in the job", [(Kind.VMM, 10698)]),
        ("Fehler (12710): der Zugriff wurde verweigert", [(Kind.VMM, 12710)]),
        ("VMM 2912", [(Kind.VMM, 2912)]),
        ("VMM job error: 23007.", [(Kind.VMM, 23007)]),
        ("Event 21502", [(Kind.EVENT, 21502)]),
        ("Event ID: 21502", [(Kind.EVENT, 21502)]),
        ("Ereignis-ID: 20406", [(Kind.EVENT, 20406)]),
        ("ID d'\u00e9v\u00e9nement : 21125", [(Kind.EVENT, 21125)]),
        ("\u30a4\u30d9\u30f3\u30c8 ID: 21502", [(Kind.EVENT, 21502)]),
        ('<EventID Qualifiers="0">21502</EventID>', [(Kind.EVENT, 21502)]),
        ("System error 5 has occurred.", [(Kind.WIN32, 5)]),
        ("[WinError 10061] refused", [REFUSED]),
        ("\u30a8\u30e9\u30fc \u30b3\u30fc\u30c9: 10061\u3067\u3059", [REFUSED]),
        ("\u8fde\u63a5\u88ab\u62d2\u7edd\u3002(0x8007274D)\u3002", [REFUSED]),
        ("\u62d2\u5426\u3055\u308c\u307e\u3057\u305f0x8007274D\u3067\u3059", [REFUSED]),
        ("\u043a\u043e\u0434 \u043e\u0448\u0438\u0431\u043a\u0438: 10061", [REFUSED]),
        ('<f:WSManFault Code="2150858770" Machine="hv01">', [UNREACHABLE]),
        ("Error number:  -2144108526 0x80338012", [UNREACHABLE]),
        ("HRESULT:-2144108526", [UNREACHABLE]),
        ("ReturnValue = 32775", [(Kind.METHOD, 32775)]),
        ("Job         :\nReturnValue : 32775", [(Kind.METHOD, 32775)]),
        ("ErrorCode        : 32784", [(Kind.METHOD, 32784)]),
        ("ErrorCode 32784", [(Kind.METHOD, 32784)]),
        ("it said WSAECONNREFUSED", [REFUSED]),
        ("10061 first, then error 10060, then 0x8007274D", [(Kind.WIN32, 10060), REFUSED]),
        ("0x8007274D and 10061 and -2147014835", [REFUSED]),
        (OF_THE_WIZARD, [ZERO_RATING, REFUSED]),
        (OF_THE_WIZARD.replace("\n", "\r\n  "), [ZERO_RATING, REFUSED]),
        (OF_THE_ARTICLE, [REFUSED, ZERO_RATING]),
    ],
)
def test_a_pasted_text_gives_its_marked_codes_in_their_order(
    text: str, expected: list[tuple[Kind, int]]
) -> None:
    assert codes(text) == expected
    assert unknown(text) == []


@in_turn(
    "text",
    [
        "VMM 2012 SP1, VMM 2016, VMM 2022",
        "System Center 2012 R2 (3.2.7510.0)",
        "at 10.0.0.11:6600 through port 5985 (2012)",
        "Error 5 November 2026 in the log",
        "Fehler 5. November 2026",
        "error de 5 de noviembre de 2026",
        "Error 10.0.0.1:6600",
        "Error 2026-11-23 12:00:05",
        "Event 11/23/2026 4:00:00 PM",
        "Error: 5985/tcp",
        "Error 12:30",
        "error 3.1.6011.0",
        "0 errors, 0x0",
        "build 1.0x86, 10x86 and 2x0x",
        "telephone +492150858770, account A-2147014835",
        "1234567890, 2026112315 and 4294967295",
    ],
)
def test_a_text_without_a_code_gives_none(text: str) -> None:
    assert inside(text) == ()


def test_an_unknown_code_with_a_mark_is_told() -> None:
    assert unknown("Error (28180), 0x80338999") == [28180, 0x80338999]


_NOT_CODES = st.one_of(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).flatmap(  # noqa: DTZ001 - only its digits count
        lambda when: st.sampled_from(
            [
                when.isoformat(),
                when.strftime("%d.%m.%Y %H:%M"),
                when.strftime("%m/%d/%Y %H:%M:%S"),
                when.strftime("%Y%m%d%H%M%S"),
            ]
        )
    ),
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(1, 65535)).map(lambda pair: f"{pair[0]}:{pair[1]}"),
    st.tuples(st.ip_addresses(v=6), st.integers(1, 65535)).map(
        lambda pair: f"[{pair[0]}]:{pair[1]}"
    ),
    st.ip_addresses(v=4).map(lambda address: str(ipaddress.ip_interface(f"{address}/24"))),
    st.lists(st.integers(0, 99999), min_size=2, max_size=4).map(
        lambda parts: ".".join(map(str, parts))
    ),
    st.integers(0, 65535).map(str),
    # Seconds since 1970 in today's range of time stamps.
    st.integers(0, (1 << 31) - 1).map(str),
    st.uuids().map(str),
    st.uuids().map(lambda value: f"{{{str(value).upper()}}}"),
)


@given(
    st.lists(_NOT_CODES, min_size=1, max_size=6), st.sampled_from([" ", ", ", "; ", "\n", " | "])
)
def test_dates_addresses_versions_ports_and_guids_are_never_codes(
    parts: list[str], separator: str
) -> None:
    assert inside(separator.join(parts)) == ()


@given(
    st.sampled_from(["Error ", "Fehler: ", "Event ", "VMM ", "ReturnValue "]),
    st.one_of(
        st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).map(  # noqa: DTZ001 - only its digits count
            lambda when: when.strftime("%Y-%m-%d %H:%M:%S")
        ),
        st.ip_addresses(v=4).map(str),
        st.uuids().map(str),
        st.lists(st.integers(0, 99999), min_size=2, max_size=4).map(
            lambda parts: ".".join(map(str, parts))
        ),
    ),
)
def test_not_even_behind_a_mark(mark: str, what: str) -> None:
    assert inside(mark + what) == ()


RESULTS = [e.number for e in CATALOGUE if e.kind is Kind.RESULT and e.number is not None]


@given(st.sampled_from(RESULTS), st.data())
def test_each_spelling_of_a_result_code_in_a_text_finds_it(
    number: int, data: st.DataObject
) -> None:
    spelling = data.draw(
        st.sampled_from(
            [
                f"0x{number:08x}",
                f"0X{number:08X}",
                f"Ox{number:08X}",
                str(number),
                str(signed(number)),
            ]
        )
    )
    around = data.draw(st.sampled_from(["({})", "'{}'", "Code={}", "\u3001{}\u3002", "{}.", "{}"]))
    assert codes(around.format(spelling)) == [(Kind.RESULT, number)]


@given(st.integers(0, (1 << 32) - 1))
def test_signed_and_unsigned_are_one_code(number: int) -> None:
    assert unsigned(signed(number)) == number


@given(st.integers(1, 0xFFFF))
def test_a_win32_number_is_the_same_inside_an_hresult(number: int) -> None:
    assert canonical(0x80070000 | number) == canonical(number) == (Kind.WIN32, number)


@given(st.text(max_size=300))
def test_any_text_at_all_can_be_asked(text: str) -> None:
    for found in inside(text):
        assert found.entries or found.kinds


def test_two_entries_of_a_kind_never_share_a_number() -> None:
    numbers = [(entry.kind, entry.number) for entry in CATALOGUE if entry.number is not None]
    assert len(numbers) == len(set(numbers))
