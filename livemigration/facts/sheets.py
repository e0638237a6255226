"""All facts of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.model import FactSheet


@dataclass(frozen=True)
class RunFacts:
    """The fact sheet of every host, by its name in the inventory, and that of the VMM server."""

    hosts: Mapping[str, FactSheet]
    vmm: FactSheet
