"""Which settings of two runs are listed as moved, and how many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fact_builders import HOST, failure, run_facts
from in_turn import in_turn
from run_builders import made_entry, made_result, made_run

from livemigration.base.addresses import parse_address
from livemigration.facts.host import SERVICES, Service, Services
from livemigration.facts.migration import LISTENERS, MIGRATION_SETTINGS, MigrationService
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RESOLUTION, VmmResolution
from livemigration.run.drift.compare import MOST_FACTS, compare
from livemigration.run.drift.facts import changed_facts
from livemigration.run.drift.model import Drift
from livemigration.run.result import State


def drift(before: RunFacts, after: RunFacts, *simulated: bool) -> Drift:
    """Return the drift between two runs of these facts, real ones unless told otherwise."""
    result = made_result(made_entry("LM102", HOST), State.PASS)
    was, now = (made_run([result], simulated=each) for each in simulated or (False, False))
    return compare(was, now, label="earlier", before=before, after=after)


def listening(*addresses: str) -> RunFacts:
    value = MigrationService(tuple(map(parse_address, addresses)), 0, 0)
    return run_facts(lost={LISTENERS.name: Gathered(value, Vantage.HOST)})


def moved(before: RunFacts, after: RunFacts) -> list[tuple[str, str, str]]:
    return [(each.name, each.was, each.now) for each in changed_facts(before, after)]


@pytest.mark.parametrize(("number", "told"), [(MOST_FACTS, False), (MOST_FACTS + 1, True)])
def test_settings_are_listed_up_to_as_many_as_anyone_reads(number: int, told: bool) -> None:
    many = (f"10.{each // 250}.{each % 250}.1" for each in range(number))
    found = drift(listening(), listening(*many))
    assert found.facts is not None
    assert len(found.facts) == MOST_FACTS
    remark = f"More settings moved than the {MOST_FACTS} that are listed."
    assert found.remarks == ((remark,) if told else ())


def resolved(address: str) -> RunFacts:
    value = VmmResolution(HOST, (parse_address(address),), None)
    return run_facts(lost={VMM_RESOLUTION.name: Gathered(value, Vantage.VMM)})


@in_turn(
    "simulated, told",
    [((True, True), False), ((True, False), True), ((False, True), True), ((False, False), True)],
)
def test_an_address_that_the_lab_chose_anew_is_no_change_between_two_labs(
    simulated: tuple[bool, bool], told: bool
) -> None:
    found = drift(resolved("127.3.0.9"), resolved("127.4.0.9"), *simulated)
    assert found.facts is not None
    assert bool(found.facts) is told


def test_what_was_not_gathered_hides_nothing_that_comes_after_it() -> None:
    lost = {LISTENERS.name: failure()}
    assert ("enabled", "true", "false") in moved(
        run_facts(lost=lost), run_facts(lost=lost, enabled=False)
    )


def test_every_setting_that_moved_is_listed_by_its_own_name() -> None:
    found = moved(run_facts(), run_facts(enabled=False, maximum=4))
    assert {each for each in found if "." not in each[0]} == {
        ("enabled", "true", "false"),
        ("maximum_migrations", "2", "4"),
    }
    # VMM's record of the same host says the same, and is told apart from it.
    assert {each for each in found if "." in each[0]} == {
        ("settings.enabled", "true", "false"),
        ("settings.maximum_migrations", "2", "4"),
    }
    assert MIGRATION_SETTINGS.title in {
        each.group for each in changed_facts(run_facts(), run_facts(enabled=False))
    }


def test_a_row_that_is_there_once_more_has_moved() -> None:
    once, twice = listening("10.0.50.11"), listening("10.0.50.11", "10.0.50.11")
    assert moved(once, twice) == [("listeners", "", "10.0.50.11")]
    assert moved(twice, once) == [("listeners", "10.0.50.11", "")]


def services(*names: str) -> RunFacts:
    made = Services(tuple(Service(each, "Running", "Auto", 0) for each in names))
    return run_facts(lost={SERVICES.name: Gathered(made, Vantage.HOST)})


def test_a_name_is_shown_as_its_people_write_it() -> None:
    ((_, _, now),) = moved(services("vmms"), services("vmms", "Prüfdienst"))
    assert "Prüfdienst" in now


def machines(*names: str) -> Any:
    return made_run([made_result(made_entry("LM102", each), State.PASS) for each in names])


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (("hv01", "hv02", "hv03"), ": all of hv01, hv02 and hv03."),
        (("hv01", "hv02", "hv03", "hv04"), ": all of hv01, hv02, hv03 and 1 more."),
    ],
)
def test_machines_that_only_the_earlier_run_looked_at_are_named_up_to_three(
    gone: tuple[str, ...], told: str
) -> None:
    found = compare(machines(*gone, "hv09"), machines("hv09"), label="x", before=None, after=None)
    words = f"{len(gone)} checks of the earlier run were not part of this one"
    assert f"{words}{told}" in found.remarks


def test_a_check_that_only_one_run_made_is_counted_without_a_machine() -> None:
    earlier = machines("hv01")
    more = made_result(made_entry("LM103", "hv01"), State.PASS)
    now = replace(earlier, results=(*earlier.results, more))
    found = compare(earlier, now, label="x", before=None, after=None)
    assert "1 check of this run was not part of the earlier one." in found.remarks
