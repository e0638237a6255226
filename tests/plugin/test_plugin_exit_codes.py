"""One test per row of the handbook's table of exit codes, and their order."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from in_turn import in_turn
from plugin_runs import (
    CREDENTIALS,
    ROOT,
    Ended,
    SilentMachine,
    command,
    real_inventory,
    run,
    run_here,
    site,
)

from livemigration.run import journal
from livemigration.run.exit_code import PRECEDENCE, ExitCode, worst

ONE_CHECK = "checks/test_migration_settings.py::test_network_selection_suits_vmm"
SITE_CHECK = """
import signal

from livemigration.api import check, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    {body}
    yield ok(host.name)
"""


def test_the_handbook_lists_every_code_and_their_order() -> None:
    text = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    assert [int(row) for row in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == sorted(ExitCode)
    order = re.search(r"Where several hold: ([\d, ]+)\.", text)
    assert order is not None
    assert [int(code) for code in order.group(1).split(", ")] == list(PRECEDENCE[:6])


@in_turn("first, second", list(itertools.combinations(PRECEDENCE, 2)))
def test_of_two_codes_the_earlier_of_the_order_wins(first: ExitCode, second: ExitCode) -> None:
    assert worst({second, first}) is first


def test_0_is_a_ready_fleet(tmp_path: Path, healthy_replay: tuple[str, str]) -> None:
    ended = run_here(tmp_path, *healthy_replay)
    assert ended.code == 0, ended.output
    assert "READY. " in "\n".join(ended.last_lines)


def test_1_is_something_that_fails_though_more_is_blocked(tmp_path: Path, demo_facts: str) -> None:
    ended = run_here(tmp_path, demo_facts)
    assert ended.code == 1, ended.output
    assert "blocked" in ended.states().values()


def test_1_is_an_ordinary_test_that_fails_beside_checks_that_pass(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(
        tmp_path / "site",
        test_own=SITE_CHECK.format(body="") + "\n\ndef test_ordinary():\n    raise KeyError\n",
    )
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=folder)
    assert ended.code == 1, ended.output
    assert set(ended.states().values()) == {"pass"}
    said = "NOT READY. No host failed a check, but 1 of the site's own tests failed."
    assert said in ended.output
    assert "no verdict" not in ended.output.casefold()
    assert ended.results["besides"]["own_tests_failed"] == 1
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "1 of the site&#39;s own tests failed: the verdict cannot be ready." in page


@pytest.mark.parametrize(
    "stop",
    ["signal.raise_signal(signal.SIGINT)", "pytest.exit('enough', 77)"],
    ids=["Ctrl-C", "pytest.exit with a code of its own"],
)
def test_2_is_a_run_stopped_halfway_which_says_how_much_of_the_plan_ran(
    tmp_path: Path, healthy_replay: tuple[str, str], stop: str
) -> None:
    folder = site(tmp_path / "site", test_own=SITE_CHECK.format(body=""))
    with (folder / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(
            "import pytest, signal\n\ndef pytest_runtest_logstart(nodeid):\n"
            f"    if 'hv03' in nodeid: {stop}\n"
        )
    ended = run_here(tmp_path / "reports", *healthy_replay, "--every-report", cwd=folder)
    assert ended.code == 2, ended.output
    said = "Interrupted: 2 of 6 planned checks ran."
    assert said in ended.output
    # A replay asks nobody: there is nothing that a second run would be spared.
    assert "--resume" not in ended.output
    assert said in (ended.folder / "report.html").read_text(encoding="utf-8")
    results = ended.results
    assert (len(results["results"]), len(results["plan"])) == (2, 6)
    assert (results["interrupted"], results["exit_code"]) == (True, 2)
    assert not list(ended.reports.rglob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_2_is_ctrl_c_while_a_host_keeps_the_run_waiting(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    with SilentMachine() as host:
        inventory = real_inventory(tmp_path / "silent.yaml", host.port)
        process = subprocess.Popen(
            command(reports, f"--inventory={inventory}", "-k", "enabled"),
            cwd=ROOT,
            env={**os.environ, **CREDENTIALS},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            assert host.asked.wait(120)
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=120)
    ended = Ended(process.returncode, output, reports)
    assert ended.code == 2, output
    assert (
        "Interrupted: 0 of 1 planned check ran.\n"
        f"Go on with the same command and --resume={ended.folder}\n" in output
    )
    assert ended.results["interrupted"] is True
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "0 of 1 planned check ran." in page
    assert not list(reports.rglob(".*"))


def test_2_is_a_file_of_checks_that_cannot_be_collected(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(
        tmp_path / "site", test_good=SITE_CHECK.format(body=""), test_broken="import nothing_here\n"
    )
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=folder)
    assert ended.code == 2, ended.output
    assert "nothing_here" in ended.output
    assert not ended.reports.exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return", "LM199 is broken: it yielded no finding"),
        ("yield None", "LM199 is broken: it yielded a NoneType, not a finding"),
        ("host.colour", "LM199 is broken: AttributeError at test_own.py:10"),
        ("host[VMM_RELEASE]", "at test_own.py:10: the check reads 'vmm-release' but"),
    ],
    ids=["yields nothing", "yields something else", "raises", "reads undeclared facts"],
)
def test_3_is_a_check_that_is_broken(
    tmp_path: Path, healthy_replay: tuple[str, str], body: str, words: str
) -> None:
    text = SITE_CHECK.format(body=body).replace("import check, ok", "import VMM_RELEASE, check, ok")
    ended = run_here(tmp_path / "r", *healthy_replay, cwd=site(tmp_path / "site", test_own=text))
    assert ended.code == 3, ended.output
    assert words in ended.output
    assert set(ended.states().values()) == {"internal-error"}
    assert "NO VERDICT: internal error" in "\n".join(ended.last_lines)


def test_3_is_a_plan_that_did_not_run_whole_though_nobody_stopped_it(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(tmp_path / "site", test_own=SITE_CHECK.format(body=""))
    with (folder / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write("def pytest_runtest_logstart(nodeid):\n    assert 'hv03' not in nodeid\n")
    ended = run_here(tmp_path / "reports", *healthy_replay, "--every-report", cwd=folder)
    assert ended.code == 3, ended.output
    assert "2 of 6 planned checks ran." in ended.output


def test_4_is_a_lab_that_does_not_start(tmp_path: Path) -> None:
    broken = "import sys\nif 'livemigration.lab' in sys.orig_argv:\n    sys.exit('no lab today')\n"
    (tmp_path / "sitecustomize.py").write_text(broken, encoding="utf-8")
    ended = run(
        tmp_path / "reports",
        f"{ONE_CHECK}[hv01.contoso.com]",
        variables={"PYTHONPATH": str(tmp_path)},
    )
    assert ended.code == 4, ended.output
    assert "the lab does not start: its process ended: SystemExit: no lab today" in ended.output
    assert ended.results["exit_code"] == 4


def test_10_is_a_check_that_is_blocked_while_nothing_fails(tmp_path: Path, demo_facts: str) -> None:
    ended = run_here(tmp_path, f"{ONE_CHECK}[hv05.contoso.com]", demo_facts)
    assert ended.code == 10, ended.output
    assert "NO VERDICT: something could not be checked" in "\n".join(ended.last_lines)


ARTEFACTS = {
    "latest.html": "latest.html could not be written",
    "report.html": "The HTML report could not be written",
    "tests.html": "tests.html could not be written",
    "results.json": "results.json could not be written",
    "journal.jsonl": "The journal could not be written",
    "facts.json": "The facts file",
}
IN_THE_WAY = """
from pathlib import Path

