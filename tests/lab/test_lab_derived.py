"""What the lab says of a class that only a fact group knows; none of it is written for the lab."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from in_turn import in_turn

from livemigration.facts.cim import CimType, CimValue, WmiProperty
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.lab import derived
from livemigration.lab.rows import Row

BUILDS = (9200, 9600, 20348)


def value(declared: WmiProperty, row: Row | None = None) -> CimValue:
    return derived.completed(row or {}, [declared])[declared.name]


@in_turn(
    "declared, expected",
    [
        (WmiProperty("P", CimType.STRING), "simulated"),
        (WmiProperty("P", CimType.BOOLEAN), False),
        (WmiProperty("P", CimType.SINT64), 0),
        (WmiProperty("P", CimType.UINT8, array=True), (0,)),
        (WmiProperty("P", CimType.DATETIME), datetime(2026, 1, 1, tzinfo=UTC)),
        (WmiProperty("P", CimType.REFERENCE), None),
        (WmiProperty("P", CimType.STRING, sample="CZJ1"), "CZJ1"),
        (WmiProperty("P", CimType.UINT32, array=True, sample=(3, 4)), (3, 4)),
        (WmiProperty("P", CimType.UINT32, array=True, sample=3), (3,)),
    ],
)
def test_a_value_follows_from_the_sample_or_the_type(declared: WmiProperty, expected: Any) -> None:
    assert value(declared) == expected


def test_what_the_lab_says_itself_stays() -> None:
    declared = WmiProperty("P", CimType.STRING, sample="sample")
    assert value(declared, {"P": "own"}) == "own"
    assert value(declared, {"P": None}) is None


@in_turn("build", BUILDS)
@in_turn("group", HOST_WMI_GROUPS)
def test_a_build_has_the_properties_that_its_release_brought(group: Any, build: int) -> None:
    wmi_class = group.query.wmi_class
    names = {each.name for each in derived.properties(wmi_class.name.upper(), build)}
    for each in wmi_class.properties:
        assert (each.name in names) == (not each.by_patch and build >= each.since)
    assert derived.is_there(wmi_class.name, build) == (build >= group.minimum_build)
