"""A site's own tests: testinfra's `host` is a host of the inventory, and the page is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plugin_runs import (
    CREDENTIALS,
    PASSWORD,
    ROOT,
    SilentMachine,
    real_inventory,
    run_bare,
    run_here,
    site,
)

pytest.importorskip("testinfra")

OWN = """
def test_a_program_runs_on_the_host(host):
    ended = host.run("hostname")
    assert (ended.rc, ended.stderr) == (0, "")
    assert ended.stdout.strip() == host.backend.get_hostname().split(".")[0].upper()


def test_output_is_utf_8_and_exit_codes_are_kept(host):
    assert host.run("echo zażółć").stdout.strip() == "zażółć"
    assert host.run("no-such-program").rc == 1
"""
LAB = "--inventory=lab:healthy"
READS_ONE = "def test_one(host):\n    host.run('hostname')\n"


def ran(output: str) -> list[str]:
    return re.findall(r"::\w+\[(\S+)\] PASSED", output)


def test_ordinary_tests_run_on_the_chosen_hosts_of_the_inventory(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", test_own=OWN)
    ended = run_here(tmp_path / "reports", LAB, "--limit=hv0[12]*", "-v", cwd=folder)
    assert ended.code == 0, ended.output
    assert sorted(set(ran(ended.output))) == [
        "wsman://hv01.contoso.com",
        "wsman://hv02.contoso.com",
    ]


@pytest.mark.parametrize(
    ("module", "chosen", "host"),
    [
        ("", ("--hosts=wsman://HV03.contoso.com",), "wsman://hv03.contoso.com"),
        ("", ("--hosts=hv03.contoso.com", "--connection=wsman"), "wsman://hv03.contoso.com"),
        ("testinfra_hosts = ['wsman://hv04.contoso.com']\n", (), "wsman://hv04.contoso.com"),
        ("", ("--hosts=local://",), "local"),
    ],
)
def test_testinfras_own_ways_to_choose_hosts_stay(
    module: str, chosen: tuple[str, ...], host: str, tmp_path: Path
) -> None:
    folder = site(tmp_path / "site", test_own=f"{module}def test_one(host):\n    pass\n")
    ended = run_here(tmp_path / "reports", LAB, *chosen, "-v", cwd=folder)
    assert ran(ended.output) == [host], ended.output


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ("wsman://hv99", "hv99 is no host of lab:healthy"),
        ("wsman://me:secret@hv01.contoso.com", "credentials come from the inventory"),
        ("wsman://hv01.contoso.com?no_ssl=true", "settings come from the inventory"),
    ],
)
def test_hosts_that_the_inventory_does_not_name_are_a_usage_error(
    hosts: str, said: str, tmp_path: Path
) -> None:
    folder = site(tmp_path / "site", test_own=READS_ONE)
    ended = run_here(tmp_path / "reports", LAB, f"--hosts={hosts}", cwd=folder)
    assert ended.code == 4
    assert said in ended.output
    assert "secret" not in ended.output


def test_a_module_that_names_an_unknown_host_is_not_collected(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", test_own=f"testinfra_hosts = ['wsman://hv99']\n{READS_ONE}")
    ended = run_here(tmp_path / "reports", LAB, cwd=folder)
    assert ended.code == 2
    assert "hv99 is no host of lab:healthy" in ended.output


def test_a_replay_asks_no_machine(tmp_path: Path, healthy_replay: tuple[str, str]) -> None:
    folder = site(tmp_path / "site", test_own=READS_ONE)
    ended = run_here(tmp_path / "reports", *healthy_replay, "-rs", cwd=folder)
    assert "6 skipped" in ended.output
    assert "asks no machine" in ended.output


def test_a_host_that_does_not_answer_fails_its_test_by_name(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", test_own=READS_ONE)
    with SilentMachine() as machine:
        more = ", time_limits: {message: 0.3, host: 1}"
        inventory = real_inventory(folder / "site.yaml", machine.port, more=more)
        ended = run_here(
            tmp_path / "reports",
            f"--inventory={inventory}",
            cwd=folder,
            variables=CREDENTIALS,
        )
    assert ended.code == 1, ended.output
    assert "Running 'hostname' on hv01:" in ended.output
    assert PASSWORD not in ended.output


def examples() -> dict[str, str]:
    """Return the page's examples by their files' names."""
    page = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
    found = dict(
        re.findall(r"`((?:checks|tests)/\w+\.py)`:\n\n```python\n(.*?)```", page, re.DOTALL)
    )
    assert len(found) == page.count("```python")
    return found


def test_the_pages_examples_work_as_they_are(tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    for name, text in examples().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    ended = run_here(tmp_path / "reports", LAB, "--limit=hv01*", "-v", "checks", cwd=folder)
    assert (
        "test_the_host_answers_with_its_own_name[wsman://hv01.contoso.com] PASSED" in ended.output
    )
    assert ("LM190", "hv01.contoso.com") in ended.states()
    page = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
    printed = re.search(r"`\.venv/bin/pytest (tests/[^`]+)`", page)
    assert printed is not None
    table = run_bare(tmp_path / "none", *printed[1].split(), cwd=folder)
    assert "4 passed" in table.output, table.output
