"""Every option of a run that names a file: a pipe or a link may stand there."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from plugin_runs import run_here

OPTIONS = {
    "--csv": b"check",
    "--sarif": b"$schema",
    "--markdown": b"# Live migration",
    "--html": b"</html>",
    "--save-facts": b'"hosts"',
}


def test_a_link_is_followed_and_stays_by_every_option(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    asked = []
    for option in OPTIONS:
        target = tmp_path / f"real{option}"
        target.write_bytes(b"old")
        target.chmod(0o640)
        (tmp_path / f"link{option}").symlink_to(target)
        asked.append(f"{option}={tmp_path / f'link{option}'}")
    ended = run_here(tmp_path / "reports", *healthy_replay, "-m", "settings", *asked)
    assert ended.code == 0, ended.output
    for option, said in OPTIONS.items():
        assert (tmp_path / f"link{option}").is_symlink()
        assert said in (tmp_path / f"real{option}").read_bytes()
        assert (tmp_path / f"real{option}").stat().st_mode & 0o777 == 0o640


def test_no_option_replaces_what_the_run_reads(tmp_path: Path) -> None:
    inventory, waivers = tmp_path / "prod.yaml", tmp_path / "waivers.yaml"
    facts = tmp_path / "facts.json"
    for each in (inventory, waivers, facts):
        each.write_text("kept", encoding="utf-8")
    (tmp_path / "link").symlink_to(inventory)
    reads = [f"--inventory={inventory}", f"--facts={facts}", f"--waivers={waivers}"]
    for written in (
        f"--csv={inventory}",
        f"--markdown={tmp_path / 'link'}",
        f"--save-facts={facts}",
        f"--sarif={waivers}",
        f"--html={inventory}",
        f"--junitxml={tmp_path}/./prod.yaml",
    ):
        ended = run_here(tmp_path / "reports", *reads, written)
        assert ended.code == 4, ended.output
        assert "the run reads this file. Name another one." in ended.output
    assert {each.read_text("utf-8") for each in (inventory, waivers, facts)} == {"kept"}


def test_two_options_name_two_files(tmp_path: Path) -> None:
    both = [f"--csv={tmp_path / 'a'}", f"--sarif={tmp_path / 'a'}"]
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", *both)
    assert ended.code == 4, ended.output
    assert "name the same file" in ended.output


def test_a_pipe_is_written_to_by_every_option(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    pipes = {option: tmp_path / f"pipe{option}" for option in OPTIONS}
    found: dict[str, bytes] = {}
    threads = []
    for option, path in pipes.items():
        os.mkfifo(path)
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        threads.append(threading.Thread(target=_read, args=(number, option, found), daemon=True))
        threads[-1].start()
    asked = [f"{option}={path}" for option, path in pipes.items()]
    ended = run_here(tmp_path / "reports", *healthy_replay, "-m", "settings", *asked)
    for thread in threads:
        thread.join(60)
    assert ended.code == 0, ended.output
    assert all(said in found[option] for option, said in OPTIONS.items())
    assert all(path.is_fifo() for path in pipes.values())


def _read(number: int, option: str, found: dict[str, bytes]) -> None:
    with os.fdopen(number, "rb", buffering=0) as stream:
        os.set_blocking(number, True)
        text = b""
        # Nothing at all is read while nobody has begun to write.
        while not text:
            text = stream.readall()
            time.sleep(0.01)
    found[option] = text


@pytest.mark.parametrize("option", OPTIONS)
def test_a_pipe_that_nobody_reads_is_named_and_the_verdict_stays(
    option: str, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    ended = run_here(tmp_path / "reports", *healthy_replay, "-m", "vmm", f"{option}={path}")
    assert ended.code == 11
    assert "nothing reads from this pipe" in ended.output
    assert path.is_fifo()
