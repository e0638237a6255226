"""The plan of a run, or of a facts file, as the document that its views are made from."""

from __future__ import annotations

from collections.abc import Callable

from livemigration.base.text import some
from livemigration.inventory.drain import DrainRequest
from livemigration.placement.plan_document import (
    SCHEMA,
    Asked,
    Kind,
    Means,
    PlanDocument,
    PlannedMove,
    PlannedWitness,
    Takes,
    reason_of,
)
from livemigration.report.drain.words import ASSUMED
from livemigration.run.run import Run
from livemigration.verdict.drain_findings import NOT_WEIGHED, not_known_of_controllers
from livemigration.verdict.drain_plan import DrainPlan, PlanProof, PlanTime
from livemigration.verdict.drain_plan import PlannedMove as Planned

MeansOf = Callable[[str, str, str], Means | None]


def document_of_plan(plan: DrainPlan, asked: Asked, means: MeansOf | None = None) -> PlanDocument:
    """Return the document of a plan.

    Args:
        plan: the plan, or why there is none.
        asked: what was asked.
        means: says of a machine's GUID, a source and a destination what moves it; None: it is not
            known.
    """
    return PlanDocument(
        schema=SCHEMA,
        asked=asked,
        verdict=plan.verdict,
        step=plan.step,
        solver=plan.solver,
        moves=tuple(_move(number, each, means) for number, each in enumerate(plan.moves, start=1)),
        witness=_witness(plan.proof) if plan.proof is not None and not plan.fits else None,
        unplaced=plan.unplaced,
        open=plan.open,
        breaks_reserve=plan.breaks_reserve,
        stays=plan.staying,
        told=tuple(_told(plan)),
        takes=_takes(plan.time),
        back=_takes(plan.back),
    )


def documents_of(run: Run) -> tuple[PlanDocument, ...]:
    """Return the plans of a run: first those of hosts that cannot be emptied, then as they are."""
    request = run.demands.drain if run.demands is not None else None
    asked = request or DrainRequest()
    documents = (
        document_of_plan(
            plan,
            Asked(
                (plan.host,),
                asked.without,
                asked.to,
                asked.window,
                run.gathered.began if run.gathered is not None else None,
                run.simulated,
            ),
        )
        for plan in run.drains
    )
    return tuple(sorted(documents, key=lambda each: each.fits))


def _takes(time: PlanTime | None) -> Takes | None:
    return None if time is None else Takes(time.low, time.high, time.inputs)


def _move(number: int, move: Planned, means: MeansOf | None) -> PlannedMove:
    identifier, source, to = move.identifier, move.source, move.destination
    return PlannedMove(
        n=number,
        vm=move.machine,
        id=identifier,
        source=source,
        to=to,
        kind=Kind.RELOCATE if move.relocates else Kind.DRAIN,
        memory=move.memory,
        slot=move.lane,
        t_lo=move.earliest_start,
        t_hi=move.latest_end,
        reason=reason_of(relocates=move.relocates, against=move.against),
        by=means(identifier, source, to) if means is not None else None,
        done_lo=move.earliest_end,
        begin_hi=move.latest_start,
        stage=move.stage,
        disk=move.disk,
    )


def told_of_step(plan: DrainPlan) -> tuple[str, ...]:
    """Return what is said of the plan by which a host is emptied as one of several."""
    said = _of_plan(plan)
    if plan.breaks_reserve:
        said.append(f"It takes of what VMM or the cluster keeps free: {some(plan.breaks_reserve)}.")
    return tuple(said)


def _told(plan: DrainPlan) -> list[str]:
    said = [*plan.explained, *plan.helps]
    if plan.by_assumption and not plan.declared:
        said.append(ASSUMED)
    said += _of_plan(plan)
    if plan.advice:
        said.append(plan.advice)
    return said


def _of_plan(plan: DrainPlan) -> list[str]:
    said = []
    if plan.by_assumption and plan.declared:
        said.append("It takes hosts that are only assumed to exchange virtual machines with it.")
    for names, what in (
        (plan.last, "Moved last, as VMM runs there by its name"),
        (plan.controllers, "Moved last, as a domain controller by its name"),
        (
            plan.last_making_room,
            "Makes room, and VMM runs there by its name: only what needs its place moves after",
        ),
        (
            plan.controllers_making_room,
            "Makes room, a domain controller by its name: only what needs its place moves after",
        ),
        (plan.taken_apart, "Not kept on one node as affinity rules want"),
        (plan.brought_together, "Brought onto one node, though the cluster keeps them apart"),
        (plan.across_domains, "Not kept in one fault domain as affinity rules want"),
        (
            plan.within_a_domain,
            "Brought into one fault domain, though affinity rules keep them apart",
        ),
        (plan.not_weighed, NOT_WEIGHED),
        (plan.resting, "Off or saved, so that no place is asked for"),
        (
            plan.without_spanning,
            "No machine may span NUMA nodes, so there may be less room, on",
        ),
        (
            plan.reserve_unread,
            "What VMM or the cluster keeps free could not be read, so the plan may take of it, on",
        ),
        (plan.then_stuck, "Once it is empty, these cannot be emptied too"),
    ):
        if names:
            said.append(f"{what}: {some(names)}.")
    if plan.leaving and plan.controllers_unread:
        said.append(not_known_of_controllers(plan))
    return said


def _witness(proof: PlanProof) -> PlannedWitness:
    return PlannedWitness(proof.by, proof.machines, proof.hosts, proof.needed, proof.free)
