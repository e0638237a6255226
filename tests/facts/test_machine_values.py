"""Microcode and patch level, as StdRegProv may give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import WmiQuery
from livemigration.facts.machine_values import (
    PATCH_LEVEL,
    PROCESSOR_MICROCODE,
    Microcode,
    PatchLevel,
)
from livemigration.facts.model import MethodGroup
from livemigration.facts.reader import WmiMethod
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.items import RawValue, ValueForm


@dataclass
class Machine:
    """Answers one method; `asked` are the arguments."""

    output: Mapping[str, Sequence[str]]
    returned: int | None = 0
    asked: dict[str, Any] = field(default_factory=dict)

    def enumerate(self, query: WmiQuery) -> Any:
        raise AssertionError(query)

    def call(
        self, method: WmiMethod, selectors: Mapping[str, str], arguments: Mapping[str, Any]
    ) -> InvokeResult:
        assert not selectors
        self.asked = {"method": method.name, **arguments}
        values = {
            name: tuple(RawValue(ValueForm.TEXT, each) for each in texts)
            for name, texts in self.output.items()
        }
        return InvokeResult(self.returned, values)


def read(group: MethodGroup[Any], *texts: str, returned: int | None = 0) -> Any:
    return group.read(Machine({"uValue": texts}, returned))


@in_turn(
    "texts, revision",
    [
        (("0", "0", "0", "0", "42", "0", "0", "5"), "0x0500002A"),
        (("0 0 0 0 42 0 0 5",), "0x0500002A"),
        (("16", "16", "16", "10", "0", "0", "0", "0"), "0x0A101010"),
        (("42", "0", "0", "5"), "0x0500002A"),
        (("255",) * 8, None),
        (("0", "0", "0", "0", "255", "255", "255", "255"), None),
        (("0",) * 8, None),
        ((), None),
        (("300",), None),
    ],
)
def test_microcode_is_the_number_of_the_half_that_has_one(
    texts: tuple[str, ...], revision: str | None
) -> None:
    assert read(PROCESSOR_MICROCODE, *texts) == Microcode(revision)


def test_a_value_that_is_not_there_is_not_known() -> None:
    assert read(PROCESSOR_MICROCODE, "1", returned=2) == Microcode(None)
    assert read(PATCH_LEVEL, "1", returned=2) == PatchLevel(None)


def test_the_patch_level_is_the_one_number() -> None:
    assert read(PATCH_LEVEL, "5122") == PatchLevel(5122)
    assert read(PATCH_LEVEL, "5122", returned=None) == PatchLevel(5122)
    assert read(PATCH_LEVEL) == PatchLevel(None)


@in_turn("group", [PROCESSOR_MICROCODE, PATCH_LEVEL])
@in_turn("text", ["AAAAACoAAAU=", "-1", "²"])
def test_what_is_no_number_is_said(group: MethodGroup[Any], text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        read(group, text)


def test_the_value_is_asked_for_by_its_name() -> None:
    machine = Machine({"uValue": ("1",)})
    PROCESSOR_MICROCODE.read(machine)
    assert machine.asked == {
        "method": "GetBinaryValue",
        "hDefKey": "2147483650",
        "sSubKeyName": r"HARDWARE\DESCRIPTION\System\CentralProcessor\0",
        "sValueName": "Update Revision",
    }