def pytest_collection_finish(session):
    reports = Path(session.config.getoption("--reports"))
    (folder,) = reports.iterdir()
    (reports if {name!r} == "latest.html" else folder).joinpath({name!r}, "in the way").mkdir(
        parents=True
    )
"""


@pytest.mark.parametrize(("name", "words"), list(ARTEFACTS.items()))
def test_11_is_a_verdict_whose_artefact_cannot_be_written(
    tmp_path: Path, healthy_replay: tuple[str, str], name: str, words: str
) -> None:
    folder = site(tmp_path / "site", test_own=SITE_CHECK.format(body=""))
    with (folder / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(IN_THE_WAY.format(name=name))
    ended = run_here(tmp_path / "reports", *healthy_replay, cwd=folder)
    assert ended.code == 11, ended.output
    assert ended.output.count(words) == 1
    assert "\nREADY. 6 of 6 hosts are ready.\n" in ended.output
    if name != "results.json":
        assert (ended.results["exit_code"], len(ended.results["results"])) == (11, 6)
    written = {each.name for each in ended.folder.iterdir() if each.is_file()}
    assert written == ARTEFACTS.keys() - {name, "latest.html"}
    if name == "facts.json":
        # What goes into both with one text is in the journal all the same.
        told = journal.read(ended.folder / "journal.jsonl").facts
        assert len(told.hosts) == 6
        assert all(sheet.outcomes for sheet in (*told.hosts.values(), *told.vmms.values()))


def test_a_failure_outranks_an_artefact_that_cannot_be_written(
    tmp_path: Path, demo_facts: str
) -> None:
    missing = tmp_path / "missing" / "facts.json"
    ended = run_here(tmp_path / "reports", demo_facts, f"--save-facts={missing}")
    assert ended.code == 1, ended.output
    assert ended.output.count("could not be written") == 1
    assert ended.results["problems"] == [
        f"The facts file {missing} could not be written: No such file or directory."
    ]


def test_an_interruption_outranks_a_failure(tmp_path: Path, demo_facts: str) -> None:
    body = "signal.raise_signal(signal.SIGINT) if 'hv09' in host.name else None"
    checks = site(tmp_path / "site", test_zzz=SITE_CHECK.format(body=body))
    ended = run_here(
        tmp_path / "reports", "checks", str(checks / "test_zzz.py"), demo_facts, cwd=ROOT
    )
    assert ended.code == 2, ended.output
    assert "fail" in ended.states().values()


def test_a_selection_without_a_check_is_no_verdict_and_says_so(
    tmp_path: Path, demo_facts: str
) -> None:
    ended = run_here(tmp_path, demo_facts, "-k", "nothing_like_this")
    assert ended.code == ExitCode.NOTHING_TO_CHECK
    assert ended.output.splitlines()[-2:] == [
        "NO VERDICT: nothing was checked. What was selected with -k, -m or a name is no check.",
        "Exit code 5: nothing was checked, so this is no verdict.",
    ]
    looked = run_here(tmp_path, demo_facts, "-k", "nothing_like_this", "--collect-only")
    assert "NO VERDICT" not in looked.output
