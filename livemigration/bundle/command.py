"""`livemigration bundle` and `livemigration verify`."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livemigration.bundle import signing
from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import Verification, verify
from livemigration.errors import UsageError
from livemigration.explain.loaded import checks_folder, load_checks
from livemigration.files import words_beside, write_bytes
from livemigration.report.moments import utc
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED
from livemigration.results import ExitCode
from livemigration.run_files import RunFiles
from livemigration.secret import Secret

UNSIGNED = (
    "UNSIGNED: an unsigned bundle shows integrity and consistency, not its author. Check its "
    "signature with --key."
)
PASSPHRASE = "LIVEMIGRATION_SIGNING_PASSPHRASE"  # noqa: S105 - a variable's name


def add(commands: Any) -> None:
    """Add the commands to an argument parser's commands."""
    bundle = commands.add_parser("bundle", help="put a run into one file, for a change record")
    bundle.add_argument("path", metavar="RUN", help="the run's folder, or its results.json")
    bundle.add_argument("--output", metavar="FILE", help="default: in the run's folder")
    bundle.add_argument(
        "--sign", metavar="KEY", help="also write a signature with this Ed25519 key (PEM)"
    )
    bundle.set_defaults(run=_bundle)
    check = commands.add_parser(
        "verify", help="say whether a bundle is as it was written, right, and still evidence"
    )
    check.add_argument("path", metavar="BUNDLE", help="the zip file")
    check.add_argument(
        "--key", metavar="KEY", help="also check its signature with this public key (PEM)"
    )
    check.set_defaults(run=_verify)


def _bundle(chosen: argparse.Namespace) -> int:
    files = RunFiles.of(Path(chosen.path))
    data, manifest = bundle_of(files)
    path = Path(chosen.output) if chosen.output else files.bundle
    given = os.environ.get(PASSPHRASE)
    signature = None
    if chosen.sign:
        secret = Secret(given) if given is not None else None
        signature = signing.sign(data, Path(chosen.sign), secret)
    try:
        write_bytes(path, data)
        if signature is not None:
            write_bytes(signing.signature_path(path), signature)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be written'}.") from None
    told = words_beside(path)
    if manifest.simulated:
        told.write(f"{SIMULATED}\n")
    told.write(f"Wrote {path}.\n")
    if signature is not None:
        told.write(f"Wrote {signing.signature_path(path)}.\n")
    return ExitCode.READY


def _verify(chosen: argparse.Namespace) -> int:
    path = Path(chosen.path)
    found = verified(path)
    signed = None
    if chosen.key:
        signed = signing.is_signed(
            path.read_bytes(), signing.signature_path(path), Path(chosen.key)
        )
    for line in _told(path, found, signed=signed):
        sys.stdout.write(f"{plain(line)}\n")
    return ExitCode.NOT_READY if signed is False else found.code


def verified(path: Path) -> Verification:
    """Return what verifying a bundle comes to, now and with the checks that are known here."""
    folder = checks_folder()
    known = load_checks(folder) if folder is not None else ()
    checks = {each.check.identifier: each.check for each in known}
    return verify(path, checks, datetime.now(UTC))


def _told(path: Path, found: Verification, *, signed: bool | None) -> list[str]:
    manifest = found.manifest
    lines = [UNSIGNED] if signed is None else []
    lines += [f"WRONG {each}" for each in found.wrong]
    if signed is False:
        lines.append("WRONG The signature is not that of this bundle by this key.")
    lines += found.notes
    lines += [f"NO EVIDENCE {each}" for each in found.no_evidence]
    if found.wrong or signed is False:
        return [*lines, f"NOT VERIFIED {path}. Do not rely on it."]
    lines.append(
        f"VERIFIED {path}: as it was written, and its facts lead to the same verdicts."
        f"{' The signature is right.' if signed else ''}"
    )
    if manifest is not None:
        change = f" for the change {manifest.change}" if manifest.change else ""
        lines.append(f"It says: {manifest.verdict}{change}, finished {utc(manifest.finished)}.")
        if manifest.valid_until is not None and not found.no_evidence:
            lines.append(f"It is evidence until {utc(manifest.valid_until)}.")
    return lines
