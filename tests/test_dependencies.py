"""What the package imports is declared, with a bound; nothing comes along by chance."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OWN = "livemigration"
# Found at run time, where it is installed: the module that asks for it is loaded there only.
LAZY = {
    "testinfra": "testinfra",
    "keyring": "keyring",
    "gssapi": "kerberos",
    "krb5": "kerberos",
    "distributed": "dask",
    "highspy": "drain",
    "numpy": "drain",
}
# Modules that need an extra as a whole: nothing imports them but in a function.
OF_EXTRAS = {"livemigration/executor/courier.py", "livemigration/executor/link.py"}
distributions_of = cache(packages_distributions)


def normal(name: str) -> str:
    """Return a distribution's name as package registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names_in(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requirements}


@cache
def imports_of(source: str) -> tuple[tuple[int, str, bool], ...]:
    """Return what `imported` finds; two tests look at every module."""
    return tuple(imported(ast.parse(source)))


def imported(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Yield each import's line, its top-level module, and whether it can fail without harm."""
    for node, lazy in _placed(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield node.lineno, each.name.partition(".")[0], lazy
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").partition(".")[0], lazy
        elif isinstance(node, ast.Call) and _called(node.func).endswith("import_module"):
            given = node.args[0]
            if isinstance(given, ast.Constant):
                yield node.lineno, str(given.value).partition(".")[0], lazy


def _placed(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what lies in a node, and whether it is in a function or for types only."""
    waiting = [(node, False)]
    while waiting:
        outer, lazy = waiting.pop()
        for each in ast.iter_child_nodes(outer):
            inside = lazy or isinstance(each, ast.FunctionDef) or _for_types(each)
            yield each, inside
            waiting.append((each, inside))


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def undeclared(source: str, *, of_extra: bool = False) -> Iterator[str]:
    declared = names_in(PROJECT["dependencies"])
    for line, module, lazy in imports_of(source):
        if module in {OWN, *sys.stdlib_module_names}:
            continue
        distributions = {normal(each) for each in distributions_of().get(module, [module])}
        extra = LAZY.get(module, "")
        extras = (
            names_in(PROJECT["optional-dependencies"][extra])
            if extra and (lazy or of_extra)
            else set()
        )
        if not distributions & (declared | extras):
            yield f"{line}: {module}"


@pytest.mark.long
def test_what_the_package_imports_is_declared() -> None:
    paths = sorted([*(ROOT / OWN).rglob("*.py"), *(ROOT / "checks").glob("*.py")])
    found = [
        f"{path.relative_to(ROOT)}:{each}"
        for path in paths
        for each in undeclared(
            path.read_text(encoding="utf-8"),
            of_extra=path.relative_to(ROOT).as_posix() in OF_EXTRAS,
        )
    ]
    assert found == []


@pytest.mark.long
def test_a_module_of_an_extra_is_loaded_where_it_is_asked_for() -> None:
    names = {each.removesuffix(".py").replace("/", ".") for each in OF_EXTRAS}
    for path in (ROOT / OWN).rglob("*.py"):
        if path.relative_to(ROOT).as_posix() in OF_EXTRAS:
            continue
        for node, lazy in _placed(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in names:
                assert lazy, path


@pytest.mark.parametrize(
    "source",
    [
        "import hypothesis\n",
        "from jsonschema import validate\n",
        "def f():\n    import xmltodict\n",
        "import importlib\nimportlib.import_module('pluggy')\n",
        "import testinfra\n",
    ],
)
def test_an_import_that_is_not_declared_is_found(source: str) -> None:
    assert list(undeclared(source))


@pytest.mark.long
def test_what_is_declared_is_imported() -> None:
    used = {
        normal(each)
        for path in (ROOT / OWN).rglob("*.py")
        for _, module, _ in imports_of(path.read_text(encoding="utf-8"))
        for each in distributions_of().get(module, [])
    }
    # Data that the standard library reads on Windows.
    assert names_in(PROJECT["dependencies"]) - used <= {"tzdata"}


def test_what_is_declared_has_a_reason_and_what_is_installed_a_pin() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pinned = names_in((ROOT / "constraints.txt").read_text("utf-8").splitlines())
    for requirement in PROJECT["dependencies"]:
        (name,) = names_in([requirement])
        assert re.search(rf'# .*\.\n    "{re.escape(requirement)}"', text), requirement
        assert ">=" in requirement, requirement
        if "sys_platform" not in requirement:
            assert name in pinned, requirement
