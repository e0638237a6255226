"""The suite's command-line options and settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

MARKERS = (
    "livemigration: every check of this suite",
    "vmm: checks of the VMM server (LM0xx)",
    "settings: checks of a host's live-migration settings (LM1xx)",
    "reachability: checks of subnets and ports, as seen from VMM (LM2xx)",
    "staging: checks of WSMan and of VMM's staging (LM3xx)",
)


@dataclass(frozen=True)
class Options:
    """The options of one run, as given."""

    inventory: str
    limits: tuple[str, ...]
    facts: Path | None
    save_facts: Path | None
    reports: Path


def add_options(parser: pytest.Parser) -> None:
    """Register options and settings."""
    group = parser.getgroup("livemigration", "live-migration compliance")
    group.addoption(
        "--inventory",
        metavar="FILE",
        help="the inventory to check: a YAML file (write --inventory=FILE), or lab:FLEET for a "
        "simulated fleet",
    )
    group.addoption(
        "--limit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only hosts that match: 'hv03*' or group:NAME; comma-separated or repeated",
    )
    group.addoption(
        "--facts",
        metavar="FILE",
        help="judge the facts of this file instead of asking the machines; opens no connection",
    )
    group.addoption("--save-facts", metavar="FILE", help="write the facts of this run to this file")
    group.addoption("--reports", metavar="FOLDER", help="where reports go (default: reports)")
    parser.addini("livemigration_inventory", "the inventory where --inventory is not given")
    parser.addini("livemigration_reports", "the folder for reports", default="reports")


def read_options(config: pytest.Config) -> Options:
    """Return the options of this run.

    Raises:
        pytest.UsageError: no inventory is named.
    """
    inventory = config.getoption("--inventory") or config.getini("livemigration_inventory")
    if not inventory:
        raise pytest.UsageError(
            "no inventory is named. Give --inventory=FILE, or set livemigration_inventory in "
            "pyproject.toml. To try the suite on a simulated fleet: --inventory lab:kb-2853203"
        )
    named: list[str] = config.getoption("--limit")
    if any(not text.strip(", ") for text in named):
        raise pytest.UsageError(
            "--limit is empty. Name hosts or groups, or leave --limit out to check every host."
        )
    facts, saved = config.getoption("--facts"), config.getoption("--save-facts")
    reports = config.getoption("--reports") or config.getini("livemigration_reports")
    here = config.invocation_params.dir
    return Options(
        inventory=str(inventory),
        limits=tuple(each.strip() for text in named for each in text.split(",") if each.strip()),
        facts=here / facts if facts else None,
        save_facts=here / saved if saved else None,
        reports=(here if config.getoption("--reports") else config.rootpath) / reports,
    )


def inventory_base(config: pytest.Config) -> Path:
    """Return the folder that the inventory's path starts from."""
    given = config.getoption("--inventory")
    return config.invocation_params.dir if given else config.rootpath
