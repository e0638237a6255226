"""Several accounts in one run: each wrong one reaches two machines at most, and stops no other.

The machines are stand-ins at the one seam that opens sessions; the last test asks a lab.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fleet_runs import judged
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from logons import counted
from properties import examples
from test_lab_lockout import (
    COUNT,
    DEAD,
    HOSTS,
    LIMITS,
    MACHINES,
    VMM,
    Machines,
    access,
    access_of,
    many,
)

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import SERVICES
from livemigration.facts.model import FailureKind, Gathered, GatherFailure
from livemigration.facts.registry import HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RECORD
from livemigration.gather.accounts import account_of, login_of
from livemigration.gather.connect import Access, Target, connector, knock_at
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.lab.launch import LabMachine, start
from livemigration.run.result import State
from livemigration.wsman.choice import SignIn
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.principals import Principal
from livemigration.wsman.security import Security
from livemigration.wsman.session import WsmanSession

# The first two are one account, and so is no other pair.
LOGINS = tuple(
    Credentials(name, Secret(f"password {number}"))
    for number, name in enumerate(
        (
            r"CONTOSO\svc",
            "SVC@contoso.com",
            r"EDGE\svc",
            r".\administrator",
            r".\administrator",
            "administrator",
        )
    )
)


@dataclass
class Site:
    """Machines with accounts of their own; those in `wrong` are taken nowhere.

    `tried` lists who was given a login that was not taken, each time.
    """

    logins: Mapping[str, int]
    wrong: frozenset[int]
    down: Mapping[str, WsmanError] = field(default_factory=dict)
    tried: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def target(self, name: str) -> Target:
        own = Access(Connection(time_limits=LIMITS), LOGINS[self.logins[name]])
        return Target(name, name, 5985, access=own)

    def connect(self, target: Target, deadline: Deadline) -> WsmanSession:
        return self._machines(target).connect(target, deadline)

    def _machines(self, target: Target) -> Machines:
        login = LOGINS.index(target.access.credentials)

        def takes(name: str) -> bool:
            if login in self.wrong:
                with self.lock:
                    self.tried.append((name, login))
            return login not in self.wrong

        return Machines(dict(self.down), takes)

    def knock(self, target: Target, _: Deadline) -> None:
        if target.name in self.down:
            raise self.down[target.name]

    def gather(self, *, knocks: bool = True) -> RunFacts:
        fleet = FleetConnections(
            vmms=(self.target(VMM),),
            hosts={name: self.target(name) for name in HOSTS},
            connect=self.connect,
            seconds=LIMITS.run,
            concurrency=3,
            managers={},
            knock=self.knock if knocks else None,
        )
        groups = (*HOST_GROUPS, *VMM_VIEW_GROUPS)
        return gather(fleet, Order.of(dict.fromkeys(HOSTS, groups), vmm=True), lambda *_: None)

    def account(self, name: str) -> tuple[str, ...]:
        return login_of(self.target(name).access).account


assignments = st.fixed_dictionaries({name: st.integers(0, len(LOGINS) - 1) for name in MACHINES})
wrongs = st.frozensets(st.integers(0, len(LOGINS) - 1))
downs = st.dictionaries(st.sampled_from(MACHINES), st.sampled_from(DEAD))


@examples(200)
@given(assignments, wrongs, downs, st.booleans())
def test_each_wrong_account_reaches_two_machines_and_no_machine_of_another_waits_for_it(
    logins: dict[str, int], wrong: frozenset[int], down: dict[str, WsmanError], knocks: bool
) -> None:
    site = Site(logins, wrong, down)
    facts = site.gather(knocks=knocks)
    refused = Counter(site.account(name) for name, _ in site.tried)
    assert all(times <= 2 for times in refused.values())
    assert len(set(site.tried)) == len(site.tried)
    spoilt = {site.account(name) for name in MACHINES if logins[name] in wrong}
    for name in MACHINES:
        found = access(facts, name)
        if name in down:
            assert isinstance(found, GatherFailure)
            spared = found.kind is FailureKind.SAME_CREDENTIALS
            assert spared or found.came_back == down[name].came_back
            assert not spared or site.account(name) in spoilt
        elif logins[name] in wrong:
            assert isinstance(found, GatherFailure)
            assert found.kind in {FailureKind.AUTHENTICATION, FailureKind.SAME_CREDENTIALS}
        elif site.account(name) not in spoilt:
            assert isinstance(found, Gathered)
        elif isinstance(found, GatherFailure):
            # Another password for the same account was refused as often as is safe.
            assert found.kind is FailureKind.SAME_CREDENTIALS
            assert refused[site.account(name)] == 2


@examples(100)
@given(st.lists(st.integers(0, 5), min_size=9, max_size=9), wrongs, downs)
def test_a_wrong_account_is_tried_wherever_nobody_else_answers(
    numbers: list[int], wrong: frozenset[int], down: dict[str, WsmanError]
) -> None:
    # One password each: what a wrong one is told does not depend on others.
    logins = {name: number or 2 for name, number in zip(MACHINES, numbers, strict=True)}
    site = Site(logins, wrong, down)
    site.gather()
    for login in wrong:
        alive = [name for name in MACHINES if logins[name] == login and name not in down]
        assert sorted(name for name, each in site.tried if each == login) == sorted(alive[:2])


def test_a_refused_account_is_one_finding_and_hosts_of_another_are_judged() -> None:
    edge = HOSTS[3:]
    site = Site({name: 2 if name in edge else 0 for name in MACHINES}, frozenset({2}))
    facts = site.gather()
    found = judged(facts)
    states = {name: found["LM302", name].state for name in edge}
    assert states.pop("hv04") is State.FAIL
    assert set(states.values()) == {State.BLOCKED}
    for name in (VMM, *HOSTS[:3]):
        assert isinstance(access(facts, name), Gathered)
    blocked = found["LM302", "hv08"].blocked_by
    assert blocked is not None
    assert "hv04 and hv05 refused them" in blocked.reason
    # What VMM knows of them is asked all the same.
    assert facts.hosts["hv08"].outcome(VMM_RECORD) is not None


def test_a_vmm_server_whose_account_is_refused_keeps_no_host_from_being_asked() -> None:
    site = Site({name: 2 if name == VMM else 0 for name in MACHINES}, frozenset({2}))
    facts = site.gather()
    refused = access(facts, VMM)
    assert isinstance(refused, GatherFailure)
    assert (refused.kind, refused.root) == (FailureKind.AUTHENTICATION, "LM001")
    assert site.tried == [(VMM, 2)]
    for name in HOSTS:
        assert isinstance(access(facts, name), Gathered)


def test_accounts_are_tried_side_by_side_and_a_small_one_not_twice() -> None:
    # Three accounts of which each has more machines than may refuse it, and one of two machines.
    logins = dict(zip(MACHINES, (0, 0, 0, 2, 2, 2, 5, 5, 5), strict=True))
    together = threading.Barrier(6)
    asked: Counter[str] = Counter()
    site = Site(logins, frozenset())
    connect = site.connect

    def connecting(target: Target, deadline: Deadline) -> WsmanSession:
        with site.lock:
            asked[target.name] += 1
            first = sum(asked.values()) <= 6
        if first:
            together.wait(20)
        return connect(target, deadline)

    site.connect = connecting  # type: ignore[method-assign]  # the seam
    facts = site.gather()
    assert not together.broken
    for name in MACHINES:
        assert isinstance(access(facts, name), Gathered)
    small = Site({**dict.fromkeys(MACHINES, 0), "hv07": 2, "hv08": 2}, frozenset({2}))
    small.gather()
    assert sorted(small.tried) == [("hv07", 2), ("hv08", 2)]


@in_turn(
    "one, other, same",
    [
        (r"CONTOSO\Svc", r"contoso\svc", True),
        (r"CONTOSO\svc", "svc@contoso.com", True),
        (r"CONTOSO\svc", "SVC@CONTOSO", True),
        ("svc@contoso.com", "svc@contoso.example", True),
        (r"contoso.com\svc", "svc@contoso.com", True),
        (" svc ", "svc", True),
        (r"CONTOSO\svc", r"EDGE\svc", False),
        (r"CONTOSO\svc", "svc", False),
        (r"CONTOSO\svc", r"CONTOSO\svc2", False),
        (r".\svc", "svc", False),
        (r"HV01\svc", r"HV02\svc", False),
    ],
)
def test_an_account_is_one_in_each_of_its_forms(one: str, other: str, same: bool) -> None:
    assert (account_of(one) == account_of(other)) is same


names = st.text(st.characters(exclude_characters="\\@."))


@examples(100)
@given(names, names)
def test_every_user_name_is_an_account_in_any_case(domain: str, name: str) -> None:
    written = f"{domain}\\{name}"
    assert account_of(written.swapcase().casefold()) == account_of(written.casefold())
    assert account_of(written) == account_of(f"{domain}.example\\{name}") or not domain.strip()


def test_a_machines_own_account_is_one_for_each_password() -> None:
    first, second = (login_of(Access(credentials=each)) for each in LOGINS[3:5])
    assert first.account != second.account
    assert login_of(Access(credentials=LOGINS[3])) == first


def test_a_ticket_without_a_user_name_is_of_the_account_that_it_names() -> None:
    def by_ticket(name: str) -> Access:
        principal = Principal(name, "CONTOSO.COM")
        security = Security(sign_in=SignIn(True, "", principal, True, False))
        return Access(security=security)

    assert login_of(by_ticket("svc")).account == account_of(r"CONTOSO\svc")
    assert login_of(by_ticket("svc")).account != login_of(by_ticket("other")).account


def test_a_client_certificate_is_an_account_of_its_own() -> None:
    def access_by(certificate: str) -> Access:
        own = {"transport": "certificate", "client_certificate": certificate, "client_key": "k"}
        return Access(Connection.model_validate({"https": True, **own}), LOGINS[0])

    assert login_of(access_by("a.pem")) == login_of(access_by("a.pem"))
    assert login_of(access_by("a.pem")).account != login_of(access_by("b.pem")).account
    assert login_of(access_by("a.pem")).account != account_of(LOGINS[0].username)


@pytest.mark.long
def test_a_lab_sees_a_wrong_account_twice_and_the_others_are_gathered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.yaml"
    down = range(4, COUNT, 5)
    path.write_text(many(down), encoding="utf-8")
    connection = Connection(time_limits=TimeLimits(connect=0.5, probe=0.5))
    logons = counted(monkeypatch)
    with start(str(path)) as lab:
        wrong = Credentials(r"EDGE\administrator", Secret("wrong"))
        accesses = [Access(connection, each) for each in (lab.credentials, wrong)]

        def target(machine: LabMachine, edge: bool) -> Target:
            own = accesses[edge]
            return Target(machine.name, machine.address, machine.port, access=own)

        edge = {each.name for each in lab.hosts if int(each.name[1:4]) % 4 == 0}
        fleet = FleetConnections(
            vmms=(target(lab.vmm, edge=False),),
            hosts={each.name: target(each, each.name in edge) for each in lab.hosts},
            connect=connector(),
            seconds=300,
            concurrency=64,
            managers={},
            knock=knock_at,
        )
        order = Order.of(dict.fromkeys(fleet.hosts, (SERVICES,)), vmm=False)
        facts = gather(fleet, order, lambda *_: None)
        places = {f"http://{each.address}:{each.port}/wsman": each.name for each in lab.hosts}
    tried = Counter(places[url] for url in logons if url in places)
    assert sum(tried[name] for name in edge) == 2
    for name in edge:
        if int(name[1:4]) not in down:
            assert access_of(facts, name).kind in {
                FailureKind.AUTHENTICATION,
                FailureKind.SAME_CREDENTIALS,
            }
    others = [name for name in fleet.hosts if name not in edge and int(name[1:4]) not in down]
    assert len(others) > COUNT // 2
    for name in others:
        assert isinstance(access(facts, name), Gathered), name
