"""Fuzzing guided by coverage, for as long as it is let run; no part of the suite's own tests.

    pip install atheris
    python tests/fuzz/with_atheris.py items -max_total_time=600 SCRATCH_FOLDER

The first argument names the reader, the others are libFuzzer's. New inputs go to the scratch
folder, and an input that breaks the reader to the current one: put it into the corpus.
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore] # it is no requirement

with atheris.instrument_imports(include=["livemigration"]):
    from fuzz_targets import CORPUS, TARGETS, is_refused


def main() -> None:
    """Fuzz the reader that the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"Name a reader: {', '.join(TARGETS)}.")
    name = sys.argv.pop(1)
    target = TARGETS[name]

    def run(data: bytes) -> None:
        is_refused(target, data)

    atheris.Setup([*sys.argv, str(CORPUS / name)], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
