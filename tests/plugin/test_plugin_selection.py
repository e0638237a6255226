"""What a selection leaves in, what it leaves out, and what is asked for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from plugin_runs import (
    CREDENTIALS,
    HOST_CHECKS,
    PLANNED_FOR_TEN,
    ROOT,
    SETTINGS,
    Ended,
    SilentMachine,
    real_inventory,
    run_here,
    site,
)

from livemigration.verdict.check import AREAS


def hosts_of(ended: Ended) -> set[str]:
    return {target.split(".")[0] for _, target in ended.states()} - {"vmm01"}


@pytest.mark.parametrize(
    ("limit", "hosts", "deselected"),
    [
        (["hv03*"], {"hv03"}, 5),
        (["HV03"], {"hv03"}, 5),
        (["group:fra"], {"hv03", "hv04", "hv05", "hv06"}, 2),
        (["hv01,hv02"], {"hv01", "hv02"}, 4),
        (["hv01", "group:fra"], {"hv01", "hv03", "hv04", "hv05", "hv06"}, 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_limit_narrows_the_run_and_says_how_many_hosts_it_leaves_out(
    tmp_path: Path,
    healthy_replay: tuple[str, str],
    limit: list[str],
    hosts: set[str],
    deselected: int,
) -> None:
    options = [f"--limit={each}" for each in limit]
    ended = run_here(tmp_path, *healthy_replay, *options)
    assert ended.code == 0, ended.output
    assert hosts_of(ended) == hosts
    left_out = "1 host was" if deselected == 1 else f"{deselected} hosts were"
    assert f"of 6 hosts of the inventory selected; {left_out} deselected." in ended.output
    assert f"Limited by --limit {', '.join(','.join(limit).split(','))}." in ended.output


@pytest.mark.parametrize(
    ("options", "checks", "hosts"),
    [
        (["-m", "livemigration and settings"], SETTINGS, 6),
        (["-k", "hv03 and subnets"], {"LM202"}, 1),
        (["-m", "staging", "-k", "wsman_answers"], {"LM301"}, 6),
        (["checks/test_vmm_server.py"], set[str](), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_pytests_own_selection_chooses_checks(
    tmp_path: Path,
    healthy_replay: tuple[str, str],
    options: list[str],
    checks: set[str],
    hosts: int,
) -> None:
    ended = run_here(tmp_path, *healthy_replay, *options)
    assert ended.code == 0, ended.output
    assert {check for check, _ in ended.states()} == {"LM001", *checks}
    assert len(hosts_of(ended)) == hosts


def test_checks_that_were_deselected_are_counted_and_those_of_vmm_stay(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    left_out = len(HOST_CHECKS - SETTINGS) * 6
    ended = run_here(tmp_path, *healthy_replay, "-m", "settings")
    assert ended.results["selection"]["deselected_checks"] == left_out
    assert f"{left_out} checks were deselected." in ended.output
    assert ended.results["results"][0]["entry"]["check"] == "LM001"


def test_the_id_that_one_run_prints_selects_the_same_check_in_the_next(
    tmp_path: Path, demo: tuple[Ended, Path], demo_facts: str
) -> None:
    failed = [each["entry"] for each in demo[0].results["results"] if each["state"] == "fail"]
    entry = next(each for each in failed if each["check"] == "LM102")
    ended = run_here(tmp_path, demo_facts, entry["node_id"])
    assert ended.states() == {
        ("LM001", "vmm01.contoso.com"): "warning",
        (entry["check"], entry["target"]): "fail",
    }


def test_x_stops_at_the_first_failure_and_says_how_much_ran(
    tmp_path: Path, demo_facts: str
) -> None:
    ended = run_here(tmp_path, demo_facts, "-x")
    assert ended.code == 1, ended.output
    assert list(ended.states().values()).count("fail") == 1
    ran = len(ended.results["results"])
    said = (
        f"Stopped early (stopping after 1 failures): {ran} of {PLANNED_FOR_TEN} planned checks ran."
    )
    assert said in ended.output
    assert ran < PLANNED_FOR_TEN


def test_lf_runs_what_was_not_green_and_keeps_the_vmm_server(
    tmp_path: Path, demo_facts: str
) -> None:
    options = (demo_facts, f"--override-ini=cache_dir={tmp_path}/cache", "-m", "settings")
    first = run_here(tmp_path / "first", *options, keep=True)
    again = run_here(tmp_path / "again", *options, "--lf", keep=True)
    red = {pair for pair, state in first.states().items() if state in {"fail", "blocked"}}
    assert len(red) > 3
    assert set(again.states()) == {*red, ("LM001", "vmm01.contoso.com")}
    assert again.code == 1, again.output


def test_co_lists_everything_and_asks_nobody(tmp_path: Path, no_sockets: list[object]) -> None:
    inventory = real_inventory(tmp_path / "real.yaml", 1)
    reports = tmp_path / "reports"
    ended = run_here(reports, "--co", "-q", f"--inventory={inventory}")
    assert not no_sockets
    assert ended.code == 0, ended.output
    assert "checks/test_vmm_server.py::test_vmm_answers" in ended.output
    assert ended.output.count("[hv01]") == len(HOST_CHECKS)
    assert not reports.exists()


def test_without_a_need_for_vmm_the_vmm_server_is_not_asked(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    with SilentMachine("127.0.0.2") as server, SilentMachine("127.0.0.1", server.port) as host:
        limits = ", time_limits: {message: 0.2, host: 1}"
        inventory = real_inventory(tmp_path / "real.yaml", server.port, more=limits)
        options = (f"--inventory={inventory}", f"--save-facts={facts}")
        ended = run_here(tmp_path / "reports", *options, "-k", "enabled", variables=CREDENTIALS)
        assert host.asked.is_set(), ended.output
        assert not server.asked.is_set()
    assert ended.code == 10, ended.output
    assert set(ended.states()) == {("LM101", "hv01")}
    saved = json.loads(facts.read_text(encoding="utf-8"))
    assert saved["vmms"][0]["outcomes"] == {}
    assert set(saved["hosts"][0]["outcomes"]) == {
        "host-access",
        "domain-membership",
        "migration-settings",
        "services",
    }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"test_one": "@check('LM198')\ndef test_one(host, tmp_path):\n    '''One.'''\n"},
            r"takes only host, vmm, policy, group, not tmp_path\. For fixtures, write an ordinary",
        ),
        (
            {
                "test_one": "@check('LM198')\ndef test_one(host):\n    '''One.'''\n",
                "test_two": "@check('LM198')\ndef test_two(host):\n    '''Two.'''\n",
            },
            r"two checks are called LM198: .*test_one\.py:\d+ and .*test_two\.py:\d+",
        ),
        (
            {"test_one": "@check('LM98')\ndef test_one(host):\n    '''One.'''\n"},
            r"'LM98' is not an identifier",
        ),
    ],
    ids=["an argument that checks do not have", "a number given twice", "no number"],
)
def test_a_check_that_cannot_work_is_an_error_before_anything_is_asked(
    tmp_path: Path, healthy_replay: tuple[str, str], files: dict[str, str], words: str
) -> None:
    head = "from livemigration.api import check, ok\n"
    whole = {name: f"{head}{text}    yield ok('')\n" for name, text in files.items()}
    folder = site(tmp_path / "site", **whole)
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=folder)
    assert ended.code == 2, ended.output
    assert re.search(words, ended.output), ended.output
    assert not ended.reports.exists()


def test_every_check_of_the_suite_carries_its_markers(tmp_path: Path) -> None:
    listed = run_here(tmp_path, "--co", "-q", "-m", "livemigration", cwd=ROOT).output
    each = [
        run_here(tmp_path, "--co", "-q", "-m", area, cwd=ROOT).output
        for area in AREAS.values()
        # Asked of the hosts that are to be emptied alone.
        if area != "drain"
    ]
    ids = {line for line in listed.splitlines() if "::" in line}
    assert len(ids) == PLANNED_FOR_TEN
    parts = [{line for line in text.splitlines() if "::" in line} for text in each]
    assert set.union(*parts) == ids


def test_vmms_rating_is_part_of_a_run_only_where_it_is_asked_for(tmp_path: Path) -> None:
    def collected(*more: str) -> str:
        ended = run_here(
            tmp_path, "-m", "livemigration", "--co", "-q", "--inventory=lab:healthy", *more
        )
        assert ended.code == 0
        return ended.output

    assert "test_vmm_rates_the_host" not in collected()
    assert "test_vmm_rates_the_host[hv01.contoso.com]" in collected("--stage-vm=web01")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_a_name_that_no_virtual_machine_has_is_refused(name: str, tmp_path: Path) -> None:
    ended = run_here(tmp_path, "--co", "--inventory=lab:healthy", f"--stage-vm={name}")
    assert ended.code == 4
    assert "--stage-vm is no virtual machine's name" in ended.output


def test_checks_run_in_the_order_of_their_numbers(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    results = run_here(tmp_path, *healthy_replay).results["results"]
    numbers = [each["entry"]["check"] for each in results]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 15
