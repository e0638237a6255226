"""A code has the meaning of its header, and a sentence is found whatever names stand in it."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.explain.catalogue import CATALOGUE, lookup
from livemigration.explain.entry import Kind, as_result
from livemigration.explain.extract import inside
from livemigration.explain.wording import found_text

# winerror.h, winhttp.h and wbemcli.h: number, name, what Windows prints for it.
HEADERS = [
    (183, "ERROR_ALREADY_EXISTS", "Cannot create a file when that file already exists."),
    (258, "WAIT_TIMEOUT", "The wait operation timed out."),
    (1168, "ERROR_NOT_FOUND", "Element not found."),
    (1920, "ERROR_CANT_ACCESS_FILE", "The file cannot be accessed by the system."),
    (5010, "ERROR_OBJECT_ALREADY_EXISTS", "The object already exists."),
    (12037, "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID", ""),
    (12045, "ERROR_WINHTTP_SECURE_INVALID_CA", ""),
    (12057, "ERROR_WINHTTP_SECURE_CERT_REV_FAILED", ""),
    (12152, "ERROR_WINHTTP_INVALID_SERVER_RESPONSE", ""),
    (12175, "ERROR_WINHTTP_SECURE_FAILURE", ""),
]
WMI = [
    (0x80041004, "WBEM_E_PROVIDER_FAILURE"),
    (0x80041006, "WBEM_E_OUT_OF_MEMORY"),
    (0x80041011, "WBEM_E_PROVIDER_NOT_FOUND"),
    (0x80041013, "WBEM_E_PROVIDER_LOAD_FAILURE"),
    (0x80041033, "WBEM_E_SHUTTING_DOWN"),
    (0x80041069, "WBEM_E_TIMED_OUT"),
]
BETWEEN = ["'web 01'", "''", "'web01' (virtual machine id 5f1a)", "'a' 'b'"]


def told(text: str) -> list[tuple[Kind, int | None]]:
    return [(entry.kind, entry.number) for found in inside(text) for entry in found.entries]


@in_turn("number, name, sentence", HEADERS)
def test_no_sentence_of_windows_is_explained_as_another_code(
    number: int, name: str, sentence: str
) -> None:
    code = as_result(number)
    assert told(f"Failed: {sentence} (0x{code:08X})") == [(Kind.WIN32, number)]
    (entry,) = lookup(number, (Kind.WIN32,))
    assert name in entry.names


@in_turn("number, name", WMI)
def test_no_wmi_code_of_an_overloaded_host_is_unknown(number: int, name: str) -> None:
    assert told(f"HRESULT 0x{number:08x}") == [(Kind.RESULT, number)]
    assert told(name) == [(Kind.RESULT, number)]


@in_turn("names", BETWEEN)
def test_no_name_inside_a_sentence_hides_it(names: str) -> None:
    for entry in CATALOGUE:
        for phrase in entry.phrases:
            # A phrase that ends in a quotation mark begins a name itself.
            if entry.general or " " not in phrase or "'" in phrase:
                continue
            first, rest = phrase.split(" ", 1)
            found = [each for one in inside(f"{first} {names} {rest}") for each in one.entries]
            assert entry in found, phrase


def test_a_sentence_is_not_made_of_two() -> None:
    # What stands in quotation marks may be left out; other words may not.
    assert told("the key protector for the virtual machine is set and could not be unwrapped") == []


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_host_that_takes_no_part_is_not_left_unexplained(side: str) -> None:
    text = f"Move-VM : The {side} host is not configured for live migration. Use the cmdlet."
    (found,) = inside(text)
    assert "LM101" in found.entries[0].checks


@pytest.mark.parametrize("number", [2602, 23234, 2606])
def test_no_locked_object_is_unknown(number: int) -> None:
    assert told(f"Error ({number})\nUnable to perform the job.") == [(Kind.VMM, number)]


def test_no_error_of_a_vmm_trace_is_passed_over_in_silence() -> None:
    ended = "[7068] *** Carmine error was: LibObjectNotFound (801)"
    assert told(ended) == [(Kind.VMM, 801)]
    (found,) = inside("Task.cs(248): Task failed error AMSomethingElse (4711) with exception X")
    said = " ".join(found_text(found, {}).split())
    assert found.entries == ()
    assert "(4711): not in this catalogue" in said
    assert "read the job's recommended action" in said


def test_no_running_number_of_a_forwarded_log_becomes_its_event() -> None:
    row = (
        "<11>Nov 26 10:12:44 hv01 MSWinEventLog\t2\tMicrosoft-Windows-Hyper-V-VMMS-Admin\t{}\t"
        "Thu Nov 26 10:12:44 2026\t{}\tMicrosoft-Windows-Hyper-V-VMMS\tSYSTEM\tUser\tError\thv01"
    )
    text = f"{row.format(20413, 21024)}\n{row.format(1203, 29999)}\n"
    assert told(text) == [(Kind.EVENT, 21024)]
    assert [found.number for found in inside(text)] == [21024, 29999]


@in_turn(
    "number, name, check",
    [
        ("0x7", "KDC_ERR_S_PRINCIPAL_UNKNOWN", "LM403"),
        ("0xd", "KDC_ERR_BADOPTION", "LM401"),
        ("0xe", "KDC_ERR_ETYPE_NOTSUPP", "LM403"),
        ("0xe", "KDC_ERR_ETYPE_NOSUPP", "LM403"),
        ("0x25", "KRB_AP_ERR_SKEW", "LM403"),
        ("0x29", "KRB_AP_ERR_MODIFIED", "LM403"),
    ],
)
def test_no_kerberos_error_is_taken_for_a_win32_error(number: str, name: str, check: str) -> None:
    for text in (f"Error Code: {number} {name}", f"error {number} ({name})", name):
        (found,) = inside(text)
        assert check in found.entries[0].checks
        assert Kind.WIN32 not in found.kinds


def test_a_kerberos_error_that_is_not_known_is_not_explained_as_a_win32_error() -> None:
    assert inside("Error Code: 0xB KDC_ERR_NEVER_VALID") == ()


def test_the_missing_logon_right_is_known_from_the_security_log() -> None:
    (found,) = inside("Logon Type: 5\nStatus: 0xC000015B\nSub Status: 0x0")
    assert "LM402" in found.entries[0].checks


def test_the_fault_of_a_provider_has_its_name_and_what_vmm_means_by_it() -> None:
    assert told("ERROR_WSMAN_WMI_PROVIDER_INVALID_PARAMETER") == [(Kind.RESULT, 0x8033811E)]
    (entry,) = lookup(0x8033811E, (Kind.RESULT,))
    assert "parameter" in entry.meaning
    assert "BITS" in entry.cause
