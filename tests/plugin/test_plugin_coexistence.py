"""Other tests and other plugins in the same run."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_runs import run_here, site

CHECK = """
from livemigration.api import check, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    yield ok(host.name)
"""
TESTINFRA = """
def test_the_machine_that_runs_the_suite_has_a_root_folder(host):
    assert host.file("/").is_directory
"""
FIXTURES = """
import pytest

CLOSED = []


@pytest.fixture(scope="module")
def lent():
    yield
    CLOSED.append(True)


def test_before(lent):
    pass
"""


def test_a_sites_testinfra_test_and_a_check_run_side_by_side(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    pytest.importorskip("testinfra")
    folder = site(tmp_path / "site", test_a_own=TESTINFRA, test_b_own=CHECK)
    ended = run_here(tmp_path / "reports", *healthy_replay, "--hosts=local://", cwd=folder)
    assert ended.code == 0, ended.output
    assert "7 passed" in ended.output
    assert len(ended.results["plan"]) == 6


def test_ordinary_tests_keep_their_fixtures_apart_around_checks(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(
        tmp_path / "site",
        test_a_own=f"{FIXTURES}\n{CHECK}",
        test_b_own="def test_after():\n    import test_a_own\n    assert test_a_own.CLOSED\n",
    )
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=folder)
    assert ended.code == 0, ended.output
    assert "8 passed" in ended.output


def test_a_session_of_ordinary_tests_only_leaves_no_run_behind(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(tmp_path / "site", test_own="def test_ordinary():\n    pass\n")
    asked = tmp_path / "mine.html"
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--html={asked}", cwd=folder)
    assert ended.code == 0, ended.output
    assert not ended.reports.exists()
    assert "no check was run" in asked.read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--numprocesses=2", "--dist=load", "-n2"])
def test_workers_of_xdist_are_refused_with_a_sentence(
    tmp_path: Path, healthy_replay: tuple[str, str], option: str
) -> None:
    folder = site(tmp_path / "site", test_own=CHECK)
    ended = run_here(tmp_path / "reports", *healthy_replay, option, cwd=folder)
    assert ended.code == 4, ended.output
    assert "all hosts are asked at once already: run without -n." in ended.output
