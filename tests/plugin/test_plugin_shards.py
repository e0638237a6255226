"""Parts of a fleet that are run apart, and judged as one."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from plugin_runs import Ended, run_here

from livemigration.commands.main import main
from livemigration.lab.launch import start
from livemigration.run import stored
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result
from livemigration.run.run import Run

# What two runs of one fleet never have in common, and what only a joined one has.
OF_ITS_OWN = {
    "started",
    "finished",
    "gathered",
    "valid_until",
    "zone",
    "stamp",
    "traffic",
    "parts",
    "evidence",
}
SELECTED = ("-m", "livemigration and (settings or staging)")


class Shards:
    """A lab's fleet as a real inventory: its whole run, and those of its parts."""

    def __init__(self, folder: Path, fleet: str) -> None:
        self.folder = folder
        with start(fleet) as lab:
            inventory = {
                "schema": 1,
                "vmm": {"name": lab.vmm.name, "address": lab.vmm.address},
                "hosts": [{"name": each.name, "address": each.address} for each in lab.hosts],
                "connection": {"port": lab.vmm.port, "time_limits": {"connect": 2, "probe": 2}},
            }
            (folder / "site.yaml").write_text(json.dumps(inventory), encoding="utf-8")
            self._secrets = {
                "LIVEMIGRATION_USERNAME": lab.credentials.username,
                "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
            }
            self.whole = self.run("whole")
            self.parts = [self.run(f"part{number}", f"--shard={number}/3") for number in (1, 2, 3)]

    def run(self, name: str, *arguments: str) -> Ended:
        given = (f"--inventory={self.folder / 'site.yaml'}", *SELECTED, *arguments)
        return run_here(self.folder / name, *given, variables=self._secrets)

    def merged(self, *paths: Path, to: Path) -> tuple[int, Run]:
        code = main(["merge", *map(str, paths), "--output", str(to)])
        return code, stored.load(to)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    return Shards(tmp_path_factory.mktemp("shards"), "kb-2853203")


def run_in(ended: Ended) -> Run:
    return stored.load(ended.folder / "results.json")


def judged(run: Run) -> dict[tuple[str, str], Result]:
    return {
        (each.entry.check, each.entry.target): replace(each, seconds=0.0) for each in run.results
    }


def compared(run: Run) -> dict[str, Any]:
    """Return what shards and a whole run must agree on; order is no matter of a verdict."""
    # What is left out of the plan is counted by a joined run, and not listed.
    run = replace(run, selection=replace(run.selection, left_out=()))
    found: dict[str, Any] = {}
    for each in fields(run):
        value = getattr(run, each.name)
        if each.name not in {"results", "demands", "network", *OF_ITS_OWN}:
            found[each.name] = sorted(map(repr, value)) if isinstance(value, tuple) else value
    return found


def test_shards_are_judged_as_the_run_that_was_never_cut(shards: Shards, tmp_path: Path) -> None:
    parts = [run_in(each) for each in shards.parts]
    assert sorted(host.name for each in parts for host in each.hosts) == [
        f"hv{number:02d}.contoso.com" for number in range(1, 11)
    ]
    code, found = shards.merged(*(each.folder for each in shards.parts), to=tmp_path / "all.json")
    whole = run_in(shards.whole)
    assert judged(found) == judged(whole)
    assert compared(found) == compared(whole)
    assert code == shards.whole.code
    # Not by putting together what the shards said: of the others' hosts they know nothing.
    said = {key: result for each in parts for key, result in judged(each).items()}
    assert said != judged(found)


def test_a_shard_says_what_it_is_and_what_it_left_out(shards: Shards) -> None:
    first = shards.parts[0]
    assert "Shard 1/3 of the hosts: livemigration merge judges all shards as one" in first.output
    left_out = 10 - len(run_in(first).hosts)
    assert f"{left_out} hosts of the inventory: not selected" in first.output


def test_without_a_shard_there_is_no_verdict(
    shards: Shards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, found = shards.merged(*(each.folder for each in shards.parts[:2]), to=tmp_path / "two.json")
    assert "No results of shard 3/3: run with --shard, and merge" in capsys.readouterr().out
    missing = {host.name for host in run_in(shards.parts[2]).hosts}
    assert set(found.selection.unselected_hosts) == missing


def test_shards_without_one_of_them_are_never_ready(
    healthy_replay: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        run_here(tmp_path / str(number), *healthy_replay, f"--shard={number}/2")
        for number in (1, 2)
    ]
    assert [each.code for each in found] == [0, 0]
    folders = [str(each.folder) for each in found]
    to = str(tmp_path / "all.json")
    assert main(["merge", *folders, "--output", to]) == ExitCode.READY
    assert main(["merge", folders[1], "--output", to]) == ExitCode.NO_VERDICT
    assert "No results of shard 1/2" in capsys.readouterr().out
    assert stored.load(Path(to)).exit_code is ExitCode.NO_VERDICT


def refused(*paths: Path, capsys: pytest.CaptureFixture[str], to: Path) -> str:
    assert main(["merge", *map(str, paths), "--output", str(to)]) == ExitCode.USAGE
    assert not to.exists()
    return capsys.readouterr().err


def test_what_is_not_of_one_division_is_not_judged_as_one(
    shards: Shards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three = (each.folder for each in shards.parts)
    to = tmp_path / "all.json"
    said = refused(one, shards.whole.folder, capsys=capsys, to=to)
    assert "is shard 1/3, and" in said
    assert "is none. Merge the shards by themselves." in said
    again = tmp_path / "again"
    shutil.copytree(one, again)
    said = refused(one, two, again, three, capsys=capsys, to=to)
    assert "are both shard 1/3. Name the newer one alone." in said
    joined = tmp_path / "joined.json"
    shards.merged(one, two, three, to=joined)
    said = refused(joined, one, capsys=capsys, to=to)
    assert "joined from shards already. Name the shards' own runs instead." in said


@pytest.mark.parametrize("facts", ["another shard's", "none"])
def test_shards_are_judged_on_their_own_facts_alone(
    facts: str, shards: Shards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(shards.parts[0].folder, changed)
    if facts == "none":
        (changed / "facts.json").unlink()
    else:
        shutil.copyfile(shards.parts[1].folder / "facts.json", changed / "facts.json")
    others = (each.folder for each in shards.parts[1:])
    said = refused(changed, *others, capsys=capsys, to=tmp_path / "all.json")
    assert "facts" in said
    assert ("No such file" if facts == "none" else "are not theirs. Name the folder") in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--shard=9/8",), 4, "--shard 9/8: not a part of the hosts."),
        (("--shard=1/2", "--limit=hv01*"), 4, "and --limit names them. Give one of the two."),
        (
            ("--shard=1/2", "--gate=host-build", "--target=hv01"),
            4,
            "and --gate names them. Give one of the two.",
        ),
    ],
)
def test_a_part_that_is_none_is_a_usage_error(
    arguments: tuple[str, ...], code: int, said: str, demo_facts: str, tmp_path: Path
) -> None:
    given = arguments if "--gate=host-build" in arguments else (demo_facts, *arguments)
    ended = run_here(tmp_path / "reports", *given)
    assert ended.code == code
    assert said in ended.output


def test_a_part_without_hosts_is_nothing_to_check(demo_facts: str, tmp_path: Path) -> None:
    runs = (
        run_here(tmp_path / str(number), demo_facts, f"--shard={number}/40", "--co")
        for number in (1, 2, 3)
    )
    ended = next(each for each in runs if each.code == ExitCode.NOTHING_TO_CHECK)
    assert "none of the 10 hosts is in this part. Leave this run out" in ended.output
