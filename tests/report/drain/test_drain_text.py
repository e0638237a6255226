"""A plan in words, as a table and as a document that is read back to the same plan."""

from __future__ import annotations

import json
from dataclasses import replace

from in_turn import in_turn
from jsonschema import Draft202012Validator
from plan_builders import ASKED, HV03, HV04, HV05, guid, machine, no_plan, not_known, plan

from livemigration.base import codec
from livemigration.commands.schema import schema_text
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Kind, PlanDocument
from livemigration.report.drain.text import lines_of, names_of
from livemigration.report.drain.words import answer_of, remarks_of

SCHEMA = Draft202012Validator(json.loads(schema_text("plan")))


def said(document: PlanDocument) -> list[str]:
    return list(lines_of(document))


@in_turn(
    "document, sentence",
    [
        (
            plan(machine(1), machine(2)),
            "hv03 can be emptied: 2 virtual machines with 8 GB of memory, to hv04 and hv05.",
        ),
        (
            plan(machine(1), machine(2, host=HV04)),
            (
                "hv03 can be emptied once 1 other virtual machine made room: 1 virtual machine "
                "with 4 GB of memory, to hv04."
            ),
        ),
        (no_plan(), "hv03.contoso.com cannot be emptied: there is no place for web01."),
        (
            not_known(),
            "Whether hv03 can be emptied is not known, as not everything could be read.",
        ),
        (
            replace(no_plan(), verdict=Verdict.UNDECIDED, unplaced=()),
            (
                "Whether hv03.contoso.com can be emptied was not decided: no plan was found, nor "
                "excluded."
            ),
        ),
        (plan(), "hv03.contoso.com: nothing has to move."),
    ],
)
def test_the_answer_is_one_sentence(document: PlanDocument, sentence: str) -> None:
    names = names_of(document)
    short = sentence if names.short(HV03) != HV03 else sentence.replace(".contoso.com", "")
    assert answer_of(document, names).replace(".contoso.com", "") == short.replace(
        ".contoso.com", ""
    )


def test_a_plan_is_a_table_with_a_row_for_each_move() -> None:
    lines = said(plan(machine(1), machine(2, 512, host=HV04)))
    at = next(place for place, line in enumerate(lines) if line.split()[:2] == ["machine", "from"])
    assert lines[at + 1].split()[:6] == ["1", "web02", "hv04", "hv05", "512", "MB"]
    assert lines[at + 2].split()[:6] == ["2", "web01", "hv03", "hv04", "4", "GB"]
    assert lines[at + 1].endswith("makes room")
    assert lines[at + 2].endswith("leaves")
    assert any(line.startswith("Takes") for line in lines)
    assert any("2026-11-24 20:00:05 UTC" in line and "greedy" in line for line in lines)


def test_disks_and_unknown_ends_stand_in_the_row() -> None:
    text = "\n".join(said(plan(machine(1), link=None, disk=2048)))
    assert "4 GB + 2 GB of disks" in text
    assert "0 s on" in text


def test_why_there_is_no_plan_and_what_is_not_known_is_told() -> None:
    lines = said(no_plan())
    assert lines[1:3] == ["web01 (64 GB) has no place.", "hv04: no switch Blue."]
    assert "web01 to hv05.contoso.com: it was not looked at." in said(not_known())
    assert any("HiGHS 1.16.0" in line for line in said(not_known()))


def test_what_was_asked_and_what_the_plan_costs_is_remarked() -> None:
    asked = replace(ASKED, without=(HV05,), to=(HV04,))
    document = plan(machine(1), asked=asked, stays=("sc01",), breaks_reserve=(HV04,))
    assert list(remarks_of(document, names_of(document))) == [
        "It takes of what VMM or the cluster keeps free on hv04.",
        "To be shut down first, as the policy names them under stays: sc01.",
        "Down by then: hv05.",
        "Only these take machines: hv04.",
    ]


@in_turn(
    "link, window, expected",
    [
        (10, 1, "It takes longer than the window of 1 s."),
        (10, 12, "It may take longer than the window of 12 s."),
        (10, 7200, "By the estimate it fits the window of 2 h."),
        (None, 7200, "Whether it fits the window of 2 h is not known."),
    ],
)
def test_a_plan_is_held_against_its_window(link: int | None, window: int, expected: str) -> None:
    document = plan(machine(1), link=link, asked=replace(ASKED, window=window))
    assert list(remarks_of(document, names_of(document))) == [expected]


def test_a_simulated_plan_says_so_first() -> None:
    assert said(plan(machine(1), asked=replace(ASKED, simulated=True)))[0].startswith("SIMULATED")


def test_text_of_hosts_stays_on_its_line() -> None:
    name = "web\n\x1b[31m##vso[task]"
    document = plan(machine(1))
    hostile = replace(document, moves=(replace(document.moves[0], vm=name),))
    assert len(said(hostile)) == len(said(document))
    assert "\x1b" not in "".join(said(hostile))


@in_turn(
    "document",
    [plan(machine(1), machine(2, host=HV04), disk=5), plan(), no_plan(), not_known()],
)
def test_the_document_fits_its_schema_and_is_read_back(document: PlanDocument) -> None:
    written = json.loads(json.dumps(codec.to_json(document)))
    SCHEMA.validate(written)
    assert codec.from_json(PlanDocument, written) == document


def test_the_document_has_the_names_that_others_read() -> None:
    document = plan(machine(1), machine(2, host=HV04))
    first, second = codec.to_json(document)["moves"]
    assert {**first, "t_hi": 0, "t_lo": 0} == {
        "n": 1,
        "vm": "web02",
        "id": guid(2),
        "from": HV04,
        "to": HV05,
        "kind": "relocate",
        "MB": 4096,
        "slot": 0,
        "t_lo": 0,
        "t_hi": 0,
        "reason": "makes room",
        "by": "cluster",
        "done_lo": first["done_lo"],
        "begin_hi": first["begin_hi"],
        "disk": 0,
        "stage": 0,
    }
    assert second["kind"] == Kind.DRAIN.value
    assert second["t_lo"] < second["t_hi"]
