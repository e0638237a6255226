"""What a bundle leaves out is told in it, and nothing stands in it that nothing vouches for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_forging import Edit, members, rewritten, verified, written
from fact_builders import HOST, run_facts
from whole_run import BEGAN, save, whole_run

from livemigration.base import codec
from livemigration.bundle.archive import MANIFEST, open_bundle, zip_of
from livemigration.bundle.members import bundle_of
from livemigration.facts.identity import Listed
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.consistency import contradictions
from livemigration.run.run import Run, what_was_not_examined
from livemigration.run.selected import suite_checks
from livemigration.run.waivers.model import Waiver

LATER = BEGAN + timedelta(hours=1)
OTHER = "hv77.contoso.com"


def two_hosts_of_three() -> RunFacts:
    facts = run_facts()
    known = tuple(map(Listed, facts.hosts))
    return replace(facts, listed=(*known, Listed(OTHER)))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run of all hosts of an inventory but one."""
    folder = tmp_path_factory.mktemp("accounts")
    run, asked = whole_run(two_hosts_of_three())
    path = folder / "real.zip"
    path.write_bytes(bundle_of(save(folder / "run", run, asked))[0])
    return path


@pytest.fixture(scope="module")
def facts(bundle: Path) -> Path:
    """The facts of that run, with its names."""
    return bundle.parent / "run" / "facts.json"


def wrong(path: Path) -> tuple[str, ...]:
    return verified(path, LATER).wrong


def test_a_run_of_some_hosts_is_no_false_alarm(bundle: Path) -> None:
    assert wrong(bundle) == ()
    assert OTHER in str(json.loads(members(bundle)["results.json"])["not_examined"])


def consistently(change: Edit) -> Edit:
    """Return a change after which what was not examined is worked out again from the results."""

    def edit(document: dict[str, Any]) -> None:
        change(document)
        run: Run = codec.from_json(Run, document)
        document["not_examined"] = list(
            what_was_not_examined(
                run.selection, run.hosts, run.plan, run.results, run.gate, run.managed
            )
        )

    return edit


def no_such_host(document: dict[str, Any]) -> None:
    size = len(document["hosts"])
    document["selection"].update(inventory_hosts=size, unselected_hosts=[])


def not_named(document: dict[str, Any]) -> None:
    document["selection"]["unselected_hosts"] = []


def another_domain(document: dict[str, Any]) -> None:
    document["selection"]["unselected_hosts"] = ["hv77.example.net"]


def one_that_was_looked_at(document: dict[str, Any]) -> None:
    document["selection"]["unselected_hosts"] = [HOST]


def no_option(document: dict[str, Any]) -> None:
    document["selection"]["opt_ins"] = []


def another_option(document: dict[str, Any]) -> None:
    document["selection"]["opt_ins"][0]["option"] = "--nothing"


def more_left_out(document: dict[str, Any]) -> None:
    document["selection"]["unselected_checks"] = ["LM101"]


@pytest.mark.parametrize(
    "change",
    [
        no_such_host,
        not_named,
        another_domain,
        one_that_was_looked_at,
        no_option,
        another_option,
        more_left_out,
    ],
    ids=lambda each: each.__name__,
)
def test_what_was_not_examined_cannot_be_left_unsaid(
    bundle: Path, facts: Path, tmp_path: Path, change: Edit
) -> None:
    assert wrong(rewritten(bundle, tmp_path / "x.zip", consistently(change), facts))


def of_another_release(change: Edit) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        document["suite_version"] = "0.0.1"
        change(document)

    return edit


@pytest.mark.parametrize(
    "change",
    [no_such_host, not_named, another_domain, one_that_was_looked_at],
    ids=lambda each: each.__name__,
)
def test_no_host_is_left_unsaid_by_another_release_either(
    bundle: Path, facts: Path, tmp_path: Path, change: Edit
) -> None:
    older = json.loads(facts.read_text(encoding="utf-8")) | {"suite_version": "0.0.1"}
    of_older = tmp_path / "facts.json"
    of_older.write_text(json.dumps(older), encoding="utf-8")
    same = rewritten(bundle, tmp_path / "same.zip", of_another_release(lambda _: None), of_older)
    assert wrong(same) == ()
    edited = of_another_release(consistently(change))
    assert wrong(rewritten(bundle, tmp_path / "x.zip", edited, of_older))
    # Where it wrote no inventory into the facts, that is told.
    del older["listed"]
    of_older.write_text(json.dumps(older), encoding="utf-8")
    found = verified(rewritten(bundle, tmp_path / "y.zip", edited, of_older), LATER)
    assert any("lists no inventory" in each for each in found.notes)


