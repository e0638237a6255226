"""A plan as a document: its moves in order, what each is for, and why there is none."""

from __future__ import annotations

from livemigration.placement.estimate import estimate
from livemigration.placement.model import Answer, Machine, Move, Pair, Proof, Verdict, Witness
from livemigration.placement.plan_document import (
    Asked,
    Kind,
    Means,
    Mover,
    PlannedWitness,
    document_of,
    reason_of,
)
from livemigration.placement.transfers import Transfer

ASKED = Asked(("hv03",))


def machine(name: str, **changes: object) -> Machine:
    return Machine(f"hv03 {name}", name, "hv03", 4096, frozenset({"hv04"}), **changes)  # type: ignore[arg-type]  # of real fields


def test_each_move_has_its_place_in_time_and_what_moves_it() -> None:
    web, mail = machine("web"), machine("mail", warned=frozenset({"hv04"}))
    plan = (Move(web, "hv05", "hv06", relocates=True), Move(mail, "hv03", "hv04"))
    taken = estimate([Transfer(e.machine.key, "", e.source, e.destination, 4096) for e in plan], ())
    found = document_of(
        ASKED, Answer(Verdict.FITS_WITH_SWAPS, plan), taken, {web.key: Mover("G", Means.VMM)}
    )
    first, second = found.moves
    assert (first.n, first.id, first.by, first.kind) == (1, "G", Means.VMM, Kind.RELOCATE)
    assert (first.reason, second.reason) == ("makes room", "leaves; a check warns of it")
    assert (second.id, second.by) == (mail.key, None)
    # Of links nothing is known, so that no upper bound is.
    assert first.t_hi is None
    assert second.done_lo > second.t_lo >= 0
    assert found.relocations == (first,)
    assert found.fits
    assert found.takes is not None
    assert found.takes.high is None


def test_a_no_has_its_proof_and_a_plan_has_none() -> None:
    web = machine("web")
    proof = Witness(Proof.HALL, (web,), ("hv04",), 4096, 1024)
    refused = document_of(
        ASKED, Answer(Verdict.DOES_NOT_FIT, unplaced=(web,), witness=proof), None, {}
    )
    assert refused.witness == PlannedWitness("Hall set", ("web",), ("hv04",), 4096, 1024)
    assert (refused.fits, refused.unplaced, refused.takes) == (False, ("web",), None)
    # That it does not fit without making room is no proof that it does not.
    swapped = document_of(ASKED, Answer(Verdict.FITS_WITH_SWAPS, witness=proof), None, {})
    assert swapped.witness is None


def test_what_is_not_known_is_named() -> None:
    found = document_of(
        ASKED,
        Answer(Verdict.UNKNOWN, open=(Pair(machine("web"), "hv04"),)),
        None,
        {},
        stays=("sc01",),
        told=("So.",),
    )
    assert (found.open, found.stays, found.told) == (("web to hv04.",), ("sc01",), ("So.",))


def test_a_reason_says_what_stands_against_a_destination() -> None:
    assert reason_of(relocates=False, against="LM501 warns") == "leaves; LM501 warns"
