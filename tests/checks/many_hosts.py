"""A run of many hosts: the demo's results, with other names and addresses for each host.

The demo's results are those that the lab came to. To make them anew:
`pytest -m livemigration --reports=FOLDER`, and copy its results.json to demo_results.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from itertools import chain, cycle, zip_longest
from pathlib import Path
from typing import Any

from livemigration.facts.model import Subject
from livemigration.inventory.demands import demands_of
from livemigration.run import results_file
from livemigration.run.evidence.facts import MAX_CHARACTERS
from livemigration.run.evidence.model import Evidence, NetworkEvidence, TargetFacts
from livemigration.run.exit_code import exit_code_of
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result
from livemigration.run.run import SCHEMA_VERSION, HostSummary, Run, what_was_not_examined

DEMO = Path(__file__).with_name("demo_results.json")
CHECKS_PER_HOST = 20
# Of the demo: two hosts on which all is well and one with warnings, and those that are red.
GREEN = ("hv01", "hv02", "hv01", "hv02", "hv01", "hv02", "hv07")
RED = ("hv03", "hv04", "hv05", "hv06", "hv08", "hv09", "hv10")
DOMAIN = ".contoso.com"
_HOSTS_OF_A_SITE = 200
_FIRST = 11
_NAMED = re.compile(
    r"\bhv(?P<name>\d\d)\b|\bHV(?P<upper>\d\d)\b|\b127\.\d+\.(?P<net>\d+)\.(?P<host>\d+)\b"
    r'|(?<="milliseconds": )(?P<time>\d+)|(?<="process_id": )(?P<process>\d+)'
)


@dataclass(frozen=True)
class Naming:
    """How a host of the demo, and those that it names, are called in the run of many hosts.

    `number` is that of the host, `own` that of the demo's host, `hosts` how many there are.
    """

    number: int
    own: int
    hosts: int

    def other(self, what: str, said: str) -> str:
        """Return what takes the place of a name, a number or an address, of a kind of _NAMED."""
        if what in {"time", "process"}:
            return str(int(said) + self.number % 17)
        if what == "host":
            *_, net, last = said.split(".")
            host = int(last)
            if _FIRST <= host < _FIRST + 10:
                host = _FIRST + self._like(host - _FIRST) % _HOSTS_OF_A_SITE
            return f"10.{self.number // _HOSTS_OF_A_SITE % 256}.{net}.{host}"
        label = f"{self._like(int(said[2:]) - 1) + 1:05}"
        return f"HV{label}" if what == "upper" else f"hv{label}"

    def _like(self, of_demo: int) -> int:
        return (self.number + of_demo - self.own) % self.hosts


Make = Callable[[Naming], Any]


def renaming(value: Any) -> Make | None:
    """Return what makes a value of another host out of one of the demo; None where it is the same.

    What is the same for all hosts is worked out once, as a run of thousands is made of few values.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, IPv4Address | IPv4Network):
        make, kind = _of_text(str(value)), type(value)
        return None if make is None else lambda naming: kind(make(naming))
    if isinstance(value, tuple):
        members = [(each, renaming(each)) for each in value]
        if all(make is None for _, make in members):
            return None
        return lambda naming: tuple(
            each if make is None else make(naming) for each, make in members
        )
    return _of_fields(value) if is_dataclass(value) else None


def _of_text(text: str) -> Make | None:
    found = list(_NAMED.finditer(text))
    if not found:
        return None
    between = _NAMED.sub("\0", text).split("\0")
    named = [(each.lastgroup or "", each[0]) for each in found]

    def make(naming: Naming) -> str:
        others = (naming.other(what, said) for what, said in named)
        return "".join(chain.from_iterable(zip_longest(between, others, fillvalue="")))

    return make


def _of_fields(value: Any) -> Make | None:
    given = {each.name: getattr(value, each.name) for each in fields(value)}
    makes = {name: make for name, each in given.items() if (make := renaming(each)) is not None}
    kind = type(value)
    if not makes:
        return None
    return lambda naming: kind(**{**given, **{name: each(naming) for name, each in makes.items()}})


@dataclass(frozen=True)
class Kind:
    """What one host of the demo came to: its results and what makes those of another host."""

    summary: HostSummary
    made: tuple[tuple[dict[str, Any], dict[str, Make]], ...]
    network: Make
    facts: TargetFacts | None
    make_facts: Make | None

    def naming(self, number: int, hosts: int) -> Naming:
        """Return how a host of this kind is called that has this number."""
        return Naming(number, int(self.summary.name[2:4]) - 1, hosts)


