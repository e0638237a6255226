"""The mutation run itself: what it changes, that it sees a test fail, and its list of reasons."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# To import it takes long, which the tests that it is not for need not wait for.
if find_spec("mutmut") is None:
    pytest.skip("the extra mutate is not installed", allow_module_level=True)

if TYPE_CHECKING:
    from mutants import Mutant

# Processes of their own, and every module that has an entry in the list.
pytestmark = pytest.mark.long

HERE = Path(__file__).parent
CODE = '''
from functools import cached_property

LIMIT = 3


class Range:
    """A range."""

    def __init__(self, low: int, high: int = 9) -> None:
        self.low, self.high = low, high

    @property
    def empty(self) -> bool:
        return self.low > self.high


def within(value: int, *ranges: Range, name: str = "value") -> str:
    if any(each.low <= value for each in ranges) and value:
        return name + "in"
    return len(name) * "out" + str(value, "of", 3)
'''
TESTS = """
import gc

# As the suite's own tests do before they run pytest in their process.
gc.freeze()

def test_a_range_that_ends_where_it_begins_is_not_empty():
    # As a command does: nothing imports the module before.
    from code_under_test import Range

    assert not Range(2, 2).empty
    assert Range(3, 2).empty

def test_a_value_is_within():
    from code_under_test import Range, within

    assert within(2, Range(1), name="a") == "ain"
"""
RUN = """
import sys, time
from pathlib import Path
import pytest
import mutants
from forked_session import Forks

made = mutants.of_module(Path("code_under_test.py").resolve(), "code_under_test.py")
forks = Forks(made, time.monotonic() + float(sys.argv[1]), 2, Path(sys.argv[2]), lambda *_: None)
pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir=."], plugins=[forks])
print(forks.broken)
for mutant, outcome in forks.outcomes.items():
    print(outcome.name, mutant.key.function, mutant.key.becomes, sep="|")
"""


def made(tmp_path: Path) -> list[Mutant]:
    import mutants

    path = tmp_path / "code_under_test.py"
    path.write_text(CODE, encoding="utf-8")
    return mutants.of_module(path, path.name)


def test_a_change_is_of_a_function_or_property_and_not_of_words(tmp_path: Path) -> None:
    found = {(each.key.function, each.key.was, each.key.becomes) for each in made(tmp_path)}
    assert ("Range.empty", "self.low > self.high", "self.low >= self.high") in found
    assert ("within", "each.low <= value", "each.low < value") in found
    assert {each[0] for each in found} == {"Range.__init__", "Range.empty", "within"}
    # The number is an argument that is taken out; the words beside it are not.
    assert {each[2] for each in found if each[1].startswith("str(")} == {
        'str(value, "of", 4)',
        'str("of", 3)',
        'str(value, "of", )',
    }
    assert not any("XX" in each[2] or "LIMIT" in each[1] for each in found)


def test_each_change_compiles_and_is_the_only_one(tmp_path: Path) -> None:
    every = made(tmp_path)
    sources = {each.source() for each in every}
    assert len(sources) == len(every) == len({each.key for each in every})
    assert CODE not in sources
    for source in sources:
        compile(source, "changed", "exec")


def ran(tmp_path: Path, seconds: str) -> list[list[str]]:
    made(tmp_path)
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = [{str(HERE)!r}, '.']\n{RUN}",
            seconds,
            str(scratch),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
    )
    return [line.split("|") for line in ended.stdout.splitlines() if "|" in line]


def test_a_change_that_a_test_sees_is_killed_and_any_other_is_told(tmp_path: Path) -> None:
    outcomes = {(function, becomes): name for name, function, becomes in ran(tmp_path, "60")}
    assert outcomes["Range.empty", "self.low >= self.high"] == "KILLED"
    assert outcomes["within", 'name - "in"'] == "KILLED"
    assert outcomes["within", "each.low < value"] == "SURVIVED"
    assert outcomes["within", 'str(value, "of", 4)'] == "UNREACHED"


def test_what_no_time_was_left_for_is_not_taken_for_killed(tmp_path: Path) -> None:
    assert {each[0] for each in ran(tmp_path, "-1")} == {"NOT_RUN"}


ENTRY = """
[[equivalent]]
module = "a.py"
function = "f"
was = "a < b"
becomes = "a <= b"
reason = "They are never equal."
"""


def test_an_entry_of_the_list_names_a_change_and_its_reason(tmp_path: Path) -> None:
    import equivalents

    path = tmp_path / "list.toml"
    path.write_text(ENTRY + ENTRY.replace('"f"', '"g"') + "number = 2\n", encoding="utf-8")
    first, second = equivalents.read(path)
    assert (first.function, first.number, second.number) == ("f", 1, 2)
    assert equivalents.without_mutant([first, second], [first]) == [second]


@pytest.mark.parametrize(
    "text",
    [ENTRY.replace('reason = "They are never equal."', ""), ENTRY + 'more = "x"\n', ENTRY * 2],
    ids=["no reason", "a word too many", "twice"],
)
def test_a_list_that_is_not_to_be_relied_on_is_refused(tmp_path: Path, text: str) -> None:
    import equivalents

    path = tmp_path / "list.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(equivalents.ListError, match=r"list.toml, entry [12]"):
        equivalents.read(path)


def test_every_entry_of_the_list_names_a_change_that_can_be_made() -> None:
    import equivalents
    import mutants

    listed = equivalents.read()
    root = HERE.parents[1]
    there = [
        each.key
        for module in {key.module for key in listed}
        for each in mutants.of_module(root / module, module)
    ]
    assert equivalents.without_mutant(listed, there) == []
