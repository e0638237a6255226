"""The lab as a process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from in_turn import in_turn
from lab_clients import FLEET, fleet_file, plan_of, running

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.model import FailureKind
from livemigration.lab import binding
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import MOST_WRITTEN, load_fleet, shipped_fleets
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.lab.sockets import Sockets
from livemigration.lab.world import World
from livemigration.vmm.scripts import (
    PROBE,
    READ_VMM,
    ConnectionRequest,
    ProbeRequest,
    ReadVmmRequest,
)
from livemigration.wsman import namespaces as ns
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession


@in_turn("name", shipped_fleets())
def test_every_fleet_loads(name: str) -> None:
    assert load_fleet(name).hosts


def test_an_unknown_fleet_is_named() -> None:
    with pytest.raises(LabError, match="no such fleet"):
        load_fleet("../secrets")


def test_two_labs_run_at_once_on_their_own_networks() -> None:
    with start("healthy") as one, start("healthy") as two:
        assert one.vmm.address != two.vmm.address
        assert one.credentials.password.reveal() != two.credentials.password.reveal()


@pytest.mark.long
def test_the_lab_ends_with_its_standard_input() -> None:
    command = [sys.executable, "-m", "livemigration.lab", "--fleet", "healthy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert "vmms" in json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(60) == 0


PARENT = """\
import sys
from livemigration.lab.launch import start
with start("healthy") as lab:
    print(lab.vmm.address, lab.vmm.port, flush=True)
    sys.stdin.read()
"""


@pytest.mark.long
def test_a_killed_parent_leaves_no_lab() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        address, port = parent.stdout.readline().decode().split()
        with socket.create_connection((address, int(port)), timeout=60) as connection:
            parent.kill()
            parent.wait(60)
            wait_for_the_end(connection)
    # A connection may end before the listener does; none outlives it.
    with pytest.raises(ConnectionRefusedError):
        connect_while_it_listens(address, int(port))


def connect_while_it_listens(address: str, port: int) -> None:
    while True:
        with socket.create_connection((address, port), timeout=60) as connection:
            wait_for_the_end(connection)


def wait_for_the_end(connection: socket.socket) -> None:
    with suppress(ConnectionResetError):
        assert connection.recv(1) == b"", "the lab says nothing unasked"


@pytest.mark.long
def test_a_lab_ends_by_itself_though_its_parent_hangs() -> None:
    code = "import sys, livemigration.lab.__main__ as lab; lab.binding.LONGEST_SECONDS = 0.1; "
    command = [sys.executable, "-c", f"{code}sys.exit(lab.main())", "--fleet", "healthy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        # Its standard input stays open.
        assert process.wait(60) == 0


def test_a_fleet_of_the_user_is_named_by_its_file(tmp_path: Path) -> None:
    assert load_fleet(fleet_file(tmp_path)).name == "test"
    with pytest.raises(LabError, match=r"fleet.yaml, line 1: nmae: is not a known key"):
        load_fleet(fleet_file(tmp_path, text=FLEET.replace("name: test", "nmae: test")))
    with pytest.raises(LabError, match=r"nowhere.yaml"):
        load_fleet(str(tmp_path / "nowhere.yaml"))


def test_a_fleet_has_a_greatest_number_of_hosts(tmp_path: Path) -> None:
    more = "".join(
        f"  - {{name: h{n}.contoso.com, shows: one of many, addresses: {{management: '2.{n}'}}}}\n"
        for n in range(MOST_WRITTEN)
    )
    with pytest.raises(LabError, match="must have 250 entries at most"):
        load_fleet(fleet_file(tmp_path, more))


DOWN = """\
  - {name: silent.contoso.com, shows: silence, addresses: {management: "1.12"}, down: silent}
  - {name: closed.contoso.com, shows: nothing, addresses: {management: "1.13"}, down: refused}
"""


def session(lab: RunningLab, machine: LabMachine, password: str = "") -> WsmanSession:
    credentials = lab.credentials
    if password:
        credentials = Credentials(credentials.username, Secret(password))
    endpoint = Endpoint(machine.name, machine.address, machine.port)
    return WsmanSession(endpoint, credentials, Timeouts(0.5, 5), Deadline.after(20))


def kind_of(lab: RunningLab, machine: LabMachine, password: str = "") -> FailureKind:
    with session(lab, machine, password) as opened, pytest.raises(WsmanError) as caught:
        opened.identify()
    return caught.value.kind


def test_hosts_that_are_down_are_silent_or_refuse(tmp_path: Path) -> None:
    with running(tmp_path, DOWN) as lab:
        kinds = {each.name.partition(".")[0]: each for each in lab.hosts}
        assert kind_of(lab, kinds["silent"]) is FailureKind.TIMED_OUT
        assert kind_of(lab, kinds["closed"]) is FailureKind.REFUSED
        assert kind_of(lab, kinds["hv01"], "wrong") is FailureKind.AUTHENTICATION
        with session(lab, kinds["hv01"]) as opened:
            assert opened.identify().product_vendor == SIMULATED_VENDOR


def test_port_6600_is_open_where_a_listener_is_and_silent_where_packets_are_dropped(
    tmp_path: Path,
) -> None:
    with running(tmp_path, ANY) as lab:
        vmm = lab.vmm.address.rpartition(".")[0].rpartition(".")[0]
        asked = ((f"{vmm}.1.14", 6600), (f"{vmm}.50.14", 6600), (f"{vmm}.1.11", 6600))
        request = ProbeRequest(tuple(ConnectionRequest(*each) for each in asked), (), 700)
        with session(lab, lab.vmm) as opened:
            reply = opened.run_script(PROBE, request)
    assert [each.code for each in reply.connections] == [0, 10060, 10061]


ANY = """\
  - name: any.contoso.com
    shows: any network
    addresses: {management: "1.14", migration: "50.14"}
