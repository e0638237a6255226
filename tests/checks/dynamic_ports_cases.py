"""The verdict table's rows of the dynamic TCP ports (LM404)."""

from __future__ import annotations

from typing import Any

from fact_builders import UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.tcp_settings import DYNAMIC_PORTS, DynamicPorts


def ranges(*found: tuple[int, int]) -> dict[str, Any]:
    """Return a host whose TCP settings have these dynamic ports: the first, and how many."""
    settings = zip(("Internet", "Datacenter", "Compat"), found, strict=False)
    return {
        "also": {DYNAMIC_PORTS.name: tuple(DynamicPorts(name, *each) for name, each in settings)}
    }


DEFAULT = (49152, 16384)

CASES = (
    Case("LM404", "default", PASS, {}, says="49152 to 65535"),
    Case("LM404", "default", PASS, ranges(DEFAULT, DEFAULT, DEFAULT)),
    Case(
        "LM404", "moved", WARNING, ranges((1025, 60000)), says="1025 to 61024", fix="dynamic-ports"
    ),
    # One of the settings is enough, and equal ones are said once.
    Case(
        "LM404", "moved", WARNING, ranges(DEFAULT, (10000, 5000)), says="ports are 10000 to 14999."
    ),
    Case("LM404", "moved", WARNING, ranges((49152, 16383)), says="49152 to 65534"),
    Case("LM404", "moved", WARNING, ranges((1, 9), (1, 9)), says="are 1 to 9."),
    Case("LM404", "workgroup", INAPPLICABLE, {"joined": False, **ranges((1, 9))}, says="workgroup"),
    Case("LM404", "unread", BLOCKED, {"lost": {DYNAMIC_PORTS.name: failure()}}, by="LM302"),
    Case("LM404", "unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case("LM404", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM404", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
