"""Private names of libraries in the package's source, as far as the source decides."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "livemigration"
# The only modules that may use what is private, each with contract tests.
COMPAT = frozenset(
    {
        *(PACKAGE / "plugin" / f"{name}.py" for name in ("compat", "compat_junit", "compat_many")),
        PACKAGE / "wsman" / "compat.py",
    }
)

# What each library documents of its modules; another of its modules is private.
PUBLIC = {
    "_pytest": frozenset[str](),
    "pytest": frozenset({"pytest"}),
    "pytest_html": frozenset[str](),
    "pytest_metadata": frozenset[str](),
    "requests": frozenset(
        {"requests", "requests.adapters", "requests.auth", "requests.exceptions"}
    ),
    "requests_ntlm": frozenset({"requests_ntlm"}),
    "spnego": frozenset({"spnego", "spnego.exceptions"}),
    "testinfra": frozenset[str](),
    "urllib3": frozenset({"urllib3", "urllib3.exceptions", "urllib3.util"}),
    "winrm": frozenset({"winrm", "winrm.exceptions"}),
}
# What they do not document, although no underscore says so.
UNDOCUMENTED = frozenset(
    {
        "BACKENDS",  # testinfra
        "ConnectionCls",  # urllib3
        "args_source",  # pytest, as to the next empty line of names
        "capturemanager",
        "hasmarkup",
        "known_args_namespace",
        "reprcrash",
        "resume_global_capture",
        "showfspath",
        "summary_stats",
        "suspend_global_capture",
        "testsfailed",
        "wasxfail",
        "htmlpath",  # pytest-html
        "self_contained_html",
        "prepare_encrypted_request",  # pywinrm
        "setup_encryption",
        "session_security",  # requests_ntlm
    }
)
# Public, in spite of the underscore: of named tuples, and of os.
PUBLIC_NAMES = frozenset({"_asdict", "_fields", "_make", "_replace", "_exit"})
OWN = frozenset({"self", "cls"})


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC_NAMES


def private_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each private thing of a library that a module uses."""
    tree = ast.parse(source)
    own = _defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield from _modules(node.lineno, each.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from _modules(node.lineno, node.module)
            for each in node.names:
                if is_private(each.name):
                    yield node.lineno, f"{node.module}.{each.name}"
                yield from _submodules(node.lineno, node.module, each.name)
        elif isinstance(node, ast.Attribute):
            private = is_private(node.attr) and node.attr not in own and not _is_own(node.value)
            if private or node.attr in UNDOCUMENTED:
                yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.ClassDef):
            yield from _inherited(node, tree)


def _defined(tree: ast.Module) -> set[str]:
    """Return the methods that the module's own classes define: one object may ask another's."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {
        each.name for found in classes for each in found.body if isinstance(each, ast.FunctionDef)
    }


def _is_own(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in OWN


def _modules(line: int, name: str) -> Iterator[tuple[int, str]]:
    public = PUBLIC.get(name.partition(".")[0])
    if public is not None and name not in public:
        yield line, name


def _submodules(line: int, module: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield a module that is imported out of its package."""
    if module.partition(".")[0] not in PUBLIC:
        return
    found = getattr(importlib.import_module(module), name, None)
    if inspect.ismodule(found):
        yield from _modules(line, f"{module}.{name}")


def _called(node: ast.Call) -> Iterator[tuple[int, str]]:
    """Yield names that are given as text: getattr, import_module, getplugin and their like."""
    called = (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    )
    texts = [
        each.value
        for each in node.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    for text in texts:
        if called in {"getattr", "hasattr", "setattr", "delattr", "getplugin", "get_plugin"}:
            if text in UNDOCUMENTED or is_private(text):
                yield node.lineno, text
        elif called in {"import_module", "__import__"}:
            yield from _modules(node.lineno, text)


def _inherited(node: ast.ClassDef, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield private names of a class's bases in a library that the class uses or overrides."""
    theirs = "".join(map(inspect.getsource, _library_bases(node, tree)))
    if not theirs:
        return
    names = [
        (each.lineno, each.name) for each in ast.walk(node) if isinstance(each, ast.FunctionDef)
    ]
    names += [
        (each.lineno, each.attr)
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and _is_own(each.value)
    ]
    for line, name in names:
        if is_private(name) and re.search(rf"\b(?:self|cls)\.{name}\b|\bdef {name}\b", theirs):
            yield line, name


def _library_bases(node: ast.ClassDef, tree: ast.Module) -> Iterator[type]:
    for base in node.bases:
        for found in _resolved(ast.unparse(base), tree):
            for each in inspect.getmro(found):
                if each.__module__.partition(".")[0] in PUBLIC:
                    yield each


def _resolved(name: str, tree: ast.Module) -> Iterator[type]:
    """Yield the class that a name of a module means, where it comes from a library or compat."""
    first, _, rest = name.partition(".")
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom) and each.module and not each.level:
            for alias in each.names:
                known = each.module.partition(".")[0] in {*PUBLIC, PACKAGE.name}
                if (alias.asname or alias.name) == first and not rest and known:
                    found = getattr(importlib.import_module(each.module), alias.name, None)
                    if inspect.isclass(found):
                        yield found
        elif isinstance(each, ast.Import) and rest:
            for alias in each.names:
                if (alias.asname or alias.name) == first and first in PUBLIC:
                    found = getattr(importlib.import_module(first), rest, None)
                    if inspect.isclass(found):
                        yield found
