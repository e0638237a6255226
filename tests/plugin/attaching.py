"""Attaches a run to a change at a system that keeps all that it is sent, and gives it back."""

from __future__ import annotations

import base64
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from canary import every_byte, found_in
from change_system import Answer, Seen, serving

from livemigration.commands.main import main

# What signs in there: as special as the canary, and nothing of it.
ATTACH = "Att4ch&<ch>\"'\\/%=+ ö€:{$}"
PLACES = ("servicenow:CHG0012345", "jira:OPS-1")


@dataclass
class Sent:
    """What reached the system, and what was said of it; `signs` are its lines of authorization."""

    code: int = 0
    output: str = ""
    said: bytes = b""
    signs: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def found(self, password: str, folder: Path) -> list[str]:
        """Return the forms in which a password was sent or said; packed files are looked into.

        `folder`: where what was sent may be kept.
        """
        for number, body in enumerate(self.bodies):
            kind = "zip" if b"PK\3\4" in body else "txt"
            (folder / f"body{number}.{kind}").write_bytes(body)
        signs = "\n".join(self.signs).encode()
        told = self.said + signs + self.output.encode() + every_byte(folder)
        return found_in(told, password)


def _giving_back(status: int) -> Answer:
    """Return an answer that gives back whatever signed in, in a header and in its body."""

    def answer(seen: Seen) -> tuple[int, bytes, dict[str, str]]:
        sign = seen.headers.get("Authorization", "")
        shown = base64.b64decode(sign.rpartition(" ")[2]).decode()
        told = {"result": [{"sys_id": "c0ffee"}], "error": {"message": f"{sign} {shown}"}}
        return status, json.dumps(told).encode(), {"X-Given": sign}

    return answer


def _said(seen: Seen) -> bytes:
    rest = [f"{name}: {value}" for name, value in seen.headers.items() if name != "Authorization"]
    return "\n".join((seen.line, *rest)).encode()


def attached(run: Path, place: str = PLACES[0], status: int = 200) -> Sent:
    """Attach the bundle in a folder of a run, and return what was sent."""
    output = io.StringIO()
    with (
        serving(_giving_back(status)) as server,
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(output),
        redirect_stderr(output),
    ):
        patch.setenv("LIVEMIGRATION_ATTACH_USERNAME", "kim")
        patch.setenv("LIVEMIGRATION_ATTACH_PASSWORD", ATTACH)
        patch.delenv("LIVEMIGRATION_ATTACH_TOKEN", raising=False)
        # The machines of these runs are simulated.
        code = main(["attach", str(run), "--to", place, "--url", server.url, "--force"])
    return Sent(
        code,
        output.getvalue(),
        b"".join(map(_said, server.seen)),
        [each.headers.get("Authorization", "") for each in server.seen],
        [each.body for each in server.seen],
    )
