"""Whole bundles: runs of each kind that are no false alarm, and what verify tells of others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_edits import not_gathered
from bundle_forging import CHECKS, Edit, forged, members, rewritten, verified, written
from fact_builders import HOST, OTHER, VMM, run_facts
from sampling import sampled
from test_again import NARROW, SIGNED
from test_bundle_forgeries import WAIVER, WINDOW
from vm_facts import Vm, with_machines
from whole_run import BEGAN, save, whole_run

from livemigration.base.errors import UsageError
from livemigration.bundle import members as made
from livemigration.bundle.members import bundle_of, manifest_of
from livemigration.bundle.replay import redacted
from livemigration.bundle.verify import verify
from livemigration.facts.policy_rights import POLICY_RIGHTS, PolicyRights
from livemigration.inventory.change import Change
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.run.drift.model import Drift
from livemigration.run.files import RunFiles
from livemigration.run.result import State
from livemigration.run.run import Run
from livemigration.run.stored import load_beside_journal

SOON = BEGAN + timedelta(hours=1)
CHANGE = Change("CHG0012345", "Kim", WINDOW)


def bundled(folder: Path, run: Run, asked: Any) -> Path:
    path = folder / "real.zip"
    path.write_bytes(bundle_of(save(folder / "run", run, asked))[0])
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run for a change, beside the folder that it was made from."""
    return bundled(
        tmp_path_factory.mktemp("whole"),
        *whole_run(run_facts(), change=CHANGE, waited=timedelta(seconds=5)),
    )


@pytest.fixture(scope="module")
def facts(bundle: Path) -> Path:
    """The facts of that run, with its names."""
    return bundle.parent / "run" / "facts.json"


@pytest.mark.parametrize(
    ("given", "policy", "more", "states"),
    [
        ({}, {}, {"change": CHANGE}, {}),
        ({}, {}, {"group": "Production"}, {}),
        ({}, {}, {"waited": timedelta(seconds=5)}, {}),
        # Whom a host exchanges machines with decides what it has to let in.
        ({}, {}, {"peers": {HOST: frozenset()}}, {"LM205": "not-applicable"}),
        ({}, {}, {"peers": {HOST: frozenset({OTHER})}}, {"LM205": "pass"}),
        (
            {"enabled": False},
            {},
            {"waivers": (WAIVER,)},
            {"LM101": "waived"},
        ),
        # One repair mends both, and one of them was signed for.
        (NARROW, {}, {"waivers": (SIGNED,)}, {"LM102": "waived", "LM203": "waived"}),
        (
            {},
            {"fail_on": "warning"},
            {"waivers": (replace(WAIVER, pairs=(("LM001", VMM),)),)},
            {},
        ),
    ],
)
def test_a_run_of_any_kind_is_verified(
    tmp_path: Path,
    given: Mapping[str, Any],
    policy: Mapping[str, Any],
    more: Mapping[str, Any],
    states: Mapping[str, str],
) -> None:
    run, asked = whole_run(run_facts(**given), Policy.model_validate(dict(policy)), **more)
    found = {e.entry.check: e.state.value for e in run.results if e.entry.target != OTHER}
    assert {check: found[check] for check in states} == states
    verification = verified(bundled(tmp_path, run, asked), SOON)
    assert (verification.wrong, verification.no_evidence) == ((), ())


# A pattern fits no replaced name: the replay has the names that it fits.
STAYING = with_machines(
    Vm("Agent-01 ", disc=r"D:\x.iso"), Vm("agent-02", disc=r"D:\x.iso"), Vm("web01")
)


@pytest.mark.parametrize(
    "patterns", sampled([("agent-*",), ("Agent-01", "AGENT-0?"), ("*",), ("none",)], every=3)
)
def test_a_run_whose_policy_has_machines_stay_is_verified(
    tmp_path: Path, patterns: tuple[str, ...]
) -> None:
    run, asked = whole_run(run_facts(also=STAYING), Policy(stays=patterns))
    states = {e.entry.check: e.state for e in run.results if e.entry.target == HOST}
    fits = patterns != ("none",)
    assert (states["LM701"] is State.FAIL) is not fits
    path = bundled(tmp_path, run, asked)
    assert verified(path, SOON).wrong == ()
    replay = json.loads(members(path)["replay.json"])
    assert bool(replay["demands"]["site"]["stays"]) is fits
    assert b"agent-0" not in members(path)["replay.json"].lower()


