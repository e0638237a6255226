"""`livemigration verify`: whether a bundle is as it was written, right, and still evidence."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from livemigration.bundle import signing
from livemigration.bundle.verify import Verification, verify
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.paths import given_bundle, given_file
from livemigration.report.moments import utc
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode
from livemigration.verdict.loader import checks_folder, load_checks

UNSIGNED = (
    "UNSIGNED: an unsigned bundle shows integrity and consistency, not its author. Check its "
    "signature with --key."
)


def _fill(check: argparse.ArgumentParser) -> None:
    bundle = check.add_argument(
        "path", metavar="BUNDLE", help="the zip file, or the folder of its run"
    )
    completed(bundle, run_or(".zip"))
    check.add_argument(
        "--key", metavar="KEY", help="also check its signature with this public key (PEM)"
    )


def _verify(chosen: argparse.Namespace) -> int:
    path = given_bundle(chosen.path)
    key = given_file(chosen.key, "a public key (PEM)") if chosen.key is not None else None
    found = verified(path)
    signed = None
    if key is not None:
        signed = signing.is_signed(path.read_bytes(), signing.signature_path(path), key)
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


COMMAND = Command(
    "say whether a bundle is unchanged, right, and still evidence",
    _fill,
    _verify,
    examples=(
        "livemigration verify reports/FOLDER/NAME.zip",
        "livemigration verify reports/FOLDER --key public.pem",
    ),
    exits={
        ExitCode.READY: "verified, and evidence now",
        ExitCode.NOT_READY: "NOT VERIFIED: changed or damaged, or not signed by this key",
        ExitCode.NO_VERDICT: "verified, but no evidence: simulated, too old, or in part",
    },
    group=Group.RECORD,
    order=2,
)
