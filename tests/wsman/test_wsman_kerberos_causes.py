"""Each code of Kerberos is one finding, with what is to be done; none is judged by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.facts.model import FailureKind
from livemigration.wsman.kerberos_causes import (
    KerberosError,
    account_failure,
    answer_failure,
    host_failure,
    needs_a_name,
    no_kdc,
    not_taken,
)
from livemigration.wsman.principals import Principal

ADMIN = Principal("admin", "CONTOSO.COM")
HOST = "hv01.contoso.com"
KDC = "the KDC of CONTOSO.COM"
REFUSED, FAILED = FailureKind.AUTHENTICATION, FailureKind.KERBEROS

# The code → its kind, what is said of the account, and a piece of what is to be done.
OF_ACCOUNT = {
    -1765328360: (REFUSED, f"{KDC} refused the password of admin@CONTOSO.COM", "right password"),
    -1765328378: (REFUSED, f"{KDC} knows no account admin@CONTOSO.COM", "Correct the user name"),
    -1765328366: (REFUSED, "admin@CONTOSO.COM is disabled, expired or locked", "unlock it"),
    -1765328361: (REFUSED, "has expired or must be changed", "Change the password"),
    -1765328230: (FAILED, "no KDC of the realm CONTOSO.COM is known", "krb5.conf"),
    -1765328228: (FAILED, "no KDC of the realm CONTOSO.COM can be reached", "port 88"),
    -1765328347: (FAILED, "the clocks of this machine and of the KDC", "w32tm /stripchart"),
    -1765328352: (FAILED, "the ticket of admin@CONTOSO.COM expired", "kinit admin@CONTOSO.COM"),
    -1765328370: (FAILED, "has no key of admin@CONTOSO.COM of a kind", "AES"),
    -1765328174: (FAILED, f"{KDC} gave no ticket for admin@CONTOSO.COM", "kinit"),
}


@in_turn("code, told", list(OF_ACCOUNT.items()))
def test_what_a_kdc_says_of_an_account_is_one_finding(
    code: int, told: tuple[FailureKind, str, str]
) -> None:
    kind, said, step = told
    found = account_failure(code, ADMIN)
    assert (found.kind, found.code, found.account) == (kind, code, "admin@CONTOSO.COM")
    assert said in found.came_back
    assert step in found.next_step


def test_a_key_of_a_keytab_is_no_password() -> None:
    found = account_failure(-1765328360, ADMIN, keytab="/etc/own.keytab")
    assert found.came_back == f"{KDC} refused the key of admin@CONTOSO.COM in /etc/own.keytab"
    assert "keytab anew" in found.next_step
    lacks = account_failure(-1765328203, ADMIN, keytab="/etc/own.keytab")
    assert lacks.came_back == "/etc/own.keytab holds no key of admin@CONTOSO.COM"


# GSS-API's code → what is said of the machine, and a piece of what is to be done.
OF_HOST = {
    2529638919: ("has no ticket for HTTP/hv01.contoso.com", "setspn -Q HTTP/hv01.contoso.com"),
    2529638944: ("the ticket of admin@CONTOSO.COM expired during the run", "fresh ticket"),
    2529638949: ("the clock of hv01.contoso.com differs", "w32tm /resync"),
    2529638945: ("the clock of hv01.contoso.com differs", "w32tm /resync"),
    2529638943: ("did not take the ticket for HTTP/hv01.contoso.com: it has another key", "setspn"),
    2529638926: ("share no kind of encryption", "msDS-SupportedEncryptionTypes"),
    2529639068: ("no KDC of the realm CONTOSO.COM can be reached", "port 88"),
    1: ("Kerberos failed with HTTP/hv01.contoso.com", "kvno HTTP/hv01.contoso.com"),
}


@in_turn("code, told", list(OF_HOST.items()))
def test_what_goes_wrong_with_one_machine_is_one_finding_of_its_own(
    code: int, told: tuple[str, str]
) -> None:
    said, step = told
    found = host_failure(code, ADMIN, "HTTP", HOST)
    assert (found.kind, found.account) == (FAILED, "")
    assert said in found.came_back
    assert step in found.next_step


def test_the_finding_of_an_spn_names_both_of_its_causes_and_each_mend() -> None:
    found = host_failure(2529638919, ADMIN, "HTTP", HOST)
    assert "no account has this SPN, or two have it" in found.came_back
    for step in ("setspn -Q HTTP/", "setspn -Q HOST/", "setspn -X", "setspn -S HOST/", "alias"):
        assert step in found.next_step


CODES = st.one_of(
    st.integers(-(1 << 31), (1 << 32) - 1), st.integers(0, 127).map(lambda each: each - 1765328384)
)


@given(CODES)
@examples(300)
def test_each_code_has_words_and_a_next_step(code: int) -> None:
    found: list[KerberosError] = [
        account_failure(code, ADMIN),
        account_failure(code, ADMIN, keytab="{}"),
        host_failure(code, ADMIN, "HTTP", HOST),
        answer_failure(code, ADMIN, "HTTP", HOST, b""),
    ]
    for each in found:
        assert each.came_back
        assert not each.came_back.endswith(".")
        assert each.next_step.endswith(".")
        assert "{kdc}" not in each.came_back + each.next_step


@given(CODES)
@examples(300)
def test_no_answer_of_a_machine_speaks_for_the_kdc_or_lets_ntlm_stand_in(code: int) -> None:
    found = answer_failure(code, ADMIN, "HTTP", HOST, b"NTLMSSP\0\2")
    assert (found.kind, found.account, found.instead) == (FAILED, "", None)
    assert "KDC of CONTOSO.COM has no ticket" not in found.came_back
    assert HOST in found.came_back or "expired" in found.came_back


@pytest.mark.parametrize(
    "found", [no_kdc(ADMIN, 2.5), not_taken("HTTP", HOST), needs_a_name("10.0.0.11")]
)
def test_what_has_no_code_is_told_alike(found: KerberosError) -> None:
    assert found.kind is FAILED
    assert found.next_step.endswith(".")


def test_how_long_a_kdc_was_silent_is_told() -> None:
    assert no_kdc(ADMIN, 2.5).came_back.endswith("answered within 2.5 seconds")
