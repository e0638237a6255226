"""A lab of many hosts: each answers on its own address, in as many processes as that takes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fleet_runs import judge, not_green
from in_turn import in_turn

from livemigration.lab.descriptors import MOST_PROCESSES, processes_for, shares, too_few
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import load_fleet
from livemigration.lab.launch import RunningLab, start
from livemigration.lab.world import World

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="addresses and limits of Linux")

IDENTIFY = (
    b"POST /wsman HTTP/1.1\r\nHost: lab\r\nWSMANIDENTIFY: unauthenticated\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
# With so few descriptors a hundred hosts do not fit in one process.
FEW = 150
LIMITED = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
import livemigration.lab.__main__ as lab
sys.exit(lab.main())
"""


def identifies(address: str, port: int) -> bool:
    with socket.create_connection((address, port), timeout=30) as client:
        client.sendall(IDENTIFY)
        return b" 200 " in client.recv(4096)


def every_third_hundred(lab: RunningLab) -> Sequence[tuple[str, int]]:
    return [(each.address, each.port) for each in lab.hosts[:: max(1, len(lab.hosts) // 12)]]


@contextmanager
def limited(limit: int, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Run a lab whose processes may have so few descriptors, and give what it says."""
    command = [sys.executable, "-c", LIMITED.format(limit=limit), "--fleet", "healthy", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def is_there(process: int) -> bool:
    """Whether a process runs; one that has ended may wait for whoever started it to look."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def wait_for_the_end(process: int) -> None:
    while is_there(process):
        time.sleep(0.01)


def refuses(address: str, port: int) -> bool:
    with suppress(ConnectionRefusedError):
        socket.create_connection((address, port), timeout=30).close()
        return False
    return True


def test_three_hundred_hosts_answer_each_on_an_address_of_its_own() -> None:
    with start("healthy:300") as lab:
        addresses = {each.address for each in (*lab.vmms, *lab.hosts)}
        assert len(addresses) == 301
        assert len({each.rpartition(".")[0] for each in addresses}) > 2
        assert len(lab.processes) == 1
        for address, port in every_third_hundred(lab):
            assert identifies(address, port)
            assert not refuses(address, 6600) or address.endswith((".1.11", ".1.15"))


@pytest.mark.long
def test_hosts_that_do_not_fit_in_one_process_answer_from_several() -> None:
    with limited(FEW, "--hosts", "100") as (process, said):
        assert 1 < len(said["processes"]) <= MOST_PROCESSES
        assert said["processes"][0] == process.pid
        assert len(said["hosts"]) == 100
        for each in said["hosts"]:
            assert identifies(each["address"], each["port"])
    for pid in said["processes"]:
        wait_for_the_end(pid)
    assert all(refuses(each["address"], each["port"]) for each in said["hosts"])


@pytest.mark.long
def test_a_killed_lab_leaves_none_of_its_processes() -> None:
    with limited(FEW, "--hosts", "100") as (process, said):
        process.kill()
        process.wait(30)
        for each in (said["hosts"][50], said["hosts"][90]):
            with suppress(ConnectionError):
                while True:
                    with socket.create_connection((each["address"], each["port"])) as client:
                        client.recv(1)
    others = said["processes"][1:]
    assert others
    for each in others:
        wait_for_the_end(each)


@pytest.mark.long
def test_too_few_descriptors_are_named_with_the_number_that_is_needed() -> None:
    with limited(FEW, "--hosts", "1000") as (process, said):
        pass
    assert process.returncode == 1
    assert "1000 hosts need " in said["error"]
    assert "open files" in said["error"]
    assert f"Here the hard limit is {FEW}." in said["error"]
    assert "limits.conf" in said["error"]


def test_as_many_hosts_as_the_message_names_do_fit() -> None:
    text = too_few([2] * 1000, 1, 150)
    fit = int(text.rpartition(" hosts at most")[0].rpartition(" ")[2])
    needed = int(text.rpartition(" open files")[0].rpartition(" ")[2])
    assert processes_for([2] * fit, 1, 150) == MOST_PROCESSES
    assert processes_for([2] * 1000, 1, needed) == MOST_PROCESSES
    for hosts, limit in ((fit + 1, 150), (1000, needed - 1)):
        with pytest.raises(LabError):
            processes_for([2] * hosts, 1, limit)


@in_turn("processes", [1, 2, 3, 4])
def test_each_host_is_in_one_share(processes: int) -> None:
    found = shares([2, 12, 2, 2, 2, 0, 2, 3] * 20, 7, processes)
    assert len(found) == processes
    assert [number for each in found for number in each] == list(range(160))
    assert all(found)


def test_copies_are_in_no_network_but_the_management_network() -> None:
    fleet = load_fleet("healthy:2000")
    world = World(fleet, 20)
    migration = world.subnet("migration")
    copies = fleet.hosts[6:]
    assert not any(host.shows != "healthy" for host in copies)
    for host in copies:
        (subnet,) = world.own_subnets(host)
        address = world.bound(host)[0][1]
        assert address in subnet
        assert address not in {subnet[0], subnet[-2], subnet[-1]}
        assert not subnet.overlaps(migration)
        assert world.resolve(host.name) == (str(address),)
    assert {world.owned_ports[world.address(host.management)][0] for host in copies} == {"open"}


def test_copies_share_what_is_equal() -> None:
    one, other = load_fleet("healthy:8").hosts[6:]
    for name in type(one).model_fields:
        if name not in {"name", "addresses"}:
            assert getattr(one, name) is getattr(other, name)


@in_turn("name", ["healthy:", "healthy:x", "healthy:-1", "healthy:²"])
def test_a_size_that_is_no_number_is_named(name: str) -> None:
    with pytest.raises(LabError, match="write a number of hosts behind the colon"):
        load_fleet(name)


def test_two_sizes_of_one_fleet_are_refused() -> None:
    with pytest.raises(LabError, match="healthy:30 and 40 hosts: two sizes"):
        load_fleet("healthy:30", 40)
    assert len(load_fleet("healthy", 40).hosts) == len(load_fleet("healthy:40").hosts) == 40


@pytest.mark.parametrize("size", [0, 10_001, 10**30])
def test_a_size_beyond_the_lab_is_named(size: int) -> None:
    with pytest.raises(LabError, match="choose 1 to 10000"):
        load_fleet(f"healthy:{size}")


@pytest.mark.long
def test_healthy_copies_stay_healthy() -> None:
    # More than one subnet of copies.
    found = judge("healthy:270")
    targets = sorted({target for _, target in found})
    assert len(targets) == 271
    assert {each: told for each in targets if (told := not_green(found, each))} == {}


@pytest.mark.long
def test_ten_thousand_hosts_answer_within_their_memory_and_end_with_the_lab() -> None:
    with start("healthy", hosts=10_000) as lab:
        assert len({each.address for each in lab.hosts}) == 10_000
        assert all(identifies(*each) for each in every_third_hundred(lab))
        texts = [Path(f"/proc/{each}/status").read_text(encoding="ascii") for each in lab.processes]
        resident = [int(each.partition("VmRSS:")[2].split()[0]) for each in texts]
        assert sum(resident) <= 250 * 1024
    for each in lab.processes:
        wait_for_the_end(each)
    assert all(refuses(*each) for each in every_third_hundred(lab))
