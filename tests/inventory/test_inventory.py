"""Inventories: what is accepted, and how each mistake is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from in_turn import in_turn

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.inventory.inventory import Inventory, limit, load, parse
from livemigration.inventory.yaml_file import read_text
from livemigration.lab.fleet import load_fleet, shipped_fleets
from livemigration.lab.played import machines_of

ROOT = Path(__file__).parents[2]
VMM = "vmm: {name: vmm01.contoso.com}\n"
HOSTS = "hosts:\n  - name: hv01.contoso.com\n    groups: [ams]\n  - name: hv02.contoso.com\n"
WHOLE = f"schema: 1\n{VMM}{HOSTS}"


def read(text: str) -> Inventory:
    return parse(text, "prod.yaml", fleets=machines_of)


# What is wrong → the sentence; every one starts with the file, and names line and key.
MISTAKES = {
    "schema: 2\n" + VMM + HOSTS: "prod.yaml, line 1: schema: ",
    VMM + HOSTS: "prod.yaml, line 1: schema: is missing. Add it.",
    "schema: 1\nschema: 1\n": "prod.yaml, line 2: schema: the key is given twice.",
    WHOLE + "policy:\n  fail_on: fail\n  fail_on: warning\n": (
        "prod.yaml, line 9: fail_on: the key is given twice. Keep one of the two."
    ),
    WHOLE + "policy:\n  network_choice: auto\n": (
        "prod.yaml, line 8: policy.network_choice: is not a known key. "
        "Remove it or correct its spelling."
    ),
    WHOLE + "policy: {fail_on: never}\n": "prod.yaml, line 7: policy.fail_on: ",
    WHOLE + "policy: {migration_subnets: [10.0.0.1/24]}\n": (
        "prod.yaml, line 7: policy.migration_subnets[0]"
    ),
    WHOLE + "policy:\n  migration_subnets: 10.0.0.0/24\n": (
        "prod.yaml, line 8: policy.migration_subnets: expected a list, such as [a, b]. "
        "Found '10.0.0.0/24'."
    ),
    WHOLE + "connection: {transport: Kerberos}\n": "Found 'Kerberos'.",
    WHOLE + "connection: {transport: [ntlm]}\n": "prod.yaml, line 7: connection.transport: ",
    WHOLE + "connection: {transport: pigeon}\n": "Found 'pigeon'.",
    WHOLE + "connection: {port: 0}\n": "prod.yaml, line 7: connection.port: ",
    WHOLE + "connection:\n  time_limits: {run: .nan}\n": "connection.time_limits.run: ",
    WHOLE + "connection: 5985\n": (
        "prod.yaml, line 7: connection: expected keys and values. Found '5985'."
    ),
    f"schema: 1\n{VMM}hosts: [hv01]\n": ("hosts[0]: expected keys and values. Write - name: hv01"),
    f"schema: 1\n{VMM}hosts: [{{name: 1}}]\n": "hosts[0].name: expected a text; put it in quotes.",
    f"schema: 1\n{VMM}hosts: [{{name: '<b>'}}]\n": "'<b>' is not a machine's name.",
    f"schema: 1\n{VMM}hosts: [{{name: HV01}}, {{name: hv01}}]\n": "hv01 is listed twice.",
    f"schema: 1\n{VMM}": "vmm and hosts are both needed. Add the one that is missing.",
    f"schema: 1\n{VMM}lab: {{fleet: healthy}}\n": "Keep either lab, or vmm and hosts.",
    "schema: 1\nlab: {fleet: nowhere}\n": "prod.yaml: lab.fleet: nowhere: no such fleet.",
    WHOLE + "groups: {fra: {policy: {fail_on: warning}}}\n": (
        "prod.yaml, line 7: groups.fra: no host is in this group."
    ),
    "schema: 1\n  vmm: x\n": "prod.yaml, line 2: not valid YAML: ",
    "- a\n": "prod.yaml, line 1: expected keys and values, such as 'schema: 1'.",
    "": "prod.yaml, line 1: expected keys and values, such as 'schema: 1'.",
    "a: [\n": "not valid YAML",
    "a: \x07\n": "prod.yaml: not valid YAML: ",
}


@in_turn("text, words", list(MISTAKES.items()))
def test_a_mistake_is_named_with_file_line_and_key(text: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert str(raised.value).startswith("prod.yaml")
    assert words in str(raised.value)


@in_turn(
    "text",
    [
        "credentials: {from: environment, password: hunter-2}\n",
        "credentials: {from: hunter-2}\n",
        "credentials: {password_variable: hunter-2}\n",
        "credentials: hunter-2\n",
    ],
)
def test_a_password_in_the_file_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(UsageError, match=r"prod.yaml, line 7: credentials") as raised:
        read(WHOLE + text)
    assert "hunter-2" not in str(raised.value)


def test_an_inventory_without_hosts_has_nothing_to_check() -> None:
    with pytest.raises(NothingToCheckError, match=r"prod.yaml names no host"):
        read(f"schema: 1\n{VMM}hosts: []\n")


def test_the_template_is_an_inventory_and_says_the_defaults() -> None:
    template = load("inventories/example.yaml", ROOT)
    bare = read(WHOLE)
    assert template.reach.connection == bare.reach.connection
    assert template.reach.credentials == bare.reach.credentials
    assert template.site_policy == bare.site_policy
    assert [host.address for host in template.hosts] == [None, None, "10.20.0.13"]
    assert {str(*policy.migration_subnets) for policy in template.policies.values()} == {
        "10.10.50.0/24",
        "10.20.50.0/24",
    }


@pytest.mark.long
@in_turn("fleet", shipped_fleets())
def test_a_shipped_fleet_is_an_inventory_by_its_name(fleet: str) -> None:
    inventory = load(f"lab:{fleet}", ROOT, machines_of)
    assert (inventory.label, inventory.lab_fleet) == (f"lab:{fleet}", fleet)
    assert [each.name for each in inventory.hosts] == [
        each.name for each in load_fleet(fleet).hosts
    ]


def test_the_digest_tells_two_inventories_apart() -> None:
    assert read(WHOLE).digest == read(WHOLE).digest != read(f"{WHOLE}# changed\n").digest


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"#" * (4 << 20) + b"#", "larger than 4 MiB"),
    ],
    ids=["missing", "not UTF-8", "huge"],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "prod.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError, match=words) as raised:
        read_text(path)
    assert str(path) in str(raised.value)


def test_a_byte_order_mark_of_notepad_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "prod.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert len(load("prod.yaml", tmp_path).hosts) == 2


GROUPS = """
groups:
  ams: {policy: {migration_scope: in-cluster}}
  old: {policy: {authentication: credssp}}
