"""How the machines of a run were signed in to stands with what else the run was."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace

import pytest
import report_runs
from in_turn import in_turn

from livemigration.report.fix_script.render import fix_script
from livemigration.report.html.page import REPORT, pages
from livemigration.report.spreadsheet import csv_text
from livemigration.run.run import Run
from livemigration.run.sessions import SignedIn
from livemigration.wsman.clients import Client
from livemigration.wsman.security import Security

NTLM, HTTPS = "NTLM over HTTP, messages encrypted", "NTLM over HTTPS, certificate checked"
HOSTS = tuple(f"hv{number:02}.lab.test" for number in range(1, 8))


def row(run: Run) -> str:
    """Return what the row says, a space between its lines."""
    about = pages(run)[REPORT].partition('id="about"')[2]
    found = re.search(r"<dt>Signed in with</dt><dd>(.*?)</dd>", about, re.DOTALL)
    return html.unescape(found[1].replace("<br>", " ")) if found else ""


@in_turn(
    "sessions, said",
    [
        ((), ""),
        ((SignedIn(NTLM, HOSTS),), f"{NTLM}: 7 machines"),
        ((SignedIn(NTLM, HOSTS[:1]),), f"{NTLM}: 1 machine"),
        (
            (SignedIn(NTLM, HOSTS[:2]), SignedIn(HTTPS, HOSTS[6:])),
            f"{NTLM}: 2 machines ({HOSTS[0]} and {HOSTS[1]}) {HTTPS}: 1 machine ({HOSTS[6]})",
        ),
        ((SignedIn("<b>\u202e", HOSTS[:1]),), "<b>?: 1 machine"),
    ],
)
def test_the_page_says_how_machines_were_signed_in_to(
    sessions: tuple[SignedIn, ...], said: str
) -> None:
    assert row(replace(report_runs.broken_fleet(), sessions=sessions)) == said


STREAMS = Security(client=Client.STREAMS)


@in_turn(
    "sessions, said",
    [
        ((), ""),
        ((SignedIn(NTLM, HOSTS),), "pywinrm"),
        ((SignedIn(STREAMS.text("http"), HOSTS),), "streams"),
        (
            (SignedIn(STREAMS.text("https"), HOSTS[:2]), SignedIn(NTLM, HOSTS[2:])),
            "streams (2 machines) and pywinrm (5 machines)",
        ),
        (
            (
                SignedIn(STREAMS.text("http"), HOSTS[:1]),
                SignedIn(STREAMS.text("http", apart=True), HOSTS[1:]),
            ),
            "streams; no question went along with the sign-in to 6 machines",
        ),
    ],
)
def test_the_page_names_the_client_once(sessions: tuple[SignedIn, ...], said: str) -> None:
    about = pages(replace(report_runs.broken_fleet(), sessions=sessions))[REPORT]
    found = re.findall(r"<dt>Client</dt><dd>(.*?)</dd>", about)
    assert found == ([said] if said else [])


def test_machines_of_a_way_are_named_up_to_a_bound() -> None:
    many = tuple(f"hv{number:04}.lab.test" for number in range(3000))
    said = row(
        replace(
            report_runs.broken_fleet(), sessions=(SignedIn(NTLM, many), SignedIn(HTTPS, HOSTS[:1]))
        )
    )
    assert "3000 machines (hv0000" in said
    assert said.count("hv0") == 12 + 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("NTLM over HTTPS, certificate NOT checked", "CERTIFICATES NOT CHECKED on 1 machine"),
        ("Basic over HTTP, UNENCRYPTED", "PASSWORD SENT UNENCRYPTED to 1 machine"),
        (NTLM, ""),
    ],
)
def test_a_sign_in_that_was_not_safe_stands_in_the_csv_and_in_the_fix_script(
    how: str, words: str
) -> None:
    run = replace(report_runs.broken_fleet(), sessions=(SignedIn(how, HOSTS[:1]),))
    said = {row["unsafe"] for row in csv.DictReader(io.StringIO(csv_text(run), newline=""))}
    (cell,) = said
    # A comment is broken into lines.
    script = " ".join(fix_script(run).replace("\n#", "\n").split())
    if words:
        assert cell.startswith(words)
        assert words in script
    else:
        assert cell == "no"
        assert not any(each in script for each in ("NOT CHECKED", "UNENCRYPTED"))
