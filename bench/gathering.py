"""A whole gathering of many hosts behind a slow network, by this suite and by its peers.

    python bench/gathering.py [HOSTS [MILLISECONDS]]

Every host is asked what all checks read of it. This suite turns the answers into facts; the peers
send the same messages and look at each reply. Each way has a process of its own, and they take
turns on one lab, whose every reply is so many milliseconds late. What asks one host after the other
is asked for a few of them, and its wall time is scaled: no host waits for another there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clients
from counting import gathered, needed, traffic
from figures import Row
from processes import peak, processor_seconds

from livemigration.base.secret import Credentials, Secret
from livemigration.gather.beside import PAYS_FROM
from livemigration.lab.launch import LabMachine, RunningLab, start

HOSTS, LATENCY = 1_000, 0.1
_OF_A_FLEET = 7
PEER = "pypsrp, 64 threads"


@dataclass(frozen=True)
class Way:
    """A way to gather: this suite's with one of its clients, or a peer; so many hosts at once."""

    client: str
    at_once: int
    hosts: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is this suite."""
        return self.client in {"streams", "pywinrm"} and self.at_once > 1


WAYS = {
    "streams, 64 at once": Way("streams", 64),
    "streams, 256 at once": Way("streams", 256),
    "pywinrm client, 64 at once": Way("pywinrm", 64),
    PEER: Way("pypsrp", 64),
    "http.client, 64 threads": Way("http.client", 64),
    "pywinrm alone, one by one": Way("pywinrm alone", 1, 5),
}


def _theirs(way: Way, lab: RunningLab, messages: Callable[[LabMachine], Sequence[bytes]]) -> None:
    ask = clients.PEERS[way.client].ask
    with ThreadPoolExecutor(way.at_once) as pool:
        # The last of them raises what any of them did.
        list(pool.map(lambda host: ask(lab, host, messages(host)), lab.hosts))


def asked(way: Way, document: dict[str, Any]) -> dict[str, float]:
    """Return what one way took to gather the hosts of a document; for a process of its own."""
    lab = RunningLab(
        "",
        Credentials(document["username"], Secret(document["password"])),
        (),
        tuple(LabMachine(*each) for each in document["hosts"]),
    )
    texts = [each.encode() for each in document["messages"]]
    old_address, old_name = (document[each].encode() for each in ("address", "name"))

    def messages(host: LabMachine) -> list[bytes]:
        address, name = host.address.encode(), _label(host.name).encode()
        return [each.replace(old_address, address).replace(old_name, name) for each in texts]

    began, used, before = time.perf_counter(), time.process_time(), peak()
    found: dict[str, float] = {}
    if way.is_ours:
        over = {"client": way.client, "connections": document["connections"]}
        found = traffic(gathered(lab, needed(), at_once=way.at_once, **over))
    else:
        _theirs(way, lab, messages)
    hosts = len(lab.hosts)
    return {
        "wall s": time.perf_counter() - began,
        "processor ms a host": (time.process_time() - used) * 1e3 / hosts,
        "memory kB a host": (peak() - before) * 1024 / hosts,
        **found,
    }


def _label(name: str) -> str:
    """Return a host's short name, as WMI has it."""
    return name.partition(".")[0].upper()


@dataclass(frozen=True)
class Template:
    """The messages to one host of the lab, and its address and short name, which are in them."""

    address: str
    name: str
    messages: tuple[str, ...]


def template() -> Template:
    """Return the messages to a host of which the lab has as many as one likes."""
    host, found = clients.recorded_of(_OF_A_FLEET, needed())[-1]
    return Template(host.address, _label(host.name), tuple(each.decode() for each in found))


def child(who: str, lab: RunningLab, of: Template, latency: float) -> dict[str, float]:
    """Return what a way takes to gather the hosts of a lab that are so many seconds away."""
    way = WAYS[who]
    some = lab.hosts[: way.hosts]
    document = {
        "username": lab.credentials.username,
        "password": lab.credentials.password.reveal(),
        "hosts": [(each.name, each.address, each.port) for each in some],
        "address": of.address,
        "name": of.name,
        "messages": of.messages,
        # As hosts on a network get them: to a loopback address a run opens no second one by itself.
        "connections": 2 if latency >= PAYS_FROM else 1,
    }
    of_lab = sum(map(processor_seconds, lab.processes))
    ended = subprocess.run(  # noqa: S603 - this file
        (sys.executable, __file__, "--as", who),
        input=json.dumps(document),
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{who}: the gathering failed; what it said stands above.")
    found: dict[str, float] = json.loads(ended.stdout)
    if "requests a host" in found:
        of_lab = sum(map(processor_seconds, lab.processes)) - of_lab
        found["processor ms of the lab a request"] = (
            of_lab * 1e3 / (found["requests a host"] * len(some))
        )
    found["wall s"] *= len(lab.hosts) / len(some)
    return found


def measured(hosts: int, latency: float, rounds: int, ways: Sequence[str] = ()) -> list[Row]:
    """Return what each way takes, in turns."""
    of = template()
    times: dict[str, list[dict[str, float]]] = {name: [] for name in ways or WAYS}
    with start("healthy", hosts=hosts, latency=latency) as lab:
        for _ in range(rounds):
            for name, found in times.items():
                found.append(child(name, lab, of, latency))
    part = f"gather at {latency * 1e3:.0f} ms"
    return [
        Row(part, name, hosts, {each: tuple(one[each] for one in found) for each in found[0]}, PEER)
        for name, found in times.items()
    ]


def main() -> int:
    """Print what each way takes."""
    if sys.argv[1:2] == ["--as"]:
        sys.stdout.write(json.dumps(asked(WAYS[sys.argv[2]], json.load(sys.stdin))))
        return 0
    hosts = int(sys.argv[1]) if len(sys.argv) > 1 else HOSTS
    latency = float(sys.argv[2]) / 1e3 if len(sys.argv) > 2 else LATENCY
    for row in measured(hosts, latency, 1):
        told = "   ".join(f"{name} {row.median(name):.2f}" for name in row.figures)
        sys.stdout.write(f"{row.who:28} {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