"""


def test_a_group_changes_only_what_it_sets() -> None:
    text = WHOLE.replace("[ams]", "[ams, old]") + "policy: {fail_on: warning}\n" + GROUPS
    inventory = read(text)
    first, second = (inventory.policies[host.name] for host in inventory.hosts)
    assert (first.migration_scope, first.authentication, first.fail_on) == (
        "in-cluster",
        "credssp",
        "warning",
    )
    assert second == inventory.site_policy


def test_two_groups_of_a_host_that_disagree_are_named() -> None:
    text = WHOLE.replace("[ams]", "[ams, old]") + GROUPS.replace(
        "authentication: credssp", "migration_scope: cross-host"
    )
    words = "hv01.contoso.com: groups ams and old disagree on migration_scope"
    with pytest.raises(UsageError, match=words):
        read(text)


FLEET = read(
    f"schema: 1\n{VMM}hosts:\n"
    "  - {name: hv01.ams.contoso.com, groups: [ams]}\n"
    "  - {name: hv02.ams.contoso.com, groups: [AMS, old]}\n"
    "  - {name: hv01.fra.contoso.com, address: 10.20.0.13, groups: [fra]}\n"
).hosts


@in_turn(
    "patterns, positions",
    [
        ([], [0, 1, 2]),
        (["hv01*"], [0, 2]),
        (["hv01"], [0, 2]),
        (["HV02.AMS.contoso.com"], [1]),
        (["*.fra.*"], [2]),
        (["group:ams"], [0, 1]),
        (["group:*"], [0, 1, 2]),
        (["group:old", "hv01.fra*"], [1, 2]),
        (["hv01.fra*", "hv01.ams*", "hv01*"], [0, 2]),
        (["10.20.0.13"], [2]),
        (["10.20.*"], [2]),
    ],
)
def test_limit_keeps_the_order_of_the_inventory(patterns: list[str], positions: list[int]) -> None:
    assert limit(FLEET, patterns) == tuple(FLEET[position] for position in positions)


@in_turn("pattern", ["hv0", "ams", "group:am", "group:", "01", "10.20.0.1"])
def test_a_limit_that_matches_nothing_stops_the_run_even_beside_one_that_does(
    pattern: str,
) -> None:
    with pytest.raises(NothingToCheckError, match=f"--limit {pattern}: no host"):
        limit(FLEET, ["hv01*", pattern])


OWN_FLEET = """\
name: own
title: one host
domain: contoso.com
networks: {management: {subnet: 1.0/24}}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022}
vmm: {name: vmm01.contoso.com, address: "1.5", server: 10.22.1287.0}
hosts: [{name: own01.contoso.com, shows: healthy, addresses: {management: "1.11"}}]
"""


@pytest.mark.parametrize("reference", ["lab:own.yaml", "inventory.yaml"])
def test_a_fleet_file_stands_beside_its_inventory_and_counts_in_the_digest(
    tmp_path: Path, reference: str
) -> None:
    fleet = tmp_path / "own.yaml"
    fleet.write_text(OWN_FLEET, encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(
        "schema: 1\nlab: {fleet: own.yaml}\n", encoding="utf-8"
    )
    first = load(reference, tmp_path, machines_of)
    assert [each.name for each in first.hosts] == ["own01.contoso.com"]
    assert first.lab_fleet == str(fleet)
    fleet.write_text(OWN_FLEET.replace("healthy", "changed"), encoding="utf-8")
    assert load(reference, tmp_path, machines_of).digest != first.digest


def test_a_fleet_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"lab.fleet: .*nowhere.yaml"):
        load("lab:nowhere.yaml", tmp_path, machines_of)


SEVERAL = """\
schema: 1
vmm: [{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]
hosts:
  - {name: hv01.contoso.com, vmm: vmm01.contoso.com}
  - {name: hv02.contoso.com, vmm: VMM02.contoso.com}
"""


def test_each_host_names_its_vmm_server_where_there_are_several() -> None:
    inventory = parse(SEVERAL, "site.yaml")
    assert inventory.managers == {
        "hv01.contoso.com": "vmm01.contoso.com",
        "hv02.contoso.com": "vmm02.contoso.com",
    }
    (only,) = inventory.servers_of(["hv02.contoso.com"])
    assert only.name == "vmm02.contoso.com"


@in_turn(
    "old, new, said",
    [
        (", vmm: VMM02.contoso.com", "", "hv02.contoso.com: vmm is missing, and there are several"),
        ("VMM02.contoso.com", "vmm03", "hv02.contoso.com: vmm is vmm03. Name one of vmm01"),
        ("VMM02.contoso.com", "vmm01.contoso.com", "no host names vmm02.contoso.com"),
        ("{name: vmm02.contoso.com}", "{name: VMM01.contoso.com}", "listed twice"),
        ("[{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]", "[]", "vmm and hosts are both"),
    ],
)
def test_servers_and_hosts_that_do_not_fit_are_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(SEVERAL.replace(old, new), "site.yaml")


def test_hosts_of_a_group_that_exchanges_vms_are_peers_of_each_other_only() -> None:
    text = """\
schema: 1
vmm: {name: vmm01}
hosts:
  - {name: hv01, groups: [ams, spare]}
  - {name: hv02, groups: [ams]}
  - {name: hv03, groups: [fra]}
groups: {ams: {exchanges_vms: true}}
"""
    peers = parse(text, "site.yaml").peers
    # One set for all of the group, themselves among them.
    assert peers == dict.fromkeys(("hv01", "hv02"), frozenset({"hv01", "hv02"}))
    assert peers["hv01"] is peers["hv02"]
