"""The plan that results keep becomes the document of which its views are made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from drain_plans import fits, move, refused
from plan_builders import ASKED, HV03, HV04, HV05, guid
from run_builders import made_run

from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.plan_document import Kind, Means, PlannedWitness, Takes
from livemigration.report.drain.document import document_of_plan, documents_of
from livemigration.run.evidence.model import Gathering


def test_each_move_is_kept_with_its_times_and_what_moves_it() -> None:
    moves = (move(1, relocates=True, lane=1), move(2, against="LM501 warns", stage=1))
    plan = replace(fits(), moves=moves)
    asked: list[tuple[str, str, str]] = []

    def means(*each: str) -> Means:
        asked.append((each[0], each[1], each[2]))
        return Means.VMM

    found = document_of_plan(plan, ASKED, means)
    first, second = found.moves
    assert (first.n, first.vm, first.id) == (1, "web01", guid(1))
    assert (first.kind, first.slot, first.memory, first.by) == (Kind.RELOCATE, 1, 4096, Means.VMM)
    assert (first.t_lo, first.done_lo, first.begin_hi, first.t_hi) == (0.0, 4.0, 10.0, 19.0)
    assert (first.stage, second.stage) == (0, 1)
    assert (first.reason, second.reason) == ("makes room", "leaves; LM501 warns")
    assert asked == [(guid(1), HV03, HV04), (guid(2), HV03, HV04)]
    assert found.takes == Takes(4.2, 61.4, (("Links", "10 Gb/s"),))
    assert found.back == Takes(5.2, 71.4, (("Links", "10 Gb/s"), ("Sent by", "SMB")))
    assert found.asked is ASKED
    assert document_of_plan(plan, ASKED).moves[0].by is None


def test_a_no_keeps_its_proof_what_explains_it_and_what_would_help() -> None:
    found = document_of_plan(refused(), ASKED)
    assert found.witness == PlannedWitness("no candidate", ("sql01",), (HV04, HV05), 65536, 12288)
    assert found.told == ("sql01 (64 GB) has no place.", "52 GB more free on hv04.")
    assert (found.unplaced, found.takes) == (("sql01",), None)
    # Where it fits with swaps, the proof says that it does not without them.
    assert document_of_plan(fits(proof=refused().proof), ASKED).witness is None


def test_what_is_to_be_known_is_told() -> None:
    plan = fits(
        by_assumption=True,
        declared=False,
        last=("vmm01",),
        controllers=("dc01",),
        last_making_room=("vmm02",),
        controllers_making_room=("dc02",),
        taken_apart=("pair (web01 on hv04, db01 on hv05)",),
        brought_together=("class dc (dc01 on hv04)",),
        across_domains=("web (web01 on hv04)",),
        within_a_domain=("dc (dc01 on hv04)",),
        not_weighed=("sites",),
        controllers_unread="no directory configured for the domain b.test",
        resting=("old01",),
        without_spanning=(HV04,),
        then_stuck=(HV05,),
        advice="Ask again.",
        staying=("sc01",),
    )
    found = document_of_plan(plan, ASKED)
    assert found.told == (
        (
            "Nothing declares that these hosts exchange virtual machines: it is assumed, as they "
            "are of one domain."
        ),
        "Moved last, as VMM runs there by its name: vmm01.",
        "Moved last, as a domain controller by its name: dc01.",
        (
            "Makes room, and VMM runs there by its name: only what needs its place moves after: "
            "vmm02."
        ),
        (
            "Makes room, a domain controller by its name: only what needs its place moves after: "
            "dc02."
        ),
        "Not kept on one node as affinity rules want: pair (web01 on hv04, db01 on hv05).",
        "Brought onto one node, though the cluster keeps them apart: class dc (dc01 on hv04).",
        "Not kept in one fault domain as affinity rules want: web (web01 on hv04).",
        "Brought into one fault domain, though affinity rules keep them apart: dc (dc01 on hv04).",
        "Affinity rules that were not weighed, of a kind or of fault domains not known: sites.",
        "Off or saved, so that no place is asked for: old01.",
        f"No machine may span NUMA nodes, so there may be less room, on: {HV04}.",
        f"Once it is empty, these cannot be emptied too: {HV05}.",
        (
            "Whether a machine is a domain controller is not known: no directory configured for "
            "the domain b.test."
        ),
        "Ask again.",
    )
    assert found.stays == ("sc01",)


def test_the_plans_of_a_run_know_what_was_asked_and_a_no_comes_first() -> None:
    began = datetime(2026, 11, 24, 20, tzinfo=UTC)
    run = made_run(
        (),
        (HV03, HV04),
        drains=(fits(), refused(HV04)),
        demands=Demands("", Policy(), drain=DrainRequest((HV03,), (HV05,), (), 7200)),
        gathered=Gathering(began),
        simulated=True,
    )
    first, second = documents_of(run)
    assert (first.asked.hosts, second.asked.hosts) == ((HV04,), (HV03,))
    assert (first.asked.without, first.asked.window) == ((HV05,), 7200)
    assert (first.asked.facts, first.asked.simulated) == (began, True)
    assert documents_of(replace(run, demands=None, gathered=None))[0].asked.facts is None
