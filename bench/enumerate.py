"""How long one WQL query takes with this suite's client and with pypsrp's, against the lab.

    pip install -e '.[peer]' && python bench/enumerate.py [ROUNDS]

Each round opens a session with NTLM and message encryption, reads the services of one simulated
host, and closes it. The two take turns, so that a busy machine disturbs both alike. A ratio below 1
means that this suite is faster than pypsrp. The lab is a simulation: the ratios compare clients.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from xml.etree import ElementTree as ET

from pypsrp_client import to_host

from livemigration.base.deadline import Deadline
from livemigration.facts.host import SERVICES
from livemigration.lab.launch import RunningLab, start
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

ROUNDS = 30
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
DIALECT = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
EVERY_CLASS = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*"


def ours(lab: RunningLab) -> int:
    """Return the number of services that this suite's client reads."""
    host = lab.hosts[0]
    endpoint = Endpoint(host.name, host.address, host.port)
    with WsmanSession(endpoint, lab.credentials, Timeouts(), Deadline.after(30)) as session:
        return len(session.enumerate(SERVICES.query))


def pypsrp(lab: RunningLab) -> int:
    """Return the number of services that pypsrp's client reads, in the same one message."""
    host = lab.hosts[0]
    enumerate_ = ET.Element(f"{{{ENUMERATION}}}Enumerate")
    ET.SubElement(enumerate_, f"{{{WSMAN}}}OptimizeEnumeration")
    ET.SubElement(enumerate_, f"{{{WSMAN}}}MaxElements").text = "32000"
    ET.SubElement(enumerate_, f"{{{WSMAN}}}Filter", {"Dialect": DIALECT}).text = SERVICES.query.wql
    with to_host(lab, host) as client:
        body = client.enumerate(EVERY_CLASS, enumerate_)
    items = body.find(f".//{{{WSMAN}}}Items")
    return 0 if items is None else len(items)


def measured(call: Callable[[RunningLab], int], lab: RunningLab) -> tuple[float, float, int]:
    """Return wall and processor milliseconds of one call, and how many instances it read."""
    wall, processor = time.perf_counter(), time.process_time()
    count = call(lab)
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3, count


def main() -> int:
    """Print a table; fail where the two did not read the same."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    clients = {"this suite": ours, "pypsrp": pypsrp}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in clients}
    counts: set[int] = set()
    with start("healthy") as lab:
        for _ in range(rounds + 1):
            for name, call in clients.items():
                wall, processor, count = measured(call, lab)
                times[name].append((wall, processor))
                counts.add(count)
    if len(counts) != 1 or counts == {0}:
        sys.stderr.write(f"The clients read different numbers of instances: {sorted(counts)}.\n")
        return 1
    medians = {
        name: [statistics.median(column) for column in zip(*each[1:], strict=True)]
        for name, each in times.items()
    }
    wall_of_peer, processor_of_peer = medians["pypsrp"]
    sys.stdout.write(f"{rounds} cold sessions each, {counts.pop()} instances, medians\n")
    for name, (wall, processor) in medians.items():
        sys.stdout.write(
            f"{name:12} wall {wall:6.1f} ms ({wall / wall_of_peer:4.2f} x)   "
            f"processor {processor:6.1f} ms ({processor / processor_of_peer:4.2f} x)\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
