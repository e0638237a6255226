"""Facts from the collector and from WSMan of the same machines give the same verdicts."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from collecting import MILLISECONDS, collect
from fact_builders import CHECKS
from run_builders import entry_of

from livemigration.base.errors import UsageError
from livemigration.collector import facts_file, rules, snapshot
from livemigration.collector.hiding import AddressHiding
from livemigration.collector.redact import redact
from livemigration.facts.model import Gathered, Subject
from livemigration.facts.registry import HOST_GROUPS, VMM_VIEW_GROUPS, simulated
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate

SILENT = "hv05.contoso.com"
FLEETS = ("kb-2853203", "healthy")


@dataclass(frozen=True)
class BothWays:
    """The same machines: asked over WSMan, and by the collector."""

    fleet: str
    asked: RunFacts
    collected: Any


def ask(lab: RunningLab) -> RunFacts:
    limits = TimeLimits(connect=0.5, probe=MILLISECONDS / 1000)
    access = Access(Connection(time_limits=limits), lab.credentials)

    def target(machine: LabMachine) -> Target:
        return Target(machine.name, machine.address, machine.port, access=access)

    fleet = FleetConnections(
        vmms=(target(lab.vmm),),
        hosts={each.name: target(each) for each in lab.hosts},
        connect=connector(),
        seconds=limits.run,
        concurrency=16,
        managers={},
    )
    wanted = frozenset(each.name for each in (*HOST_GROUPS, *VMM_VIEW_GROUPS))
    return gather(fleet, Order(dict.fromkeys(fleet.hosts, wanted), vmm=True), lambda *_: None)


@pytest.fixture(
    scope="module", params=[pytest.param(each, marks=pytest.mark.long) for each in FLEETS]
)
def both(request: pytest.FixtureRequest) -> Iterator[BothWays]:
    with start(request.param) as lab:
        yield BothWays(request.param, ask(lab), collect(lab))


def load(folder: Path, document: Any) -> RunFacts:
    path = folder / "facts.json"
    # As PowerShell's own cmdlets write it, with a mark.
    path.write_text(json.dumps(document), encoding="utf-8-sig")
    return facts_file.load(path)


def results(facts: RunFacts) -> dict[tuple[str, str], Result]:
    found = {}
    for check in CHECKS.values():
        targets = facts.hosts if check.target is Subject.HOST else (facts.vmm.name,)
        for target in targets:
            found[check.identifier, target] = evaluate(
                check, facts, entry_of(check, target), Policy()
            )
    return found


@pytest.mark.long
def test_the_collectors_file_gives_the_same_verdicts(both: BothWays, tmp_path: Path) -> None:
    asked, collected = results(both.asked), results(load(tmp_path, both.collected))
    assert {key: each.state for key, each in collected.items()} == {
        key: each.state for key, each in asked.items()
    }
    for key, each in asked.items():
        # A silent machine is told in the words of each client.
        if SILENT not in key or both.fleet == "healthy":
            assert told(collected[key]) == told(each)


def told(result: Result) -> str:
    """Return all that a result says; the file does not hold where a machine was asked."""
    return re.sub(r" at 127(\.[0-9]+){3}, port", ", port", f"{result.findings} {result.reason}")


def test_the_broken_fleet_shows_every_state_that_matters(both: BothWays) -> None:
    states = {each.state for each in results(both.asked).values()}
    assert State.PASS in states
    assert (State.FAIL in states and State.BLOCKED in states) == (both.fleet == "kb-2853203")


@pytest.mark.long
def test_facts_of_the_lab_stay_marked_as_simulated(both: BothWays, tmp_path: Path) -> None:
    assert simulated(load(tmp_path, both.collected))
    assert simulated(load(tmp_path, redact(both.collected)))


@pytest.mark.long
def test_redaction_keeps_every_verdict(both: BothWays, tmp_path: Path) -> None:
    def states(document: Any) -> list[tuple[str, str]]:
        found = results(load(tmp_path, document))
        # The replaced names have another order.
        return sorted((check, each.state.value) for (check, _), each in found.items())

    assert states(redact(both.collected)) == states(both.collected)


KEY = b"k" * 32
# What every host has, and what stays for that.
EVERYWHERE = ("0.0.0.0", "127.0.0.1", "::", "::1")  # noqa: S104 - nothing binds to it


def on_one_network(document: Any) -> Any:
    """Return what was collected in the lab as of addresses that it does not draw anew each time."""
    text = json.dumps(document)
    (network,) = set(re.findall(r"127\.([1-9][0-9]*)\.[0-9]+\.[0-9]+", text))
    return json.loads(re.sub(rf"127\.{network}\.", "10.20.", text))


def leaves(document: Any, hidden: Any, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield every text of a document with the name that it stands under, and its replacement.

    A subnet's number has the length that stands beside it.
    """
    if isinstance(document, dict):
        assert document.keys() == hidden.keys()
        for key, each in document.items():
            if key == "SubnetNumber":
                length = document["PrefixLength"]
                yield key, f"{each}/{length}", f"{hidden[key]}/{length}"
            else:
                yield from leaves(each, hidden[key], key)
    elif isinstance(document, list):
        for each, other in zip(document, hidden, strict=True):
            yield from leaves(each, other, name)
    elif isinstance(document, str):
        yield name, document, hidden


