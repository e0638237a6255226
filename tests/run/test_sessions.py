"""How a run signed in to its machines: by way, and what is told of a way that is not safe."""

from __future__ import annotations

from fact_builders import failure
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    SEALED,
    WITHIN_TLS,
    DirectoryAccount,
)
from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VmmAccess
from livemigration.run.sessions import (
    Retried,
    SignedIn,
    client_words,
    joined_sessions,
    retries_of,
    retry_sentence,
    sessions_of,
    unsafe_sentences,
)


def host(name: str, how: str) -> FactSheet:
    access = HostAccess(f"{name}, port 5985", "Vendor", "1.0", signed_in=how)
    return FactSheet(Subject.HOST, name, {HOST_ACCESS.name: Gathered(access, Vantage.SUITE)})


def vmm(name: str, how: str) -> FactSheet:
    access = VmmAccess(name, "Vendor", "1.0", signed_in=how)
    return FactSheet(Subject.VMM, name, {VMM_ACCESS.name: Gathered(access, Vantage.SUITE)})


def silent(subject: Subject, name: str) -> FactSheet:
    group = VMM_ACCESS if subject is Subject.VMM else HOST_ACCESS
    return FactSheet(subject, name, {group.name: failure()})


def test_machines_that_answered_are_told_by_the_way_that_they_were_met() -> None:
    facts = RunFacts(
        {
            "hv02": host("hv02", "kerberos"),
            "hv03": silent(Subject.HOST, "hv03"),
            "hv01": host("hv01", "ntlm"),
            "hv04": host("hv04", ""),
            "vmm01": host("vmm01", "kerberos"),
        },
        {
            "vmm01": vmm("vmm01", "kerberos"),
            "vmm02": silent(Subject.VMM, "vmm02"),
            "vmm03": vmm("vmm03", "ntlm"),
        },
    )
    assert sessions_of(facts) == (
        SignedIn("kerberos", ("hv02", "vmm01")),
        SignedIn("ntlm", ("hv01", "vmm03")),
    )


def test_the_domain_controllers_that_were_asked_are_told_once_each() -> None:
    def shown(by: str, how: str) -> FactSheet:
        account = DirectoryAccount(True, "HV$", answered_by=by, signed_in=how)
        outcome = Gathered(account, Vantage.DIRECTORY)
        return FactSheet(Subject.HOST, "hv", {DIRECTORY_ACCOUNT.name: outcome})

    kerberos, password = f"Kerberos {SEALED}", f"Password {WITHIN_TLS}"
    hosts = {
        "hv01": shown("dc01", kerberos),
        "hv02": shown("dc01", kerberos),
        "hv03": shown("dc02", password),
        # From a facts file of before it was written down.
        "hv04": shown("", ""),
    }
    found = sessions_of(RunFacts(hosts, {}))
    assert found == (SignedIn(kerberos, ("dc01",)), SignedIn(password, ("dc02",)))
    assert unsafe_sentences(found) == ()
    # They were asked by LDAP, and not by the client of WS-Management.
    assert client_words((*found, SignedIn("NTLM over HTTP", ("hv01",)))) == "pywinrm"


def test_a_machine_without_an_answer_was_not_asked_again() -> None:
    hosts = {"hv01": silent(Subject.HOST, "hv01"), "hv02": FactSheet(Subject.HOST, "hv02", {})}
    assert retries_of(RunFacts(hosts, {})) == ()


MET = st.lists(
    st.tuples(st.sampled_from(["kerberos", "ntlm"]), st.sampled_from(["hv01", "hv02", "hv03"])),
    max_size=4,
)


@examples(50)
@given(st.lists(MET, max_size=3))
def test_a_joined_run_has_met_each_machine_as_its_parts_did(
    parts: list[list[tuple[str, str]]],
) -> None:
    runs = [tuple(SignedIn(how, (name,)) for how, name in part) for part in parts]
    joined = joined_sessions(runs)
    told = [(each.how, name) for each in joined for name in each.machines]
    assert told == sorted({pair for part in parts for pair in part})
    assert len({each.how for each in joined}) == len(joined)


def test_the_machine_that_was_asked_again_most_often_is_told_first() -> None:
    retries = [Retried("hv01", 1), Retried("hv02", 3), Retried("hv03", 1)]
    assert retry_sentence(retries) == (
        "5 requests were made again because the machine was busy: hv02 (3), hv01 (1) and hv03 (1)."
    )
    assert retry_sentence(retries[:1]) == (
        "1 request was made again because the machine was busy: hv01 (1)."
    )


@in_turn(
    "how, begins",
    [
        ("NTLM over HTTPS, certificate NOT checked", ["CERTIFICATES NOT CHECKED on 2 machines"]),
        ("Basic, UNENCRYPTED", ["PASSWORD SENT UNENCRYPTED to 2 machines"]),
        ("CredSSP, PASSWORD GIVEN", ["PASSWORD GIVEN to 2 machines"]),
        (
            "CredSSP over HTTPS, certificate NOT checked, PASSWORD GIVEN",
            ["CERTIFICATES NOT CHECKED on 2 machines", "PASSWORD GIVEN to 2 machines"],
        ),
        ("Kerberos, encrypted", []),
    ],
)
def test_of_a_session_that_is_not_safe_each_reason_is_told(how: str, begins: list[str]) -> None:
    told = unsafe_sentences([SignedIn(how, ("hv01", "hv02"))])
    assert [each[: len(begin)] for each, begin in zip(told, begins, strict=True)] == begins
