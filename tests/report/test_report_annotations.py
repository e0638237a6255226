from __future__ import annotations

import re

import pytest
import report_runs
from hypothesis import example, given
from in_turn import in_turn
from properties import examples
from report_fleets import fix_of, fleet, name_of
from report_hostile import PIECES, TEXTS, hostile_run
from report_runs import blocked, result, run_of

from livemigration.report.annotations import MOST, annotation_lines
from livemigration.report.wording import SIMULATED
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level, fail, warn

COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<data>.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as GitHub's runner does (actions/runner, ActionCommand.TryParseV2)."""
    found = COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = (each.split("=", 1) for each in found["properties"].split(","))
    unescaped = {name: _unescaped(value, "%3A", "%2C") for name, value in pairs}
    return found["kind"], unescaped, _unescaped(found["data"])


def _unescaped(text: str, *more: str) -> str:
    signs = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    for code in ("%0D", "%0A", *more, "%25"):
        text = text.replace(code, signs[code])
    return text


def many(hosts: int, warned: int = 0) -> Run:
    results = [report_runs.kb_host(f"kb{number}")[-1] for number in range(hosts)]
    for number in range(warned):
        results += report_runs.warned_host(f"warned{number}")
    return run_of(*results)


def test_the_verdict_is_the_first_annotation() -> None:
    kind, properties, text = read(annotation_lines(report_runs.broken_fleet())[0])
    assert (kind, properties) == ("error", {"title": "Live migration: NOT READY"})
    assert text.startswith(f"{SIMULATED}\n")
    assert "not ready" in text


def test_a_green_run_is_a_notice() -> None:
    lines = annotation_lines(report_runs.green_fleet())
    assert [read(line)[0] for line in lines] == ["notice"]
    assert read(lines[0])[2] == "2 of 2 hosts are ready.\n21 checks: 21 passed."


def test_a_repair_names_host_observed_expected_and_fix_where_the_inventory_has_it() -> None:
    run = run_of(*report_runs.kb_host("hv03.lab.test"))
    kind, properties, text = read(annotation_lines(run, {"hv03.lab.test": 17})[1])
    assert kind == "error"
    assert properties == {
        "file": "inventories/lab.yaml",
        "line": "17",
        "title": "LM102 hv03.lab.test",
    }
    assert [line.partition(" ")[0] for line in text.splitlines()] == [
        "Not",
        "Isolated",
        "Expected:",
        "Fix:",
    ]


def test_an_annotation_says_first_what_is_wrong() -> None:
    text = read(annotation_lines(fleet(2, 1, 1))[1])[2]
    first, seen, *_ = text.splitlines()
    assert first == "Live migration is limited to network number 0, which VMM does not use."
    assert seen.startswith("The host listens on 10.20.30.13")
    cause = fix_of("hv01", 0).cause
    assert cause is not None
    for finding in (fail(cause.wrong, "", fix_of("hv01", 0)), warn("a", "", fix_of("hv01", 0))):
        lines = annotation_lines(run_of(result("LM102", "hv01", finding)))
        assert read(lines[1])[2].count(cause.wrong) == 1


def test_findings_of_one_check_without_a_fix_are_all_told() -> None:
    both = result("LM103", "hv01", Finding(Level.FAIL, "One."), Finding(Level.FAIL, "Two."))
    (told,) = (read(line)[2] for line in annotation_lines(run_of(both))[1:])
    assert "One. Two." in told


@pytest.mark.parametrize("inventory", ["lab:healthy", "/srv/prod.yaml", "C:\\site\\prod.yaml"])
def test_what_is_no_file_of_the_repository_is_not_named_as_one(inventory: str) -> None:
    run = run_of(*report_runs.kb_host("hv03.lab.test"), inventory=inventory)
    assert "file" not in read(annotation_lines(run)[1])[1]


@in_turn(
    "hosts, warned, more",
    [
        (9, 10, []),
        (10, 0, ["1 more error in the report."]),
        (30, 0, ["21 more errors in the report."]),
        (12, 14, ["3 more errors in the report.", "4 more warnings in the report."]),
    ],
)
def test_no_more_are_printed_than_github_shows(hosts: int, warned: int, more: list[str]) -> None:
    found = [read(line) for line in annotation_lines(many(hosts, warned))]
    kinds = [kind for kind, _, _ in found]
    assert kinds.count("error") == min(MOST, hosts + 1)
    assert kinds.count("warning") == min(MOST, warned)
    assert [line for line in found[0][2].splitlines() if "in the report" in line] == more


def test_a_cause_that_many_hosts_share_is_one_annotation() -> None:
    found = [read(line) for line in annotation_lines(report_runs.vmm_down())]
    assert [properties["title"] for _, properties, _ in found[1:]] == ["LM001 vmm01.lab.test"]
    assert found[1][2].endswith("\n40 checks wait for it.")
    results = [blocked("LM103", f"hv{each}", "LM302", "denied") for each in range(3)]
    found = [read(line) for line in annotation_lines(run_of(*results))]
    assert [properties["title"] for _, properties, _ in found[1:]] == ["Blocked on 3 machines"]


def test_a_blocked_check_whose_cause_is_told_as_a_repair_takes_no_room() -> None:
    found = [read(line) for line in annotation_lines(run_of(*report_runs.down_host("hv05")))]
    assert [properties["title"] for _, properties, _ in found[1:]] == ["LM302 hv05"]


def test_a_blocked_check_whose_cause_nothing_else_tells_is_an_error() -> None:
    found = [read(line) for line in annotation_lines(run_of(*report_runs.half_known_host("hv06")))]
    assert [properties["title"] for _, properties, _ in found[1:]] == ["Blocked on hv06"]
    assert "Blocked by LM302: Reading the migration networks: access denied" in found[1][2]
    assert "\nNext: Give the account rights on root/virtualization." in found[1][2]


def test_percent_signs_colons_commas_and_line_ends_are_escaped() -> None:
    text = "50%25 of a:b,c%0A\nnext"
    for line in annotation_lines(hostile_run(text)):
        _, properties, data = read(line)
        assert set(properties) <= {"file", "line", "title"}
        assert "50%25 of a:b,c%0A next" in data or "Live migration" in properties["title"]


@examples(60)
@given(TEXTS)
@example("".join(PIECES))
@example("\ud800")
def test_no_text_of_a_host_makes_a_command_of_its_own(text: str) -> None:
    harmless = annotation_lines(hostile_run("harmless"))
    lines = annotation_lines(hostile_run(text))
    assert len(lines) == len(harmless)
    for line in lines:
        assert line.isprintable()
        assert read(line)[0] in {"error", "warning"}


def test_no_cause_takes_the_room_of_the_others() -> None:
    lines = [read(line) for line in annotation_lines(fleet(60, 45, 3))[1:]]
    texts = [text for _, _, text in lines]
    assert len(lines) == MOST - 1
    # The first host of each cause, with how many others need the same; then other hosts.
    for number, text in enumerate(texts[:3]):
        assert f"Fix: Mend the migration network number {number} of {name_of(number)}." in text
        assert f"\nThe same on 14 others: {name_of(number + 3)}, {name_of(number + 6)}, " in text
        end = f"{name_of(number + 36)} and 2 more\n30 checks wait for it."
        assert text.endswith(end)
    assert not any("The same on" in text for text in texts[3:])
    assert len({properties["title"] for _, properties, _ in lines}) == MOST - 1