def replaced(hiding: AddressHiding, text: str) -> str | None:
    """Return what takes the place of an address or a subnet; None: it is none."""
    number, slash, length = text.partition("/")
    try:
        address = ipaddress.ip_address(number)
        known = int(length) if slash else None
    except ValueError:
        return None
    if known is None:
        return str(hiding.hide(address))
    return f"{hiding.hide_in_subnet(address, known)}/{length}"


@pytest.mark.long
def test_redaction_leaves_no_name_and_no_address(both: BothWays) -> None:
    document = on_one_network(both.collected)
    hidden = redact(document, KEY)
    text = json.dumps(hidden).casefold()
    for host in both.asked.hosts:
        assert host.partition(".")[0] not in text
    assert "contoso" not in text
    hiding, images = AddressHiding(KEY), set()
    for name, said, shown in leaves(document, hidden):
        expected = replaced(hiding, said)
        if expected is not None and name not in {"AddressMask", "Version", "version"}:
            assert shown == expected, name
            # By chance an address could stay: with this key and this network none does.
            assert shown != said or said.partition("/")[0] in EVERYWHERE, name
            images.add(shown.partition("/")[0])
    assert len(images) > 15
    # Nor does one stand where no text is one as a whole: in a sentence, or after another.
    inside = {each for each in re.findall(rules.V4, text) if not each.startswith("255.")}
    assert inside <= {*EVERYWHERE, *(each.rpartition(":")[2] for each in images)}


def test_facts_that_the_suite_saved_are_redacted_with_the_same_verdicts(
    both: BothWays, tmp_path: Path
) -> None:
    plain, hidden = tmp_path / "plain.json", tmp_path / "hidden.json"
    snapshot.save(
        plain, both.asked, gathered=datetime.now(UTC), inventory="site.yaml", digest="ab12"
    )
    document = redact(json.loads(plain.read_text(encoding="utf-8")))
    hidden.write_text(json.dumps(document), encoding="utf-8")
    text = hidden.read_text(encoding="utf-8").casefold()
    assert "contoso" not in text
    assert "ab12" not in text
    before, after = results(facts_file.load(plain)), results(facts_file.load(hidden))
    assert sorted((check, each.state.value) for (check, _), each in before.items()) == sorted(
        (check, each.state.value) for (check, _), each in after.items()
    )


