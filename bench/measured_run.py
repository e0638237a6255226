"""A run of pytest that writes what it took: `python bench/measured_run.py FILE ARGUMENTS...`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from processes import peak


def main() -> int:
    """Run pytest, and write processor time and memory of this process into the file."""
    told, *arguments = sys.argv[1:]
    code = pytest.main(arguments)
    found = {"processor s": time.process_time(), "peak MB": peak()}
    Path(told).write_text(json.dumps(found), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
