"""Whether hosts can be emptied: asked by an option, by the policy, or by selecting the checks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

from livemigration.commands.main import main
from livemigration.run import results_file

FIRST, SECOND, THIRD = (f"node{number}.contoso.com" for number in (1, 2, 3))
FITS = "--inventory=lab:drain-fits"
DRAINS = ("LM801", "LM802")


@pytest.fixture(scope="module")
def facts(shared_run: Callable[..., tuple[Ended, Path]]) -> str:
    """Return the option that gives the facts of a fleet of which each node can be emptied."""
    ended, path = shared_run("drain-fits", "-m", "drain or cluster or vms", FITS)
    assert ended.code == 0, ended.output
    return f"--facts={path}"


def asked(ended: Ended) -> set[str]:
    """Return the hosts of which a run says whether they can be emptied."""
    return {target for check, target in ended.states() if check == "LM801"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--drain=node9",), "--drain node9: no host of the inventory matches. Did you mean node"),
        (("--drain=,",), "--drain is empty"),
        (("--without=node2",), "--without belongs to a drain. Name the host with --drain."),
        (("--to=node2",), "--to belongs to a drain"),
        (("--drain=node1", "--to=node1"), "--drain and --to both name node1"),
        (("--drain=node1", "--limit=node2"), "--limit leaves this host out"),
        (("--drain=node1", "--window=soon"), "--window 'soon' is no window"),
        (("--window=2h",), "--window belongs to a change or a drain"),
        (("--gate=host-build", "--target=a.b", "--drain=node1"), "--drain: a host at a gate"),
        (("--drain=node1", "--operator=me"), "--operator belongs to a change"),
    ],
)
def test_options_that_cannot_be_meant_are_usage_errors(
    tmp_path: Path, given: tuple[str, ...], says: str
) -> None:
    ended = run_here(tmp_path, "-m", "livemigration", "--co", "-q", FITS, *given)
    assert ended.code == 4
    assert says in ended.output


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        (("-m", "drain"), {FIRST, SECOND, THIRD}),
        (("-m", "livemigration and (cluster or drain)"), {FIRST, SECOND, THIRD}),
        (("-m", "livemigration", "-k", "LM801"), {FIRST, SECOND, THIRD}),
        (("checks/test_drain.py",), {FIRST, SECOND, THIRD}),
        (("-m", "drain", "--drain=node2"), {SECOND}),
        (("-m", "drain", "--drain=node1,node3"), {FIRST, THIRD}),
        (("-m", "drain or cluster", "--drain=node1"), {FIRST}),
        (("-m", "cluster"), set()),
        (("-m", "cluster and not drain"), set()),
    ],
)
def test_the_selection_or_an_option_says_which_hosts_are_asked_about(
    tmp_path: Path, facts: str, given: tuple[str, ...], hosts: set[str]
) -> None:
    ended = run_here(tmp_path, FITS, facts, *given)
    assert asked(ended) == hosts, ended.output


def test_the_demands_of_a_run_say_what_was_asked(tmp_path: Path, facts: str) -> None:
    given = ("--drain=node1", "--without=node2", "--to=node3", "--window=22:00-02:00")
    ended = run_here(tmp_path, "-m", "drain", FITS, facts, *given)
    said = ended.results["demands"]["drain"]
    assert said == {"hosts": [FIRST], "without": [SECOND], "to": [THIRD], "window": 14400}
    assert ended.code == 1, "node3 alone does not take it all"
    (plan,) = ended.results["drains"]
    assert (plan["host"], plan["verdict"]) == (FIRST, "does not fit")


def test_a_plan_is_kept_and_what_was_not_asked_is_told(
    tmp_path: Path, facts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = run_here(
        tmp_path, "-m", "drain or cluster or vms", "--drain=node1", "--window=2h", FITS, facts
    )
    assert ended.code == 0, ended.output
    assert {ended.states()[check, FIRST] for check in DRAINS} == {"pass"}
    (plan,) = ended.results["drains"]
    assert plan["step"], "what decided"
    assert {each["destination"] for each in plan["moves"]} == {SECOND, THIRD}
    assert "Whether 2 hosts can be emptied: not asked of them" in ended.output
    assert "LM801" not in ended.output.partition("Not examined")[2]
    assert re.search(r"(?m)^The plan: livemigration drain node1 --facts .+$", ended.output)
    capsys.readouterr()
    assert main(["report", str(ended.folder)]) == 0
    assert f"The plan: livemigration drain node1 --facts {ended.folder}" in capsys.readouterr().out
    assert main(["drain", "node1", "--facts", str(ended.folder)]) == 0
    assert "node1 can be emptied: " in capsys.readouterr().out


def test_an_ordinary_run_asks_nothing_of_drains_and_says_so(tmp_path: Path, facts: str) -> None:
    ended = run_here(tmp_path, "-m", "cluster", FITS, facts)
    assert "LM801 and LM802: --drain was not given." in ended.output
    assert ended.results["demands"]["drain"] is None
    assert ended.results["drains"] == []


def test_a_policy_has_each_of_its_hosts_asked_about(tmp_path: Path, facts: str) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "schema: 1\nlab: {fleet: drain-fits}\npolicy: {drain: every-host}\n", encoding="utf-8"
    )
    path = Path(facts.partition("=")[2])
    own = json.loads(path.read_text(encoding="utf-8")) | {"inventory": "", "inventory_digest": ""}
    (tmp_path / "facts.json").write_text(json.dumps(own), encoding="utf-8")
    ended = run_here(
        tmp_path / "reports",
        "-m",
        "livemigration",
        f"--inventory={inventory}",
        f"--facts={tmp_path / 'facts.json'}",
    )
    assert asked(ended) == {FIRST, SECOND, THIRD}


def test_a_run_of_one_host_asks_those_that_could_take_its_machines(tmp_path: Path) -> None:
    ended = run_here(
        tmp_path, "-m", "drain", "--drain=node1", "--inventory=lab:drain-only-with-swap", "--bundle"
    )
    assert ended.code == 0, ended.output
    assert ended.states()["LM801", FIRST] == "warning"
    (bundle,) = ended.folder.glob("*.zip")
    assert main(["verify", str(bundle)]) in {0, 3, 10}, "simulated, and verified"


def test_a_host_that_cannot_be_emptied_is_not_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = "--inventory=lab:drain-does-not-fit"
    ended = run_here(tmp_path, "-m", "drain", "--drain=node1", "--window=1h", lab, "--bundle")
    assert ended.code == 1, ended.output
    states = ended.states()
    assert (states["LM801", FIRST], states["LM802", FIRST]) == ("fail", "blocked")
    (bundle,) = ended.folder.glob("*.zip")
    capsys.readouterr()
    main(["verify", str(bundle)])
    printed = capsys.readouterr().out
    assert "its facts lead to the same verdicts" in printed, printed
    assert re.search(r"^WRONG", printed, re.MULTILINE) is None


def test_a_plan_of_another_solver_is_not_made_again(
    tmp_path: Path, facts: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = run_here(tmp_path, "-m", "drain", "--drain=node1", FITS, facts, "--bundle")
    (bundle,) = ended.folder.glob("*.zip")
    monkeypatch.setattr("livemigration.bundle.verify.installed", lambda: None)
    capsys.readouterr()
    main(["verify", str(bundle)])
    assert "The plans of its drains were made with HiGHS" in capsys.readouterr().out


def test_the_plan_of_results_is_read_back(tmp_path: Path, facts: str) -> None:
    ended = run_here(tmp_path, "-m", "drain", FITS, facts)
    run = results_file.load(ended.folder / "results.json")
    assert [each.host for each in run.drains] == [FIRST, SECOND, THIRD]
    assert all(each.fits for each in run.drains)


def test_shards_ask_for_a_host_of_another_one_and_are_judged_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("-m", "drain or cluster", "--drain=node1", FITS)
    parts = [run_here(tmp_path / part, *given, f"--shard={part}/2") for part in ("1", "2")]
    # What another shard has may be a place: apart from each other, nobody can say.
    assert "blocked" in {state for each in parts for state in each.states().values()}
    joined = tmp_path / "joined.json"
    code = main(["merge", *(str(each.folder) for each in parts), "--output", str(joined)])
    assert code == 0, capsys.readouterr().out
    (plan,) = results_file.load(joined).drains
    assert (plan.host, plan.fits) == (FIRST, True)


def test_a_run_that_goes_on_makes_the_same_plan(tmp_path: Path) -> None:
    given = ("-m", "drain", "--drain=node1", "--window=2h", FITS)
    first = run_here(tmp_path / "first", *given)
    again = run_here(tmp_path / "again", *given, f"--resume={first.folder}")
    assert again.results["drains"] == first.results["drains"]
    assert again.results["demands"] == first.results["demands"]
