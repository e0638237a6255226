"""Fleet files: a fleet that could not run as written is refused, and the text says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn
from lab_clients import FLEET, fleet_file

from livemigration.lab.errors import LabError
from livemigration.lab.fleet import MOST_HOSTS, load_fleet

ADDRESSES = '{management: "1.11", migration: "50.11"}'
RULE = "\n    firewall: {rules: [{name: A"
OTHER = '{name: vmm09.contoso.com, address: "1.9"}'


@in_turn(
    "old, new, words",
    [
        ('"1.5"', '"300.5"', "vmm.address: '300.5' is no address"),
        ('"1.5"', '"127.0.1.5"', "is no address. Write its last two numbers"),
        ('"1.5"', '"1.11"', "the address 1.11 is given twice"),
        ("1.0/24", "1.0/8", "networks.management.subnet: '1.0/8' is no subnet"),
        ("1.0/24", "1.7/24", "networks.management.subnet: '1.7/24' is no subnet"),
        ("10.0.20348", "new", "system.version: 'new' is no version"),
        ("vmm01.contoso.com", "HV01.contoso.com", "the machine hv01.contoso.com is given twice"),
        (ADDRESSES, '{migration: "50.11"}', "hv01.contoso.com has no address in management"),
        (ADDRESSES, '{management: "1.11", blue: "50.11"}', "blue, which is not in networks"),
        ("[migration]", "[green]", "green, which is neither a network nor a subnet"),
        ("[migration]", "any\n    closed: [green]", "no address in green, which closed names"),
        ("[migration]", 'any\n    dns: ["x"]', "hosts[0].dns[0]: 'x' is no address"),
        ("  management: {subnet: 1.0/24}\n", "", "networks has no management"),
        ("[migration]", "[migration]\n    half_any: v4", "half_any, which needs networks: any"),
        ("[migration]", "any\n    tags: [Other]", "tags, which need networks that are named"),
        ("[migration]", "any\n    cluster: cl", "hv01.contoso.com is a node of cl. Add it to"),
        ("[migration]", "any\n    mtu: {green: 9000}", "no address in green, which mtu names"),
        ("[migration]", "any\n    rdma: [green]", "no address in green, which rdma names"),
        ("[migration]", "any\n    routes: {green: '1.1'}", "a route to green, which is neither"),
        ("[migration]", "any\n    routes: {migration: x}", "routes.migration: 'x' is no address"),
        ("[migration]", "any\n    gateway: x", "hosts[0].gateway: 'x' is no address"),
        ("[migration]", "any\n    extra_listeners: [x]", "'x' is no address"),
        ("[migration]", "any\n    firewall: {scope: [x]}", "lets in x, which is no network"),
        ("[migration]", "any\n    firewall: {rule: gone}", "hosts[0].firewall.rule: expected "),
        ("[migration]", "any\n    record: {subnets: [x]}", "is on record with x, which is neither"),
        ("[migration]", "any\n    data_ports: {80: open}", "expected 443 or 445"),
        ("[migration]", "any\n    maximum_migrations: -1", "maximum_migrations: must be "),
        ("[migration]", "any\n    any_rows: v4", "any_rows, which need networks that are named"),
        ("[migration]", "[fd00::1/64]", "fd00::1/64, which is neither a network nor a subnet"),
        ("[migration]", "any\n    routes: {'fd00::/64': '1.1'}", "a route to fd00::/64, which is"),
        ("[migration]", "any\n    ipv6: {migration: 'fd00::1'}", "no IPv6 address with a length"),
        ("[migration]", "any\n    ipv6: {migration: '1.1/24'}", "no IPv6 address with a length"),
        ("[migration]", "any\n    ipv6: {green: 'fd00::1/64'}", "green, which is not in networks"),
        ("[migration]", "any\n    ipv6: {migration: '::1/128'}", "no IPv6 address with a length"),
        ("[migration]", "any\n    dns: ['x::1']", "'x::1' is no IPv6 address"),
        ("[migration]", "any\n    vmm: other", "hv01.contoso.com is managed by other"),
        ("[migration]", "any\n    unreadable: [Win32_No]", "is no class that the suite reads"),
        ("[migration]", "any\n    access: none", "hosts[0].access: expected "),
        ("[migration]", "any\n    account: {lets_act: [x]}", "has an account that names x, no"),
        ("[migration]", "any\n    account: {hidden: [cn]}", "'cn' is no attribute that the suite"),
        ("hosts:", "directory: {server: dc, address: '1.5'}\nhosts:", "address 1.5 is given twice"),
        ("[migration]", "any\n    port_owner: 0", "hosts[0].port_owner: must be "),
        (
            "[migration]",
            "any\n    processor: {identifier: x}",
            "processor.identifier: is not of the form",
        ),
        ("[migration]", f"any{RULE}, ports: ['0']}}]}}", "'0' is no port. Write 6600, 6600-6610"),
        ("[migration]", f"any{RULE}, ports: ['9-1']}}]}}", "'9-1' is no port"),
        (
            "[migration]",
            f"any{RULE}, scope: [1.9-1.2]}}]}}",
            "lets in 1.9-1.2, which is no network",
        ),
        ("[migration]", f"any{RULE}, profiles: [all]}}]}}", "profiles[0]: expected "),
        ("[migration]", f"any{RULE}}}, {{name: a}}]}}", "the firewall rule a is given twice"),
        ("hosts:", f"other_vmms: [{OTHER}]\nhosts:", "vmm09.contoso.com manages no host"),
        ("hosts:", f"other_vmms: [{OTHER[:-1]}, down: off}}]\nhosts:", "down: expected "),
        ("hosts:", "clusters: {cl: {networks: [x]}}\nhosts:", "cl has x, which is not in networks"),
        ("hosts:", "clusters: {cl: {order: [x]}}\nhosts:", "cl names x, which is none of its"),
    ],
)
def test_a_fleet_that_could_not_run_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in FLEET
    with pytest.raises(LabError) as caught:
        load_fleet(fleet_file(tmp_path, text=FLEET.replace(old, new)))
    assert words in str(caught.value)


def test_a_subnet_may_stand_for_a_network(tmp_path: Path) -> None:
    text = FLEET.replace("[migration]", "[60.0/24]")
    assert load_fleet(fleet_file(tmp_path, text=text)).hosts[0].networks == ("60.0/24",)


def test_a_fleet_that_was_written_as_json_is_the_same_fleet(tmp_path: Path) -> None:
    more = "    data_ports: {443: dropped}\n    dns: none\n    cluster: cl\n"
    fleet = load_fleet(fleet_file(tmp_path, more, "clusters: {cl: {order: [migration]}}\n"))
    assert fleet.hosts[0].data_ports == {443: "dropped"}
    assert fleet.hosts[0].dns == ()
    again = tmp_path / "again.yaml"
    again.write_text(fleet.model_dump_json(exclude_defaults=True), encoding="utf-8")
    assert load_fleet(str(again)) == fleet


@pytest.mark.parametrize("hosts", [1, 2, MOST_HOSTS])
def test_a_fleet_of_any_size_has_an_address_for_each_host(tmp_path: Path, hosts: int) -> None:
    text = FLEET.replace('"1.5"', '"200.1"')
    sized = load_fleet(fleet_file(tmp_path, text=text)).of_size(hosts)
    taken = [sized.vmm.address, *(each.management for each in sized.hosts)]
    assert len(sized.hosts) == hosts
    assert len(set(taken)) == hosts + 1
