"""`livemigration bundle`: a run in one file, for a change record."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from livemigration.base.files import words_beside, write_bytes
from livemigration.base.secret import Secret
from livemigration.bundle import signing
from livemigration.bundle.members import bundle_of
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.paths import given_file, given_run, not_written
from livemigration.report.wording import SIMULATED
from livemigration.run.exit_code import ExitCode

PASSPHRASE = "LIVEMIGRATION_SIGNING_PASSPHRASE"  # noqa: S105 - a variable's name


def _fill(bundle: argparse.ArgumentParser) -> None:
    run = bundle.add_argument("path", metavar="RUN", help="the run's folder, or its results.json")
    completed(run, run_or("results.json"))
    bundle.add_argument("--output", metavar="FILE", help="default: in the run's folder")
    bundle.add_argument(
        "--sign", metavar="KEY", help="also write a signature with this Ed25519 key (PEM)"
    )


def _bundle(chosen: argparse.Namespace) -> int:
    files = given_run(chosen.path)
    key = given_file(chosen.sign, "an Ed25519 key (PEM)") if chosen.sign is not None else None
    data, manifest = bundle_of(files)
    path = Path(chosen.output) if chosen.output else files.bundle
    given = os.environ.get(PASSPHRASE)
    signature = None
    if key is not None:
        secret = Secret(given) if given is not None else None
        signature = signing.sign(data, key, secret)
    try:
        write_bytes(path, data)
        if signature is not None:
            write_bytes(signing.signature_path(path), signature)
    except OSError as error:
        raise not_written(path, error, "name a file with --output") from None
    told = words_beside(path)
    if manifest.simulated:
        told.write(f"{SIMULATED}\n")
    told.write(f"Wrote {path}.\n")
    if signature is not None:
        told.write(f"Wrote {signing.signature_path(path)}.\n")
    return ExitCode.READY


COMMAND = Command(
    "put a run into one file, for a change record",
    _fill,
    _bundle,
    examples=(
        "livemigration bundle reports/FOLDER",
        "livemigration bundle reports/FOLDER --sign key.pem",
    ),
    group=Group.RECORD,
    order=1,
)
