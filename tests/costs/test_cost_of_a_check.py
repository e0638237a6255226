"""A new check on facts that exist is one generator and one table of cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import ROOT, contents, copy_of, python, touched

# A copy of the suite is run, which takes longer than a quick test may.
pytestmark = pytest.mark.fleet

PARTS = (
    "checks",
    "docs/checks",
    "tests/pytest.ini",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "tests").glob("[!t]*.py"))),
    "tests/checks",
    "tests/docs/test_docs_checks.py",
    "tests/verdict/fixes/test_fixes.py",
    "tests/verdict/fixes/test_fix_quoting.py",
)
CHECK = '''\
"""Whether a virtual machine that arrives finds a network."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import listed, one_line
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, Fix, fail, ok
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.views import FactsView


@check("LM190", needs=(VIRTUAL_SWITCHES,), refs=(TROUBLESHOOT_LIVE_MIGRATION,))
def test_virtual_switch_exists(host: FactsView) -> Iterator[Finding]:
    """The host has a virtual switch.

    Fails: it has none, so that what arrives has no network.
    """
    if switches := host[VIRTUAL_SWITCHES]:
        yield ok(f"The host has {listed(one_line(each.name) for each in switches)}.")
        return
    fix = Fix(
        key="virtual-switch",
        summary=f"Create a virtual switch on {host.name}.",
        console=(f"In Hyper-V Manager, create a virtual switch on {host.name}.",),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )
    yield fail("The host has no virtual switch.", "A virtual switch.", fix)
'''
TABLE = '''\
"""The verdict table's row of the virtual switch (LM190)."""

from __future__ import annotations

from verdict_case import FAIL, PASS, Case

from livemigration.facts.virtualization import VIRTUAL_SWITCHES

CASES = (
    Case("LM190", "one", PASS, says="Tenants"),
    Case("LM190", "none", FAIL, {"also": {VIRTUAL_SWITCHES.name: ()}}, fix="virtual-switch"),
)
'''
PATHS = ("checks/test_virtual_switch.py", "tests/checks/virtual_switch_cases.py")
GENERATED = {"docs/checks/LM190.md", "docs/checks/index.md"}
# The derived tests: of the new check, where there is one for each, and those of all checks.
ABOUT = (
    "LM190 or virtual_switch or page_is_what_the_check or root_cause or merely_different "
    "or tables_speak or looked_at or every_fix or every_script or warnings_are_red"
)
RUN = f"""
import sys, pytest
from livemigration.commands.main import main
assert main(["checks", "--docs", "docs/checks"]) == 0
assert main(["explain", "LM190"]) == 0
chosen = ["-m", "not fleet", "-k", {ABOUT!r}]
sys.exit(pytest.main(["-q", "-n0", "tests", "--rootdir=tests", "-rA", *chosen]))
"""
DERIVED = (
    "test_a_page_is_what_the_check_says",
    "test_each_check_has_a_table_with_a_case_for_whatever_it_can_say[LM190]",
    "test_each_line_of_a_check_is_reached_by_its_cases[test_virtual_switch.py]",
    "test_warnings_are_red_where_the_policy_says_so_and_failures_always",
    "test_what_needs_vmm_is_not_applicable_and_says_why[LM190]",
    "test_what_is_advised_at_the_gate_can_be_done_without_vmm[LM190]",
    "test_no_text_of_a_fact_forges_a_line_of_the_check_that_reads_it[LM190]",
    "test_the_declared_groups_are_enough_for_the_verdict[LM190]",
    "test_a_fact_that_is_lost_blocks_the_verdict_or_leaves_it[LM190]",
    "test_no_finding_points_at_a_check_that_does_not_apply[LM190]",
    "test_every_script_is_powershell_without_a_syntax_error",
    "test_the_rows_lead_to_every_fix_that_there_is",
    "test_the_checks_of_this_release_are_all_looked_at",
    "test_a_root_cause_is_one_failure_and_blocks_what_it_hides",
    "test_no_check_fails_on_a_host_that_is_merely_different_or_warns_without_need",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_of(PARTS, tmp_path)


def test_a_check_is_one_generator_and_one_table_and_the_rest_follows(tree: Path) -> None:
    before = contents(tree)
    for name, text in zip(PATHS, (CHECK, TABLE), strict=True):
        (tree / name).write_text(text, encoding="utf-8")
    ended = python(tree, RUN)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[1].startswith("LM190")
    passed = {line for line in ended.stdout.splitlines() if line.startswith("PASSED ")}
    for name in DERIVED:
        assert any(line.endswith(name) for line in passed), name
    assert touched(before, tree) == {*PATHS, *GENERATED}


def test_a_check_without_a_table_fails_and_says_which_to_write(tree: Path) -> None:
    (tree / PATHS[0]).write_text(CHECK, encoding="utf-8")
    given = ["-q", "-n0", "tests/checks/test_verdict_table.py", "-k", "LM190"]
    ended = python(tree, f"import sys, pytest; sys.exit(pytest.main({given}))")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert f"write cases of LM190 in {PATHS[1]}" in ended.stdout
