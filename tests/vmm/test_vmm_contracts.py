"""The contract of each script: schemas, examples, and a real PowerShell, where there is one."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from in_turn import in_turn
from powershell_gates import syntax_errors
from powershell_runs import powershell

from livemigration.base import codec
from livemigration.base.deadline import Deadline
from livemigration.lab.launch import start
from livemigration.vmm.scripts import (
    PROBE,
    READ_VMM,
    RESOLVE_NAMES,
    SCRIPTS,
    ConnectionRequest,
    ProbeRequest,
    ReadVmmRequest,
    ResolveRequest,
    Script,
)
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
EXAMPLES = ROOT / "docs" / "scripts"
PARTS = [(script, part) for script in SCRIPTS for part in ("request", "reply")]


def stem(script: Script[Any, Any]) -> str:
    return script.name.removesuffix(".ps1")


def example(script: Script[Any, Any], part: str) -> Any:
    return json.loads((EXAMPLES / f"{stem(script)}.{part}.json").read_text(encoding="utf-8"))


@in_turn("script, part", PARTS)
def test_an_example_follows_the_schema_and_the_types(script: Script[Any, Any], part: str) -> None:
    schema = ROOT / "docs" / "schemas" / f"{stem(script)}-{part}.schema.json"
    document = example(script, part)
    jsonschema.validate(document, json.loads(schema.read_text(encoding="utf-8")))
    kind = script.request_type if part == "request" else script.reply_type
    assert codec.to_json(codec.from_json(kind, document)) == document


@in_turn("script", SCRIPTS)
def test_a_reply_is_read_as_its_type(script: Script[Any, Any]) -> None:
    documented = example(script, "reply")
    read = script.read_reply(json.dumps(documented).encode())
    assert read == codec.from_json(script.reply_type, documented)
    assert isinstance(read, script.reply_type)


@pytest.mark.parametrize(
    "path", [*HERE.glob("*.ps1"), *HERE.glob("stub/*/*.psm1")], ids=lambda path: path.name
)
def test_the_stub_and_its_runner_have_no_syntax_error(path: Path) -> None:
    assert syntax_errors(path.read_text(encoding="utf-8")) == []


@pytest.mark.peer
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.name)
def test_powershell_runs_a_script_by_hand_as_documented(script: Script[Any, Any]) -> None:
    ended = subprocess.run(
        [
            powershell(),
            "-NoProfile",
            "-File",
            str(HERE / "run-script.ps1"),
            stem(script),
            str(EXAMPLES / f"{stem(script)}.request.json"),
        ],
        capture_output=True,
        check=True,
        timeout=50,
    )
    printed, documented = json.loads(ended.stdout), example(script, "reply")
    assert comparable(script, printed) == comparable(script, documented)


def comparable(script: Script[Any, Any], reply: Any) -> Any:
    """Return what of a reply is the same on every machine and in every language."""
    if script is RESOLVE_NAMES:
        return [
            (each["name"], bool(each["addresses"]), each["code"], bool(each["text"]))
            for each in reply["names"]
        ]
    if script is READ_VMM:
        return {**reply, "release": {**reply["release"], "answered_by": None}}
    if script is PROBE:
        untried = [each["address"] for each in reply["connections"] if each["code"] is None]
        return untried, reply["listeners"]
    return reply


FLEET = """\
name: stub
title: the fleet of the stub
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", server: 10.22.1287.0}
hosts:
  - {name: hv01.contoso.com, shows: healthy, addresses: {management: "1.11"}}
"""


@pytest.mark.peer
def test_powershell_and_the_emulation_print_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against the same sockets. Test-WSMan is left out: PowerShell has it on Windows only."""
    program = powershell()
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")

    def replies() -> tuple[Any, ...]:
        with start(str(fleet)) as lab:
            endpoint = Endpoint(lab.vmm.name, lab.vmm.address, lab.vmm.port)
            asked = (lab.hosts[0].address, lab.vmm.address)
            connections = tuple(ConnectionRequest(each, 6600) for each in asked)
            deadline = Deadline.after(50)
            with WsmanSession(endpoint, lab.credentials, Timeouts(5, 30), deadline) as session:
                probed = session.run_script(PROBE, ProbeRequest(connections, (), 2000))
                read = session.run_script(READ_VMM, ReadVmmRequest("vmm01.contoso.com"))
                return (
                    (read.release.server, [(each.name, each.cluster) for each in read.hosts or ()]),
                    session.run_script(RESOLVE_NAMES, ResolveRequest(("no.invalid",), 2000)),
                    tuple((each.port, each.code) for each in probed.connections),
                )

    emulated = replies()
    inherited = os.environ.get("PSModulePath", "")  # noqa: SIM112 - how PowerShell spells it
    monkeypatch.setenv("LIVEMIGRATION_PWSH", program)
    monkeypatch.setenv("LIVEMIGRATION_VMM_STUB", str(HERE / "stub" / "vmm.json"))
    monkeypatch.setenv("PSModulePath", os.pathsep.join((str(HERE / "stub"), inherited)))
    assert replies() == emulated
