"""The lab's VMM server has threads as measured: what is said of healthy hosts shows it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from fleet_runs import ask
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from one_change import fleet, world_of
from properties import examples

from livemigration.facts.model import Gathered
from livemigration.facts.vmm import VMM_RESOLUTION, VMM_WSMAN_TEST
from livemigration.gather.probing import NOT_ASKED
from livemigration.lab import powershell
from livemigration.lab.launch import start
from livemigration.lab.threads import listeners_begun, names_begun
from livemigration.lab.world import World
from livemigration.vmm.scripts import (
    NO_ANSWER,
    PROBE,
    RESOLVE_NAMES,
    ListenerRequest,
    ResolveRequest,
)

MILLISECONDS = 10
LEAST = "[void][Threading.ThreadPool]::SetMinThreads(512, 512)\n"
WITHOUT_THREADS = RESOLVE_NAMES.text.replace(LEAST, "")


@in_turn(
    "dead, good",
    # Measured with two cores and 4 s; at 8 it was one run in two.
    [(4, True), (12, False), (40, False), (200, False)],
)
def test_names_without_an_answer_hold_the_threads_of_a_pool_that_was_not_widened(
    dead: int, good: bool
) -> None:
    asked = [True] * dead + [False] * 20
    assert set(names_begun(WITHOUT_THREADS, asked, 2, 4000)[dead:]) == {good}
    assert all(names_begun(RESOLVE_NAMES.text, asked, 2, 4000))


@pytest.mark.parametrize(("dead", "good"), [(31, True), (32, False)])
def test_listeners_without_an_answer_hold_a_pool_of_fixed_width(dead: int, good: bool) -> None:
    asked = [True] * dead + [False] * 20
    fixed = "$pool = [runspacefactory]::CreateRunspacePool(1, 32)"
    assert set(listeners_begun(fixed, asked)[dead:]) == {good}
    assert all(listeners_begun(PROBE.text, asked))


@examples(50)
@given(st.lists(st.booleans(), max_size=200), st.integers(1, 64))
def test_a_whole_batch_begins_whoever_is_dead_in_it(dead: list[bool], cores: int) -> None:
    assert all(names_begun(RESOLVE_NAMES.text, dead, cores, 1000))
    assert all(listeners_begun(PROBE.text, dead))


def world(hosts: int, dead: int, **change: Any) -> World:
    """Return a world in which the first hosts are dead in a way."""
    bodies = [{**(change if number < dead else {})} for number in range(hosts)]
    for number, body in enumerate(bodies):
        body["addresses"] = {"management": f"{1 + number // 200}.{11 + number % 200}"}
    found, _ = world_of(
        bodies[0],
        networks={"management": {"subnet": "0.0/18"}},
        clusters={},
        hosts=[
            {"name": f"hv{number:03}.contoso.com", "shows": "one of many", **body}
            for number, body in enumerate(bodies)
        ],
    )
    return found


def looked_up(dead: int, text: str) -> list[int | None]:
    """Return what is said of 20 good names behind dead ones."""
    found = world(dead + 20, dead, unanswered=True)
    names = tuple(host.name for host in found.fleet.hosts)
    reply = asyncio.run(powershell.resolve(found, ResolveRequest(names, MILLISECONDS), text))
    assert {each.code for each in reply.names[:dead]} == {10060}
    return [each.code for each in reply.names[dead:]]


def test_two_hundred_unanswered_names_change_nothing_for_the_others() -> None:
    assert set(looked_up(200, RESOLVE_NAMES.text)) == {None}
    assert set(looked_up(200, WITHOUT_THREADS)) == {10060}


def listened(text: str) -> dict[str, set[tuple[bool, bool | None]]]:
    """Return whether dead and healthy listeners answered, and were tried."""
    found = world(60, 40, control="dropped")
    # Nobody listens in this process: whoever is asked refuses.
    asked = tuple(ListenerRequest(host.name, 5985, ssl=False) for host in found.fleet.hosts)
    replies = asyncio.run(
        powershell.listen(found, asked, time.monotonic() + MILLISECONDS / 1000, text)
    )
    assert {each.text for each in replies[:32]} == {NO_ANSWER}
    return {
        "dead": {(each.answered, each.tried) for each in replies[:40]},
        "healthy": {(each.answered, each.tried) for each in replies[40:]},
    }


def test_dead_listeners_keep_no_other_from_being_tried() -> None:
    assert listened(PROBE.text) == {"dead": {(False, True)}, "healthy": {(False, True)}}
    narrow = PROBE.text.replace("$widest = 256\n", "$widest = 32\n")
    assert listened(narrow)["healthy"] == {(False, False)}


def test_one_healthy_listener_loses_the_race_for_a_module_that_was_not_loaded() -> None:
    late = PROBE.text.replace("[void]$state.ImportPSModule", "#")
    assert late != PROBE.text
    assert listened(late)["healthy"] == {(False, True), (False, False)}


@pytest.mark.long
def test_over_the_wire_a_silent_resolver_and_a_closed_port_spoil_only_their_own(
    tmp_path: Any,
) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"unanswered": True},
        {"down": "refused"},
        {"unanswered": True},
        {},
    )
    file = tmp_path / "fleet.yaml"
    vmm = {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0", "cores": 1}
    file.write_text(json.dumps(fleet(*changes, vmm=vmm)), encoding="utf-8")
    with start(str(file)) as lab:
        facts = ask(lab)
    codes, answered = {}, {}
    for name, sheet in facts.hosts.items():
        resolution, test = sheet.outcome(VMM_RESOLUTION), sheet.outcome(VMM_WSMAN_TEST)
        assert isinstance(resolution, Gathered)
        codes[name.partition(".")[0]] = resolution.value.code
        if isinstance(test, Gathered):
            answered[name.partition(".")[0]] = (test.value.answered, test.value.text)
    assert codes == {"hv01": None, "hv02": 10060, "hv03": None, "hv04": 10060, "hv05": None}
    assert [answered[name] for name in ("hv01", "hv03", "hv05")] == [
        (True, ""),
        (False, NOT_ASKED),
        (True, ""),
    ]
