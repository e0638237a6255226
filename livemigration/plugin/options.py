"""The suite's command-line options and settings."""

from __future__ import annotations

import getpass
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from livemigration.base.errors import UsageError
from livemigration.executor import address
from livemigration.executor.address import Scheduler, scheduler_of
from livemigration.inventory.change import Change, change_of
from livemigration.inventory.drain import DRAIN
from livemigration.inventory.drain_names import DrainNames
from livemigration.inventory.names import given_names
from livemigration.inventory.shard import Shard, shard_of
from livemigration.inventory.sources import names_a_source
from livemigration.plugin.drain_options import add_drain_options, drain_names, selects_drains
from livemigration.plugin.selection import refuse_deep_selection
from livemigration.plugin.wanted import has_checks, nothing_here
from livemigration.run.drift.baseline import LAST

MARKERS = (
    "livemigration: every check of this suite",
    "vmm: checks of the VMM server (LM0xx)",
    "settings: checks of a host's live-migration settings (LM1xx)",
    "reachability: checks of subnets and ports, as seen from VMM (LM2xx)",
    "staging: checks of WSMan and of VMM's staging (LM3xx)",
    "identity: checks of accounts, rights and clocks (LM4xx)",
    "pairs: checks of a host as the destination of the others of its group (LM5xx)",
    "cluster: checks of a cluster node (LM6xx)",
    "vms: checks of the virtual machines on a host (LM7xx)",
    "drain: whether hosts can be emptied, where to, and how long it takes (LM8xx)",
)


STAGE_VM = "--stage-vm"
EVERY_REPORT = "--every-report"
NO_INVENTORY = (
    "no inventory is named. Give --inventory=FILE, or set livemigration_inventory in "
    "pyproject.toml. To try the suite on a simulated fleet: --inventory lab:kb-2853203"
)
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
    change: Change | None = None
    resume: Path | None = None
    waivers: Path | None = None
    baseline: str | None = None
    gate: str = ""
    targets: tuple[str, ...] = ()
    shard: Shard | None = None
    executor: Scheduler | None = None
    drain: DrainNames = field(default_factory=DrainNames)
    # Whether checks of drains are selected, which asks for them on each host.
    selects_drains: bool = False
    like: Path | None = None

    @property
    def credentials_of(self) -> str:
        """The file that says where credentials come from; empty: none does."""
        if names_a_source(self.inventory):
            return str(self.like) if self.like is not None else ""
        return self.inventory


def add_options(parser: pytest.Parser) -> None:
    """Register options and settings."""
    group = parser.getgroup("livemigration", "live-migration compliance")
    _add_hosts(group)
    _add_facts(group)
    add_drain_options(group)
    _add_change(group)
    _add_other_runs(group)
    _add_gate(group)
    group.addoption(
        EVERY_REPORT,
        action="store_true",
        help="let other plugins of pytest see every check: without it they see the first 500 that "
        "fail or are blocked, and of all others only how many there are",
    )
    _add_executor(group)
    parser.addini("livemigration_waivers", "the waivers where --waivers is not given", default="")
    parser.addini("livemigration_inventory", "the inventory where --inventory is not given")
    parser.addini("livemigration_reports", "the folder for reports", default="reports")


def _add_hosts(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--inventory",
        metavar="FILE",
        help="the inventory to check: a YAML file; vmm:SERVER for the hosts that a VMM server "
        "lists; or lab:FLEET for a simulated fleet",
    )
    group.addoption(
        "--like",
        metavar="FILE",
        help="with --inventory vmm:SERVER: a file with connection, credentials and policy, as an "
        "inventory has them; hosts need not stand in it",
    )
    group.addoption(
        "--limit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only hosts that match: 'hv03*' or group:NAME; comma-separated or repeated",
    )
    group.addoption(
        "--shard",
        metavar="K/N",
        help="only the K-th of N parts of the hosts, such as 3/8: livemigration merge joins the "
        "runs of all parts, and judges them as one",
    )


