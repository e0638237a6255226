"""What administrators paste is explained as what it is, in each form, and as nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from pasted_forms import FORMS, LANGUAGES, event_viewer, wevtutil_text
from properties import examples
from sampling import sampled

from livemigration.explain.catalogue import CATALOGUE, lookup
from livemigration.explain.entry import Entry, Kind, as_result, signed
from livemigration.explain.extract import alone, inside
from livemigration.explain.normal import decoded
from livemigration.explain.wording import found_text

# What logs the events of the catalogue, by the first part of a name that an entry accepts.
SOURCES = {
    "hyper-v": "Microsoft-Windows-Hyper-V-VMMS",
    "loadperf": "Microsoft-Windows-LoadPerf",
    "security-kerberos": "Microsoft-Windows-Security-Kerberos",
    "kdc": "Microsoft-Windows-Kerberos-Key-Distribution-Center",
    "failoverclustering": "Microsoft-Windows-FailoverClustering",
    "netlogon": "NETLOGON",
}
EVENTS = [entry for entry in CATALOGUE if entry.kind is Kind.EVENT]
PADS = ["", " ", "      ", " " * 30, "\t", "\u3000", "\u00a0\u00a0"]


def told(text: str) -> list[tuple[Kind, int | None]]:
    return [(entry.kind, entry.number) for found in inside(text) for entry in found.entries]


def unknown(text: str) -> list[tuple[int | None, str]]:
    return [(found.number, found.source) for found in inside(text) if not found.entries]


def source_of(entry: Entry) -> str:
    return SOURCES[entry.providers[0]]


@pytest.mark.parametrize("form", sampled(FORMS, every=3), ids=lambda form: form.__name__)
def test_no_form_of_a_log_hides_an_event_or_makes_one_of_another_number(
    form: Callable[[str, int], str],
) -> None:
    for entry in EVENTS:
        assert entry.number is not None
        text = form(source_of(entry), entry.number)
        assert told(text) == [(Kind.EVENT, entry.number)], text
        assert unknown(text) == [], text


@in_turn("language", LANGUAGES)
def test_no_language_and_no_padding_of_event_viewer_hides_an_event(language: str) -> None:
    for pad, number in itertools.product(PADS, (20413, 21024, 1106)):
        text = event_viewer(language, pad, SOURCES["hyper-v"], number)
        assert told(text) == [(Kind.EVENT, number)], text
        assert unknown(text) == []


@in_turn("form", FORMS)
def test_the_event_of_another_source_is_never_explained_as_that_of_hyper_v(
    form: Callable[[str, int], str],
) -> None:
    source = "Microsoft-Windows-Bits-Client"
    for entry in EVENTS[::6]:
        assert entry.number is not None
        text = form(source, entry.number)
        assert told(text) == [], text
        assert unknown(text) == [(entry.number, source)], text


def test_the_running_numbers_of_wevtutil_are_no_kerberos_events() -> None:
    one = wevtutil_text(SOURCES["hyper-v"], 21024)
    text = "".join(one.replace("[4]", f"[{at}]") for at in range(15))
    assert told(text) == [(Kind.EVENT, 21024)]
    assert unknown(text) == []


@in_turn(
    "text",
    ["Event 4", "Event ID: 11", "The event 4 of Security-Kerberos", "KDC: event 11 was logged"],
)
def test_a_small_number_is_an_event_where_nothing_else_can_be_meant(text: str) -> None:
    assert told(text) in ([(Kind.EVENT, 4)], [(Kind.EVENT, 11)])


@in_turn(
    "text",
    [
        "Event 4 of 11",
        "Events: 11",
        "Event[11]: Log Name: System",
        "The move took until event 4 had been handled by the operator of the night shift.",
    ],
)
def test_a_count_or_a_running_number_is_no_event(text: str) -> None:
    assert inside(text) == ()


VMM = [entry.number for entry in CATALOGUE if entry.kind is Kind.VMM]
# Numbers that are Win32 errors as well are told as both, where nothing says which.
VMM_WORDS = [
    *("Error ({})", "Warning ({})", "Fehler ({})", "Warnung ({})", "Erreur ({})"),
    *("Avertissement ({})", "Errore ({})", "Avviso ({})", "Advertencia ({})", "Aviso ({})"),
    *("\u30a8\u30e9\u30fc ({})", "\u8b66\u544a ({})", "\u8b66\u544a \uff08{}\uff09"),
    *("\u9519\u8bef ({})", "\uacbd\uace0 ({})", "\u041e\u0448\u0438\u0431\u043a\u0430 ({})"),
    *("\u041f\u0440\u0435\u0434\u0443\u043f\u0440\u0435\u0436\u0434\u0435\u043d\u0438\u0435 ({})",),
    *("Uyar\u0131 ({})", "Ostrze\u017cenie ({})", "Varning ({})", "Waarschuwing ({})"),
    *("Zot blubb ({})", "\u00e8\u00a3\u00a6 ({})", "It failed. (Error ID: {})"),
    *("DisplayableErrorCode    : {}", "SCVMM {}", "HostAgentFail ({})"),
]


@in_turn("words", VMM_WORDS)
def test_no_way_in_which_a_vmm_job_numbers_its_errors_hides_one(words: str) -> None:
    for number in VMM:
        text = f"x\n{words.format(number)}\nVMM cannot go on.\n"
        assert told(text) == [(Kind.VMM, number)], text


def test_vmm_names_return_values_of_hyper_v_as_codes() -> None:
    for number in (32768, 32769, 32773, 32775, 32784):
        text = f"Error (12700)\nIt failed.\nUnknown error (0x{number:04X})\n"
        assert told(text) == [(Kind.VMM, 12700), (Kind.METHOD, number)]


CODES = [
    (
        entry.kind,
        entry.number,
        as_result(entry.number) if entry.kind is Kind.WIN32 else entry.number,
    )
    for entry in CATALOGUE
    if entry.kind in {Kind.WIN32, Kind.RESULT} and entry.number
]
SPELLINGS: list[Callable[[int], str]] = [
    lambda code: f"(0x{code:08X})",
    lambda code: f"(0X{code:08x}).",
    lambda code: f"hr=0x{code:08x}",
    lambda code: f"HRESULT: 0x{code:08X}",
    lambda code: f"(Ox{code:08X})",
    lambda code: f"(Ox{code:08X})".replace("0", "O"),
    lambda code: f"(0x{code >> 16:04X}\n{code & 0xFFFF:04X})",
    lambda code: f"> (0x{code >> 8:06X}\r\n> {code & 0xFF:02X})",
    lambda code: f"(0x{code >> 16:04X} {code & 0xFFFF:04X})",
    lambda code: f"error code {code:08X}",
    lambda code: f"LogHr(1807) tid(163c) {code:08X} It failed",
    lambda code: f"&H{code:08X}",
    lambda code: f"Code={code}",
    lambda code: f"%%{code}",
    lambda code: f"{signed(code)}",
    lambda code: f"\u2212{-signed(code)}",
    lambda code: f"{signed(code):,}",
    lambda code: f"{code:,}".replace(",", "."),
    lambda code: f"{signed(code):,}".replace(",", "\u00a0"),
    lambda code: "".join(chr(ord(each) + 0xFEE0) for each in f"0x{code:08X}"),
    lambda code: f"\uff080\uff58{code:08X}\uff09",
    lambda code: f"\u200b0x{code:08X}\ufeff",
]


@in_turn("spelling", range(len(SPELLINGS)))
def test_no_way_of_writing_a_code_hides_it(spelling: int) -> None:
    for kind, number, code in CODES:
        text = f"It failed: {SPELLINGS[spelling](code)}"
        assert told(text) == [(kind, number)], text


@in_turn("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp932", "cp936"])
def test_no_encoding_of_windows_hides_a_code(encoding: str) -> None:
    text = "\u8b66\u544a (12710)\r\nVMM \u306b\u306f\r\n\u30a8\u30e9\u30fc: 0x80338104\r\n" * 3
    assert told(decoded(text.encode(encoding))) == [
        (Kind.VMM, 12710),
        (Kind.RESULT, 0x80338104),
    ]


def test_text_that_was_read_in_the_wrong_code_page_still_has_its_job_error() -> None:
    text = "VMM\n\u8b66\u544a (12710)\n".encode().decode("cp437")
    assert (Kind.VMM, 12710) in told(text)


MEANT = {
    "The virtual machine 'web01' is using processor-specific features not supported on physical "
    "computer 'HV02'.": "LM501",
    "The hardware on the destination computer isn\u2019t compatible with the hardware requirements "
    "of this virtual machine.": "LM501",
    "'web01' failed to live migrate because a virtual switch used by the VM doesn't exist on the "
    "destination node 'NODE2'.": "LM502",
    "The virtual machine 'x' is not compatible with physical computer 'HV06'. Could not find "
    "Ethernet switch 'Converged'.": "LM502",
    "Destination has disconnected VM switch(es).": "LM703",
    "failed to authenticate the connection for a Virtual Machine migration at the source host: no "
    "suitable credentials available.": "LM401",
    "The credentials supplied to the package were not recognized": "LM401",
    "No credentials are available\n> in the security package": "LM104",
    "The target principal name is incorrect.": "LM403",
    "The specified target is unknown or unreachable": "LM401",
    "Failed to get the network address for the destination node 'NODE2'": "LM601",
    "A cluster network is not available for this operation.": "LM601",
    "the node isn't a possible owner of the group": "LM502",
    "The key protector for the virtual machine could not be unwrapped.": "LM704",
    "the user has not been granted the requested logon type at this computer": "LM402",
    "CompatibilityReport: MessageId : 33012": "LM502",
    "The Kerberos client received a KRB_AP_ERR_MODIFIED error": "LM403",
    "Virtual machine migration limit 1 was reached, please wait": "LM106",
    "'vm1' could not initialize memory: Ran out of memory": "LM503",
    "A virtual disk support provider for the specified file was not found.": "LM701",
    "No connection could be made because the target machine actively refused it.": "LM103",
    "did not properly respond: the connected party did not properly respond after a period of "
    "time": "LM205",
    "da der Zielcomputer die Verbindung verweigerte": "LM103",
    "Failed to create Planned Virtual Machine at migration destination: The object already "
    "exists.": "LM707",
    "General access denied error": "LM401",
}


@in_turn("sentence", MEANT)
def test_no_sentence_of_the_references_needs_its_code(sentence: str) -> None:
    checks = {
        each for found in inside(sentence) for entry in found.entries for each in entry.checks
    }
    assert MEANT[sentence] in checks


@in_turn(
    "text, numbers",
    [
        ("- Event IDs 10698 and 21502", [10698, 21502]),
        ("Event IDs: 20406, 280", [20406, 280]),
        ("21502 Error Live migration of 'Virtual Machine web01' failed.", [21502]),
        ("Hyper-V-VMMS 20413 Fehler", [20413]),
        ("ID 21502", [21502]),
        ("11/26/2026 10:12:44 AM       21502 Error            Live migration", [21502]),
        ("**Event ID:** 21502", [21502]),
        ("*Event ID*: `21502`", [21502]),
        ("<tr><td>Event ID</td><td>21502</td></tr>", [21502]),
        ('{"TimeCreated":"/Date(1732615964000)/","Id":21502,"LevelDisplayName":"Error"}', [21502]),
    ],
)
def test_no_list_and_no_part_of_a_row_hides_an_event(text: str, numbers: list[int]) -> None:
    assert told(text) == [(Kind.EVENT, number) for number in numbers]


@in_turn(
    "text, parts, never",
    [
        ("Event ID: 29999", ("Event 29999: not in this", "Do: As an event"), "net helpmsg"),
        ("Error (28180)", ("Error (28180): not in this", "Do: As a VMM job"), "net helpmsg"),
        (wevtutil_text("Disk", 11), ("Event 11 of Disk: not in this", "Do:"), "SPN"),
        ("Unknown error (0x8015)", ("not in this", "Hyper-V-VMMS-Admin"), "net helpmsg"),
    ],
)
def test_what_is_not_known_says_so_and_what_to_do(
    text: str, parts: tuple[str, ...], never: str
) -> None:
    said = " ".join(" ".join(found_text(found, {}) for found in inside(text)).split())
    assert all(part in said for part in parts), said
    assert never not in said


def test_a_sentence_that_says_only_that_it_failed_is_told_where_nothing_else_is() -> None:
    general = "Virtual machine migration operation for 'web01' failed at migration source 'NODE1'."
    (found,) = inside(general)
    assert "does not say why" in found.entries[0].names[0]
    assert told(f"{general} (0x8007274D)") == [(Kind.WIN32, 10061)]


def entry(kind: Kind, number: int) -> Entry:
    (found,) = lookup(number, (kind,))
    return found


@pytest.mark.parametrize(
    ("kind", "number", "parts"),
    [
        (Kind.RESULT, 0x80048054, ("NetApp", "processors", "KB 4558514", "Microsoft Japan")),
        (Kind.EVENT, 21024, ("failed", "succeeded", "Azure Local", "KB 4558514")),
        (Kind.EVENT, 10698, ("configuration version", "virtual TPM")),
    ],
)
def test_where_two_sources_differ_both_are_told_with_their_names(
    kind: Kind, number: int, parts: tuple[str, ...]
) -> None:
    found = entry(kind, number)
    said = f"{found.meaning} {found.cause}"
    assert all(part in said for part in parts)
    assert len(found.sources) >= 2
    assert len(found.steps) > 1


def test_no_credentials_never_goes_without_credential_guard() -> None:
    found = entry(Kind.RESULT, 0x8009030E)
    assert "Credential Guard" in found.cause
    assert "2025" in found.cause
    assert {"LM104", "LM401"} <= set(found.checks)


# Numbers of a log that are neither events nor codes, each behind what Windows writes before it.
NOISE = [
    *("RecordId : {}", "ProcessId : {}", "ThreadId: {}", "EventRecordID {}", "Event record {}"),
    *("Index : {}", "At line:{0} char:{0}", "tid({})", "pid={}", "x.cpp({})", "LogHr({})", "[{}]"),
    *("#{}", "Zeile: {}", "Port: {}", "VLAN {}", "Job {}", "{} ms", "{} bytes", "{} errors"),
    *("Task Category: ({})", "Opcode: {}", "Version: {}", "Level: {}", "Keywords: {}", "Size: {}"),
    *("HTTP/1.1 {}", "error rate {}%", "Event[{}]:", "hv{}", "{}", "10.0.0.1:{}", "2026-11-26 {}:"),
]
LINES = [
    "{}",
    "Level: Error\n{}\nComputer: NODE1",
    "Source: Microsoft-Windows-Hyper-V-VMMS\n{}\nLevel: Error",
    "The Virtual Machine Management Service wrote {} and went on.",
]


@examples(400)
@given(st.sampled_from(NOISE), st.sampled_from(LINES), st.integers(1, 9999))
def test_no_other_number_of_a_log_becomes_an_event_or_a_code(
    noise: str, line: str, number: int
) -> None:
    assert inside(line.format(noise.format(number))) == ()


@examples(200)
@given(st.integers(1, 65535), st.sampled_from(["Event ID: {}", "Error ({})", "Warning ({})"]))
def test_no_unknown_number_is_explained_as_another(number: int, words: str) -> None:
    kinds = (Kind.EVENT,) if "Event" in words else (Kind.VMM, Kind.WIN32, Kind.METHOD)
    for found in inside(words.format(number)):
        assert all(each.number == number for each in found.entries)
        assert all(each.kind in kinds for each in found.entries)
        assert found.entries or found.number == number


@in_turn("argument", ["Ox8OO7274D", "&H8007274D", "%%2147952461", "10.061"])
def test_an_argument_is_read_in_the_spellings_of_a_text(argument: str) -> None:
    found = alone(argument)
    assert found is not None
    assert [each.number for each in found.entries] == [10061]