def vmmless() -> Any:
    """Return what the collector writes on a host that has no VMM module."""
    return {
        "format": "livemigration-collector",
        "schema": 1,
        "suite_version": "0.1.0",
        "collected": "2026-01-01T00:00:00Z",
        "collected_on": "hv01.contoso.com",
        "redacted": False,
        "port": 5985,
        "vmm": {
            "name": "",
            "asked": False,
            "identity": None,
            "failure": None,
            "records": None,
            "resolution": None,
            "probes": None,
        },
        "hosts": [
            {
                "name": "hv01.contoso.com",
                "identity": {"vendor": "Microsoft Corporation", "version": "OS: 10.0.20348"},
                "failure": None,
                "answers": [
                    {
                        "group": "operating-system",
                        "failure": None,
                        "rows": [
                            {"BuildNumber": "20348", "Caption": "x", "Version": "10.0.20348"},
                        ],
                    },
                    {
                        "group": "device-guard",
                        "failure": {"code": 0x8004100E, "text": "Invalid namespace"},
                        "rows": None,
                    },
                    {
                        "group": "services",
                        "failure": {"code": 5, "text": "Access is denied."},
                        "rows": None,
                    },
                ],
            }
        ],
    }


def test_the_facts_are_of_the_moment_of_collecting(tmp_path: Path) -> None:
    facts = load(tmp_path, vmmless())
    assert facts.gathered == datetime(2026, 1, 1, tzinfo=UTC)
    system = facts.hosts["hv01.contoso.com"].outcomes["operating-system"]
    assert isinstance(system, Gathered)
    assert system.at is None


def test_without_vmm_the_reason_says_where_to_run_it(tmp_path: Path) -> None:
    found = results(load(tmp_path, vmmless()))
    blocked = found["LM201", "hv01.contoso.com"]
    assert blocked.state is State.BLOCKED
    assert "the VMM module is not installed" in blocked.reason
    assert blocked.blocked_by is not None
    assert blocked.blocked_by.next_step.startswith("Run collect.ps1 on the VMM server")


def test_failures_keep_their_meaning(tmp_path: Path) -> None:
    host = load(tmp_path, vmmless()).hosts["hv01.contoso.com"]
    guard, services = host.outcomes["device-guard"], host.outcomes["services"]
    assert getattr(guard, "value", None) is not None, "an absent namespace means: not running"
    assert services.failure.kind.value == "access denied"  # type: ignore[union-attr]  # asserted
    missing = host.outcomes["listeners"].failure  # type: ignore[union-attr]  # asserted
    assert "has no Msvm_VirtualSystemMigrationService" in missing.came_back
    assert "collect again" in missing.next_step


def test_arrays_as_windows_powershell_wraps_them_are_read(tmp_path: Path) -> None:
    document = vmmless()
    rows = document["hosts"][0]["answers"][0]["rows"]
    document["hosts"][0]["answers"][0]["rows"] = {"value": rows, "Count": 1}
    host = load(tmp_path, document).hosts["hv01.contoso.com"]
    assert host.outcomes["operating-system"].value.build == 20348  # type: ignore[union-attr]  # asserted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema"),
        ({"schema": "one"}, "schema"),
        ({"hosts": None}, "hosts"),
        ({"collected": "yesterday"}, "yesterday"),
        ({"collected": "2026-01-01T00:00:00"}, "collected"),
        ({"port": "none"}, "port"),
        ({"vmm": {}}, "vmm"),
        ({"hosts": [{"name": "hv01"}]}, "hosts"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_key(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        load(tmp_path, vmmless() | change)
    assert "facts.json" in str(refused.value)
    assert "Collect again" in str(refused.value)


@pytest.mark.parametrize(
    "value", ["9200x", 9200, None, True, ["9200"], {"a": 1}], ids=lambda each: type(each).__name__
)
def test_a_value_that_is_none_of_windows_blocks_and_never_breaks(
    value: object, tmp_path: Path
) -> None:
    document = vmmless()
    document["hosts"][0]["answers"][0]["rows"][0]["BuildNumber"] = value
    found = results(load(tmp_path, document))
    assert State.INTERNAL_ERROR not in {each.state for each in found.values()}
    assert found["LM101", "hv01.contoso.com"].state is not State.PASS
