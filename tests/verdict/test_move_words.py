"""Of one check alone: what is said of a machine on its way, where another thing is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from device_facts import SERVER_2025, host_with, on_switch, partitions
from fact_builders import HOST, OTHER, VMM, failure, host_outcomes, run_facts, vmm_outcomes
from fact_parts import facts_with
from in_turn import in_turn
from pair_facts import with_switches
from pair_versions_cases import WS2012R2, WS2016, moves
from processor_facts import HAS, INTEL_NEW, INTEL_OLD, LESS, generations, runs_on, speaks
from test_moves_alone import alone
from vm_facts import PAUSED, Vm, with_machines

from livemigration.facts.model import FailureKind
from livemigration.facts.virtual_devices import FIBRE_CHANNEL_CONNECTIONS, GPU_PARTITIONS
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_PROCESSORS, VIRTUAL_MACHINES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.inventory.policy import Policy
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.moves import Moves

BOTH = frozenset({HOST, OTHER})
REFUSED, WARNED, UNKNOWN = Standing.REFUSED, Standing.WARNED, Standing.UNKNOWN
LONG = "s" * 61
WEB = Vm("web01")
SHORTENED = f"{'s' * 57}..."


def arriving(check: str, machine: str, given: dict[str, Any]) -> Judged:
    """Return what a check says of a machine of the second host on its way to the first."""
    with alone(check):
        return moves_of(given).of_machine(OTHER, Vm(machine).identifier, HOST)


def moves_of(given: dict[str, Any]) -> Moves:
    return Moves(run_facts(**given), lambda _: Policy(), lambda _: BOTH)


def lost(*groups: str) -> dict[str, Any]:
    return {each: failure(root="") for each in groups}


@in_turn(
    "given, standing, cause",
    [
        ({}, REFUSED, "the destination's processor lacks what machines have taken"),
        # Which of them are limited decides nothing where they say what they have taken.
        (
            {"other": lost(VIRTUAL_MACHINE_PROCESSORS.name)},
            REFUSED,
            "the destination's processor lacks what machines have taken",
        ),
        (
            {"lost": lost(VIRTUAL_MACHINES.name)},
            UNKNOWN,
            "the destination's machines could not be read",
        ),
    ],
)
def test_what_machines_have_taken_decides_where_both_hosts_say_enough(
    given: dict[str, Any], standing: Standing, cause: str
) -> None:
    taken = generations(speaks(LESS), speaks(HAS, db01=HAS))
    found = arriving("LM501", "db01", {**taken, **given})
    assert (found.standing, found.cause) == (standing, cause)


@in_turn(
    "version, standing, cause",
    [
        ("10.0", REFUSED, "configuration version 10.0 does not run there"),
        (
            "",
            WARNED,
            "whether configuration version that is not stated runs there is not published",
        ),
        (
            "9" * 21,
            WARNED,
            f"whether configuration version {'9' * 17}... runs there is not published",
        ),
    ],
)
def test_a_configuration_version_is_named_as_it_is_stated(
    version: str, standing: Standing, cause: str
) -> None:
    found = arriving("LM503", "vm0", moves(WS2012R2, WS2016, version))
    assert (found.standing, found.cause) == (standing, cause)


@in_turn(
    "switches, cause",
    [
        (("Green",), 'the virtual switch "Green" is missing'),
        ((LONG,), f'the virtual switch "{SHORTENED}" is missing'),
        ((LONG[1:],), f'the virtual switch "{LONG[1:]}" is missing'),
        (("Green", "Red"), "2 virtual switches are missing"),
    ],
)
def test_what_is_missing_is_named_or_counted(switches: tuple[str, ...], cause: str) -> None:
    own = with_switches(*switches, **{f"vm{at}": each for at, each in enumerate(switches)})
    ports = own[VIRTUAL_PORTS.name]
    # All of one machine.
    own[VIRTUAL_PORTS.name] = tuple(replace(each, owner=ports[0].owner) for each in ports)
    given = {"also": with_switches("Blue"), "second": {"also": own}}
    assert arriving("LM502", "vm0", given).cause == cause


def test_a_switch_that_leads_nowhere_is_named() -> None:
    own = host_with(WEB, **on_switch(LONG, (), WEB))
    found = arriving("LM703", "web01", {"second": {"also": own}})
    assert (found.standing, found.cause) == (WARNED, f"on the private switch {SHORTENED}")


def test_a_partition_that_its_own_host_cannot_move_is_no_question_of_the_destination() -> None:
    given = {"also": host_with(), "second": {"also": host_with(WEB, **partitions(WEB))}}
    with alone("LM703"):
        assert moves_of(given).of_pair(OTHER, HOST).standing is Standing.ALLOWED
    assert arriving("LM703", "web01", given).cause == "a GPU partition, before Windows Server 2025"
    # Where no machine has one, nobody asks what is in use.
    unread = {
        "second": {"also": {**host_with(WEB), **SERVER_2025}},
        "other": lost(GPU_PARTITIONS.name),
    }
    assert arriving("LM703", "web01", unread).standing is Standing.ALLOWED


def test_whether_processors_differ_is_told_of_hosts_that_were_asked_all_of_it() -> None:
    third = "hv03.contoso.com"
    own = {
        HOST: {**runs_on(INTEL_NEW), **speaks(LESS)},
        OTHER: {**runs_on(INTEL_NEW), **speaks(HAS, db01=HAS)},
        third: runs_on(INTEL_OLD),
    }
    hosts = {name: host_outcomes(name=name, also=also) for name, also in own.items()}

    def arrives(lost: dict[str, Any]) -> Standing:
        made = {**hosts, third: {**hosts[third], **lost}}
        facts = facts_with(made, VMM, vmm_outcomes("10.22.1287.0"))
        moves = Moves(facts, lambda _: Policy(), lambda _: frozenset(own))
        with alone("LM501"):
            return moves.of_machine(OTHER, Vm("db01").identifier, HOST).standing

    assert arrives({}) is REFUSED
    not_asked = failure(FailureKind.NOT_GATHERED, "")
    assert arrives({VIRTUAL_MACHINE_PROCESSORS.name: not_asked}) is Standing.ALLOWED


def test_a_replica_that_waits_hides_no_machine_behind_it() -> None:
    machines = Vm("replica", mode=2), Vm("web01", PAUSED, health=25)
    found = arriving("LM705", "web01", {"second": {"also": with_machines(*machines)}})
    assert found.cause == "Hyper-V paused it, because its storage is lost or full"


@in_turn("root, check", [("", "LM703"), ("LM302", "LM302")])
def test_what_a_source_needs_and_could_not_be_read_has_the_check_that_says_why(
    root: str, check: str
) -> None:
    unread = {FIBRE_CHANNEL_CONNECTIONS.name: failure(root=root)}
    found = arriving("LM703", "web01", {"second": {"also": host_with(WEB)}, "other": unread})
    cause = "what the source's machines need could not be read"
    assert (found.standing, found.check, found.cause) == (UNKNOWN, check, cause)
