"""Bundles that were changed in one place, with digests that agree: verify finds each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_edits import IN_RESULTS, exit_code
from bundle_forging import CHECKS, Edit, changed, forged, members, results_in, rewritten, verified
from case_tables import CASES
from fact_builders import HOST, run_facts
from sampling import sampled
from whole_run import BEGAN, save, whole_run

from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import verify
from livemigration.collector import snapshot
from livemigration.commands.main import main
from livemigration.inventory.change import Change, Window
from livemigration.inventory.policy import Policy
from livemigration.run.waivers.model import Waiver

WINDOW = Window(BEGAN + timedelta(hours=2), BEGAN + timedelta(hours=6))
WAIVER = Waiver(
    place="waivers[0]",
    owner="Kim",
    ticket="R-1",
    reason="The switch is replaced in May.",
    expires=date(2026, 12, 1),
    ends=datetime(2026, 12, 2, tzinfo=UTC),
    zone="UTC",
    days_left=8,
    pairs=(("LM101", HOST), ("LM104", HOST)),
)
# Each test of every field is as many, for as many processes, of fields all over the document: one
# of them is long, and the tests of whole fleets make the rest.
PARTS = 8
each_part = pytest.mark.parametrize(
    "part",
    [
        pytest.param(0, marks=pytest.mark.long),
        *(pytest.param(n, marks=pytest.mark.fleet) for n in range(1, PARTS)),
    ],
)
# A host that fails in several ways, beside a healthy one.
GIVEN: dict[str, Any] = {
    "enabled": False,
    "maximum": 1,
    "networks": (("10.0.50.0/24", "Microsoft:UserManaged"),),
    "listeners": ("10.0.50.11",),
    "answers": {("10.0.50.11", 6600): 10060, ("10.0.0.11", 6600): 10060},
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run that is red, in part waived, and for a change."""
    folder = tmp_path_factory.mktemp("forgeries")
    change = Change("CHG0012345", "Kim", WINDOW)
    run, asked = whole_run(
        run_facts(**GIVEN), Policy(minimum_migrations=2), change=change, waivers=(WAIVER,)
    )
    path = folder / "real.zip"
    path.write_bytes(bundle_of(save(folder / "run", run, asked))[0])
    return path


@pytest.fixture(scope="module")
def facts(bundle: Path) -> Path:
    """The facts of that run, with its names."""
    return bundle.parent / "run" / "facts.json"


def wrong(path: Path) -> tuple[str, ...]:
    return verified(path, BEGAN + timedelta(hours=1)).wrong


def test_what_nobody_changed_is_verified_and_is_evidence(bundle: Path) -> None:
    found = verified(bundle, BEGAN + timedelta(hours=1))
    assert (found.wrong, found.no_evidence, found.code) == ((), (), 0)
    states = {each["state"] for each in results_in(members(bundle))["results"]}
    assert {"fail", "waived", "pass"} <= states


@pytest.mark.parametrize("change", sampled(IN_RESULTS, every=9), ids=lambda each: each.__name__)
def test_results_that_were_changed_in_one_place_are_found(
    bundle: Path, facts: Path, tmp_path: Path, change: Edit
) -> None:
    assert wrong(forged(bundle, tmp_path / "x.zip", change, name="results.json"))
    assert wrong(changed(bundle, tmp_path / "x.zip", change, facts))


@pytest.mark.parametrize("change", sampled(IN_RESULTS, every=9), ids=lambda each: each.__name__)
def test_results_that_were_changed_are_found_though_views_and_manifest_agree(
    bundle: Path, facts: Path, tmp_path: Path, change: Edit
) -> None:
    assert wrong(rewritten(bundle, tmp_path / "x.zip", change, facts))


def test_a_simulation_that_says_it_is_none_is_found(tmp_path: Path) -> None:
    # Nobody who answered says that it is the lab: the inventory does.
    run, asked = whole_run(run_facts(), lab="healthy")
    path = tmp_path / "lab.zip"
    path.write_bytes(bundle_of(save(tmp_path / "run", run, asked))[0])
    facts = tmp_path / "run" / "facts.json"
    assert verified(path).wrong == ()
    assert verified(path).no_evidence[0].startswith("SIMULATED")

    def real(document: dict[str, Any]) -> None:
        document["simulated"] = False

    def real_and_unmarked(document: dict[str, Any]) -> None:
        real(document)
        document["stamp"]["watermark"] = ""

    for change in (real, real_and_unmarked):
        assert wrong(rewritten(path, tmp_path / "x.zip", change, facts)), change.__name__
    assert wrong(forged(path, tmp_path / "x.zip", real, name="manifest.json"))


