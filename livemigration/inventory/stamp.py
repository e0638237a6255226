"""What every file of a run carries, whatever its form: whether it is evidence, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from livemigration.inventory.change import Change

SIMULATED = (
    "SIMULATED: this run talked to the lab, not to Windows. It is not evidence for a change record."
)


@dataclass(frozen=True)
class Stamp:
    """The mark of the lab, the change with operator and window, the policy, and until when.

    `watermark` is empty where machines were asked. `policy_digest` is the SHA-256 of the demands of
    the inventory. `valid_until` is UTC; None: not known yet, or this is no evidence.
    """

    watermark: str = ""
    change: str = ""
    operator: str = ""
    window: str = ""
    policy_digest: str = ""
    valid_until: datetime | None = None


def stamp_of(
    *, simulated: bool, change: Change | None, policy_digest: str, valid_until: datetime | None
) -> Stamp:
    """Return the stamp of a run, of what is known of it."""
    return Stamp(
        watermark=SIMULATED if simulated else "",
        change=change.identifier if change is not None else "",
        operator=change.operator if change is not None else "",
        window=change.window_text if change is not None else "",
        policy_digest=policy_digest,
        valid_until=valid_until,
    )
