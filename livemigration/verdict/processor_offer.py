"""Whether the processor of one host takes what machines of another have taken of theirs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS, MOST_ASKED, CompatibilityVector
from livemigration.facts.model import Gathered
from livemigration.verdict.processors import ProcessorClass, processor_class
from livemigration.verdict.taken_features import Seen, Taken
from livemigration.verdict.vectors import Fit, fit
from livemigration.verdict.views import FactsView


class Told(Enum):
    """What is known of whether a host has what a machine has taken."""

    FITS = "fits"
    LACKS = "lacks"
    UNKNOWN = "took features of which this host does not say anything"
    SILENT = "did not say what was taken of the processor"
    LEFT = f"went unasked: of one host, {MOST_ASKED} are asked at most"


@dataclass(frozen=True)
class Offer:
    """What a host has for machines of others.

    `offered` are its compatibility vectors; None: it was not asked, or did not say.
    """

    own: ProcessorClass
    offered: tuple[CompatibilityVector, ...] | None

    def decides(self, seen: Seen) -> bool:
        """Whether vectors decide of the machines of such a host."""
        return self.offered is not None and seen.speaks

    def hides(self, seen: Seen, *, declared: bool) -> bool:
        """Whether such a host may have machines that matter, of which nothing could be read."""
        if self.decides(seen) or not self.weighs(seen, declared=declared):
            return False
        refused = self.own.may_refuse(seen.processors) and not seen.told
        return refused or self.own.may_have_other_microcode(seen.processors)

    def may_differ(self, seen: Seen, *, declared: bool) -> bool:
        """Whether it has to be looked at what the machines of such a host have taken."""
        unknown = declared and self.own.may_have_other_microcode(seen.processors)
        return unknown or self.own.may_refuse(seen.processors)

    def weighs(self, seen: Seen, *, declared: bool) -> bool:
        """Whether a difference counts: microcode alone, of hosts that may never meet, does not."""
        return declared or self.own.is_of_another_model(seen.processors)

    def told(self, taken: Taken) -> Told:
        """Return whether the host has what a machine has taken; where it says what it offers."""
        if taken.vectors is None:
            return Told.SILENT if taken.asked else Told.LEFT
        found = fit(taken.vectors, self.offered or ())
        return {Fit.FITS: Told.FITS, Fit.LACKS: Told.LACKS, Fit.UNKNOWN: Told.UNKNOWN}[found]


def offer_of(host: FactsView) -> Offer:
    """Return what a host has for machines of others.

    Raises:
        BlockedError: its processors could not be read.
    """
    found = host.outcome(COMPATIBILITY_VECTORS)
    offered = found.value.host if isinstance(found, Gathered) else None
    return Offer(processor_class(host), offered)
