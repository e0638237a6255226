"""What foreign clients once sent is answered as it was then, without the clients."""

from __future__ import annotations

import json
from pathlib import Path

from in_turn import in_turn
from lab_clients import PlainClient, texts

from livemigration.lab.launch import RunningLab
from livemigration.wsman import document

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.jsonl"))


def given_in(content: bytes) -> list[str]:
    """Return the names that a reply gives, and later requests repeat, in its order."""
    envelope = document.parse(content)
    found = (texts(envelope, name) for name in ("EnumerationContext", "ShellId", "CommandId"))
    return list(dict.fromkeys(each for names in found for each in names if each.strip()))


@in_turn("path", RECORDED)
def test_recorded_messages_get_the_answers_that_they_got(lab: RunningLab, path: Path) -> None:
    machines = {each.name: each for each in (lab.vmm, *lab.hosts)}
    clients: dict[str, PlainClient] = {}
    renamed: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    for number, line in enumerate(lines):
        recorded = json.loads(line)
        name = recorded["machine"]
        client = clients.setdefault(name, PlainClient(lab, machines[name]))
        text = recorded["request"]
        for old, new in renamed.items():
            text = text.replace(old, new)
        reply = client.raw(text)
        assert reply.status_code == recorded["status"], f"{path.name}:{number + 1}"
        given = given_in(reply.content)
        assert len(given) == len(recorded["given"])
        renamed.update(zip(recorded["given"], given, strict=True))
    for client in clients.values():
        client.close()


def test_every_foreign_client_was_recorded() -> None:
    assert {each.stem for each in RECORDED} == {
        "awinrm",
        "curl",
        "pypsrp",
        "pywinrm",
        "whistle",
        "winrmcp",
    }
