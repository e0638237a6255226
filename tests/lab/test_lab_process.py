"""The lab as a process, and its WQL."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.lab import wql
from livemigration.lab.fleet import LabError, load_fleet, shipped_fleets
from livemigration.lab.launch import start

names = st.from_regex(r"[A-Za-z_]\w{0,10}", fullmatch=True).filter(
    lambda text: text.isascii() and text.upper() not in {"AND", "OR", "WHERE", "FROM", "SELECT"}
)
texts = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=10)
comparisons = st.builds(
    wql.Comparison, names, st.sampled_from(["=", "<>"]), st.integers(0, 2**32) | texts
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.builds(wql.Both, st.sampled_from(["AND", "OR"]), inner, inner),
    max_leaves=5,
)
selects = st.builds(
    wql.Select, st.lists(names, max_size=3).map(tuple), names, st.none() | conditions
)


@given(selects)
def test_wql_reads_what_it_writes(tree: wql.Select) -> None:
    assert wql.parse(wql.render(tree)) == tree


@given(st.text())
def test_wql_refuses_with_its_own_error(text: str) -> None:
    try:
        wql.parse(text)
    except wql.WqlError:
        return


@pytest.mark.parametrize("name", shipped_fleets())
def test_every_fleet_loads(name: str) -> None:
    assert load_fleet(name).hosts


def test_an_unknown_fleet_is_named() -> None:
    with pytest.raises(LabError, match="no such fleet"):
        load_fleet("../secrets")


def test_two_labs_run_at_once_on_their_own_networks() -> None:
    with start("healthy") as one, start("healthy") as two:
        assert one.vmm.address != two.vmm.address
        assert one.credentials.password.reveal() != two.credentials.password.reveal()


def test_the_lab_ends_with_its_standard_input() -> None:
    command = [sys.executable, "-m", "livemigration.lab", "--fleet", "healthy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert "vmm" in json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(10) == 0
