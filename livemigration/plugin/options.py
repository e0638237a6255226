"""The suite's command-line options and settings."""

from __future__ import annotations

import re
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


STAGE_VM = "--stage-vm"
_VM_NAME = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f]{1,100}")


@dataclass(frozen=True)
class Options:
    """The options of one run, as given."""

    inventory: str
    limits: tuple[str, ...]
    facts: Path | None
    save_facts: Path | None
    reports: Path
    stage_vm: str = ""

    def asks_for(self, opt_in: str | None) -> bool:
        """Whether a check that only this option asks for is part of the run."""
        return opt_in is None or (opt_in == STAGE_VM and bool(self.stage_vm))


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
    group.addoption(
        STAGE_VM,
        metavar="NAME",
        help="also let VMM rate every host for this virtual machine (LM306). NOT read-only: for "
        "each rating VMM may create a planned virtual machine on the host, and a job",
    )
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
    stage_vm: str | None = config.getoption(STAGE_VM)
    if stage_vm is not None and not _VM_NAME.fullmatch(stage_vm):
        raise pytest.UsageError(
            f"{STAGE_VM} is no virtual machine's name. Give its name in VMM: 1 to 100 characters "
            "without control characters."
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
        stage_vm=stage_vm or "",
    )


def inventory_base(config: pytest.Config) -> Path:
    """Return the folder that the inventory's path starts from."""
    given = config.getoption("--inventory")
    return config.invocation_params.dir if given else config.rootpath
