"""What stops a drain of a host, and how much that weighs.

The one place where it is decided: no run says yet which hosts are to be drained, so that what would
only stop a drain is worth knowing, and stops nothing by itself.
"""

from __future__ import annotations

from livemigration.verdict.findings import Finding, Fix, warn


def for_the_drain(observed: str, expected: str, repair: Fix | None = None) -> Finding:
    """Say that a drain of the host would stop or do harm: a warning."""
    return warn(observed, expected, repair)