"""

STAND_IN = """\
#!{python}
import base64, json, sys
bootstrap = base64.b64decode(sys.argv[sys.argv.index("-EncodedCommand") + 1]).decode("utf-16-le")
given = sys.stdin.buffer.read()
request, _, script = given.partition(b"\\n")
assert b"Get-SCVMMServer" in script and "ReadToEnd" in bootstrap
seen = {{"registry": request.decode(), "server": " ".join(sys.argv[1:3])}}
print(json.dumps({{"release": seen, "hosts": [], "error": None}}))
sys.exit({code})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no executable on Windows")
@pytest.mark.parametrize("code", [0, 7])
def test_a_real_powershell_takes_the_place_of_the_emulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    program = tmp_path / "pwsh"
    program.write_text(STAND_IN.format(python=sys.executable, code=code), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("LIVEMIGRATION_PWSH", str(program))
    with running(tmp_path) as lab, session(lab, lab.vmm) as opened:
        if code:
            with pytest.raises(WsmanError) as caught:
                opened.run_script(READ_VMM, ReadVmmRequest("vmm01.contoso.com"))
            assert caught.value.kind is FailureKind.SCRIPT
        else:
            reply = opened.run_script(READ_VMM, ReadVmmRequest("vmm01.contoso.com"))
            assert reply.release.registry is not None
            request = json.loads(reply.release.registry)
            assert request == {"server": "vmm01.contoso.com", "milliseconds": 100_000}
            assert reply.release.server == "-NoProfile -NonInteractive"


@pytest.mark.long
def test_an_answer_that_takes_longer_than_the_operation_time_out_is_awaited(
    tmp_path: Path,
) -> None:
    record = tmp_path / "messages.jsonl"
    with start(fleet_file(tmp_path, ANY), record=str(record)) as lab:
        silent = lab.vmm.address.rpartition(".")[0].rpartition(".")[0] + ".50.14"
        endpoint = Endpoint(lab.vmm.name, lab.vmm.address, lab.vmm.port)
        # Messages of 2 s ask the host to answer within 1 s, and the probe takes longer.
        with WsmanSession(endpoint, lab.credentials, Timeouts(1, 2), Deadline.after(20)) as opened:
            request = ProbeRequest((ConnectionRequest(silent, 6600),), (), 1500)
            reply = opened.run_script(PROBE, request)
    assert [each.code for each in reply.connections] == [10060]
    messages = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    received = [each["status"] for each in messages if f">{ns.RECEIVE}<" in each["request"]]
    assert received[0] == 500, "the host gave up before the program had ended"
    assert received[-1] == 200


SILENT_PERIMETER = """\
  - {name: dmz01, shows: silence, addresses: {management: "1.12"}, down: silent, ssl: true}
"""


def test_a_silent_host_is_silent_on_each_port_that_it_listens_on(tmp_path: Path) -> None:
    world = World(load_fleet(fleet_file(tmp_path, SILENT_PERIMETER)), 14)
    with ExitStack() as stack:
        Sockets(world, stack).bind_all()
        for port in (5985, 5986, 6600):
            with pytest.raises(TimeoutError):
                socket.create_connection(("127.14.1.12", port), timeout=0.1)


def test_a_lab_does_not_share_a_network_with_another(tmp_path: Path) -> None:
    fleet = load_fleet(fleet_file(tmp_path))
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr("random.sample", lambda *_: [10, 11])
        # As another lab does whose host has its control port there and no listener.
        stack.enter_context(socket.create_server(("127.10.1.11", 5985)))
        bound = binding.bind(plan_of(fleet), stack, None)
        ports = {listener.getsockname()[1] for _, listener in bound.sockets.control}
    assert (bound.world.number, ports) == (11, {5985})


def test_where_5985_is_taken_a_host_answers_on_another_port(tmp_path: Path) -> None:
    # No lab draws this network by itself.
    world = World(load_fleet(fleet_file(tmp_path)), 15)
    with socket.create_server(("127.15.1.11", 5985)), ExitStack() as stack:
        sockets = Sockets(world, stack)
        sockets.bind_all()
        ports = {name: listener.getsockname()[1] for name, listener in sockets.control}
        others = [listener.getsockname() for _, listener in sockets.other]
    assert ports["vmm01.contoso.com"] == 5985
    assert ports["hv01.contoso.com"] not in {0, 5985}
    assert others == [("127.15.50.11", ports["hv01.contoso.com"])]