@pytest.mark.parametrize("stays", [[], ["*"]])
def test_a_replay_in_which_other_machines_stay_is_found(tmp_path: Path, stays: list[str]) -> None:
    path = bundled(tmp_path, *whole_run(run_facts(also=STAYING), Policy(stays=("agent-*",))))

    def changed(document: dict[str, Any]) -> None:
        for each in (
            document["demands"]["site"],
            *(e["policy"] for e in document["demands"]["policies"]),
        ):
            each["stays"] = stays

    assert verified(forged(path, tmp_path / "x.zip", changed, name="replay.json"), SOON).wrong


def test_a_replay_in_which_machines_stay_that_no_policy_names_is_found(tmp_path: Path) -> None:
    path = bundled(tmp_path, *whole_run(run_facts()))

    def changed(document: dict[str, Any]) -> None:
        document["demands"]["site"]["stays"] = ["name1"]

    wrong = verified(forged(path, tmp_path / "x.zip", changed, name="replay.json"), SOON).wrong
    assert "results.json: demands.site.stays is not what the facts lead to." in wrong
    assert "replay.json has machines that stay, and that no host has: 1." in wrong


def test_a_host_without_a_resultant_set_of_policy_is_known_by_its_replaced_name(
    tmp_path: Path,
) -> None:
    run, asked = whole_run(run_facts(also={POLICY_RIGHTS.name: PolicyRights(logged=False)}))
    assert any("no Resultant Set of Policy" in each for each in run.not_examined)
    assert verify(bundled(tmp_path, run, asked), CHECKS, BEGAN).wrong == ()


def test_a_run_with_its_drift_is_verified(tmp_path: Path) -> None:
    run, asked = whole_run(run_facts())
    drifted = replace(run, drift=Drift("last/results.json", BEGAN - timedelta(days=1)))
    assert verified(bundled(tmp_path, drifted, asked), SOON).wrong == ()


def test_facts_of_which_nobody_knows_the_time_are_verified_and_no_evidence(tmp_path: Path) -> None:
    found = verified(bundled(tmp_path, *whole_run(run_facts(), waited=None)), SOON)
    assert found.wrong == ()
    assert [each[:28] for each in found.no_evidence] == ["When its facts were gathered"]


def test_a_run_that_hides_when_its_facts_were_gathered_is_found(
    bundle: Path, facts: Path, tmp_path: Path
) -> None:
    wrong = verified(rewritten(bundle, tmp_path / "x.zip", not_gathered, facts), SOON).wrong
    assert "results.json: gathered is not what the facts lead to." in wrong


def test_a_run_that_does_not_say_what_it_was_judged_by_is_not_vouched_for(
    bundle: Path, facts: Path, tmp_path: Path
) -> None:
    def no_demands(document: dict[str, Any]) -> None:
        document["demands"] = None

    path = rewritten(bundle, tmp_path / "x.zip", no_demands, facts)
    wrong = verified(path, SOON).wrong
    assert "results.json: demands is not what the facts lead to." in wrong
    document = json.loads(facts.read_text(encoding="utf-8"))
    run = replace(whole_run(run_facts())[0], demands=None)
    assert redacted(b"", run, document)[1].demands == Demands("", Policy())


def test_the_replay_has_each_demand_with_the_replaced_names() -> None:
    run, _ = whole_run(run_facts(), peers={HOST: frozenset({OTHER})})
    demands = redacted(b"", run, {})[1].demands
    assert run.demands is not None
    (one, two) = demands.policies[0].hosts
    assert not {one, two} & {HOST, OTHER}
    assert demands.exchanges == ((one, (two,)),)
    assert [host for host, _ in demands.managers] == [one, two]
    assert demands.digest == run.demands.digest


def test_the_manifest_says_what_the_bundle_is_evidence_for() -> None:
    run, _ = whole_run(run_facts(), change=CHANGE, waited=timedelta(seconds=5))
    found = manifest_of(run, {"a": b"x"})
    assert (found.change, found.policy_digest) == ("CHG0012345", "p" * 64)
    assert found.gathered == BEGAN + timedelta(seconds=5)
    unknown = manifest_of(replace(run, change=None, demands=None, gathered=None), {})
    assert (unknown.change, unknown.policy_digest, unknown.gathered) == (None, "", None)


def test_results_that_vanish_while_they_are_bundled_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = save(tmp_path / "run", *whole_run(run_facts()))

    def loaded(given: RunFiles) -> Run:
        run = load_beside_journal(given)
        files.results.unlink()
        return run

    monkeypatch.setattr(made, "load_beside_journal", loaded)
    with pytest.raises(UsageError, match=r"results\.json: No such file"):
        bundle_of(files)


