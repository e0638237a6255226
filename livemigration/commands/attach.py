"""`livemigration attach`: a bundle to a change record."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.bundle import signing
from livemigration.bundle.attach.places import Destination, Folder, Jira, ServiceNow, split
from livemigration.bundle.attach.web import AttachError, Web, base_url
from livemigration.bundle.verify import Verification
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, nothing, run_or
from livemigration.commands.paths import given_bundle
from livemigration.commands.verify import verified
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode

URL = "LIVEMIGRATION_ATTACH_URL"
USERNAME = "LIVEMIGRATION_ATTACH_USERNAME"
PASSWORD = "LIVEMIGRATION_ATTACH_PASSWORD"  # noqa: S105 - a variable's name
TOKEN = "LIVEMIGRATION_ATTACH_TOKEN"  # noqa: S105 - a variable's name


def _fill(attach: argparse.ArgumentParser) -> None:
    bundle = attach.add_argument(
        "path", metavar="BUNDLE", help="the zip file, or the folder of its run"
    )
    completed(bundle, run_or(".zip"))
    to = attach.add_argument(
        "--to", required=True, metavar="PLACE", help="servicenow:CHG…, jira:KEY-1 or file:FOLDER"
    )
    completed(to, lambda **_: ("servicenow:", "jira:", "file:"))
    url = attach.add_argument("--url", help=f"the base URL of the change system (default: {URL})")
    completed(url, nothing)
    attach.add_argument(
        "--force", action="store_true", help="also what is simulated, or no evidence any more"
    )
    attach.add_argument(
        "--other-change",
        action="store_true",
        help="also a bundle that names another change than the one it is attached to",
    )


def _attach(chosen: argparse.Namespace) -> int:
    path = given_bundle(chosen.path)
    kind, which = split(chosen.to)
    found = verified(path)
    name = _allowed(path, found, force=chosen.force)
    remark = "" if kind == "file" else _about(path, found, which, other=chosen.other_change)
    place = _place(kind, which, chosen.url)
    signature = signing.signature_path(path)
    try:
        told = [place.attach(name, path.read_bytes()), *([remark] if remark else [])]
        if signature.is_file():
            told.append(place.attach(f"{name}.sig", signature.read_bytes()))
    except AttachError as error:
        sys.stderr.write(f"livemigration: {plain(str(error))}\n{path} was kept.\n")
        return ExitCode.ARTEFACT_NOT_WRITTEN
    for line in told:
        sys.stdout.write(f"{plain(line)}\n")
    return ExitCode.READY


def _about(path: Path, found: Verification, which: str, *, other: bool) -> str:
    """Return what must be said of the change that a bundle names; empty where it is the one.

    Raises:
        UsageError: it names another, and nobody says that this is meant.
    """
    change = found.manifest.change if found.manifest is not None else None
    if change is None:
        return f"The bundle names no change: nothing in it says that it is of {which}."
    if change.casefold() == which.casefold():
        return ""
    if not other:
        raise UsageError(
            f"{path} is evidence for the change {change}, not for {which}. It is not attached. "
            "Name that one with --to, or say that another is meant: --other-change."
        )
    return f"The bundle names the change {change}, and was attached to {which}."


def _allowed(path: Path, found: Verification, *, force: bool) -> str:
    """Return the name under which a bundle is attached.

    Raises:
        UsageError: it was not verified, or is no evidence and nobody forces it.
    """
    if found.wrong or found.manifest is None:
        raise UsageError(f"{path} was not verified: {found.wrong[0]} It is not attached.")
    if found.no_evidence and not force:
        raise UsageError(
            f"{path} is no evidence: {found.no_evidence[0]} To attach it all the same: --force."
        )
    return f"SIMULATED-{path.name}" if found.manifest.simulated else path.name


def _place(kind: str, which: str, url: str | None) -> Destination:
    if kind == "file":
        return Folder(Path(which))
    given = url or os.environ.get(URL)
    if not given:
        raise UsageError(f"name the change system's base URL with --url, or in {URL}.")
    web = Web(base_url(given), _account())
    return ServiceNow(web, which) if kind == "servicenow" else Jira(web, which)


def _account() -> Credentials | Secret:
    token = os.environ.get(TOKEN)
    if token:
        return Secret(token)
    name, password = os.environ.get(USERNAME), os.environ.get(PASSWORD)
    if name and password:
        return Credentials(name, Secret(password))
    if not sys.stdin.isatty():
        raise UsageError(
            f"set {TOKEN}, or {USERNAME} and {PASSWORD}: there is no terminal to ask on."
        )
    try:
        name = name or input("User name: ")
        return Credentials(name, Secret(getpass.getpass(f"Password of {name}: ")))
    except EOFError:
        raise UsageError("the prompt for user name and password was closed.") from None


COMMAND = Command(
    "attach a bundle to a change record",
    _fill,
    _attach,
    examples=(
        "livemigration attach reports/FOLDER --to servicenow:CHG0012345 --url URL",
        "livemigration attach reports/FOLDER --to file:records",
    ),
    exits={
        ExitCode.READY: "attached",
        ExitCode.USAGE: "not attached: wrong arguments, or the bundle is no evidence",
        ExitCode.ARTEFACT_NOT_WRITTEN: "the place did not take it; the bundle was kept",
    },
    group=Group.RECORD,
    order=3,
)