def test_a_host_taken_out_of_facts_and_results_alike_is_missed_in_the_inventory(
    tmp_path: Path,
) -> None:
    whole = run_facts()
    gone = next(name for name in whole.hosts if name != HOST)
    kept = replace(
        whole,
        hosts={name: each for name, each in whole.hosts.items() if name != gone},
        managers={name: each for name, each in whole.managers.items() if name != gone},
        listed=tuple(map(Listed, whole.hosts)),
    )
    run, asked = whole_run(kept)
    path = tmp_path / "real.zip"
    path.write_bytes(bundle_of(save(tmp_path / "run", run, asked))[0])
    assert wrong(path) == ()
    forged = rewritten(
        path, tmp_path / "x.zip", consistently(no_such_host), tmp_path / "run" / "facts.json"
    )
    assert any("inventory of 2 hosts" in each for each in wrong(forged))


def test_facts_of_another_time_than_the_run_are_found(tmp_path: Path) -> None:
    facts = run_facts()
    sheet = facts.hosts[HOST]
    earlier = {
        name: replace(each, at=BEGAN - timedelta(hours=4)) if isinstance(each, Gathered) else each
        for name, each in sheet.outcomes.items()
    }
    hosts = {**facts.hosts, HOST: replace(sheet, outcomes=earlier)}
    run, asked = whole_run(replace(facts, hosts=hosts))
    path = tmp_path / "x.zip"
    path.write_bytes(bundle_of(save(tmp_path / "run", run, asked))[0])
    assert any("of another time" in each for each in wrong(path))


@pytest.mark.parametrize("name", ["setup.exe", "Results.json", "../x", "", "results.json "])
def test_a_file_that_nothing_vouches_for_is_no_part_of_a_bundle(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    path = written({**members(bundle), name: b"run me"}, tmp_path / "x.zip")
    assert any("no file of a bundle" in each for each in wrong(path))


def more(content: bytes) -> Iterator[bytes]:
    """Yield a JSON file with more in it than is read from it."""
    yield content + b"\n"
    yield content.replace(b"{", b'{"note": "READY, whatever else it says",', 1)
    name = json.dumps(next(iter(json.loads(content)))).encode()
    yield content.replace(b"{", b"{" + name + b": 0,", 1)


@pytest.mark.parametrize("name", ["results.json", "facts.json", "replay.json", MANIFEST])
def test_a_file_with_more_in_it_than_is_read_is_not_verified(
    bundle: Path, facts: Path, tmp_path: Path, name: str
) -> None:
    held = members(bundle)
    for number, content in enumerate(more(held[name])):
        path = tmp_path / f"{number}.zip"
        if name == MANIFEST:
            _with_manifest(bundle, path, content)
        else:
            written({**held, name: content}, path)
        assert any(f"{name} has more in it" in each for each in wrong(path)), number


def _with_manifest(bundle: Path, path: Path, content: bytes) -> None:
    opened = open_bundle(bundle)
    path.write_bytes(zip_of({**opened.members, MANIFEST: content}, opened.manifest.finished))


def waiver(pairs: tuple[tuple[str, str], ...], days: int = 8) -> Waiver:
    day = date(BEGAN.year, BEGAN.month, BEGAN.day) + timedelta(days=days)
    return Waiver(
        place="waivers[0]",
        owner="Kim",
        ticket="R-1",
        reason="Later.",
        expires=day,
        ends=BEGAN.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1),
        zone="UTC",
        days_left=days,
        pairs=pairs,
    )


def test_waivers_that_no_file_may_hold_are_found() -> None:
    facts = run_facts()
    every = tuple(
        (check, host)
        for check, kind in suite_checks().items()
        for host in facts.hosts
        if kind.value == "host"
    )
    some = every[1:]
    assert list(contradictions(whole_run(facts, waivers=(waiver(some),))[0])) == []
    assert "every check of every host" in str(
        list(contradictions(whole_run(facts, waivers=(waiver(every),))[0]))
    )
    halves = waiver(every[:5]), replace(waiver(every[5:]), place="waivers[1]")
    assert "every check of every host" in str(
        list(contradictions(whole_run(facts, waivers=halves)[0]))
    )
    limit = Policy().waivers_at_most
    assert list(contradictions(whole_run(facts, waivers=(waiver(some, limit),))[0])) == []
    assert "longer than the policy allows" in str(
        list(contradictions(whole_run(facts, waivers=(waiver(some, limit + 1),))[0]))
    )
