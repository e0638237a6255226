"""What stops a drain of a host, and how much that weighs.

The one place where it is decided: where the host is to be emptied, by --drain or by its policy, it
fails; elsewhere it is worth knowing, and stops nothing by itself.
"""

from __future__ import annotations

from livemigration.inventory.drain import is_drained
from livemigration.inventory.policy import Policy
from livemigration.verdict.findings import Finding, Fix, fail, warn
from livemigration.verdict.views import FactsView, GroupView


def is_to_be_drained(host: FactsView, policy: Policy, group: GroupView) -> bool:
    """Whether a host is to be emptied, by --drain or by its policy."""
    return is_drained(host.name, policy, group.drain)


def for_the_drain(observed: str, expected: str, repair: Fix, *, drained: bool) -> Finding:
    """Say that a drain of the host would stop or do harm: a failure where it is to be emptied."""
    return fail(observed, expected, repair) if drained else warn(observed, expected, repair)
