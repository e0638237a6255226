"""A host that was busy is judged as any other, and every view says that it was asked again."""

from __future__ import annotations

from pathlib import Path

import pytest
from ntlm_server import NtlmServer
from plugin_runs import run_here
from windows_host import SERVER_2022, answering
from wsman_support import PASSWORD, USER, known_users

from livemigration.lab.faults import quota
from livemigration.lab.soap import Request, fault

ACCOUNT = {"LIVEMIGRATION_USERNAME": USER, "LIVEMIGRATION_PASSWORD": PASSWORD}


@pytest.mark.parametrize("busy", [True, False])
def test_a_busy_host_is_judged_and_told(tmp_path: Path, busy: bool) -> None:
    healthy = answering(SERVER_2022)
    count = 0

    def answer(request: bytes) -> tuple[int, bytes]:
        nonlocal count
        count += 1
        if busy and count in {2, 4}:
            return 500, fault(Request(request), quota(0x803381A6), "hv01")
        return healthy(request)

    with known_users(tmp_path), NtlmServer(answer) as server:
        inventory = tmp_path / "prod.yaml"
        inventory.write_text(
            "schema: 1\nvmm: {name: vmm01, address: 127.0.0.2}\n"
            f"hosts: [{{name: hv01, address: 127.0.0.1}}]\nconnection: {{port: {server.port}}}\n",
            encoding="utf-8",
        )
        ended = run_here(
            tmp_path / "reports", f"--inventory={inventory}", "-k", "enabled", variables=ACCOUNT
        )
    assert ended.states() == {("LM101", "hv01"): "pass"}, ended.output
    assert ended.results["retries"] == ([{"machine": "hv01", "times": 2}] if busy else [])
    said = "2 requests were made again because the machine was busy: hv01 (2)."
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    for text in (ended.output, page):
        assert (said in text) is busy
    assert '"retries"' in (ended.folder / "results.json").read_text(encoding="utf-8")
