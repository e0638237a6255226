"""The files of a site's new repository."""

from __future__ import annotations

from livemigration import __version__
from livemigration.shipped import CHECKS, INVENTORIES, shipped
from livemigration.site.handed_on import modules

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "live-migration-site"
description = "Which of our Hyper-V hosts are checked for live migration"
version = "1"
requires-python = ">=3.11"
dependencies = [
    # The suite with its checks. After an upgrade: livemigration init --update .
    "livemigration{bounds}",
]

[tool.setuptools]
# Nothing here is a package: pip installs the suite only.
packages = []

[tool.pytest]
minversion = "9.0"
testpaths = ["checks"]
addopts = ["--tb=line", "--strict-markers", "--strict-config"]
# Our inventory, so that --inventory can be left out. Without either, pytest refuses to run.
# livemigration_inventory = "inventories/prod.yaml"
"""

_CONFTEST = '''\
"""Loads the suite's pytest plugin by name, so that it is active only where it is wanted."""

pytest_plugins = ("livemigration.plugin",)
'''

_GITIGNORE = """\
.venv/
__pycache__/
*.egg-info/
.pytest_cache/
/build/
/reports/
"""

_README = """\
# Live-migration checks of our Hyper-V hosts

    python3 -m venv .venv && .venv/bin/pip install -e .
    cp inventories/example.yaml inventories/prod.yaml     # then edit it
    .venv/bin/pytest -m livemigration --inventory inventories/prod.yaml

User name and password come from LIVEMIGRATION_USERNAME and LIVEMIGRATION_PASSWORD. To try it on a
simulated fleet: `--inventory lab:healthy`.

- `inventories/` says who is asked, and what this site demands.
- `checks/` hands on the suite's checks; checks of our own go beside them.
- Upgrade: `.venv/bin/pip install -U livemigration && .venv/bin/livemigration init --update .` The
  second command adds the checks that are new. Until it is run, each run names those it lacks.
- `.venv/bin/livemigration checks` lists the checks; `.venv/bin/livemigration explain LM102` says
  what one asks for and why.
"""


def site_files() -> dict[str, str]:
    """Return the files of a new repository, by their paths in it.

    Raises:
        OSError: the suite's own files cannot be read.
    """
    return {
        "pyproject.toml": _PYPROJECT.format(bounds=bounds(__version__)),
        "conftest.py": _CONFTEST,
        ".gitignore": _GITIGNORE,
        "README.md": _README,
        f"{INVENTORIES}/example.yaml": _example(),
        **{f"{CHECKS}/{name}": text for name, text in modules().items()},
    }


def bounds(version: str) -> str:
    """Return from which version on, and below which, a release is as compatible as this one."""
    major, minor = version.split(".")[:2]
    below = f"0.{int(minor) + 1}" if major == "0" else str(int(major) + 1)
    return f">={version},<{below}"


def _example() -> str:
    text = (shipped(INVENTORIES) / "example.yaml").read_text(encoding="utf-8")
    # Its first line leads an editor to a schema of the clone, which a site does not have.
    first, _, rest = text.partition("\n")
    return rest if "$schema=" in first else text
