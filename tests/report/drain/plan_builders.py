"""Plans for the tests of their views."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from livemigration.placement.estimate import estimate
from livemigration.placement.model import Answer, Machine, Move, Verdict
from livemigration.placement.plan_document import (
    Asked,
    Means,
    Mover,
    PlanDocument,
    PlannedWitness,
    document_of,
)
from livemigration.placement.transfers import End, Option, transfers_of

GATHERED = datetime(2026, 11, 24, 20, 0, 5, tzinfo=UTC)
GIGABIT = 1_000_000_000
HV03, HV04, HV05 = "hv03.contoso.com", "hv04.contoso.com", "hv05.contoso.com"
ASKED = Asked((HV03,), facts=GATHERED, cluster="CL01", vmm="vmm01.contoso.com")


def guid(number: int) -> str:
    return f"0D7C5B2E-0000-4000-8000-{number:012}"


def machine(number: int, memory: int = 4096, host: str = HV03, **changes: Any) -> Machine:
    usual: dict[str, Any] = {"allowed": frozenset({HV04, HV05})}
    return Machine(guid(number), f"web{number:02}", host, memory, **{**usual, **changes})


def moves(*machines: Machine) -> tuple[Move, ...]:
    """Return moves of these machines to two hosts in turn; those of hv04 make room first."""
    found = [Move(each, each.host, HV05, relocates=True) for each in machines if each.host != HV03]
    leaving = (each for each in machines if each.host == HV03)
    found += [Move(each, HV03, (HV04, HV05)[at % 2]) for at, each in enumerate(leaving)]
    return tuple(found)


def plan(
    *machines: Machine,
    asked: Asked = ASKED,
    means: Means | None = Means.CLUSTER,
    link: int | None = 10,
    disk: int = 0,
    **changes: Any,
) -> PlanDocument:
    """Return the document of a plan; `link` is in Gbit/s."""
    found = moves(*machines)
    swaps = any(each.relocates for each in found)
    transfers = [replace(each, disk=disk) for each in transfers_of(found)]
    rate = None if link is None else link * GIGABIT
    ends = [End(each, rate, 2, 2, Option.TCP_IP) for each in (HV03, HV04, HV05)]
    verdict = Verdict.FITS_WITH_SWAPS if swaps else Verdict.FITS
    answer = Answer(verdict, found, step="greedy")
    movers = {each.machine.key: Mover(each.machine.key, means) for each in found}
    document = document_of(asked, answer, estimate(transfers, ends), movers)
    return replace(document, **changes)


def no_plan(asked: Asked = ASKED) -> PlanDocument:
    """Return the document of a drain that is proven impossible."""
    return replace(
        plan(asked=asked),
        verdict=Verdict.DOES_NOT_FIT,
        unplaced=("web01",),
        step="no candidate",
        witness=PlannedWitness("no candidate", ("web01",), (HV04, HV05), 65536, 12288),
        told=("web01 (64 GB) has no place.", "hv04: no switch Blue."),
        takes=None,
    )


def not_known() -> PlanDocument:
    """Return the document of a drain that hangs on what is not known."""
    return replace(
        plan(),
        verdict=Verdict.UNKNOWN,
        open=("web01 to hv05.contoso.com: it was not looked at.",),
        solver="HiGHS 1.16.0",
        takes=None,
    )
