"""The public face: its names and signatures are kept, and nothing else is used from outside."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from api_page import page
from in_turn import in_turn

from livemigration import api
from livemigration.site.files import _CONFTEST
from livemigration.site.handed_on import modules

ROOT = Path(__file__).parents[2]


def test_names_and_signatures_are_those_that_are_published() -> None:
    """A change is told in the CHANGELOG: `python tests/docs/api_page.py > docs/api.md`."""
    published = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert page() == published


def test_every_name_is_there_once_and_in_order() -> None:
    assert len(set(api.__all__)) == len(api.__all__)
    # pytest adds names of its own to modules of plugins, which are no identifiers.
    imported = {each for each in vars(api) if each.isidentifier() and not each.startswith("_")}
    assert imported == set(api.__all__)


@in_turn("name", api.__all__)
def test_every_class_and_function_says_what_it_is(name: str) -> None:
    value = getattr(api, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def imports_of(text: str) -> set[str]:
    tree = ast.parse(text)
    found = {each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    found |= {
        name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names
    }
    return {each for each in found if each.partition(".")[0] == "livemigration"}


def test_the_page_on_own_checks_uses_nothing_else() -> None:
    text = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 3
    assert set().union(*map(imports_of, examples)) == {"livemigration.api"}


def test_a_sites_repository_names_the_plugin_and_the_suites_checks_alone() -> None:
    handed_on = set().union(*map(imports_of, modules().values()))
    assert handed_on
    assert {each.rpartition(".")[0] for each in handed_on} == {"livemigration.checks"}
    assert imports_of(_CONFTEST) == set()
    assert "livemigration.plugin" in _CONFTEST
