"""`livemigration discover`: an inventory from where the hosts are."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.files import write_bytes
from livemigration.base.text import one_line
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, nothing
from livemigration.commands.described import say
from livemigration.commands.paths import given_file, not_written
from livemigration.commands.reached import tell
from livemigration.discovery.asking import Read, ask
from livemigration.discovery.comparing import managing
from livemigration.discovery.document import document_of
from livemigration.discovery.existing import Existing, existing
from livemigration.discovery.found import NotFoundError
from livemigration.discovery.source import Kind, Source, source_of
from livemigration.discovery.telling import lines_of
from livemigration.discovery.updating import Update, updated
from livemigration.gather.credentials import CredentialReader, Person, foreign
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.names import given_names, machine_name
from livemigration.inventory.sources import PREFIXES
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode

_REVIEW = (
    "# Any computer account may register the name by which these were found: review each of them.\n"
)
_WITH_ADDRESS = (Kind.VMM, Kind.CLUSTER)


def _fill(discover: argparse.ArgumentParser) -> None:
    source = discover.add_argument(
        "source",
        metavar="SOURCE",
        help="who knows the hosts: vmm:SERVER, ad:DOMAIN, cluster:NAME or ansible:FILE",
    )
    completed(source, lambda **_: PREFIXES)
    discover.add_argument(
        "file",
        metavar="FILE",
        help="the inventory: a new file, or one that is there; what it says of connection, "
        "credentials and directory is how the source is asked",
    )
    vmm = discover.add_argument(
        "--vmm",
        metavar="SERVER",
        help="the VMM server that manages the hosts, where the source does not say and the file "
        "does not either",
    )
    at = discover.add_argument(
        "--at",
        metavar="ADDRESS",
        help="with vmm: and cluster:, what to connect to where it is not the name",
    )
    some = discover.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="add only hosts that match: 'hv03*' or group:NAME; repeated or comma-separated",
    )
    discover.add_argument(
        "--dry-run", action="store_true", help="say what would change, and write nothing"
    )
    discover.add_argument("--json", action="store_true", help="print JSON, as docs/schemas says")
    for each in (vmm, at, some):
        completed(each, nothing)


def _discover(chosen: argparse.Namespace) -> int:
    source, path = source_of(chosen.source), Path(chosen.file)
    _refuse(source, chosen)
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file, such as inventories/prod.yaml.")
    own, patterns = existing(path, chosen.file), _patterns(chosen.limit)
    server = source.name if source.kind is Kind.VMM else chosen.vmm or ""
    # Nobody types a password for what then stops at a name.
    managing(own, server, needed=not own.file.vmms)
    try:
        found = ask(source, own, _reader(own, path), datetime.now(UTC), chosen.at)
    except NotFoundError as error:
        sys.stderr.write(f"livemigration: {plain(str(error))}\nNothing was written.\n")
        return ExitCode.NO_VERDICT
    update = updated(found, own, server, patterns, _heading(source))
    writes = update.changes and not chosen.dry_run
    if writes:
        _write(path, update)
    if chosen.json:
        document = document_of(update, str(source), written=writes)
        say(f"{json.dumps(codec.to_json(document), indent=2)}\n")
    else:
        say("".join(f"{plain(each)}\n" for each in lines_of(update, written=writes)))
    if update.empty:
        return ExitCode.NOTHING_TO_CHECK
    return ExitCode.NOT_READY if update.changes and not writes else ExitCode.READY


def _refuse(source: Source, chosen: argparse.Namespace) -> None:
    """Refuse options that do not go together, before anybody is asked."""
    if chosen.at is not None and source.kind not in _WITH_ADDRESS:
        raise UsageError("--at is for vmm: and cluster: alone. Remove it.")
    if chosen.vmm is not None and source.kind is Kind.VMM:
        raise UsageError("--vmm names another server than the source does. Remove it.")
    for option, name in (("--at", chosen.at), ("--vmm", chosen.vmm)):
        try:
            machine_name(name) if name is not None else None
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from None
    if source.kind is Kind.ANSIBLE and not Path(source.name).is_dir():
        given_file(source.name, "an inventory of Ansible's, such as ansible:inventory.yml")


def _patterns(given: Sequence[str]) -> tuple[str, ...]:
    if any(not text.strip(", ") for text in given):
        raise UsageError("--limit is empty. Name hosts or groups, or leave --limit out.")
    return tuple(given_names(given))


def _heading(source: Source) -> str:
    found = f"# Hosts that `livemigration discover {one_line(source)}` found.\n"
    return found + (_REVIEW if source.kind is Kind.DIRECTORY else "")


def _reader(own: Existing, path: Path) -> Callable[[Inventory], Read]:
    """Return what makes readers of accounts: with why the file is not this site's own, if so."""
    here = Path.cwd()
    why = "" if own.new else foreign(here / path, here)
    return lambda inventory: CredentialReader(inventory, Person(tell), why).of


def _write(path: Path, update: Update) -> None:
    """Write the inventory, whole or not at all.

    Raises:
        UsageError: it cannot be written, or somebody else changed it in the meantime.
    """
    own = update.own
    now = existing(path, own.label)
    if now.new != own.new or now.text != own.text:
        raise UsageError(f"{path} was changed in the meantime. Nothing was written: run it again.")
    try:
        write_bytes(path, own.mark + update.text.encode("utf-8"))
    except OSError as error:
        raise not_written(path, error) from None


COMMAND = Command(
    "write or update an inventory from VMM, AD, a cluster or Ansible",
    _fill,
    _discover,
    examples=(
        "livemigration discover vmm:vmm01.contoso.com inventories/prod.yaml",
        "livemigration discover vmm:vmm01.contoso.com inventories/prod.yaml --dry-run",
        "livemigration discover cluster:cl01.contoso.com inventories/prod.yaml",
        "livemigration discover cluster:cl01.contoso.com prod.yaml --dry-run --json",
        "livemigration discover ad:contoso.com found.yaml --vmm vmm01.contoso.com",
        "livemigration discover ansible:hosts.yml prod.yaml --limit group:hyperv",
    ),
    exits={
        ExitCode.READY: "the inventory is up to date; what was left out is said",
        ExitCode.NOT_READY: "with --dry-run: the inventory would change",
        ExitCode.NOTHING_TO_CHECK: "there is no host to write down; nothing was written",
        ExitCode.NO_VERDICT: "the source could not be asked; nothing was written",
    },
    group=Group.BEFORE,
)