def _add_facts(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--facts",
        metavar="FILE",
        help="judge the facts of this file instead of asking the machines; opens no connection",
    )
    group.addoption(
        "--save-facts",
        metavar="FILE",
        help="write the facts of this run to this file; compressed where its name ends in .gz",
    )
    group.addoption("--reports", metavar="FOLDER", help="where reports go (default: reports)")
    group.addoption(
        STAGE_VM,
        metavar="NAME",
        help="also let VMM rate every host for this virtual machine (LM306). NOT read-only: for "
        "each rating VMM may create a planned virtual machine on the host, and a job",
    )


def _add_change(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--change",
        metavar="NUMBER",
        help="the change record that this run is evidence for, such as CHG0012345: named in every "
        "artefact and in its file name",
    )
    group.addoption(
        "--operator",
        metavar="NAME",
        help="with --change: who runs this (default: the account on this machine)",
    )
    group.addoption(
        "--window",
        metavar="START/END",
        help="with --change: the maintenance window, two times with their offset from UTC: "
        "2026-11-24T22:00+01:00/2026-11-25T02:00+01:00. With --drain also how long one drain may "
        "take: 2h, 90m, 22:00-02:00",
    )


def _add_other_runs(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--resume",
        metavar="RUN",
        help="go on with a run that was cut off: its folder, or its journal. What it gathered is "
        "kept; only what is missing is asked for",
    )
    group.addoption(
        "--waivers",
        metavar="FILE",
        help="failures that somebody signed for, until a date: a YAML file (docs/waivers.md)",
    )
    group.addoption(
        "--baseline",
        metavar="RUN",
        help="say what changed since an earlier run: its folder or its results.json, or last for "
        "the newest one of this inventory",
    )


def _add_gate(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--gate",
        metavar="NAME",
        help="host-build: check hosts that are not in VMM yet, named with --target; needs no "
        "inventory. One that is named with --inventory gives connection, credentials and policy, "
        "but not that of its groups",
    )
    group.addoption(
        "--target",
        action="append",
        default=[],
        metavar="HOST",
        help="with --gate: a host, by its fully qualified name; repeated for more",
    )


def _add_executor(group: pytest.OptionGroup) -> None:
    group.addoption(
        address.OPTION,
        metavar="tls://HOST:PORT",
        help="let the workers of a Dask cluster ask the hosts; VMM servers are asked from here. "
        "They are given the account until the run ends (docs/executor.md)",
    )
    group.addoption(
        address.CA,
        metavar="FILE",
        help="with --executor: who signs the cluster's certificates, a PEM file",
    )
    group.addoption(
        address.CERTIFICATE,
        metavar="FILE",
        help="with --executor: the certificate that is shown to the cluster, a PEM file",
    )
    group.addoption(
        address.KEY,
        metavar="FILE",
        help="with --executor: its private key, a PEM file that its owner alone may read",
    )


def read_options(config: pytest.Config) -> Options:
    """Return the options of this run.

    Raises:
        pytest.UsageError: no inventory is named, or options do not fit together.
    """
    refuse_deep_selection(config)
    gate, targets = _gate(config)
    named: list[str] = config.getoption("--limit")
    if any(not text.strip(", ") for text in named):
        raise pytest.UsageError(
            "--limit is empty. Name hosts or groups, or leave --limit out to check every host."
        )
    facts, saved = config.getoption("--facts"), config.getoption("--save-facts")
    resume = config.getoption("--resume")
    if facts and resume:
        raise pytest.UsageError(
            "--facts asks nobody, --resume asks for what is missing. Give one of the two."
        )
    drains = bool(config.getoption(DRAIN)) or selects_drains(config)
    like = config.getoption("--like")
    reports = config.getoption("--reports") or config.getini("livemigration_reports")
    here = config.invocation_params.dir
    return Options(
        inventory=_inventory(config, targets),
        gate=gate,
        targets=targets,
        limits=tuple(given_names(named)),
        facts=here / facts if facts else None,
        save_facts=here / saved if saved else None,
        reports=(here if config.getoption("--reports") else config.rootpath) / reports,
        stage_vm=_stage_vm(config, targets),
        change=_change(config, drains=drains),
        drain=drain_names(config, drains=drains),
        selects_drains=selects_drains(config),
        resume=here / resume if resume else None,
        waivers=_waivers(config),
        baseline=_baseline(config),
        shard=_shard(config, named),
        executor=_executor(config),
        like=here / like if like else None,
    )


