"""The files of a site's new repository."""

from __future__ import annotations

from livemigration.base.shipped import CHECKS, INVENTORIES, shipped
from livemigration.site.handed_on import modules
from livemigration.site.wheel import REQUIREMENTS, WHEELS, Wheel, requirements

_PYPROJECT = """\
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
.pytest_cache/
/reports/
"""

_README = """\
# Live-migration checks of our Hyper-V hosts

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    cp inventories/example.yaml inventories/prod.yaml     # then edit it
    .venv/bin/pytest -m livemigration --inventory inventories/prod.yaml

User name and password come from LIVEMIGRATION_USERNAME and LIVEMIGRATION_PASSWORD. To try it on a
simulated fleet: `--inventory lab:healthy`.

- `inventories/` says who is asked, and what this site demands.
- `checks/` hands on the suite's checks; checks of our own go beside them.
- `wheels/` carries the suite itself, and `requirements.txt` pins that file: no index is asked for
  it. What else a site needs is added there, such as `pytest-testinfra>=10.2,<11`.
- Upgrade: `.venv/bin/pip install NEW.whl`, then `.venv/bin/livemigration init --update . --wheel
  NEW.whl`: it pins the new wheel and adds the checks that are new. Until it is run, each run names
  those it lacks.
- `.venv/bin/livemigration checks` lists the checks; `.venv/bin/livemigration explain LM102` says
  what one asks for and why.
"""


def site_files(wheel: Wheel) -> dict[str, str | bytes]:
    """Return the files of a new repository, by their paths in it.

    Raises:
        OSError: the suite's own files cannot be read.
    """
    return {
        "pyproject.toml": _PYPROJECT,
        "conftest.py": _CONFTEST,
        REQUIREMENTS: requirements(wheel),
        f"{WHEELS}/{wheel.name}": wheel.data,
        ".gitignore": _GITIGNORE,
        "README.md": _README,
        f"{INVENTORIES}/example.yaml": _example(),
        **{f"{CHECKS}/{name}": text for name, text in modules().items()},
    }


def _example() -> str:
    text = (shipped(INVENTORIES) / "example.yaml").read_text(encoding="utf-8")
    # Its first line leads an editor to a schema of the clone, which a site does not have.
    first, _, rest = text.partition("\n")
    return rest if "$schema=" in first else text
