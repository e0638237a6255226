"""Bundles to attach, and change systems that take them or do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from change_system import Answer, Seen
from fact_builders import run_facts
from whole_run import save, whole_run

from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import Verification
from livemigration.commands.main import main
from livemigration.commands.verify import verified
from livemigration.inventory.change import Change

NOW = datetime.now(UTC)
PASSWORD = "S3cret-Pw-of-the-test"


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


def status(code: int, content: bytes = b"{}", **headers: str) -> Answer:
    return lambda _: (code, content, headers)


def attach(path: Path, to: str, *more: str) -> int:
    return main(["attach", str(path), "--to", to, *more])
