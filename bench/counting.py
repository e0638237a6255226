"""What one host costs on the wire, by the number of its firewall rules: counted, and computed.

    python bench/counting.py [HOSTS [ROUNDS]]

Messages and bytes are those of one host outside clusters and without virtual machines, which has so
many stock rules beside that of the role: in the first step, in which the hosts of most runs are
asked everything. The processor's time is that of gathering HOSTS such hosts, 64 at once, by the
client of large fleets, the parsing of facts in it. Most goals were set when there were the checks
LM001 to LM306, so that these are measured by themselves as well.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import Row
from goals import FIRST

from livemigration.base.shipped import CHECKS, shipped
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import Gathered, NotGathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.lab.launch import RunningLab, start
from livemigration.verdict.loader import load_checks
from livemigration.verdict.second_step import OF_THE_SECOND_STEP
from livemigration.wsman.manners import Manners

HOSTS, ROUNDS = 40, 3
_FIRST_AREAS = ("vmm", "settings", "reachability", "staging")
# Beside the rule of the role and that of WinRM: those of Server 2022 and its roles, and many.
RULES = (285, 450)
# Nobody's figures are those of hosts that were given up.
PATIENT = TimeLimits(connect=60, message=120, host=1800, run=7200)
_FLEET = """\
name: plain
title: healthy hosts outside clusters
domain: contoso.com
firewall_rules: {rules}
networks:
  management: {{subnet: 1.0/24}}
system: {{build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}}
vmm: {{name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}}
hosts:
"""
_HOST = """\
  - name: hv{number:02}.contoso.com
    shows: healthy
    addresses: {{management: "1.{last}"}}
"""


def needed(*areas: str) -> frozenset[str]:
    """Return the groups of a host that the checks of these areas read; none: of every area."""
    of_hosts = {each.name for each in HOST_GROUPS} - OF_THE_SECOND_STEP
    checks = (each.check for each in load_checks(shipped(CHECKS)))
    return frozenset(
        name
        for check in checks
        if check.opt_in is None and (not areas or check.area in areas)
        for name in check.declared & of_hosts
    )


def gathered(
    lab: RunningLab,
    groups: frozenset[str],
    *,
    at_once: int = 64,
    **connection: Any,
) -> RunFacts:
    """Return what all hosts of a lab say, gathered as a run of the suite does.

    `connection` is what an inventory says of it; where it says nothing, the client is streams.

    Raises:
        SystemExit: something of it was not gathered.
    """
    manners = Manners()
    said = {"client": "streams", **connection}
    access = Access(Connection(time_limits=PATIENT, **said), lab.credentials)
    hosts = {
        each.name: Target(each.name, each.address, each.port, access=access) for each in lab.hosts
    }
    connect = connector(manners=manners, hosts=len(hosts))
    fleet = FleetConnections((), hosts, connect, PATIENT.run, at_once, {}, manners=manners)
    facts = gather(fleet, Order(dict.fromkeys(hosts, groups), vmm=False), lambda *_: None)
    for sheet in facts.hosts.values():
        for name, outcome in sheet.outcomes.items():
            if isinstance(outcome, NotGathered):
                raise SystemExit(f"{sheet.name}, {name}: {outcome.failure}")
    return facts


def traffic(facts: RunFacts) -> dict[str, float]:
    """Return requests and bytes of a host: the median, as a few are asked before all are."""
    found = [each.outcome(HOST_ACCESS) for each in facts.hosts.values()]
    access = [each.value for each in found if isinstance(each, Gathered)]
    return {
        "requests a host": statistics.median(each.requests for each in access),
        "longest chain": statistics.median(each.requests - each.beside for each in access),
        "sign-ins a host": statistics.median(each.logons for each in access),
        "kB out a host": statistics.median(each.bytes_out for each in access) / 1e3,
        "kB in a host": statistics.median(each.bytes_in for each in access) / 1e3,
    }


@contextmanager
def lab_of(rules: int, hosts: int) -> Iterator[RunningLab]:
    """Run so many hosts with so many firewall rules."""
    text = _FLEET.format(rules=rules)
    text += "".join(_HOST.format(number=each + 1, last=each + 11) for each in range(hosts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plain.yaml")
        path.write_text(text, encoding="utf-8")
        with start(str(path)) as lab:
            yield lab


def measured(hosts: int, rounds: int) -> list[Row]:
    """Return what a host costs, by the number of its rules and what is asked of it."""
    one, two = {"connections": 1}, {"connections": 2}
    kinds: dict[str, tuple[frozenset[str], dict[str, Any]]] = {
        "all checks": (needed(), one),
        "all checks, slow_link": (needed(), {**one, "slow_link": True}),
        "all checks, two connections": (needed(), two),
        FIRST: (needed(*_FIRST_AREAS), one),
        f"{FIRST}, slow_link": (needed(*_FIRST_AREAS), {**one, "slow_link": True}),
        f"{FIRST}, two connections": (needed(*_FIRST_AREAS), two),
        "settings": (needed("settings"), one),
        "settings, two connections": (needed("settings"), two),
    }
    rows = []
    for rules in RULES:
        with lab_of(rules, hosts) as lab:
            times: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
            # The first round loads what it needs.
            for each in range(rounds + 1):
                for name, (groups, connection) in kinds.items():
                    used = time.process_time()
                    found = traffic(gathered(lab, groups, **connection))
                    found["processor ms a host"] = (time.process_time() - used) * 1e3 / hosts
                    if each:
                        times[name].append(found)
        rows += [
            Row(
                f"one host with {rules} rules",
                name,
                hosts,
                {each: tuple(one[each] for one in found) for each in found[0]},
            )
            for name, found in times.items()
        ]
    return rows


def main() -> int:
    """Print what a host costs."""
    hosts = int(sys.argv[1]) if len(sys.argv) > 1 else HOSTS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    for row in measured(hosts, rounds):
        told = "   ".join(f"{name} {row.median(name):.1f}" for name in row.figures)
        sys.stdout.write(f"{row.part:26} {row.who:22} {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
