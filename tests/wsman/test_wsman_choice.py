"""Kerberos or NTLM is decided here, by what is at hand; a failure never decides it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.collector.rules import FORMS
from livemigration.wsman.choice import SignIn, WhyNtlm, is_address
from livemigration.wsman.clients import Client
from livemigration.wsman.kerberos_causes import (
    KerberosError,
    account_failure,
    host_failure,
    no_kdc,
)
from livemigration.wsman.principals import Principal, principal_of
from livemigration.wsman.security import Mechanism, Security

HOST = "hv01.contoso.com"
CONTOSO = "CONTOSO.COM"
ADMIN = Principal("admin", CONTOSO)

# User name, realm: of the inventory, default realm of the machine, whether Kerberos is asked for
# → the account.
PRINCIPALS = [
    (r"CONTOSO\admin", "", "", False, None),
    (r"CONTOSO\admin", "contoso.com", "", False, ADMIN),
    (r"CONTOSO\admin", "", CONTOSO, False, ADMIN),
    (r"contoso\admin", "", "contoso.com", False, ADMIN),
    (r"contoso.com\admin", "", "", False, ADMIN),
    # The machine's own realm says nothing of another domain's account.
    (r"PERIMETER\admin", "", CONTOSO, False, None),
    (r"PERIMETER\admin", "", CONTOSO, True, None),
    (r"PERIMETER\admin", "PERIMETER.NET", CONTOSO, False, Principal("admin", "PERIMETER.NET")),
    ("admin@contoso.com", "", "", False, ADMIN),
    ("admin@contoso.com", "", "ATHENA.MIT.EDU", False, ADMIN),
    ("admin@CONTOSO.COM", "contoso.com", "", False, ADMIN),
    (
        "admin@company.example",
        CONTOSO,
        "",
        False,
        Principal("admin@company.example", CONTOSO, enterprise=True),
    ),
    # A bare name may be one of each machine's own.
    ("admin", "", CONTOSO, False, None),
    ("admin", "", CONTOSO, True, ADMIN),
    ("admin", CONTOSO, "", False, ADMIN),
    (r".\admin", CONTOSO, CONTOSO, True, None),
    ("", CONTOSO, CONTOSO, True, None),
    ("CONTOSO\\", CONTOSO, CONTOSO, True, None),
    ("@contoso.com", "", "", False, None),
]


@in_turn("username, realm, default, asked, found", PRINCIPALS)
def test_an_account_has_a_realm_where_one_is_at_hand(
    username: str, realm: str, default: str, asked: bool, found: Principal | None
) -> None:
    assert principal_of(username, realm, default, asked=asked) == found


def test_what_separates_the_parts_of_a_principal_is_escaped() -> None:
    assert Principal("svc/one", CONTOSO).parsed_from == "svc\\/one@CONTOSO.COM"
    upn = Principal("admin@company.example", CONTOSO, enterprise=True)
    assert upn.parsed_from == "admin@company.example@CONTOSO.COM"
    assert upn.kinit == "kinit -E admin@company.example@CONTOSO.COM"


# What is at hand, whose session → why NTLM; None: Kerberos.
UPN, DOWN_LEVEL = "admin@contoso.com", r"CONTOSO\admin"
CHOICES = [
    (SignIn(False, UPN, ADMIN, installed=True), HOST, None),
    (SignIn(False, DOWN_LEVEL, None, installed=True), HOST, WhyNtlm.NO_REALM),
    (SignIn(False, DOWN_LEVEL, None, installed=False), HOST, WhyNtlm.NO_REALM),
    (SignIn(False, UPN, ADMIN, installed=False), HOST, WhyNtlm.NOT_INSTALLED),
    (SignIn(False, UPN, ADMIN, installed=True), "10.0.0.11", WhyNtlm.ADDRESS),
    (SignIn(False, UPN, ADMIN, installed=True), "fd00::11", WhyNtlm.ADDRESS),
    (SignIn(False, r"HV01\administrator", ADMIN, installed=True), HOST, WhyNtlm.LOCAL),
    (SignIn(False, r".\administrator", None, installed=True), HOST, WhyNtlm.LOCAL),
    (SignIn(False, r"hv02\administrator", ADMIN, installed=True), HOST, None),
    # Who asks for Kerberos gets it, or hears why not.
    (SignIn(True, UPN, ADMIN, installed=True), "10.0.0.11", None),
    (SignIn(True, r"HV01\administrator", ADMIN, installed=True), HOST, None),
    # A keytab or a ticket has no password.
    (SignIn(False, "", ADMIN, installed=True, password=False), HOST, None),
    (SignIn(False, "", ADMIN, installed=True, password=False), "10.0.0.11", None),
]


@in_turn("at_hand, machine, why", CHOICES)
def test_a_session_signs_in_by_kerberos_unless_there_is_a_reason(
    at_hand: SignIn, machine: str, why: WhyNtlm | None
) -> None:
    assert at_hand.why_ntlm(machine) is why
    session = Security(sign_in=at_hand).towards(machine)
    assert session.mechanism is (Mechanism.KERBEROS if why is None else Mechanism.NTLM)
    assert ("no Kerberos" in session.text("http")) is (why is not None)


SIGN_INS = st.builds(
    SignIn,
    st.booleans(),
    st.sampled_from([UPN, DOWN_LEVEL, "admin", r".\admin", r"HV01\admin", ""]),
    st.sampled_from([None, ADMIN]),
    st.booleans(),
    st.booleans(),
)
MACHINES = st.sampled_from([HOST, "hv01", "10.0.0.11", "fd00::11", "[fd00::11]", "vmm01"])


@given(SIGN_INS, MACHINES)
@examples(200)
def test_ntlm_never_stands_in_for_what_was_asked_for_or_has_no_password(
    at_hand: SignIn, machine: str
) -> None:
    why = at_hand.why_ntlm(machine)
    if at_hand.asked or not at_hand.password:
        assert why is None
    if why is None and not at_hand.asked and at_hand.password:
        assert at_hand.principal is not None
        assert at_hand.installed
        assert not is_address(machine)


# The number of RFC 4120, section 7.5.9, or MIT's own code → whether NTLM may stand in.
FALLBACKS = [
    (no_kdc(ADMIN), True),
    (no_kdc(ADMIN, 10).of_host(), True),
    (account_failure(-1765328230, ADMIN), True),
    (host_failure(-1765328377, ADMIN, "HTTP", HOST), True),
    (host_failure(-1765328228, ADMIN, "HTTP", HOST), True),
    *((account_failure(-1765328384 + each, ADMIN), False) for each in (6, 14, 18, 23, 24, 31, 37)),
    *(
        (host_failure(-1765328384 + each, ADMIN, "HTTP", HOST), False)
        for each in (14, 31, 32, 33, 35, 37, 41)
    ),
    (account_failure(0, ADMIN), False),
]


@in_turn("failure, may", FALLBACKS)
def test_only_what_says_nothing_of_the_account_lets_ntlm_stand_in_and_only_if_it_is_written(
    failure: KerberosError, may: bool
) -> None:
    written = Security(Mechanism.KERBEROS, fallback=True).after(failure)
    assert (written is not None) is may
    if written is not None:
        assert written.mechanism is Mechanism.NTLM
        assert "no Kerberos: " in written.text("http")
    assert Security(Mechanism.KERBEROS).after(failure) is None


@given(
    st.builds(
        Security,
        st.sampled_from([Mechanism.NTLM, Mechanism.KERBEROS, Mechanism.CREDSSP, Mechanism.BASIC]),
        why_ntlm=st.sampled_from([None, *WhyNtlm]),
        client=st.sampled_from(list(Client)),
    ),
    st.sampled_from(["http", "https"]),
    st.booleans(),
)
@examples(100)
def test_how_a_session_signed_in_is_kept_when_facts_are_redacted(
    session: Security, scheme: str, apart: bool
) -> None:
    assert re.fullmatch(FORMS["signed_in"], session.text(scheme, apart=apart))


def test_words_of_reports_stand_in_an_expression_as_they_are() -> None:
    for each in (*WhyNtlm, *Mechanism):
        assert re.escape(each.value).replace("\\ ", " ") == each.value
