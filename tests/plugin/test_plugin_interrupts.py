"""A run that is stopped leaves nothing running on a server, and keeps what it came to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import wsman_replies as soap
from ntlm_server import NtlmServer, action, message_id
from plugin_runs import ROOT, Ended, command, run_forked
from wsman_support import PASSWORD, USER, known_users

from livemigration.run import journal

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows sends no signal to one process"
)
ACCOUNT = {"LIVEMIGRATION_USERNAME": USER, "LIVEMIGRATION_PASSWORD": PASSWORD}
CREATED = (
    "<x:ResourceCreated><a:ReferenceParameters><w:SelectorSet>"
    '<w:Selector Name="ShellId">S-1</w:Selector>'
    "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
)
STARTED = "<rsp:CommandResponse><rsp:CommandId>C-1</rsp:CommandId></rsp:CommandResponse>"


class Vmm:
    """A VMM server whose script never ends; `deletes` says whether it deletes a shell."""

    def __init__(self, *, deletes: bool = True) -> None:
        self.actions: list[str] = []
        self.receiving = threading.Event()
        self.deleted = threading.Event()
        self.over = threading.Event()
        self._deletes = deletes

    def __call__(self, request: bytes) -> tuple[int, bytes]:
        name = action(request)
        self.actions.append(name)
        if name == "Identify":
            return 200, soap.identity()
        if name == "Receive":
            self.receiving.set()
            self.over.wait(30)
            return 500, soap.envelope(soap.fault(2150858793), message_id(request))
        if name == "Delete":
            if not self._deletes:
                self.over.wait(30)
            self.deleted.set()
        body = {"Create": CREATED, "Command": STARTED, "Send": "<rsp:SendResponse/>"}.get(name, "")
        return 200, soap.envelope(body, message_id(request))


@contextmanager
def run_at(vmm: Vmm, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the suite in a process of its own until it waits for the server's script."""
    with known_users(folder), NtlmServer(vmm) as server:
        inventory = folder / "prod.yaml"
        inventory.write_text(
            "schema: 1\nvmm: {name: vmm01, address: 127.0.0.1}\n"
            f"hosts: [{{name: hv01, address: 127.0.0.3}}]\nconnection: {{port: {server.port}}}\n",
            encoding="utf-8",
        )
        process = subprocess.Popen(
            command(folder / "reports", f"--inventory={inventory}", "-k", "LM201"),
            cwd=ROOT,
            env={**os.environ, **ACCOUNT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            with process:
                assert vmm.receiving.wait(120)
                yield process
        finally:
            process.kill()
            vmm.over.set()


def test_ctrl_c_ends_the_shell_on_the_server_and_keeps_the_results(tmp_path: Path) -> None:
    vmm = Vmm()
    with run_at(vmm, tmp_path) as process:
        process.send_signal(signal.SIGINT)
        assert vmm.deleted.wait(120)
        output, _ = process.communicate(timeout=120)
    ended = Ended(process.returncode, output, tmp_path / "reports")
    assert ended.code == 2, output
    assert ended.results["interrupted"] is True
    assert "Traceback" not in output
    assert "stays open" not in output
    # Nothing else was asked of it.
    assert vmm.actions[-2:] == ["Receive", "Delete"]


def test_ctrl_c_again_and_again_gives_no_traceback_and_keeps_the_results(tmp_path: Path) -> None:
    vmm = Vmm(deletes=False)
    with run_at(vmm, tmp_path) as process:
        # The first ones come while the shell is being ended, which takes nearly a second.
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            threading.Event().wait(0.1)
        assert process.stdout is not None
        said = ""
        while "being finished" not in said and (line := process.stdout.readline()):
            said += line
        process.send_signal(signal.SIGINT)
        output = said + process.communicate(timeout=120)[0]
    ended = Ended(process.returncode, output, tmp_path / "reports")
    assert ended.code == 2, output
    assert ended.results["interrupted"] is True
    assert "Traceback" not in output
    assert "The run is being finished: results.json is written now." in output
    told = "A remote shell stays open on vmm01 for 3 minutes, its idle time-out"
    assert told in " ".join(output.split())
    (problem,) = ended.results["problems"]
    assert problem.startswith(told)


def test_sigterm_ends_the_shell_on_the_server_before_the_process(tmp_path: Path) -> None:
    vmm = Vmm()
    with run_at(vmm, tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert vmm.deleted.wait(120)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGTERM
    assert "Traceback" not in output
    folder = Ended(process.returncode, output, tmp_path / "reports").folder
    # What was gathered is in the journal, from which results are made.
    assert re.search("vmm01", (folder / "journal.jsonl").read_text(encoding="utf-8"))


def test_what_is_opened_while_the_run_is_given_up_is_ended_too() -> None:
    from livemigration.wsman.manners import Manners

    manners = Manners()
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with manners.opening("vmm01"):
            begun.set()
            end.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(120)
    assert manners.give_up(0.01) == ["vmm01"]
    end.set()
    thread.join(60)
    assert manners.give_up(0.0) == []


STOPPED = """
import os, signal
from livemigration.plugin.session import Session

whole = Session.evaluate

def evaluate(self, item):
    result = whole(self, item)
    if len(self.results) == 30:
        os.kill(os.getpid(), signal.{signal})
    return result

Session.evaluate = evaluate
"""


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", -signal.SIGTERM), ("SIGINT", 2)])
def test_whatever_ends_a_run_every_result_until_then_is_in_its_journal(
    tmp_path: Path, healthy_replay: tuple[str, str], name: str, code: int
) -> None:
    before = STOPPED.format(signal=name)
    ended = run_forked(tmp_path / "reports", *healthy_replay, before=before)
    assert ended.code == code, ended.output
    assert len(journal.read(ended.folder / "journal.jsonl").results) == 30