def other(value: Any, seen: set[str]) -> Iterator[Any]:
    """Yield values of the same type that differ."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\dT[^/]*", value):
            yield (datetime.fromisoformat(value) + timedelta(hours=1)).isoformat()
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
        elif re.fullmatch(r"[0-9a-f.:]+(/\d+)?", value) and ("." in value or ":" in value):
            yield "203.0.113.9" + (value[value.index("/") :] if "/" in value else "")
        else:
            yield from sorted(seen - {value})[:1]
            yield f"{value}x"


Place = tuple[str | int, ...]


def places(document: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(document, dict):
        for key, each in document.items():
            yield from places(each, (*path, key))
    elif isinstance(document, list):
        for number, each in enumerate(document):
            yield from places(each, (*path, number))
    elif document is not None:
        yield path, document


def kind_of(place: Place) -> str:
    return ".".join("*" if isinstance(each, int) else each for each in place)


def each_field(document: Any) -> list[tuple[str, Place, Any]]:
    """Return one place of each field of a document, with a value that it does not have."""
    seen: dict[str, set[str]] = {}
    first: dict[str, tuple[Place, Any]] = {}
    for place, value in places(document):
        kind = kind_of(place)
        first.setdefault(kind, (place, value))
        if isinstance(value, str):
            seen.setdefault(kind, set()).add(value)
    return [
        (kind, place, changed)
        for kind, (place, value) in first.items()
        for changed in other(value, seen.get(kind, set()))
    ]


# What nothing else in a bundle could contradict, and why that does no harm.
HARMLESS = {
    "zone.place": "what the zone is called; its offsets are recorded beside it",
    "results.*.seconds": "how long judging took: no verdict and no evidence depends on it",
}


def setting(place: Place, value: Any) -> Edit:
    def change(document: dict[str, Any]) -> None:
        for step in place[:-1]:
            document = document[step]  # type: ignore[index]  # a place of this very document
        document[place[-1]] = value  # type: ignore[index]  # as above

    return change


@each_part
def test_no_field_of_the_results_can_be_changed_alone(
    bundle: Path, facts: Path, tmp_path: Path, part: int
) -> None:
    document = results_in(members(bundle))
    unfound = set()
    for kind, place, value in each_field(document)[part::PARTS]:
        try:
            path = changed(bundle, tmp_path / "x.zip", setting(place, value), facts)
        except (ValueError, KeyError, OverflowError):
            # It is no results.json any more, or not of these facts: every command says so.
            continue
        if not wrong(path):
            unfound.add(kind)
    assert unfound <= HARMLESS.keys()


@pytest.mark.long
def test_no_field_of_the_manifest_can_be_changed_alone(bundle: Path, tmp_path: Path) -> None:
    # Its digests are those of the files, whatever it said.
    for kind, place, value in each_field(json.loads(members(bundle)["manifest.json"])):
        path = forged(bundle, tmp_path / "x.zip", setting(place, value), name="manifest.json")
        assert kind.startswith("members.") or wrong(path), kind


# What a bundle that was rewritten as a whole may say, and why only its signature denies it.
ONLY_SIGNED = {
    **dict.fromkeys(
        ("inventory", "inventory_digest", "selection.inventory_hosts", "selection.limit"),
        "the inventory is not in the bundle",
    ),
    "selection.deselected_checks": "more may be left out than it has; fewer may not",
    **dict.fromkeys(
        ("started", "finished", "zone.name", "zone.offset_minutes"),
        "the clock of the machine that ran",
    ),
    **dict.fromkeys(
        (
            "change.identifier",
            "change.operator",
            "change.window.start",
            "change.window.end",
        ),
        "what somebody typed",
    ),
    **dict.fromkeys(
        ("gathered.executor", "gathered.workers"),
        "who asked: facts are the same from there",
    ),
    **dict.fromkeys(
        ("stopped_early", "besides.own_tests_failed"), "what pytest saw: worse, and never better"
    ),
    **dict.fromkeys(
        (
            "demands.site.performance_required",
            "demands.site.minimum_migrations",
            "demands.site.minimum_migrations_required",
            "demands.site.waivers_at_most",
            "demands.policies.*.policy.performance_required",
            "demands.policies.*.policy.evidence_valid_for",
            "demands.policies.*.policy.waivers_at_most",
        ),
        "a demand that no verdict of this run depends on",
    ),
}


@each_part
def test_where_results_views_and_manifest_agree_the_facts_still_deny_what_they_know(
    bundle: Path, facts: Path, tmp_path: Path, part: int
) -> None:
    document = results_in(members(bundle))
    unfound = set()
    for kind, place, value in each_field(document)[part::PARTS]:
        try:
            path = rewritten(bundle, tmp_path / "x.zip", setting(place, value), facts)
        except (ValueError, KeyError, OverflowError):
            continue
        if not wrong(path):
            unfound.add(kind)
    assert unfound <= HARMLESS.keys() | ONLY_SIGNED.keys()


@each_part
def test_no_bundle_of_the_verdict_table_is_a_false_alarm(part: int, tmp_path: Path) -> None:
    # Each twelfth case: all of them take too long.
    for number, case in enumerate(CASES):
        if number % (12 * PARTS) != 12 * part:
            continue
        # As a file holds them: where no host is without rows, none of them is no fact.
        document = snapshot.document_of(
            run_facts(**case.given), gathered=BEGAN, inventory="prod.yaml", digest="d" * 64
        )
        run, asked = whole_run(snapshot.facts_of(document), Policy(**case.policy))
        path = tmp_path / f"{number}.zip"
        path.write_bytes(bundle_of(save(tmp_path / str(number), run, asked))[0])
        found = verify(path, CHECKS, BEGAN)
        assert found.wrong == (), (number, case.check, case.row)


def test_an_unsigned_bundle_says_first_that_it_does_not_show_its_author(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["verify", str(bundle)])
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == (
        "UNSIGNED: an unsigned bundle shows integrity and consistency, not its author. Check its "
        "signature with --key."
    )


def test_attach_works_out_again_what_a_bundle_says(
    bundle: Path, facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = rewritten(bundle, tmp_path / "x.zip", exit_code, facts)
    (tmp_path / "to").mkdir()
    assert main(["attach", str(path), "--to", f"file:{tmp_path / 'to'}", "--force"]) == 4
    said = capsys.readouterr().err
    assert "was not verified: results.json: exit_code is 0 (ready), its results lead to 1" in said
    assert not list((tmp_path / "to").iterdir())
