"""Fixes with what must stand in each of their parts: names, addresses, numbers, checks.

What is around these values in a sentence is prose, and may change.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from livemigration.base.addresses import parse_address
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.facts.network import LocalAddress
from livemigration.verdict.findings import Fix, Reference
from livemigration.verdict.fixes.script import (
    FixTarget,
)

HOST, SERVER = "hv07.contoso.com", "vmm01.contoso.com"
MACHINE = FixTarget(HOST, SERVER)
ADDRESSES = tuple(map(parse_address, ("10.1.1.7", "10.1.2.7")))
BOTH = "10.1.1.7 and 10.1.2.7"
LOCAL = tuple(LocalAddress(parse_address(each), 24, "E") for each in ("10.1.1.7", "127.0.0.1"))
SUBNET = ipaddress.ip_network("10.1.9.0/24")
SETTINGS = f"{HOST} > Properties > Migration Settings"
RESTART = "restarts the service vmms"


def failed(kind: FailureKind, next_step: str = "") -> GatherFailure:
    return GatherFailure(kind, "Reading it", "it failed", next_step, "LM302")


@dataclass(frozen=True)
class Row:
    """How a fix is made, and what must stand in its parts."""

    fix: Callable[[], Fix]
    summary: tuple[str, ...]
    steps: tuple[str, ...]
    source: Reference
    cost: str = ""
    precondition: str = ""
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
