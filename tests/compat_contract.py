"""What the tests of both compat modules say where a library moved what it keeps private."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest


def what_moved(module: str, library: str) -> str:
    """Return what to do about a release of a library that a compat module no longer fits."""
    path = f"{module.replace('.', '/')}.py"
    return f"a release of {library} moved what {path} uses: adapt it, and the bound on {library}"


def loaded(module: str) -> ModuleType:
    """Return a compat module; the test fails with a sentence where a library lacks what it uses."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        pytest.fail(what_moved(module, (error.name or "a library").partition(".")[0]))
