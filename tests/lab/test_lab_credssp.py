"""The lab takes CredSSP where a machine's WinRM service is said to; its peer is the suite's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab_clients import fleet_file

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Access, Target, connector, security_of
from livemigration.inventory.connection import Connection, ConnectionFiles
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.register import OWN_TESTS
from livemigration.wsman.session import WsmanSession

HOW = Connection(https=True, transport="credssp")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    # The host's, which comes last; that of the VMM server is off, as everywhere.
    takes = "    winrm: {Service/Auth/CredSSP: true}\n"
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), takes), https=True) as running:
        yield running


def session(
    lab: RunningLab, machine: LabMachine, credentials: Credentials | None = None
) -> WsmanSession:
    security = security_of(HOW, ConnectionFiles(), lab.authority)
    access = Access(HOW, credentials or lab.credentials, security)
    target = Target(machine.name, machine.address, machine.https_port, access=access)
    return connector(OWN_TESTS)(target, Deadline.after(20))


def test_a_machine_that_takes_it_is_signed_in_to(lab: RunningLab) -> None:
    with session(lab, lab.hosts[0]) as asked:
        assert asked.identify().product_vendor == SIMULATED_VENDOR


def test_messages_of_many_records_are_read_and_sent(lab: RunningLab) -> None:
    # Longer than one record of TLS, there and back.
    long = "x" * 40_000
    with session(lab, lab.hosts[0]) as asked:
        ended = asked.run_program("findstr", ["^"], long.encode())
    assert ended.output.strip() == long.encode()


def test_a_wrong_password_is_refused(lab: RunningLab) -> None:
    wrong = Credentials(lab.credentials.username, Secret("wrong"))
    with session(lab, lab.hosts[0], wrong) as asked, pytest.raises(WsmanError) as raised:
        asked.identify()
    assert raised.value.kind is FailureKind.AUTHENTICATION


def test_a_machine_does_not_take_it_unless_it_is_said_to(lab: RunningLab) -> None:
    with session(lab, lab.vmm) as asked, pytest.raises(WsmanError) as raised:
        asked.identify()
    assert "offers no CredSSP" in raised.value.came_back
