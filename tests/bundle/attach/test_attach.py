"""Attaching, against a local HTTP server that checks what reaches it."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from change_system import Answer, Seen, serving
from fact_builders import run_facts
from whole_run import save, whole_run

from livemigration.base.errors import UsageError
from livemigration.bundle.attach import web
from livemigration.bundle.attach.places import split
from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import Verification
from livemigration.commands.main import main
from livemigration.commands.verify import verified
from livemigration.inventory.change import Change

NOW = datetime.now(UTC)
PASSWORD = "S3cret-Pw-of-the-test"
TOKEN = "S3cret-token-of-the-test"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEMIGRATION_ATTACH_USERNAME", "kim")
    monkeypatch.setenv("LIVEMIGRATION_ATTACH_PASSWORD", PASSWORD)
    for name in ("LIVEMIGRATION_ATTACH_TOKEN", "LIVEMIGRATION_ATTACH_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("livemigration.commands.attach.verified", verified_once)


_VERIFIED: dict[bytes, Verification] = {}


def verified_once(path: Path) -> Verification:
    """Return what verifying a bundle comes to, which is the same for each bundle of these bytes."""
    content = path.read_bytes()
    if content not in _VERIFIED:
        _VERIFIED[content] = verified(path)
    return _VERIFIED[content]


def write(folder: Path, *, simulated: bool = False, hours: int = 0, change: str = "") -> Path:
    """Write the bundle of a run that began some hours ago; return it."""
    folder.mkdir(exist_ok=True)
    path = folder / "prod-CHG0012345.zip"
    path.write_bytes(_bundle(simulated, hours, change))
    return path


@cache
def _bundle(simulated: bool, hours: int, change: str) -> bytes:
    run, asked = whole_run(
        run_facts(),
        began=NOW - timedelta(hours=hours, minutes=5),
        change=Change(change, "Kim") if change else None,
        lab="healthy" if simulated else "",
    )
    with TemporaryDirectory() as folder:
        return bundle_of(save(Path(folder) / "run", run, asked))[0]


def found(*rows: dict[str, str]) -> Answer:
    def answer(seen: Seen) -> tuple[int, bytes, dict[str, str]]:
        if seen.method == "GET":
            return 200, json.dumps({"result": list(rows)}).encode(), {}
        return 201, b'{"result": {"sys_id": "a1"}}', {}

    return answer


ONE = found({"sys_id": "c0ffee", "number": "CHG0012345"})


def attach(path: Path, to: str, *more: str) -> int:
    return main(["attach", str(path), "--to", to, *more])


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


def status(code: int, content: bytes = b"{}", **headers: str) -> Answer:
    return lambda _: (code, content, headers)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(401), "HTTP 401. Check the user name and the password or token."),
        pytest.param(
            status(403), "HTTP 403. Let this account read the record", marks=pytest.mark.long
        ),
        (status(404), "HTTP 404. Check the number of the record and the URL."),
        pytest.param(status(413), "HTTP 413. It is too large there", marks=pytest.mark.long),
        pytest.param(status(429), "HTTP 429. Too many requests", marks=pytest.mark.long),
        (status(500), "HTTP 500. Try again later, or attach it by hand."),
        (
            status(302, Location="http://127.0.0.1:1/"),
            "HTTP 302. Name the URL that it redirects to",
        ),
        (status(200, b"<html>"), "the answer is not JSON"),
        pytest.param(
            status(200, b"[]"),
            "0 changes have the number CHG0012345, not one.",
            marks=pytest.mark.long,
        ),
        (
            found({"sys_id": "../x", "number": "CHG0012345"}),
            "its answer names no record of CHG0012345",
        ),
        (status(200, b"x", **{"Content-Encoding": "gzip"}), "the answer is compressed"),
        (status(200, b"[" * 200_000), "the answer is not JSON"),
        pytest.param(status(200, b"1" * 5000), "the answer is not JSON", marks=pytest.mark.long),
        (status(200, b" " * (web.MAXIMUM_ANSWER + 1)), "the answer is larger than 1048576 bytes"),
        (found(), "0 changes have the number CHG0012345, not one."),
        (found({"sys_id": "a"}, {"sys_id": "b"}), "2 changes have the number CHG0012345, not one."),
    ],
)
def test_what_the_change_system_refuses_is_told_and_the_bundle_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, words: str
) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    with serving(answer) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 11
    said = capsys.readouterr().err
    assert words in said
    assert f"{path} was kept." in said
    assert PASSWORD not in said
    assert path.read_bytes() == before
    assert len(server.seen) == 1


def test_nobody_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    with serving(ONE) as server:
        pass
    assert attach(path, "jira:OPS-1", "--url", server.url) == 11
    where = f"POST {server.url}/rest/api/2/issue/OPS-1/attachments"
    assert f"{where}: no connection. Check the URL and the network" in capsys.readouterr().err


def test_a_system_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path)
    monkeypatch.setattr(web, "_SECONDS", (10, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert attach(path, "jira:OPS-1", "--url", url) == 11
    assert "attachments: no answer in time. Check the URL" in capsys.readouterr().err


@contextmanager
def endless(first: bytes, again: bytes, pause: float = 0.0) -> Iterator[str]:
    """Answer the first connection for as long as somebody listens; yield its URL."""
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.settimeout(20)
            connection.recv(65536)
            connection.sendall(first)
            while not ended.wait(pause):
                connection.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            # Where nobody connected, it still waits for somebody.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(
            OK + b"Content-Length: 99999\r\n\r\n", b" ", id="body", marks=pytest.mark.long
        ),
        pytest.param(OK + b"X: ", b"x", id="header", marks=pytest.mark.long),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="100", marks=pytest.mark.long),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n",
            b"1\r\n \r\n",
            id="chunks",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_byte_now_and_then_does_not_keep_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    first: bytes,
    again: bytes,
) -> None:
    path = write(tmp_path)
    monkeypatch.setattr(web, "_WHOLE_SECONDS", 0.5)
    with endless(first, again, 0.05) as url:
        assert attach(path, "jira:OPS-1", "--url", url) == 11
    said = capsys.readouterr().err
    assert "no whole answer within " in said
    assert "look at the record: what was sent may be there already" in said
    assert f"{path} was kept." in said


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(OK + b"\r\n", id="until it closes"),
        pytest.param(OK + b"Content-Length: 10737418240\r\n\r\n", id="declared"),
    ],
)
def test_an_answer_without_end_is_read_to_the_bound_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: bytes
) -> None:
    path = write(tmp_path)
    with endless(first, b" " * 65536) as url:
        assert attach(path, "servicenow:CHG0012345", "--url", url) == 11
    assert "the answer is larger than 1048576 bytes" in capsys.readouterr().err


def test_an_answer_is_asked_for_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path)
    with serving(ONE) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 0
    assert {each.headers["Accept-Encoding"] for each in server.seen} == {"identity"}


@pytest.mark.parametrize("reply", [b"", b"\xff\xfe rubbish\r\n\r\n", OK + b"Content-Length: x\r\n"])
def test_what_does_not_speak_http_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: bytes
) -> None:
    path = write(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert attach(path, "servicenow:CHG0012345", "--url", url) == 11
    said = capsys.readouterr().err
    assert f"{path} was kept." in said
    assert "Traceback" not in said


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