def test_each_check_that_is_not_known_here_is_named_and_nothing_is_guessed(bundle: Path) -> None:
    known = {name: each for name, each in CHECKS.items() if name not in {"LM001", "LM104"}}
    assert verify(bundle, known, SOON).wrong == tuple(
        f"{each}: this check is not known here. Verify where the site's checks are."
        for each in (f"LM001 {VMM}", f"LM104 {HOST}", f"LM104 {OTHER}")
    )


@pytest.mark.parametrize(
    ("number", "told"), [(20, ()), (21, ("1 difference",)), (26, ("6 differences",))]
)
def test_more_than_twenty_differences_are_counted(
    bundle: Path, tmp_path: Path, number: int, told: tuple[str, ...]
) -> None:
    more = {f"{place}.txt": b"" for place in range(number)}
    wrong = verified(written({**members(bundle), **more}, tmp_path / "x.zip"), SOON).wrong
    assert {each.partition(" is ")[1:] for each in wrong[:20]} == {
        (" is ", "no file of a bundle: nothing vouches for it.")
    }
    assert wrong[20:] == tuple(f"And {each} more." for each in told)


def state_of(check: str, state: str, *, red: bool) -> Edit:
    def change(document: dict[str, Any]) -> None:
        for each in document["results"]:
            if each["entry"]["check"] == check:
                each.update(state=state, red=red)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (state_of("LM001", "pass", red=False), "the results say pass, the facts lead to warning."),
        (
            state_of("LM001", "warning", red=True),
            "the results say warning (red), the facts lead to warning.",
        ),
        (state_of("LM001", "fail", red=True), "the results say fail, the facts lead to warning."),
        (state_of("LM001", "blocked", red=True), "the results say blocked, the facts lead to"),
    ],
)
def test_what_the_facts_lead_to_is_told_in_one_word(
    bundle: Path, facts: Path, tmp_path: Path, change: Edit, sentence: str
) -> None:
    wrong = verified(rewritten(bundle, tmp_path / "x.zip", change, facts), SOON).wrong
    assert [each for each in wrong if each.startswith(f"LM001 {VMM}: {sentence}")] != []


def test_texts_that_quote_a_machine_are_counted_beside_the_verdict(bundle: Path) -> None:
    found = verified(bundle, SOON)
    assert found.wrong == ()
    (note,) = found.notes
    assert re.match(r"[1-9][0-9]* texts? quoting a machine's own words could not be compared", note)


def test_a_host_that_nothing_is_known_of_is_missed_in_the_facts(
    bundle: Path, facts: Path, tmp_path: Path
) -> None:
    def another(document: dict[str, Any]) -> None:
        document["hosts"].append({**document["hosts"][0], "name": "hv99.contoso.com"})

    wrong = verified(rewritten(bundle, tmp_path / "x.zip", another, facts), SOON).wrong
    assert "facts.json lacks hosts that the results have: 1." in wrong


def test_names_that_were_shortened_in_the_replay_are_told_by_what_they_lead_to(
    bundle: Path, tmp_path: Path
) -> None:
    def shortened(document: dict[str, Any]) -> None:
        document["targets"] = [each.partition(".")[0] for each in document["targets"]]
        demands = document["demands"]
        for each in demands["policies"]:
            each["hosts"] = [name.partition(".")[0] for name in each["hosts"]]
        demands["managers"] = [[n.partition(".")[0] for n in each] for each in demands["managers"]]

    path = forged(bundle, tmp_path / "x.zip", shortened, name="replay.json")
    wrong = verified(path, SOON).wrong
    assert any(f"LM101 {HOST}: the results say pass, the facts lead to" in each for each in wrong)
    assert not any("cannot be replayed" in each for each in wrong)


LONG_NUMBER = b"9" * 5000


def test_what_a_damaged_file_is_told_to_be_has_an_end(bundle: Path, tmp_path: Path) -> None:
    held = members(bundle)
    path = written({**held, "results.json": LONG_NUMBER}, tmp_path / "x.zip")
    (said,) = verified(path, SOON).wrong
    assert said == (
        "The bundle is damaged: results.json cannot be read: "
        "it has a number of more than 4,300 digits."
    )

    def long_name(document: dict[str, Any]) -> None:
        document["hosts"][0]["outcomes"]["x" * 300] = 1

    path = forged(bundle, tmp_path / "y.zip", long_name, name="facts.json")
    begins = "The facts cannot be replayed: "
    (said,) = (each for each in verified(path, SOON).wrong if each.startswith(begins))
    assert len(said) == len(begins) + 200 + len(".")
