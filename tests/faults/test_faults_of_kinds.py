"""Each kind of fault on a machine of its own, beside machines that show none.

The run ends in its limits, says of the bad machine one thing in plain words, judges the others as
without it, and leaves nothing behind.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fault_kinds import KINDS
from fault_plays import Kind
from fault_runs import LIMITS, TOGETHER, Machines, Told, fleet_of, run
from fault_tls import OF_TLS
from fault_transports import CHOSEN, HTTP_NTLM, TRANSPORTS
from realm import Realm

from livemigration.facts.model import FailureKind as Fails

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]

# Only what is far off: how long a run takes depends on what else the machine does.
_COSTLY = "costly-hosts"
# The seconds of a machine that may cost so many.
_PATIENT = 40
_MEGABYTES = 400
# Findings that such answers come to beside the first: of what was read and makes no sense, and of
# the method that LM303 asks itself.
ALSO = {
    "another class returned": 1,
    "properties nil everywhere": 1,
    "no instances of anything": 1,
    "HTTP 403, at the fourth": 1,
}
_JARGON = "Traceback", "Exception", "urllib3", "requests.", "object at 0x", "\x1b"


TRANSPORT = TRANSPORTS[CHOSEN]
BASIC = CHOSEN.startswith("https-basic")


def _fleets() -> Iterator[tuple[str, tuple[Kind, ...]]]:
    shown = [each for each in KINDS if TRANSPORT.shows(each)]
    usual = [each for each in shown if each.on == "host" and not each.costly]
    size = math.ceil(len(usual) / math.ceil(len(usual) / TOGETHER))
    for number, start in enumerate(range(0, len(usual), size), 1):
        yield f"hosts-{number}", tuple(usual[start : start + size])
    yield _COSTLY, tuple(each for each in shown if each.costly)
    yield "VMM-servers", tuple(each for each in shown if each.on == "vmm")
    yield "TLS", OF_TLS


FLEETS = dict(_fleets())
BY_FLEET = pytest.mark.parametrize("fleet", FLEETS)


@cache
def told_of(fleet: str, realm: Realm | None) -> tuple[Machines, Told, Told]:
    """Return the machines of a fleet, and what runs with and without its faults came to."""
    connection = TRANSPORT.tls if fleet == "TLS" else TRANSPORT.connection
    with TemporaryDirectory() as folder:
        machines = fleet_of(FLEETS[fleet], Path(folder), basic=BASIC)
        limits = limits_of(fleet)
        told = run(machines, Path(folder), connection=connection, limits=limits, realm=realm)
    with TemporaryDirectory() as folder:
        fleet_of(FLEETS[fleet], Path(folder), faults=False, basic=BASIC)
        without = run(machines, Path(folder), connection=connection, faults=False, realm=realm)
    return machines, told, without


def limits_of(fleet: str) -> Mapping[str, float]:
    """Return the seconds after which waiting for the machines of a fleet ends."""
    return {**LIMITS, "host": _PATIENT} if fleet == _COSTLY else LIMITS


def machines_of(kind: Kind, machines: Machines) -> list[str]:
    """Return the machine that shows a kind; of a VMM server, its host as well."""
    (name,) = (name for name, each in machines.shows.items() if each is kind)
    return [name, name.replace("vmm", "bad", 1)] if kind.on == "vmm" else [name]


def rows() -> list[object]:
    return [
        pytest.param(fleet, kind, id=f"{fleet}: {kind.name}")
        for fleet, kinds in FLEETS.items()
        for kind in kinds
    ]


@pytest.mark.parametrize(("fleet", "kind"), rows())
def test_a_fault_is_one_finding_in_plain_words(fleet: str, kind: Kind, home: Realm | None) -> None:
    machines, told, _ = told_of(fleet, home)
    names = machines_of(kind, machines)
    kind, causes = TRANSPORT.found(kind), told.causes(*names)
    if kind.may_pass and not causes:
        return
    # What was not reached in the machine's time is told with what took it.
    in_time = [each for each in causes if "time limit" not in each] or causes
    assert len(in_time) == kind.causes + ALSO.get(kind.name, 0), causes
    for each in causes:
        assert not any(word in each for word in _JARGON)
        assert each.isprintable()
    assert kind.says in " ".join(causes)
    found = told.kinds(*names) - {Fails.DEADLINE}
    assert found <= kind.finds, found
    assert bool(told.kinds(*names)) is bool(kind.finds)


@BY_FLEET
def test_the_others_are_judged_as_without_it(fleet: str, home: Realm | None) -> None:
    machines, told, without = told_of(fleet, home)
    # A machine that answers under two names is believed under neither, but where it has the keys
    # of one.
    taken = any(each.answers_at for each in machines.shows.values()) and not TRANSPORT.tickets
    others = machines.good[:-1] if taken else machines.good
    assert told.verdicts(others) == without.verdicts(others)
    assert without.causes(*machines.good) == []


@BY_FLEET
def test_the_run_ends_and_leaves_nothing_behind(fleet: str, home: Realm | None) -> None:
    _, told, _ = told_of(fleet, home)
    assert told.code == 1, told.output
    assert "INTERNALERROR" not in told.output
    limits = limits_of(fleet)
    assert told.seconds < 4 * limits["host"] + limits["run"]
    assert told.megabytes < _MEGABYTES
    assert (told.threads, told.sockets, told.children, told.files) == ((), 0, 0, ())
    assert told.trapped == 0


@BY_FLEET
def test_no_fault_brings_the_password_anywhere(fleet: str, home: Realm | None) -> None:
    _, told, without = told_of(fleet, home)
    assert told.passwords == without.passwords == ()


def test_every_kind_is_played() -> None:
    played: Sequence[Kind] = [kind for kinds in FLEETS.values() for kind in kinds]
    assert len({each.name for each in played}) == len(played)
    left_out = {each.name for each in KINDS if not TRANSPORT.shows(each)}
    assert {each.name for each in played} == {each.name for each in (*KINDS, *OF_TLS)} - left_out
    assert left_out == {*TRANSPORT.without}
    assert CHOSEN != HTTP_NTLM or not left_out


def test_a_vmm_server_with_many_silent_hosts_behind_it_tries_the_others(tmp_path: Path) -> None:
    # Measured: 32 dead listeners once filled the pool that asks them.
    silent = [Kind(f"silent {number}", down="silent") for number in range(40)]
    machines = fleet_of(silent, tmp_path)
    told = run(machines, tmp_path)
    assert told.causes(*machines.good) == []
    for name in machines.shows:
        (cause,) = told.causes(name)
        assert cause.startswith("The host did not answer.")