def _gate(config: pytest.Config) -> tuple[str, tuple[str, ...]]:
    """Return the gate and the hosts at it; nothing where the run is none."""
    gate: str | None = config.getoption("--gate")
    targets: list[str] = config.getoption("--target")
    if (gate is not None) != bool(targets):
        lacking = "--target HOST" if gate is not None else "--gate host-build"
        raise pytest.UsageError(f"--gate and --target belong together. Add {lacking}.")
    return gate or "", tuple(targets)


def _inventory(config: pytest.Config, targets: tuple[str, ...]) -> str:
    inventory = config.getoption("--inventory")
    # A gate asks the hosts that it names, and never a fleet that is only the default.
    if not targets:
        inventory = inventory or config.getini("livemigration_inventory")
    if not inventory and not targets:
        raise pytest.UsageError(
            NO_INVENTORY if has_checks(config) else nothing_here(config.invocation_params.dir)
        )
    return str(inventory or "")


def _shard(config: pytest.Config, limits: list[str]) -> Shard | None:
    given: str | None = config.getoption("--shard")
    if given is None:
        return None
    others = {"--limit": bool(limits), "--gate": config.getoption("--gate") is not None}
    for option in (name for name, is_given in others.items() if is_given):
        raise pytest.UsageError(
            f"--shard takes its part of all hosts of the inventory, and {option} names them. Give "
            "one of the two."
        )
    try:
        return shard_of(given)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _executor(config: pytest.Config) -> Scheduler | None:
    given: str | None = config.getoption(address.OPTION)
    names = (address.CA, address.CERTIFICATE, address.KEY)
    files: dict[str, str | None] = {name: config.getoption(name) for name in names}
    if given is None:
        for name in (each for each, path in files.items() if path is not None):
            raise pytest.UsageError(f"{name} is for {address.OPTION} only. Remove it, or add that.")
        return None
    if config.getoption("--facts"):
        raise pytest.UsageError(f"--facts asks nobody, {address.OPTION} does. Give one of the two.")
    here = config.invocation_params.dir
    try:
        return scheduler_of(given, *(here / each if each else None for each in files.values()))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _stage_vm(config: pytest.Config, targets: tuple[str, ...]) -> str:
    stage_vm: str | None = config.getoption(STAGE_VM)
    if stage_vm is not None and not _VM_NAME.fullmatch(stage_vm):
        raise pytest.UsageError(
            f"{STAGE_VM} is no virtual machine's name. Give its name in VMM: 1 to 100 characters "
            "without control characters."
        )
    if stage_vm is not None and targets:
        raise pytest.UsageError(f"--gate asks no VMM server, {STAGE_VM} does. Give one of the two.")
    return stage_vm or ""


def _baseline(config: pytest.Config) -> str | None:
    given: str | None = config.getoption("--baseline")
    return given if given in {None, LAST} else str(config.invocation_params.dir / str(given))


def _waivers(config: pytest.Config) -> Path | None:
    given: str | None = config.getoption("--waivers")
    if given:
        return config.invocation_params.dir / given
    named = str(config.getini("livemigration_waivers"))
    # The site's waivers name hosts of its inventory, which a gate does not look at.
    gate = config.getoption("--gate") is not None
    return config.rootpath / named if named and not gate else None


def _change(config: pytest.Config, *, drains: bool) -> Change | None:
    identifier, operator, window = (
        config.getoption(name) for name in ("--change", "--operator", "--window")
    )
    if identifier is None:
        if operator is not None:
            raise pytest.UsageError("--operator belongs to a change. Name it with --change.")
        return None
    if drains and window is not None and "/" not in window:
        # How long a drain may take, and no times that a change could have.
        window = None
    try:
        return change_of(identifier, operator if operator is not None else _account(), window)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # No variable names one, and the account has no entry.
        raise pytest.UsageError(
            "the account on this machine has no name. Say who runs this with --operator."
        ) from None


def names_an_inventory(config: pytest.Config) -> bool:
    """Whether options or settings say who is checked."""
    return bool(
        config.getoption("--inventory")
        or config.getini("livemigration_inventory")
        or config.getoption("--target")
    )


def inventory_base(config: pytest.Config) -> Path:
    """Return the folder that the inventory's path starts from."""
    given = config.getoption("--inventory")
    return config.invocation_params.dir if given else config.rootpath
