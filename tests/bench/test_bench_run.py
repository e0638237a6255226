"""The benchmark writes its figures whole or not at all, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import drain
import highs_alone
import pytest
import whole
from figures import Figures, Machine, Row, load, save
from goals import DRAINED, OURS
from page import page
from whole import FULL, QUICK, Form, main, table

from livemigration.placement import model
from livemigration.placement.solver import installed

ROOT = Path(__file__).parents[2]
ROWS = [
    Row("gather", "ours", 100, {"wall s": (1.0, 9.0, 3.0), "requests a host": (21.0,)}, "theirs"),
    Row("gather", "theirs", 100, {"wall s": (6.0, 4.0, 60.0)}, "theirs"),
    Row("lab", "lab up", 1_000, {"RSS MB": (80.0,)}),
]
Parts = Callable[[Form], dict[str, Callable[[], list[Row]]]]


def figures() -> Figures:
    machine = Machine(2, 8, "CPython 3.11.7", "Linux")
    return Figures(1, "quick", "0.1.0", machine, {"pytest": "9.2.0"}, tuple(ROWS))


def parts_with(last: Callable[[], list[Row]]) -> Parts:
    return lambda _: {"one": lambda: ROWS, "another": last}


@pytest.fixture(autouse=True)
def without_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("figures.PACKAGES", ("pytest",))
    monkeypatch.setattr("signal.signal", lambda *_: None)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, last: Callable[[], list[Row]]) -> int:
    monkeypatch.setattr(whole, "parts", parts_with(last))
    return main(["--json", str(folder / "deep" / "figures.json")])


def test_what_was_measured_is_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, monkeypatch, list) == 0
    read = load(tmp_path / "deep" / "figures.json")
    assert read.rows == tuple(ROWS)
    assert read.form == "full"
    printed = capsys.readouterr().out
    assert "gather, 100 hosts; in brackets: times theirs" in printed
    assert re.search(r"ours +wall s 3 \(0\.50\) +requests a host 21$", printed, re.MULTILINE)
    assert re.search(r"theirs +wall s 6$", printed, re.MULTILINE)
    assert "pytest 9" in printed


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, ValueError])
def test_what_was_not_measured_whole_is_not_written(
    raised: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tmp_path / "deep" / "figures.json"
    before.parent.mkdir()
    save(figures(), before)
    was = before.read_bytes()

    def stops() -> list[Row]:
        raise raised

    if raised is KeyboardInterrupt:
        assert run(tmp_path, monkeypatch, stops) == 130
    else:
        with pytest.raises(raised):
            run(tmp_path, monkeypatch, stops)
    assert before.read_bytes() == was
    assert [each.name for each in before.parent.iterdir()] == ["figures.json"]


def test_a_trial_is_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--trial", "--publish"])
    assert "Leave out --trial" in capsys.readouterr().err


def test_figures_are_what_was_saved_and_nothing_else_is_read(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    save(figures(), path)
    assert load(path) == figures()
    path.write_text('{"schema": 2}', encoding="utf-8")
    with pytest.raises(ValueError, match="schema 2, and 1 is read here"):
        load(path)


def test_a_ratio_is_of_medians_of_one_part_and_size() -> None:
    ours, theirs, lab = ROWS
    assert figures().ratio(ours, "wall s") == 0.5
    assert figures().ratio(theirs, "wall s") == 1
    assert figures().ratio(ours, "requests a host") is None
    assert figures().ratio(lab, "RSS MB") is None
    assert figures().row("gather", "ours") is ours
    with pytest.raises(KeyError, match="gather: ours, 7 hosts"):
        figures().row("gather", "ours", 7)


def test_the_quick_form_measures_what_the_full_one_does_on_fewer_sizes() -> None:
    for form in (QUICK, FULL):
        assert form.lab[-1] == form.replay[-1] == 10_000
        assert (1_000, 0.1) in form.gather
        assert form.drain == (DRAINED, 2_000)
    assert set(QUICK.replay) <= set(FULL.replay)
    assert set(QUICK.fills) <= set(FULL.fills)
    assert table(figures()).startswith("gather, 100 hosts")


def test_drains_are_measured_beside_highs_alone() -> None:
    found = drain.rows(8, 250, (0.97,), 2)
    ours, theirs = found
    assert (ours.who, theirs.who, ours.part) == (
        OURS,
        ours.peer,
        "drain of each host in turn, 97% full",
    )
    assert all(len(each) == 2 for row in found for each in row.figures.values())
    assert ours.figures["decided"] == (8.0, 8.0)
    assert all(each <= 8 for each in theirs.figures["decided"])
    ratio = replace(figures(), rows=tuple(found)).ratio(ours, "processor s")
    assert ratio is not None


@pytest.mark.parametrize(("free", "says"), [(4, True), (3, False)])
def test_highs_alone_answers_whether_all_have_a_place(free: int, *, says: bool) -> None:
    machines = [
        model.Machine(str(each), f"vm{each}", "hv01", 2, frozenset(("hv02", "hv03")))
        for each in range(3)
    ]
    hosts = [model.Host("hv01", 0), model.Host("hv02", free), model.Host("hv03", 2)]
    question = model.Question(tuple(hosts), tuple(machines), frozenset(("hv01",)))
    solver = installed()
    assert solver is not None
    assert highs_alone.fits(question, solver, 50) is says


def test_the_page_tells_of_drains_where_they_were_measured() -> None:
    heading = "\n## Emptying hosts\n"
    part = drain.part_of(0.98)
    rows = tuple(
        Row(part, who, DRAINED, {"processor s": (each,), "decided": (64.0,)}, drain.HIGHS)
        for who, each in ((OURS, 4.0), (drain.HIGHS, 8.0))
    )
    told = page(replace(figures(), rows=rows))
    assert f"{heading}\nWhich of these hosts" in told
    assert "98% full:\n\nIn brackets: times HiGHS alone." in told
    assert "| this suite | 64 | 4 (0.5) | 64 (1.00) |" in told.replace("(0.50)", "(0.5)")
    assert "almost full, can be emptied, each in turn | at most 10 s of processor | 4 s" in told
    assert heading not in page(figures())


PIP = """\
#!/bin/sh
echo "$@" >>"$NOTED"
exit "$PIP_ENDS"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what the launcher needs, in which nothing is installed or measured."""
    (tmp_path / "bench").mkdir()
    for name in ("bench/run", "constraints.txt", "pyproject.toml", "setup.py"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "bench" / "run").chmod(0o755)
    (tmp_path / "bench" / "whole.py").write_text("import sys; print(sys.argv[1:])\n")
    # Stands in for `python -m venv FOLDER`.
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nmkdir -p "$3/bin"\nln -s {sys.executable} "$3/bin/python"\n'
        f'cp "{tmp_path}/pip" "$3/bin/pip"\n'
    )
    (tmp_path / "pip").write_text(PIP)
    for name in ("python", "pip"):
        (tmp_path / name).chmod(0o755)
    return tmp_path


def launched(checkout: Path, pip_ends: int = 0) -> tuple[int, str, list[str]]:
    """Return the launcher's exit code and output, and what it has installed so far."""
    noted = checkout / "noted"
    environment = {"PYTHON": str(checkout / "python"), "NOTED": str(noted)}
    ended = subprocess.run(
        [str(checkout / "bench" / "run"), "--quick"],
        env={**os.environ, **environment, "PIP_ENDS": str(pip_ends)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, noted.read_text().splitlines()


pytest_posix = pytest.mark.skipif(os.name != "posix", reason="a script for a POSIX shell")


@pytest_posix
def test_the_environment_is_made_once_and_its_packages_are_pinned(checkout: Path) -> None:
    code, printed, installed = launched(checkout)
    assert (code, printed) == (0, "['--quick']\n")
    (line,) = installed
    assert "--constraint constraints.txt" in line
    assert ".[peer,testinfra,drain]" in line
    assert launched(checkout) == (0, printed, installed)
    (checkout / "constraints.txt").write_text("pytest==0\n")
    assert len(launched(checkout)[2]) == 2


@pytest_posix
def test_an_environment_that_was_not_finished_is_made_anew(checkout: Path) -> None:
    code, printed, installed = launched(checkout, pip_ends=1)
    assert (code, printed, len(installed)) == (1, "", 1)
    assert launched(checkout)[0] == 0
    assert len(launched(checkout)[2]) == 2
