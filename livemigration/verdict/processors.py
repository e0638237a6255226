"""Processors of hosts in classes of equals (windows-facts-2.md 10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livemigration.base.text import listed, one_line
from livemigration.facts.machine_values import PROCESSOR_MICROCODE
from livemigration.facts.model import FactGroup, Gathered, NotGathered
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.verdict.views import BlockedError, FactsView

PROCESSOR_FACTS: tuple[FactGroup[Any], ...] = (PROCESSORS, PROCESSOR_MICROCODE)

_SHOWN = {"genuineintel": "Intel", "authenticamd": "AMD", "hygongenuine": "Hygon"}


@dataclass(frozen=True)
class ProcessorClass:
    """In what the processors of hosts are equals.

    `makers` are the manufacturers without regard to case, `models` what tells one generation from
    another: family, model and stepping, or the name where the processor does not state them.
    `microcode` is None where Windows does not say it, and where it is `unread`.
    """

    makers: tuple[str, ...]
    models: tuple[str, ...]
    microcode: str | None
    unread: bool = False

    @property
    def maker(self) -> str:
        """The manufacturer, for a sentence."""
        return listed(_SHOWN.get(each, one_line(each, limit=40)) for each in self.makers)

    @property
    def model(self) -> str:
        """What tells it from another of the same manufacturer, for a sentence."""
        told = listed(one_line(each, limit=80) for each in self.models)
        if self.microcode is None:
            return told
        return f"{told}, microcode {one_line(self.microcode, limit=40)}"

    def is_of_another_maker(self, other: ProcessorClass) -> bool:
        """Whether no virtual machine moves live between the two, whatever is set for it."""
        return self.makers != other.makers

    def is_of_another_model(self, other: ProcessorClass) -> bool:
        """Whether one is of another generation than the other."""
        return self.models != other.models

    def has_other_microcode(self, other: ProcessorClass) -> bool:
        """Whether both say their microcode, and it differs."""
        return None not in {self.microcode, other.microcode} and self.microcode != other.microcode

    def may_have_other_microcode(self, other: ProcessorClass) -> bool:
        """Whether they are of one model, and nobody can say whether of one microcode."""
        same = self.makers == other.makers and self.models == other.models
        return same and (self.unread or other.unread)

    def may_refuse(self, other: ProcessorClass) -> bool:
        """Whether one may lack what a machine has taken of the other, of the same manufacturer."""
        if self.is_of_another_maker(other):
            return False
        return self.is_of_another_model(other) or self.has_other_microcode(other)


def processor_class(host: FactsView) -> ProcessorClass:
    """Return the class of a host's processors: what two sockets have differently is in it too.

    Raises:
        BlockedError: they could not be read, or do not state their manufacturer.
    """
    found = host[PROCESSORS]
    makers = tuple(sorted({each.manufacturer.strip().casefold() for each in found}))
    if "" in makers:
        raise BlockedError(
            "",
            f"A processor of {host.name} does not state its manufacturer.",
            "Compare with what Get-CimInstance Win32_Processor shows on the host.",
        )
    microcode = host.outcome(PROCESSOR_MICROCODE)
    revision = microcode.value.revision if isinstance(microcode, Gathered) else None
    unread = isinstance(microcode, NotGathered)
    return ProcessorClass(makers, tuple(sorted(set(map(_model, found)))), revision, unread)


def _model(processor: Processor) -> str:
    generation = processor.generation
    return processor.name if generation is None else str(generation)
