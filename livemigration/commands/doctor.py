"""`livemigration doctor`: whether everything can be asked from this machine, before the window."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.base.text import one_line
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, nothing
from livemigration.commands.described import NO_FOLDER, say
from livemigration.commands.reached import Places, reached
from livemigration.doctor.examination import Labels, Order, examination
from livemigration.doctor.machines import Machine
from livemigration.doctor.model import Examination
from livemigration.doctor.rights import NamespaceNeeds, namespaces_of
from livemigration.doctor.text import lines_of
from livemigration.facts.model import Subject
from livemigration.gather.connect import connector
from livemigration.gather.jobs import Progress
from livemigration.inventory.change import Window, window_of
from livemigration.inventory.file import Host
from livemigration.inventory.inventory import Inventory, limit, load
from livemigration.inventory.names import given_names
from livemigration.lab.played import machines_of
from livemigration.run.exit_code import ExitCode
from livemigration.verdict.loader import checks_folder, load_checks
from livemigration.wsman.manners import Manners

NO_INVENTORY = (
    "no inventory is named. Give --inventory FILE, or set livemigration_inventory in "
    "pyproject.toml. To try it on a simulated fleet: --inventory lab:kb-2853203"
)
_SETTING = "livemigration_inventory"


def _fill(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument(
        "--inventory",
        metavar="FILE",
        help="whose machines: a YAML file, or lab:FLEET (default: that of pyproject.toml)",
    )
    some = doctor.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only hosts that match, and their VMM servers: 'hv03*' or group:NAME; repeated or "
        "comma-separated",
    )
    window = doctor.add_argument(
        "--window",
        metavar="START/END",
        help="hold certificates and tickets against a maintenance window, two times with their "
        "offset from UTC",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON, as docs/schemas says")
    for each in (some, window):
        completed(each, nothing)


def _doctor(chosen: argparse.Namespace) -> int:
    window = window_of(chosen.window) if chosen.window is not None else None
    named = _named(chosen.inventory)
    inventory = _inventory(named)
    hosts = _hosts(inventory, chosen.limit)
    needs = _needs()
    with reached(inventory, named) as places:
        found = _look(places, inventory, hosts, needs, window)
    if chosen.json:
        say(f"{json.dumps(codec.to_json(found), indent=2)}\n")
    else:
        say("".join(f"{each}\n" for each in lines_of(found)))
    return ExitCode.READY if found.everything_can_be_asked else ExitCode.NOT_READY


def _named(given: str | None) -> str:
    named = given or _default()
    if not named:
        raise UsageError(NO_INVENTORY)
    return named


def _inventory(named: str) -> Inventory:
    try:
        return load(named, Path.cwd(), machines_of)
    except NothingToCheckError as error:
        raise UsageError(str(error)) from None


def _default() -> str:
    """Return the inventory that a run of pytest in this folder has; empty where there is none."""
    try:
        settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    pytest = settings.get("tool", {}).get("pytest", {})
    found = pytest.get(_SETTING) or pytest.get("ini_options", {}).get(_SETTING)
    return found if isinstance(found, str) else ""


def _hosts(inventory: Inventory, patterns: Sequence[str]) -> tuple[Host, ...]:
    if any(not text.strip(", ") for text in patterns):
        raise UsageError("--limit is empty. Name hosts or groups, or leave --limit out.")
    try:
        return limit(inventory.hosts, tuple(given_names(patterns)))
    except NothingToCheckError as error:
        raise UsageError(str(error)) from None


def _needs() -> tuple[NamespaceNeeds, ...]:
    folder = checks_folder()
    if folder is None:
        raise UsageError(NO_FOLDER)
    checks = [each.check for each in load_checks(folder)]
    return namespaces_of(group for each in checks if each.opt_in is None for group in each.groups)


def _look(
    places: Places,
    inventory: Inventory,
    hosts: Sequence[Host],
    needs: tuple[NamespaceNeeds, ...],
    window: Window | None,
) -> Examination:
    servers = inventory.servers_of([each.name for each in hosts])
    asked = tuple(Machine(Subject.VMM, places.of(each)) for each in servers)
    known = {each.name: Machine(Subject.HOST, places.of(each)) for each in hosts}
    managed: dict[str, tuple[Machine, ...]] = {
        server.name: tuple(
            each for name, each in known.items() if inventory.managers.get(name) == server.name
        )
        for server in servers
    }
    own = inventory.reach.connection
    order = Order(
        machines=(*asked, *known.values()),
        managed=managed,
        needs=needs,
        connect=connector(manners=Manners(), hosts=len(hosts)),
        window=window,
        concurrency=own.concurrent_hosts,
        seconds=own.time_limits.run,
        directories=places.directories,
    )
    labels = Labels(
        inventory.label,
        one_line(platform.node(), 100) or "this machine",
        inventory.lab_fleet is not None,
    )
    with _progress() as watch:
        return examination(order, labels, watch)


@contextmanager
def _progress() -> Iterator[_Progress]:
    progress = _Progress(shown=sys.stderr.isatty())
    try:
        yield progress
    finally:
        progress.clear()


class _Progress:
    """One line on a terminal, over and over; nothing where nobody watches."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._last = ""

    def __call__(self, doing: str, progress: Progress) -> None:
        line = f"{doing}: {progress.done} of {progress.total}"
        if self._shown and line != self._last:
            self._write(line)
            self._last = line

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._last:
            self._write("")

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r{line:<{len(self._last)}}\r{line}")
        sys.stderr.flush()


COMMAND = Command(
    "say before the window whether everything can be asked from here",
    _fill,
    _doctor,
    examples=(
        "livemigration doctor --inventory inventories/prod.yaml",
        "livemigration doctor --inventory lab:kb-2853203 --json",
        "livemigration doctor --limit 'hv03*,group:ams'",
    ),
    exits={
        ExitCode.READY: "everything can be asked; this is no verdict",
        ExitCode.NOT_READY: "not everything can be asked",
    },
    group=Group.BEFORE,
)
