"""Attaching, against a local HTTP server that checks what reaches it."""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes
from pathlib import Path

import pytest
from attach_runs import ONE, PASSWORD, attach, write
from change_system import serving

from livemigration.base.errors import UsageError
from livemigration.bundle.attach.places import split

TOKEN = "S3cret-token-of-the-test"


def test_servicenow_gets_the_bundle_at_the_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path)
    with serving(ONE) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url + "/") == 0
    lookup, upload = server.seen
    assert (lookup.method, lookup.path) == ("GET", "/api/now/table/change_request")
    assert lookup.query["sysparm_query"] == "number=CHG0012345"
    assert (upload.method, upload.path) == ("POST", "/api/now/attachment/file")
    assert upload.query == {
        "table_name": "change_request",
        "table_sys_id": "c0ffee",
        "file_name": path.name,
    }
    assert upload.headers["Content-Type"] == "application/zip"
    assert upload.body == path.read_bytes()
    basic = "Basic " + b64encode(f"kim:{PASSWORD}".encode()).decode()
    assert {each.headers["Authorization"] for each in server.seen} == {basic}
    said = capsys.readouterr().out
    assert f"Attached to CHG0012345 at {server.url} as {path.name}." in said
    assert PASSWORD not in said


def test_jira_gets_the_bundle_as_a_form_and_a_token_goes_as_bearer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path)
    monkeypatch.setenv("LIVEMIGRATION_ATTACH_TOKEN", TOKEN)
    with serving(lambda _: (200, b"[]", {})) as server:
        monkeypatch.setenv("LIVEMIGRATION_ATTACH_URL", server.url)
        assert attach(path, "jira:OPS-1") == 0
    (upload,) = server.seen
    assert (upload.method, upload.path) == ("POST", "/rest/api/2/issue/OPS-1/attachments")
    assert upload.headers["X-Atlassian-Token"] == "no-check"
    assert upload.headers["Authorization"] == f"Bearer {TOKEN}"
    head = f"Content-Type: {upload.headers['Content-Type']}\r\n\r\n".encode()
    (part,) = list(message_from_bytes(head + upload.body).walk())[1:]
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename() == path.name
    assert part.get_payload(decode=True) == path.read_bytes()


def test_a_signature_goes_along(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.with_name(f"{path.name}.sig").write_bytes(b"c2ln\n")
    to = tmp_path / "to"
    to.mkdir()
    assert attach(path, f"file:{to}") == 0
    assert (to / path.name).read_bytes() == path.read_bytes()
    assert (to / f"{path.name}.sig").read_bytes() == b"c2ln\n"


def test_a_folder_never_loses_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    to = tmp_path / "to"
    to.mkdir()
    (to / path.name).write_text("older", encoding="utf-8")
    assert attach(path, f"file:{to}") == 11
    assert "is there already. It was left as it is." in capsys.readouterr().err
    assert (to / path.name).read_text(encoding="utf-8") == "older"
    assert attach(path, f"file:{tmp_path / 'gone'}") == 11
    gone = tmp_path / "gone" / path.name
    assert f"{gone}: No such file or directory. Name a folder that exists" in (
        capsys.readouterr().err
    )


def test_a_folder_may_have_a_colon_in_its_name() -> None:
    assert split(r"file:C:\Changes") == ("file", r"C:\Changes")


def test_a_place_is_told_by_its_beginning() -> None:
    with pytest.raises(UsageError, match="write servicenow") as refused:
        split("mail:" + "x" * 100)
    assert "'mail:" + "x" * 75 + "'" in str(refused.value)
    with pytest.raises(UsageError, match="is no number") as refused:
        split("jira:" + "-" * 100)
    assert "'jira:" + "-" * 75 + "': '" + "-" * 60 + "'" in str(refused.value)


def test_what_is_simulated_is_refused_unless_it_is_forced_and_then_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, to = write(tmp_path, simulated=True), tmp_path / "to"
    to.mkdir()
    assert attach(path, f"file:{to}") == 4
    assert "is no evidence: SIMULATED" in capsys.readouterr().err
    assert not list(to.iterdir())
    assert attach(path, f"file:{to}", "--force") == 0
    assert [each.name for each in to.iterdir()] == [f"SIMULATED-{path.name}"]


def test_what_is_too_old_is_refused_unless_it_is_forced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, to = write(tmp_path, hours=13), tmp_path / "to"
    to.mkdir()
    assert attach(path, f"file:{to}") == 4
    assert "is no evidence: It was evidence until " in capsys.readouterr().err
    assert attach(path, f"file:{to}", "--force") == 0


def test_a_damaged_bundle_is_attached_by_no_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, to = write(tmp_path), tmp_path / "to"
    to.mkdir()
    path.write_bytes(path.read_bytes().replace(b"prod.yaml", b"prod.yamI", 1))
    assert attach(path, f"file:{to}", "--force") == 4
    assert "was not verified: The bundle is damaged" in capsys.readouterr().err
    assert not list(to.iterdir())


@pytest.mark.parametrize(
    ("to", "url", "words"),
    [
        ("mail:kim", None, "write servicenow:CHG0012345, jira:KEY-1 or file:FOLDER"),
        ("jira:", None, "write servicenow:CHG0012345"),
        ("servicenow:CHG1^ORactive=true", None, "is no number of a change or an issue"),
        ("jira:../../x", None, "is no number of a change or an issue"),
        ("jira:OPS-1", None, "name the change system's base URL with --url"),
        ("jira:OPS-1", "http://jira.contoso.com", "http would send the password in the clear"),
        ("jira:OPS-1", "https://kim:pw@jira.contoso.com", "without user, query or fragment"),
        ("jira:OPS-1", "https://jira.contoso.com?x=1", "without user, query or fragment"),
        ("jira:OPS-1", "https://jira.contoso.com#x", "without user, query or fragment"),
        ("jira:OPS-1", "jira.contoso.com", "is no base URL"),
        ("jira:OPS-1", "https://[x", "is no base URL"),
    ],
)
def test_a_place_that_cannot_be_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], to: str, url: str | None, words: str
) -> None:
    path = write(tmp_path)
    assert attach(path, to, *(("--url", url) if url else ())) == 4
    assert words in capsys.readouterr().err


def test_without_credentials_and_without_a_terminal_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIVEMIGRATION_ATTACH_PASSWORD")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    path = write(tmp_path)
    with serving(ONE) as server:
        assert attach(path, "jira:OPS-1", "--url", server.url) == 4
    assert "there is no terminal to ask on" in capsys.readouterr().err
    assert not server.seen


@pytest.mark.parametrize("to", ["servicenow:CHG0000001", "jira:OPS-1"])
def test_a_bundle_of_another_change_is_not_attached_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    path = write(tmp_path, change="CHG0012345")
    which = to.partition(":")[2]
    with serving(ONE) as server:
        assert attach(path, to, "--url", server.url, "--force") == 4
        said = capsys.readouterr().err
        assert (
            f"is evidence for the change CHG0012345, not for {which}. It is not attached." in said
        )
        assert "--other-change" in said
        assert not server.seen
        assert attach(path, to, "--url", server.url, "--other-change") == 0
    assert f"The bundle names the change CHG0012345, and was attached to {which}." in (
        capsys.readouterr().out
    )


def test_a_bundle_is_attached_to_its_own_change_in_any_case_and_one_without_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, change="chg0012345")
    with serving(ONE) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 0
        assert "names" not in capsys.readouterr().out
        (tmp_path / "no").mkdir()
        path = write(tmp_path / "no")
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 0
    said = "The bundle names no change: nothing in it says that it is of CHG0012345."
    assert said in capsys.readouterr().out
