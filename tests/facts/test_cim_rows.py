"""Rows are read by any spelling of a name, and classes are the same in every process."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.facts.cim import CimValue, WmiRow, WmiRowError
from livemigration.facts.registry import HOST_WMI_GROUPS

NAMES = st.text("aAbB", min_size=1, max_size=2)
VALUES: st.SearchStrategy[CimValue] = st.sampled_from([None, "", "x", 0, 7, True, False, ("x",)])


@examples(200)
@given(st.dictionaries(NAMES, VALUES, max_size=3), NAMES)
def test_a_value_is_found_by_its_own_name_before_another_spelling(
    values: dict[str, CimValue], name: str
) -> None:
    row = WmiRow("Class", values)
    alike = [each for each in values if each.casefold() == name.casefold()]
    # Of several, the name itself, else the one that came last.
    wanted = name if name in values else alike[-1] if alike else None
    assert (name in row) is (wanted is not None)
    assert row.get(name) == (values[wanted] if wanted else None)
    if wanted is None:
        assert row.get(name, 5) == 5
        with pytest.raises(KeyError):
            row[name]


@pytest.mark.parametrize("value", [None, "", "x", 0, 7, True, False, ("x",)])
def test_a_value_is_read_as_what_it_is_and_as_nothing_else(value: CimValue) -> None:
    row = WmiRow("Class", {"Name": value})
    for kind, strict, lenient in (
        (str, row.text, row.text_or_none),
        (int, row.integer, row.integer_or_none),
        (bool, row.boolean, row.boolean_or_none),
    ):
        if type(value) is kind:
            assert strict("NAME") is strict("Name") is lenient("name") is value
            continue
        with pytest.raises(WmiRowError, match=r"Class\.Name should be"):
            strict("Name")
        if value is None:
            assert lenient("Name") is None
        else:
            with pytest.raises(WmiRowError):
                lenient("Name")


@pytest.mark.long
def test_a_class_is_found_in_a_table_of_another_process() -> None:
    classes = {each.query.wmi_class for each in HOST_WMI_GROUPS}
    code = (
        "import pickle, sys\n"
        "from livemigration.facts.registry import HOST_WMI_GROUPS\n"
        "own = {each.query.wmi_class for each in HOST_WMI_GROUPS}\n"
        "sys.exit(pickle.load(sys.stdin.buffer) != own)"
    )
    ended = subprocess.run((sys.executable, "-c", code), input=pickle.dumps(classes), check=False)
    assert ended.returncode == 0
