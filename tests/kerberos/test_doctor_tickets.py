"""The doctor with Kerberos: whose ticket it is, how long it lasts, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from directory_accounts import HOSTS, WITHOUT_SPN
from realm import Realm
from realm_fleets import members
from test_ticket_sessions import access

from livemigration.base.secret import Credentials, Secret
from livemigration.doctor.examination import Labels, Order, examination
from livemigration.doctor.machines import Machine
from livemigration.doctor.model import Examination, State
from livemigration.facts.model import Subject
from livemigration.gather.connect import NOBODY, Access, Target, connector
from livemigration.inventory.change import Window
from livemigration.lab.launch import LabMachine, RunningLab

pytestmark = pytest.mark.usefixtures("at_home")

LABELS = Labels("realm", "runner", simulated=True)
A_YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def lab(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with members(realm, tmp_path_factory.mktemp("lab"), HOSTS[:3]) as running:
        yield running


def examined(
    lab: RunningLab, how: Access, *, until: datetime | None = None, name: str = ""
) -> Examination:
    """Look at the machines of a lab; `name` is what the first host is called instead."""

    def machine(own: LabMachine, subject: Subject, called: str = "") -> Machine:
        return Machine(subject, Target(called or own.name, own.address, own.port, access=how))

    first, *others = lab.hosts
    hosts = (
        machine(first, Subject.HOST, name),
        *(machine(each, Subject.HOST) for each in others),
    )
    now = datetime.now(UTC)
    order = Order(
        machines=(machine(lab.vmm, Subject.VMM), *hosts),
        managed={lab.vmm.name: hosts},
        needs=(),
        connect=connector(),
        window=Window(now, until) if until is not None else None,
        concurrency=8,
        seconds=60,
    )
    return examination(order, LABELS, lambda *_: None)


def test_each_machine_is_asked_with_the_accounts_ticket(realm: Realm, lab: RunningLab) -> None:
    how = access(lab, realm.credentials(), transport="kerberos")
    found = examined(lab, how, until=datetime.now(UTC) + A_YEAR)
    assert found.everything_can_be_asked, found
    for machine in found.machines:
        assert machine.signed_in.startswith("Kerberos over HTTP")
        assert machine.ticket is not None
        assert machine.ticket.service == f"HTTP/{machine.name}"
        assert machine.ticket.ends > datetime.now(UTC)
        assert machine.ticket.renewable, "the password is at hand, so the window may be later"
    assert not any("SPNs" in each for each in found.not_examined)


def test_a_ticket_of_the_person_that_ends_before_the_window_is_a_problem(
    realm: Realm, lab: RunningLab, at_home: Path
) -> None:
    realm.ticket(at_home)
    how = access(lab, NOBODY, by_ticket=True, transport="kerberos")
    now = examined(lab, how)
    assert now.everything_can_be_asked, now
    assert now.machines[0].account.endswith("@CONTOSO.TEST")
    late = examined(lab, how, until=datetime.now(UTC) + A_YEAR)
    assert not late.everything_can_be_asked
    (remark,) = late.remarks
    assert "before the window does" in remark.told
    assert all(each.signed_in for each in late.machines), "today it is asked all the same"


def test_a_wrong_password_asks_no_machine_and_is_one_problem(realm: Realm, lab: RunningLab) -> None:
    wrong = Credentials(realm.credentials().username, Secret("wrong"))
    before = len(realm.sign_ins())
    found = examined(lab, access(lab, wrong, transport="kerberos"))
    assert len(realm.sign_ins()) - before == 1
    states = [each.state for each in found.machines]
    assert states.count(State.PROBLEM) == 1
    assert states.count(State.NOT_TRIED) == len(states) - 1


def test_a_machine_without_an_spn_is_its_own_problem(realm: Realm, lab: RunningLab) -> None:
    how = access(lab, realm.credentials(), transport="kerberos")
    found = examined(lab, how, name=f"{WITHOUT_SPN}.{realm.domain}")
    troubled = [each for each in found.machines if each.state is State.PROBLEM]
    assert [each.name for each in troubled] == [f"{WITHOUT_SPN}.{realm.domain}"]
    said = " ".join(
        text for each in troubled[0].remarks for text in (each.told, *(s.what for s in each.steps))
    )
    assert "SPN" in said
