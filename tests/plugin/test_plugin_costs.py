"""What one host more costs a whole run: counted, never timed.

Two runs of the same fleet, of which one has more copies of its healthy host; what the difference
costs is divided among them. A number here is paid as often as a fleet has hosts. What one host
costs on the wire by the number of its firewall rules is in tests/lab/test_lab_messages.py, what a
larger fleet costs the judging of one host in tests/run/test_growth.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fact_builders import CHECKS
from logons import counted
from plugin_runs import HOST_CHECKS, Ended, run_here

FEW, MANY = 8, 20
# The areas with which the bounds below began; later ones cost more, by their lines in MORE.
EARLIER = "settings or reachability or staging or vmm"
ALL = "livemigration"
RUNS = (("streams", EARLIER), ("pywinrm", EARLIER), ("streams", ALL))
INVENTORY = """\
schema: 1
lab: {{fleet: "healthy:{hosts}"}}
connection:
  client: {client}
  connections: 1
  time_limits: {{connect: 30, message: 60, probe: 2}}
"""


@dataclass(frozen=True)
class Costs:
    """A run: its traffic by machine, how often it signed in, and what it wrote."""

    ended: Ended
    logons: int

    @property
    def traffic(self) -> dict[str, dict[str, int]]:
        return {each["machine"]: each for each in self.ended.results["traffic"]}

    def of_hosts(self, what: str) -> int:
        return sum(each[what] for name, each in self.traffic.items() if name != "vmm01.contoso.com")

    def of_vmm(self, what: str) -> int:
        return self.traffic["vmm01.contoso.com"][what]

    @property
    def items(self) -> int:
        return len(self.ended.results["plan"])

    def size(self, name: str) -> int:
        return (self.ended.folder / name).stat().st_size


@dataclass(frozen=True)
class Two:
    """A run of few hosts, and one of more."""

    few: Costs
    many: Costs

    def each(self, what: Callable[[Costs], int]) -> float:
        """Return what each of the hosts costs by which the runs differ."""
        return (what(self.many) - what(self.few)) / (MANY - FEW)


@pytest.fixture(scope="module", params=RUNS, ids=("streams", "pywinrm", "every area"))
def run(request: pytest.FixtureRequest) -> tuple[str, str]:
    client, areas = request.param
    return client, areas


@pytest.fixture(scope="module")
def client(run: tuple[str, str]) -> str:
    return run[0]


@pytest.fixture(scope="module")
def more(run: tuple[str, str]) -> Counter[str]:
    """What the run may cost beyond the bounds of the earlier areas."""
    if run[1] == EARLIER:
        return Counter()
    return sum((Counter(each) for each in MORE.values()), Counter())


@pytest.fixture(scope="module")
def two(run: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Two:
    client, areas = run
    found = []
    for hosts in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"{hosts}")
        path = folder / "inventory.yaml"
        path.write_text(INVENTORY.format(hosts=hosts, client=client), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            seen = counted(patch)
            ended = run_here(folder / "reports", f"--inventory={path}", "-m", areas)
        found.append(Costs(ended, len(seen)))
    return Two(*found)


# Requests differ: pywinrm's client asks for the challenge on its own.
REQUESTS = {"streams": 21, "pywinrm": 23}
REQUESTS_OF_VMM = {"streams": 35, "pywinrm": 42}
# In kilobytes of 1000 bytes.
ON_THE_WIRE = {"bytes_out": 36.5, "bytes_in": 82.0}
OF_VMM = {"bytes_out": 0.35, "bytes_in": 1.65}
WRITTEN = {
    "results.json": 1.75,
    "facts.json": 24.0,
    "journal.jsonl": 30.3,
    "report.html": 0.6,
    # Its rows are those of what is not in order.
    "tests.html": 0.01,
}


# By area: requests, bytes out and in, and bytes in each file.
MORE: dict[str, dict[str, int]] = {
    "identity": {
        "requests": 4,
        "bytes_out": 6700,
        "bytes_in": 6600,
        "results.json": 150,
        "facts.json": 1700,
        "journal.jsonl": 2200,
        "report.html": 50,
        "tests.html": 10,
    },
    "pairs": {
        "requests": 5,
        "bytes_out": 7500,
        "bytes_in": 7000,
        "results.json": 200,
        "facts.json": 1300,
        "journal.jsonl": 2000,
        "report.html": 50,
        "tests.html": 10,
    },
    "cluster": {
        "results.json": 200,
        "journal.jsonl": 900,
        "report.html": 50,
        "tests.html": 10,
    },
    "vms": {
        "requests": 12,
        "bytes_out": 20000,
        "bytes_in": 19500,
        "results.json": 250,
        "facts.json": 3900,
        "journal.jsonl": 4800,
        "report.html": 50,
        "tests.html": 10,
    },
}


def test_one_host_more_signs_in_once(two: Two) -> None:
    assert two.each(lambda run: run.logons) == 1


def test_one_host_more_takes_no_more_requests(two: Two, client: str, more: Counter[str]) -> None:
    most = REQUESTS[client] + more["requests"]
    assert two.each(lambda run: run.of_hosts("requests")) <= most


@pytest.mark.parametrize("way", ON_THE_WIRE)
def test_one_host_more_takes_no_more_bytes(two: Two, way: str, more: Counter[str]) -> None:
    assert two.each(lambda run: run.of_hosts(way)) <= ON_THE_WIRE[way] * 1000 + more[way]


def test_hosts_of_one_batch_are_asked_of_vmm_at_once(two: Two, client: str) -> None:
    assert two.few.of_vmm("requests") == two.many.of_vmm("requests") <= REQUESTS_OF_VMM[client]


@pytest.mark.parametrize("way", OF_VMM)
def test_one_host_more_takes_no_more_bytes_of_vmm(two: Two, way: str) -> None:
    assert two.each(lambda run: run.of_vmm(way)) <= OF_VMM[way] * 1000


def test_one_host_more_is_an_item_for_each_of_its_checks(two: Two, run: tuple[str, str]) -> None:
    chosen = [each for each in HOST_CHECKS if run[1] == ALL or CHECKS[each].area in EARLIER]
    assert two.each(lambda run: run.items) == len(chosen)


@pytest.mark.parametrize("name", WRITTEN)
def test_one_host_more_takes_no_more_room_in_a_file(
    two: Two, name: str, more: Counter[str]
) -> None:
    assert two.each(lambda run: run.size(name)) <= WRITTEN[name] * 1000 + more[name]


def test_every_file_of_a_run_has_its_bound(two: Two) -> None:
    assert {each.name for each in two.many.ended.folder.iterdir()} == WRITTEN.keys()
