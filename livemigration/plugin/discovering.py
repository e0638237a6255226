"""A run of the hosts that a VMM server lists: `--inventory vmm:SERVER`.

VMM is trusted with these hosts already. What it listed is kept in the folder of the run, and a run
that asks nobody, or goes on with another, goes by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.base.text import some
from livemigration.discovery.asking import ask
from livemigration.discovery.existing import Existing, existing, nothing_yet
from livemigration.discovery.found import NotFoundError
from livemigration.discovery.source import source_of
from livemigration.discovery.telling import notes_of
from livemigration.discovery.updating import Update, updated
from livemigration.inventory.inventory import Inventory, parse
from livemigration.inventory.sources import VMM_PREFIX, names_a_source, not_at_once
from livemigration.inventory.yaml_file import read_text
from livemigration.plugin.credentials import RunCredentials
from livemigration.plugin.options import Options
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode
from livemigration.run.files import INVENTORY, RunFiles

# Lines before the first check; of a large fleet, one for each host in maintenance would be many.
_MOST_NOTES = 20


@dataclass(frozen=True)
class Discovered:
    """The inventory of a run that names a VMM server in place of a file.

    `text` is what is kept of it, and `notes` what is to be known of its hosts. `read` holds what
    was read to ask VMM; None: nobody was asked.
    """

    inventory: Inventory
    text: str
    notes: tuple[str, ...] = ()
    read: RunCredentials | None = None


def discovered(options: Options, config: pytest.Config) -> Discovered | None:
    """Return what a VMM server lists, or what is kept of it; None: the run names a file.

    Raises:
        UsageError: it is not to be used so, nobody can sign in, or a host cannot be checked.
        NothingToCheckError: VMM lists no host.
        pytest.exit.Exception: VMM could not be asked: there is no verdict (exit 10).
    """
    if not names_a_source(options.inventory):
        _refuse_like(options)
        return None
    if not options.inventory.startswith(VMM_PREFIX):
        raise UsageError(not_at_once(options.inventory))
    if options.targets:
        raise UsageError(
            f"--gate asks no VMM server, --inventory {options.inventory[:80]} does. Name a file, "
            "or leave --inventory out."
        )
    own = _beginning(options, config)
    kept = options.resume or options.facts
    if kept is not None:
        text = _kept_beside(kept)
        return Discovered(parse(text, options.inventory, own.folder), text)
    return _asked(options, config, own)


def _refuse_like(options: Options) -> None:
    if options.like is not None:
        raise UsageError(
            "--like is for --inventory vmm:SERVER alone: an inventory's file says itself what is "
            "demanded. Remove it."
        )


def _beginning(options: Options, config: pytest.Config) -> Existing:
    if options.like is None:
        return nothing_yet(options.inventory, config.rootpath)
    if not options.like.is_file():
        raise UsageError(f"--like: {options.like} is not there. Name an inventory's file.")
    own = existing(options.like, str(options.like))
    if own.file.hosts_from is not None:
        raise UsageError(
            f"--like: {own.label} has hosts in {own.file.hosts_from}, which would not be kept with "
            "the run. Name a file without hosts_from."
        )
    return own


def _kept_beside(path: Path) -> str:
    """Return the inventory that a run kept, by its folder or by one of its files.

    Raises:
        UsageError: it kept none.
    """
    try:
        kept = RunFiles.of(path).named(INVENTORY)
    except UsageError:
        kept = path.with_name(INVENTORY)
    if not kept.is_file():
        raise UsageError(
            f"{path}: --facts and --resume ask no VMM server for its list, and no {kept.name} is "
            "kept beside it. Name that run's inventory with --inventory."
        )
    return read_text(kept)


def _asked(options: Options, config: pytest.Config, own: Existing) -> Discovered:
    source = source_of(options.inventory)
    readers: list[RunCredentials] = []

    def reader(inventory: Inventory) -> RunCredentials:
        readers.append(RunCredentials(inventory, options.credentials_of, config))
        return readers[0]

    try:
        found = ask(source, own, reader, datetime.now(UTC))
    except NotFoundError as error:
        pytest.exit(f"{plain(str(error))} Nothing was checked.", returncode=ExitCode.NO_VERDICT)
    update = updated(found, own, heading=f"# What {source} listed, as this run used it.\n")
    _refuse_unchecked(update, options)
    inventory = parse(update.text, options.inventory, own.folder)
    read = readers[0]
    read.go_on_with(inventory)
    gone = [each.name for each in update.compared.gone]
    notes = [f"VMM does not list {some(gone)} of {own.label}, checked all the same"] if gone else []
    notes += notes_of(update)
    if (more := len(notes) - _MOST_NOTES) > 0:
        whole = f"livemigration discover {source} FILE --dry-run"
        notes[_MOST_NOTES:] = [f"… and {more} more lines, which this prints: {whole}"]
    return Discovered(inventory, update.text, tuple(map(plain, notes)), read)


def _refuse_unchecked(update: Update, options: Options) -> None:
    """Refuse a run that would not check a host that VMM lists: green would not mean all of them."""
    lost = [each for each in update.compared.left_out if each.may_matter]
    if lost:
        names = some(f"{each.name or '(no name)'} ({each.why})" for each in lost)
        raise UsageError(
            f"{options.inventory} lists hosts that cannot be checked: {names}. Write a file "
            f"without them: livemigration discover {options.inventory} FILE"
        )
    if update.empty:
        raise NothingToCheckError(f"{options.inventory} lists no host. Nothing was checked.")
