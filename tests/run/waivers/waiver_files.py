"""Waivers as a file holds them, against a small inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livemigration.facts.model import Subject
from livemigration.inventory import inventory
from livemigration.run.waivers.file import WaiverEntry, WaiversFile
from livemigration.run.waivers.model import Waiver
from livemigration.run.waivers.resolve import resolve

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHECKS = {
    "LM001": Subject.VMM,
    "LM101": Subject.HOST,
    "LM102": Subject.HOST,
    "LM103": Subject.HOST,
    "LM306": Subject.HOST,
}
INVENTORY = """\
schema: 1
vmm: {name: vmm01.contoso.com}
hosts:
  - {name: hv01.contoso.com, groups: [ams]}
  - {name: hv02.contoso.com, groups: [ams], address: 10.0.0.2}
  - {name: hv03.contoso.com, groups: [fra]}
"""
ENTRY: dict[str, Any] = {
    "hosts": ["hv01*"],
    "checks": ["LM102"],
    "owner": "Kim",
    "ticket": "RISK-1",
    "reason": "Replaced soon.",
    "expires": "2026-12-31",
}


def waivers(
    *entries: dict[str, Any],
    now: datetime = NOW,
    zone: str = "UTC",
    more: str = "",
    inventory_text: str = INVENTORY,
) -> tuple[Waiver, ...]:
    """Return waivers that differ from ENTRY in what is given."""
    file = WaiversFile(
        schema=1,
        time_zone=zone,
        waivers=tuple(WaiverEntry(**{**ENTRY, **each}) for each in entries),
    )
    found = inventory.parse(inventory_text + more, "prod.yaml", Path())
    return resolve(
        file, label="waivers.yaml", inventory=found, checks=CHECKS, now=now, opt_in={"LM306"}
    )
