"""What a fleet file says beyond the plain case is what a run over it finds."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from fleet_runs import Judged, ask, judged, said
from in_turn import in_turn
from one_change import fleet, world_of

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import HOST_ACCESS, OPERATING_SYSTEM
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import FactGroup, FailureKind, Gathered, NotGathered
from livemigration.facts.network import LISTENING_SOCKETS, LOCAL_ADDRESSES, ROUTES
from livemigration.facts.processor import PROCESSORS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_PROBES, VMM_RECORD, VMM_RESOLUTION
from livemigration.inventory import inventory
from livemigration.lab.fleet import Fleet, load_fleet
from livemigration.lab.launch import start
from livemigration.lab.played import machines_of
from livemigration.lab.sockets import Sockets
from livemigration.lab.world import World
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Level

T = TypeVar("T")
ISOLATED = {"networks": ["migration"]}
STOPPED = {"vmms": "Running", "SCVMMAgent": "Running", "ClusSvc": "Stopped"}
AMD = {"manufacturer": "AuthenticAMD", "identifier": "178BFBFF00A10F11", "sockets": 2}
KEEP_OUT = {"name": "Keep-out", "action": "block", "ports": ["6600-6610"], "scope": ["50.2-50.99"]}

# Each a change of a host that is otherwise healthy.
HOSTS: dict[str, Mapping[str, Any]] = {
    "in dropped": {"networks": ["management"], "dns": ["50.11"]},
    "hvci": {**ISOLATED, "authentication": 0, "hvci": True},
    "guarded": {**ISOLATED, "authentication": 0, "hvci": True, "credential_guard": True},
    "taken": {"networks": ["management"], "port_owner": 7777},
    "unreadable": {**ISOLATED, "unreadable": ["MSFT_NetTCPConnection"]},
    "empty": {**ISOLATED, "empty": ["msft_netipaddress"]},
    "wrong password": {**ISOLATED, "access": "wrong-password"},
    "denied": {**ISOLATED, "access": "denied"},
    "wmi denied": {**ISOLATED, "access": "wmi-denied"},
    "cluster stopped": {**ISOLATED, "cluster": "cl", "services": STOPPED},
    "blocked": {**ISOLATED, "firewall": {"rules": [KEEP_OUT]}},
    "listed beside any": {**ISOLATED, "any_rows": "both"},
    "standalone on record": {**ISOLATED, "cluster": "cl", "record": {"cluster": "none"}},
    "proxied": ISOLATED,
    "amd": {**ISOLATED, "processor": AMD},
    "ipv6": {
        "networks": ["fd00:50::/64"],
        "ipv6": {"management": "fd00:1::26/64", "migration": "fd00:50::26/64"},
    },
}
NAMES = {kind: f"hv{number:02}.contoso.com" for number, kind in enumerate(HOSTS, start=1)}
BYPASS = [name for kind, name in NAMES.items() if kind != "proxied"]
VMM = {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"}


def write(folder: Path, document: Mapping[str, Any]) -> str:
    file = folder / "fleet.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> RunFacts:
    vmm = {**VMM, "proxy_bypass": BYPASS, "ipv6": "fd00:1::5"}
    file = write(tmp_path_factory.mktemp("fleet"), fleet(*HOSTS.values(), vmm=vmm))
    with start(file) as lab:
        return ask(lab)


@pytest.fixture(scope="module")
def results(facts: RunFacts) -> Judged:
    return judged(facts)


def of(facts: RunFacts, kind: str, group: FactGroup[T]) -> T:
    outcome = facts.hosts[NAMES[kind]].outcome(group)
    assert isinstance(outcome, Gathered)
    return outcome.value


def failed(facts: RunFacts, kind: str, group: FactGroup[Any]) -> FailureKind:
    outcome = facts.hosts[NAMES[kind]].outcome(group)
    assert isinstance(outcome, NotGathered)
    return outcome.failure.kind


@pytest.mark.parametrize(
    ("kind", "check", "state", "words"),
    [
        ("hvci", "LM104", State.PASS, "CredSSP"),
        ("guarded", "LM104", State.FAIL, "Credential Guard"),
        ("taken", "LM103", State.FAIL, "process id 7777"),
        ("unreadable", "LM103", State.BLOCKED, ""),
        ("wrong password", "LM302", State.FAIL, ""),
        ("denied", "LM302", State.FAIL, "ACCESS_DENIED"),
        ("wmi denied", "LM302", State.FAIL, "WMI_CANNOT_CONNECT_ACCESS_DENIED"),
        ("blocked", "LM305", State.FAIL, "Keep-out"),
        ("listed beside any", "LM102", State.WARNING, "any network"),
        ("proxied", "LM301", State.FAIL, "80338126"),
        ("proxied", "LM204", State.PASS, ""),
        ("amd", "LM301", State.PASS, ""),
        ("ipv6", "LM103", State.PASS, "fd00:50::26"),
        ("ipv6", "LM102", State.PASS, "fd00:50::/64"),
    ],
)
def test_a_run_finds_what_the_fleet_says(
    results: Judged, kind: str, check: str, state: State, words: str
) -> None:
    result = results[check, NAMES[kind]]
    assert result.state is state, said(result)
    assert words in told(result, state)


def told(result: Result, state: State) -> str:
    """Return what a result says at the level of its state."""
    levels = {State.FAIL: Level.FAIL, State.WARNING: Level.WARNING}
    wanted = levels.get(state)
    return " ".join(
        each.observed for each in result.findings if wanted is None or each.level is wanted
    )


def test_an_address_without_a_listener_in_a_dropped_network_is_silent(facts: RunFacts) -> None:
    probes = {(str(e.address), e.port): e.code for e in of(facts, "in dropped", VMM_PROBES).probes}
    (used,) = (str(each) for each in of(facts, "in dropped", VMM_RESOLUTION).addresses)
    assert used.endswith(".50.11")
    assert probes[used, 6600] == 10060
    assert probes[used, 5985] == 0, "WinRM listens on every address"


def test_what_fails_on_one_host_fails_as_it_does_there(facts: RunFacts) -> None:
    assert failed(facts, "wrong password", HOST_ACCESS) is FailureKind.AUTHENTICATION
    assert failed(facts, "denied", HOST_ACCESS) is FailureKind.ACCESS_DENIED
    assert of(facts, "wmi denied", HOST_ACCESS).product_vendor
    assert failed(facts, "wmi denied", OPERATING_SYSTEM) is FailureKind.ACCESS_DENIED
    assert failed(facts, "unreadable", LISTENING_SOCKETS) is FailureKind.FAULT
    assert failed(facts, "cluster stopped", CLUSTER) is FailureKind.MISSING
    assert of(facts, "empty", LISTENERS).listeners
    addresses = facts.hosts[NAMES["empty"]].outcome(LOCAL_ADDRESSES)
    assert isinstance(addresses, NotGathered) or not of(facts, "empty", LOCAL_ADDRESSES)


def test_what_no_check_reads_is_in_the_facts(facts: RunFacts) -> None:
    manufacturers = [each.manufacturer for each in of(facts, "amd", PROCESSORS)]
    assert manufacturers == ["AuthenticAMD", "AuthenticAMD"]
    assert of(facts, "standalone on record", VMM_RECORD).cluster is None
    assert of(facts, "standalone on record", CLUSTER).name == "cl"
    assert of(facts, "cluster stopped", VMM_RECORD).cluster == "cl"


def test_ipv6_addresses_are_in_tables_and_meet_vmm_without_a_socket(facts: RunFacts) -> None:
    local = {str(e.address): e.prefix_length for e in of(facts, "ipv6", LOCAL_ADDRESSES)}
    assert local["fd00:50::26"] == 64
    assert "fd00:50::/64" in {str(each.destination) for each in of(facts, "ipv6", ROUTES)}
    assert [str(e) for e in of(facts, "ipv6", LISTENERS).listeners] == ["fd00:50::26"]
    assert [str(e.address) for e in of(facts, "ipv6", LISTENING_SOCKETS)] == ["fd00:50::26"]
    assert str(of(facts, "ipv6", VMM_RESOLUTION).addresses[1]) == "fd00:1::26"
    probes = {(str(e.address), e.port): e.code for e in of(facts, "ipv6", VMM_PROBES).probes}
    assert probes["fd00:50::26", 6600] == 10060, "its network drops, whatever the family"
    assert probes["fd00:1::26", 6600] == 10061
    assert probes["fd00:1::26", 5985] == 0


@in_turn(
    "more, address, port, met",
    [
        ({}, "fd00:1::11", 6600, "open"),
        ({}, "fd00:1::99", 6600, "dropped"),
        ({"closed": ["management"]}, "fd00:1::11", 6600, "refused"),
        ({"half_any": "v4"}, "fd00:1::11", 6600, "refused"),
        ({"firewall": {"scope": ["1.5"]}}, "fd00:1::11", 6600, "dropped"),
        ({"firewall": {"scope": ["fd00:1::/64"]}}, "fd00:1::11", 6600, "open"),
        ({"control": "refused"}, "fd00:1::11", 5985, "refused"),
        ({"data_ports": {"445": "refused"}}, "fd00:1::11", 445, "refused"),
        ({}, "fd00:1::11", 445, "open"),
        ({}, "fd00:1::11", 443, "refused"),
        ({}, "fd00:1::11", 5986, "refused"),
        ({"ssl": True}, "fd00:1::11", 5986, "open"),
        ({"down": "silent"}, "fd00:1::11", 5985, "dropped"),
        ({"down": "refused"}, "fd00:1::11", 6600, "refused"),
        ({}, "127.20.1.11", 6600, None),
    ],
)
def test_vmm_meets_an_ipv6_address_as_it_would_an_ipv4_one(
    more: dict[str, Any], address: str, port: int, met: str | None
) -> None:
    change = {"ipv6": {"management": "fd00:1::11/64"}, **more}
    world, _ = world_of(change, vmm={**VMM, "ipv6": "fd00:1::5"})
    assert world.vmm_meets(address, port) == met
    without, _ = world_of(change)
    assert without.vmm_meets(address, port) == (None if ":" not in address else "unreachable")


# What a rule of this kind does to VMM's connection to the management address.
RULES: list[tuple[dict[str, Any], bool]] = [
    ({"name": "A", "action": "block"}, True),
    ({"name": "A", "action": "block", "enabled": False}, False),
    ({"name": "A", "action": "block", "profiles": ["public"]}, False),
    ({"name": "A", "action": "block", "profiles": ["public", "domain"]}, True),
    ({"name": "A", "action": "block", "protocol": "UDP"}, False),
    ({"name": "A", "action": "block", "protocol": "Any", "ports": ["Any"]}, True),
    ({"name": "A", "action": "block", "ports": ["6599", "6601-6700"]}, False),
    ({"name": "A", "action": "block", "ports": ["6500-6600"]}, True),
    ({"name": "A", "action": "block", "scope": ["1.6-1.9"]}, False),
    ({"name": "A", "action": "block", "scope": ["1.4-1.5"]}, True),
    ({"name": "A", "action": "block", "scope": ["LocalSubnet"]}, True),
    ({"name": "A", "action": "block", "local": ["50.11"]}, False),
    ({"name": "A", "action": "block", "program": r"C:\Windows\System32\vmms.exe"}, True),
    ({"name": "A", "action": "block", "program": "System"}, False),
    ({"name": "A", "action": "block", "service": "W3SVC"}, False),
]


@in_turn("rule, kept_out", RULES)
def test_a_rule_keeps_vmm_out_where_it_is_about_its_connection(
    rule: dict[str, Any], kept_out: bool
) -> None:
    world, host = world_of({"firewall": {"rules": [rule]}})
    assert world.drops(host, "127.20.1.11") is kept_out
    allowing = {"rule": "missing", "rules": [{**rule, "action": "allow"}]}
    world, host = world_of({"firewall": allowing})
    assert world.drops(host, "127.20.1.11") is not kept_out, "the same rule, letting in"


def test_a_connection_that_no_rule_is_about_fares_as_the_firewall_says() -> None:
    world, host = world_of({"firewall": {"rule": "missing", "inbound": "allow"}})
    assert not world.drops(host, "127.20.1.11")


SECOND = {"name": "vmm09.contoso.com", "address": "1.9", "registry": "3.1.6011.0"}


def test_of_two_vmm_servers_one_that_is_down_hides_only_its_own_hosts(tmp_path: Path) -> None:
    document = fleet(
        {"networks": ["management"]},
        {"networks": ["management"], "vmm": "VMM09.contoso.com"},
        vmm={**VMM, "down": "refused"},
        other_vmms=[SECOND],
    )
    file = write(tmp_path, document)
    loaded = load_fleet(file)
    managers = {host.name: loaded.manager(host).name for host in loaded.hosts}
    with start(file) as lab:
        facts = ask(lab, managers)
    found = judged(facts)
    assert found["LM001", "vmm01.contoso.com"].state is State.FAIL
    assert found["LM001", "vmm09.contoso.com"].state is State.WARNING, "it has KB 2853203"
    record = facts.hosts["hv02.contoso.com"].outcome(VMM_RECORD)
    assert isinstance(record, Gathered)
    assert record.value.known
    assert failed_record(facts) is FailureKind.REFUSED
    hv02 = {check: r.state for (check, at), r in found.items() if at == "hv02.contoso.com"}
    assert State.FAIL not in hv02.values()
    seen = loaded.seen_by(loaded.other_vmms[0])
    assert [each.record.known for each in seen.hosts] == [False, True]


def failed_record(facts: RunFacts) -> FailureKind:
    outcome = facts.hosts["hv01.contoso.com"].outcome(VMM_RECORD)
    assert isinstance(outcome, NotGathered)
    return outcome.failure.kind


@pytest.mark.parametrize(
    ("address", "port", "met"),
    [
        ("1.5", 5985, "silent"),
        ("1.11", 5985, "open"),
        ("50.11", 5985, "open"),
        ("1.11", 5986, "open"),
        ("50.11", 5986, "open"),
        ("50.11", 6600, "silent"),
        ("50.240", 6600, "silent"),
        ("1.240", 6600, "refused"),
        ("1.12", 6600, "silent"),
        ("50.12", 5985, "silent"),
        ("50.13", 6600, "silent"),
        ("1.13", 6600, "refused"),
        ("1.13", 5985, "refused"),
    ],
)
def test_each_socket_is_as_the_fleet_says(
    sockets: World, address: str, port: int, met: str
) -> None:
    assert meeting(sockets.address(address), port) == met


@pytest.fixture(scope="module")
def sockets() -> Iterator[World]:
    document = fleet(
        {"networks": ["management"], "dns": ["50.240", "1.240"], "ssl": True},
        {"down": "silent"},
        {"down": "refused"},
        vmm={**VMM, "down": "silent"},
    )
    loaded = Fleet.model_validate(document)
    # No lab draws these networks by itself; another run of these tests may have taken one.
    for number in range(2, 14):
        world = World(loaded, number)
        with ExitStack() as stack:
            try:
                Sockets(world, stack).bind_all()
            except OSError:
                continue
            yield world
            return
    raise AssertionError("every network is taken")


def meeting(address: str, port: int) -> str:
    try:
        with closing(socket.create_connection((address, port), timeout=0.3)):
            return "open"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"


def test_an_inventory_of_a_fleet_has_each_vmm_server_with_its_hosts(tmp_path: Path) -> None:
    document = fleet({}, {"vmm": "vmm09.contoso.com"}, other_vmms=[SECOND])
    found = inventory.load(f"lab:{write(tmp_path, document)}", tmp_path, machines_of)
    assert [each.name for each in found.vmms] == ["vmm01.contoso.com", "vmm09.contoso.com"]
    assert found.managers == {
        "hv01.contoso.com": "vmm01.contoso.com",
        "hv02.contoso.com": "vmm09.contoso.com",
    }


def test_a_fleet_cut_short_leaves_out_a_vmm_server_without_hosts(tmp_path: Path) -> None:
    document = fleet({}, {"vmm": "vmm09.contoso.com"}, other_vmms=[SECOND])
    loaded = load_fleet(write(tmp_path, document))
    assert [each.name for each in loaded.of_size(1).vmms] == ["vmm01.contoso.com"]
    assert len(loaded.of_size(3).vmms) == 2


@in_turn(
    "name, taken",
    [("hv01.contoso.com", True), ("hv09.FABRIKAM.com", False), ("hv01", False), ("HV02", True)],
)
def test_a_proxy_takes_the_names_that_do_not_go_past_it(name: str, taken: bool) -> None:
    bypass = ["*.fabrikam.com", "<local>"] if name != "HV02" else ["*.fabrikam.com"]
    world, _ = world_of({}, vmm={**VMM, "proxy_bypass": bypass})
    assert world.proxy_takes(name) is taken
    without, _ = world_of({})
    assert not without.proxy_takes(name)
