"""What somebody may change in the results of a run that is red, each so that it looks better."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bundle_forging import Edit
from fact_builders import HOST


def _failing(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["results"] if each["state"] == "fail")
    return found


def exit_code(document: dict[str, Any]) -> None:
    document["exit_code"] = 0


def waived(document: dict[str, Any]) -> None:
    _failing(document).update(state="waived", red=False, reason="Waived by Kim.")


def passed(document: dict[str, Any]) -> None:
    _failing(document).update(state="pass", red=False, findings=[])


def milder(document: dict[str, Any]) -> None:
    result = _failing(document)
    result.update(state="warning", red=False)
    for each in result["findings"]:
        each["level"] = "warning" if each["level"] == "fail" else each["level"]


def no_failures(document: dict[str, Any]) -> None:
    document["results"] = [each for each in document["results"] if not each["red"]]


def no_failures_planned(document: dict[str, Any]) -> None:
    red = {each["entry"]["node_id"] for each in document["results"] if each["red"]}
    no_failures(document)
    document["plan"] = [each for each in document["plan"] if each["node_id"] not in red]
    document["exit_code"] = 0


def no_host(document: dict[str, Any]) -> None:
    document["results"] = [e for e in document["results"] if e["entry"]["target"] != HOST]
    document["plan"] = [each for each in document["plan"] if each["target"] != HOST]
    document["hosts"] = [each for each in document["hosts"] if each["name"] != HOST]
    document["selection"].update(inventory_hosts=1, selected_hosts=1)
    document["exit_code"] = 0


def no_check(document: dict[str, Any]) -> None:
    check = _failing(document)["entry"]["check"]
    document["results"] = [e for e in document["results"] if e["entry"]["check"] != check]
    document["plan"] = [each for each in document["plan"] if each["check"] != check]


def a_year_longer(document: dict[str, Any]) -> None:
    until = datetime.fromisoformat(document["valid_until"]) + timedelta(days=365)
    document["valid_until"] = until.isoformat()


def gathered_later(document: dict[str, Any]) -> None:
    began = datetime.fromisoformat(document["gathered"]["began"]) + timedelta(seconds=20)
    document["gathered"]["began"] = began.isoformat()


def gathered_and_valid_later(document: dict[str, Any]) -> None:
    for key in ("gathered", "valid_until", "stamp"):
        inner, name = {
            "gathered": (document["gathered"], "began"),
            "valid_until": (document, "valid_until"),
            "stamp": (document["stamp"], "valid_until"),
        }[key]
        inner[name] = (datetime.fromisoformat(inner[name]) + timedelta(seconds=20)).isoformat()


def not_gathered(document: dict[str, Any]) -> None:
    document["gathered"] = None


def lenient(document: dict[str, Any]) -> None:
    document["demands"]["site"]["evidence_valid_for"] = 720


def signed_for(document: dict[str, Any]) -> None:
    entry = _failing(document)["entry"]
    document["waivers"][0]["waiver"]["pairs"].append([entry["check"], entry["target"]])


def another_fix(document: dict[str, Any]) -> None:
    fix = next(
        finding["fix"]
        for result in document["results"]
        for finding in result["findings"]
        if finding["fix"] and finding["fix"]["commands"]
    )
    fix["commands"].append("Remove-VM -Name * -Force")


def another_address(document: dict[str, Any]) -> None:
    for result in document["results"]:
        for finding in result["findings"]:
            if "10.0.50.11" in finding["observed"]:
                finding["observed"] = finding["observed"].replace("10.0.50.11", "10.0.50.12", 1)
                return
    raise AssertionError("no finding names the address")


def other_versions(document: dict[str, Any]) -> None:
    document["suite_version"] = "99.0.0"


IN_RESULTS: tuple[Edit, ...] = (
    exit_code,
    waived,
    passed,
    milder,
    no_failures,
    no_failures_planned,
    no_host,
    no_check,
    a_year_longer,
    gathered_later,
    gathered_and_valid_later,
    not_gathered,
    lenient,
    signed_for,
    another_fix,
    another_address,
    other_versions,
)