def run_of(hosts: int, broken: float) -> Run:
    """Return the run of so many hosts, of which this share is red; 20 checks of each."""
    demo = _demo()
    kinds = tuple(_kinds(hosts, broken))
    numbers = range(hosts)
    names = tuple(map(name_of, numbers))
    of_hosts = [_results(kind, kind.naming(at, hosts)) for at, kind in enumerate(kinds)]
    server = [each for each in demo.results if each.entry.target_kind is Subject.VMM]
    # As pytest has them: one check after the other.
    results = (*server, *(own[check] for check in range(CHECKS_PER_HOST) for own in of_hosts))
    assert demo.demands is not None
    plan = tuple(each.entry for each in results)
    selection = replace(demo.selection, inventory_hosts=hosts, selected_hosts=hosts)
    summaries = tuple(
        replace(kind.summary, name=name) for kind, name in zip(kinds, names, strict=True)
    )
    managed = tuple(replace(each, hosts=hosts) for each in demo.managed)
    return replace(
        demo,
        schema=SCHEMA_VERSION,
        selection=selection,
        hosts=summaries,
        plan=plan,
        results=results,
        exit_code=exit_code_of(results),
        evidence=_evidence(demo, kinds),
        network=NetworkEvidence(
            tuple(kind.network(kind.naming(number, hosts)) for number, kind in enumerate(kinds))
        ),
        demands=demands_of(
            names,
            digest=demo.demands.digest,
            site=demo.demands.site,
            policies=dict.fromkeys(names, demo.demands.site),
            peers={},
            managers=dict.fromkeys(names, server[0].entry.target),
        ),
        managed=managed,
        not_examined=what_was_not_examined(selection, summaries, plan, results, demo.gate, managed),
    )


def name_of(number: int) -> str:
    """Return the name of a host, by its number from 0."""
    return f"hv{number + 1:05}{DOMAIN}"


@cache
def _demo() -> Run:
    return results_file.load(DEMO)


def _kinds(hosts: int, broken: float) -> Iterator[Kind]:
    green, red = cycle(GREEN), cycle(RED)
    for number in range(hosts):
        is_red = int((number + 1) * broken) > int(number * broken)
        yield _kind(next(red if is_red else green))


@cache
def _kind(label: str) -> Kind:
    demo, name = _demo(), f"{label}{DOMAIN}"
    own = demo.of_host(name)
    assert demo.network is not None
    assert demo.evidence is not None
    network = renaming(next(each for each in demo.network.hosts if each.name == name))
    assert network is not None
    facts = next((each for each in demo.evidence.targets if each.target == name), None)
    return Kind(
        next(each for each in demo.hosts if each.name == name),
        tuple(map(_made, (*own, *_of_the_site(own, CHECKS_PER_HOST - len(own))))),
        network,
        facts,
        renaming(facts),
    )


def _made(result: Result) -> tuple[dict[str, Any], dict[str, Make]]:
    given = {each.name: getattr(result, each.name) for each in fields(Result)}
    makes = {name: renaming(each) for name, each in given.items() if name != "entry"}
    return given, {name: make for name, make in makes.items() if make is not None}


def _of_the_site(own: Sequence[Result], number: int) -> Iterator[Result]:
    """Yield results of a site's own checks, which come to what some of the suite's do."""
    for at, result in enumerate(own[-number:], start=1):
        check = f"SITE{at}"
        node_id = f"checks/test_site.py::test_site_{at}[{result.entry.target}]"
        title = f"Demand {at} of the site holds."
        yield replace(
            result, entry=replace(result.entry, check=check, title=title, node_id=node_id)
        )


def _results(kind: Kind, naming: Naming) -> list[Result]:
    name, varied = name_of(naming.number), 1 + naming.number % 13 / 13
    return [
        Result(
            **{
                **given,
                **{field: make(naming) for field, make in makes.items()},
                "entry": _entry(given["entry"], name),
                "seconds": round(given["seconds"] * varied, 6),
            }
        )
        for given, makes in kind.made
    ]


def _entry(entry: PlanEntry, name: str) -> PlanEntry:
    test = entry.node_id.partition("[")[0]
    return PlanEntry(
        f"{test}[{name}]", entry.check, entry.title, entry.area, entry.target_kind, name
    )


def _evidence(demo: Run, kinds: Sequence[Kind]) -> Evidence:
    """Return the facts within the bounds of a run, the red hosts' first."""
    assert demo.evidence is not None
    of_server = [each for each in demo.evidence.targets if each.kind is Subject.VMM]
    left = MAX_CHARACTERS - sum(map(_size, of_server))
    found = []
    red = {_kind(each).summary.name for each in RED}
    numbered = sorted(enumerate(kinds), key=lambda each: each[1].summary.name not in red)
    for number, kind in numbered:
        if kind.facts is None or kind.make_facts is None:
            continue
        left -= _size(kind.facts)
        if left > 0:
            made = kind.make_facts(kind.naming(number, len(kinds)))
            found.append(_with_other_times(made, number))
        else:
            groups = tuple(each.group for each in kind.facts.facts)
            found.append(TargetFacts(Subject.HOST, name_of(number), (), groups))
    return replace(demo.evidence, targets=(*of_server, *found))


def _size(facts: TargetFacts) -> int:
    return sum(len(line) for each in facts.facts for line in each.lines)


def _with_other_times(facts: TargetFacts, number: int) -> TargetFacts:
    return replace(
        facts,
        facts=tuple(
            replace(each, seconds=round(each.seconds * (1 + (number + at) % 29 / 29), 3))
            for at, each in enumerate(facts.facts)
        ),
    )
