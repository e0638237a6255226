"""What processes have taken so far, as Linux tells it."""

from __future__ import annotations

import re
from pathlib import Path

# Linux says so to every program, whatever the kernel's own clock is.
_TICKS = 100
RSS = re.compile(r"^Rss:\s+(\d+) kB", re.MULTILINE)
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def processor_seconds(process: int) -> float:
    """Return the processor time of a process, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def megabytes(process: int, wanted: re.Pattern[str]) -> float:
    """Return the memory of a process, in MB: resident (RSS), or shared pages in parts (PSS)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return sum(map(int, wanted.findall(text))) / 1024


def peak() -> float:
    """Return the most memory in MB that this process had.

    Not what getrusage says, which is that of the process that started this one where it is more.
    """
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024
