"""Runs in a site's own repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_runs import ROOT, Ended, run_here
from wheels import wheel

from livemigration.commands.main import main

OWN = """\
from livemigration.api import VMM_RELEASE, check, ok


@check("LM190", needs=(VMM_RELEASE,))
def test_own(host, vmm):
    '''Own.'''
    yield ok("own")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's repository, as it was written."""
    folder = tmp_path / "site"
    assert main(["init", str(folder), "--wheel", str(wheel(tmp_path / "dist"))]) == 0
    return folder


def node_ids(ended: Ended) -> list[str]:
    assert ended.code == 0, ended.output
    return [line for line in ended.output.splitlines() if "::" in line]


def test_the_node_ids_of_a_site_are_the_clones(site: Path, tmp_path: Path) -> None:
    given = ("-m", "livemigration", "--co", "-q", "--inventory=lab:kb-2853203", "--stage-vm=VM")
    clone = node_ids(run_here(tmp_path / "reports", *given, cwd=ROOT))
    assert node_ids(run_here(tmp_path / "reports", *given, cwd=site)) == clone
    assert len(clone) > len(list((site / "checks").iterdir()))


def test_a_gate_that_names_no_inventory_is_not_green(site: Path, tmp_path: Path) -> None:
    ended = run_here(tmp_path / "reports", "-m", "livemigration", cwd=site)
    assert ended.code == 4
    assert "no inventory is named" in ended.output


def test_a_run_of_a_whole_site_comes_to_what_a_run_of_the_clone_does(
    site: Path, tmp_path: Path, demo_facts: str
) -> None:
    given = (demo_facts, "--inventory=lab:kb-2853203")
    own = run_here(tmp_path / "own", *given, cwd=site)
    clone = run_here(tmp_path / "clone", *given, cwd=ROOT)
    assert own.code == clone.code == 1, own.output
    assert own.states() == clone.states()
    assert own.results["selection"]["lacking"] == []


def test_a_check_that_a_site_lacks_is_said_beside_the_verdict(
    site: Path, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    for name in ("test_vmm_ports.py", "test_migration_service.py"):
        (site / "checks" / name).unlink()
    lacking = ["LM204", "LM303"]
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=site)
    assert ended.code == 0, ended.output
    assert ended.results["selection"]["lacking"] == lacking
    assert "READY for all 6 hosts; 2 checks of the suite not looked at." in ended.output
    assert "checks/ lacks 2 checks of livemigration" in ended.output
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "LM204 and LM303. Add: livemigration init --update ." in page
    assert main(["init", "--update", str(site)]) == 0
    again = run_here(tmp_path / "again", *healthy_replay, cwd=site)
    assert again.results["selection"]["lacking"] == []
    assert "checks/ lacks" not in again.output


@pytest.mark.parametrize(
    "arguments",
    [("checks/test_vmm_server.py",), ("-m", "settings"), ("-k", "listener")],
    ids=["one file", "one area", "some names"],
)
def test_what_a_selection_leaves_out_is_not_lacking(
    arguments: tuple[str, ...], site: Path, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    ended = run_here(tmp_path / "reports", *healthy_replay, *arguments, cwd=site)
    assert ended.code == 0, ended.output
    assert ended.results["selection"]["lacking"] == []


def test_checks_that_hand_on_nothing_of_the_suite_lack_nothing(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ("livemigration.plugin",)\n', "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=tmp_path)
    assert ended.code == 0, ended.output
    assert ended.results["selection"]["lacking"] == []


def test_a_check_that_two_modules_hand_on_is_refused(
    site: Path, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    line = (site / "checks" / "test_vmm_server.py").read_text(encoding="utf-8")
    (site / "checks" / "test_handed_on.py").write_text(line, encoding="utf-8")
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=site)
    assert ended.code == 2, ended.output
    assert "two checks are called LM001: " in ended.output
    assert "Renumber or remove one of them." in ended.output


@pytest.mark.parametrize("place", ["checks/test_own.py", "checks/ours/deep/test_own.py"])
def test_a_sites_own_check_that_needs_vmm_brings_the_check_of_vmm(
    place: str, site: Path, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    path = site / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(OWN, encoding="utf-8")
    given = (*healthy_replay, "--limit=hv01*", place)
    ended = run_here(tmp_path / "reports", *given, cwd=site)
    assert ended.code == 0, ended.output
    assert [check for check, _ in ended.states()] == ["LM001", "LM190"]
