"""Connections and accounts of one group, and of a VMM server: what holds, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from pydantic import ValidationError

from livemigration.base.errors import UsageError
from livemigration.inventory.connection import UNENCRYPTED, Connection
from livemigration.inventory.gate import gate_inventory
from livemigration.inventory.inventory import Inventory, parse
from livemigration.inventory.own_connection import OwnConnection, merged, said

SITE = """\
schema: 1
vmm: {{name: vmm01.contoso.com{vmm}}}
hosts:
  - {{name: hv01.contoso.com}}
  - {{name: hv02.contoso.com, groups: [edge]}}
  - {{name: hv03.contoso.com, groups: [edge, slow]}}
  - {{name: hv04.contoso.com, groups: [slow]}}
connection: {{{site}}}
credentials: {{username_variable: SITE_USER, password_variable: SITE_PASSWORD}}
groups:
  edge:
    {edge}
  slow:
    {slow}
"""
PAIR = "client_certificate: a.pem, client_key: b.pem"
READABLE = f"send_password_unencrypted: '{UNENCRYPTED}'"
NOTHING = "exchanges_vms: false"


def inventory(site: str = "", edge: str = NOTHING, slow: str = NOTHING, vmm: str = "") -> Inventory:
    text = SITE.format(site=site, edge=edge, slow=slow, vmm=vmm)
    return parse(text, "prod.yaml", Path("site"))


def connections(found: Inventory) -> list[Connection]:
    names = ("vmm01", "hv01", "hv02", "hv03", "hv04")
    return [found.reach_of(f"{name}.contoso.com").connection for name in names]


def test_a_group_changes_the_connection_of_its_own_hosts_alone() -> None:
    found = inventory("ca: ca.pem, https: true", "connection: {port: 8443}")
    assert [each.port for each in connections(found)] == [5986, 5986, 8443, 8443, 5986]
    assert {each.ca for each in connections(found)} == {"ca.pem"}
    assert found.reach_of("hv02.contoso.com").files.ca == Path("site/ca.pem")


def test_a_vmm_server_has_a_connection_and_an_account_of_its_own() -> None:
    own = ", connection: {https: true}, credentials: {password_variable: VMM_PASSWORD}"
    found = inventory(vmm=own)
    assert [each.https for each in connections(found)] == [True, False, False, False, False]
    assert found.reach_of("vmm01.contoso.com").credentials.password_variable == "VMM_PASSWORD"
    assert found.reach_of("hv01.contoso.com").credentials.password_variable == "SITE_PASSWORD"


def test_each_of_several_vmm_servers_has_its_own() -> None:
    text = (
        "schema: 1\nvmm:\n  - {name: vmm01}\n  - name: vmm02\n    connection: {port: 8080}\n"
        "hosts: [{name: hv01, vmm: vmm01}, {name: hv02, vmm: vmm02}]\n"
    )
    found = parse(text, "prod.yaml")
    assert [found.reach_of(each).connection.port for each in ("vmm01", "vmm02")] == [5985, 8080]
    with pytest.raises(UsageError, match=r"line 5: vmm\[1\]\.connection: transport: basic without"):
        parse(text.replace("port: 8080", "transport: basic"), "prod.yaml")


def test_groups_of_one_host_add_up_and_a_group_keeps_the_inventorys_account() -> None:
    edge = "connection: {https: true, time_limits: {connect: 9}}"
    slow = "{connection: {time_limits: {message: 99}}, credentials: {password_variable: A_SLOW}}"
    found = inventory("time_limits: {host: 77}", edge, f"<<: {slow}")
    both = found.reach_of("hv03.contoso.com")
    limits = both.connection.time_limits
    assert (both.connection.https, both.connection.port) == (True, 5986)
    assert (limits.connect, limits.message, limits.host, limits.probe) == (9, 99, 77, 4)
    assert both.credentials.password_variable == "A_SLOW"
    assert found.reach_of("hv02.contoso.com").credentials.password_variable == "SITE_PASSWORD"


# What the inventory says, what the group says → https, port and what else is left of it.
TOGETHER: dict[tuple[str, str], dict[str, Any]] = {
    ("", "https: true"): {"https": True, "port": 5986},
    ("port: 5985", "https: true"): {"https": True, "port": 5986},
    ("port: 15985", "https: true"): {"https": True, "port": 5986},
    ("https: true", "https: false"): {"https": False, "port": 5985},
    ("https: true", "port: 5985"): {"https": False, "port": 5985},
    ("https: true", "port: 8443"): {"https": True, "port": 8443},
    ("", "port: 5986"): {"https": True, "port": 5986},
    ("", "port: 8080"): {"https": False, "port": 8080},
    ("https: true, ca: a.pem", "https: false"): {"https": False, "ca": None},
    ("https: true, ca: a.pem", "server_certificate: ignore"): {"ca": None},
    ("https: true, server_certificate: ignore", "ca: b.pem"): {"server_certificate": "validate"},
    ("https: true, server_certificate: ignore", "port: 5985"): {"server_certificate": "validate"},
    (f"https: true, transport: certificate, {PAIR}", "transport: ntlm"): {"client_key": None},
    (f"transport: basic, {READABLE}", "https: true"): {"send_password_unencrypted": None},
    (f"transport: basic, {READABLE}", "transport: ntlm"): {"send_password_unencrypted": None},
    (f"transport: basic, {READABLE}", "port: 8080"): {"send_password_unencrypted": UNENCRYPTED},
    ("https: true, ca: a.pem", "transport: basic"): {"ca": "a.pem", "transport": "basic"},
    ("https: true, ca: a.pem", "ca: null"): {"ca": "a.pem"},
}


@in_turn("given, expected", list(TOGETHER.items()))
def test_what_a_group_says_takes_what_goes_with_it(
    given: tuple[str, str], expected: dict[str, Any]
) -> None:
    site, own = given
    found = inventory(site, f"connection: {{{own}}}").reach_of("hv02.contoso.com").connection
    assert {name: getattr(found, name) for name in expected} == expected


# What the inventory says, what the group says → what the one sentence says.
REFUSED = {
    ("", "transport: basic"): "groups.edge.connection: transport: basic without https sends",
    ("https: true, transport: basic", "https: false"): "transport: basic without https sends",
    ("https: true, transport: basic", "port: 5985"): "transport: basic without https sends",
    ("https: true, transport: basic", "server_certificate: ignore"): "gives the password to who",
    ("", "ca: a.pem"): "ca says who signs the machines' certificates, and without https there are",
    ("https: true", "https: false, server_certificate: ignore"): "server_certificate says whose",
    ("https: true", "client_key: b.pem"): "client_key is for transport: certificate only",
    ("https: true", "transport: certificate"): "client_certificate is missing",
    ("", READABLE): "send_password_unencrypted is of no use here",
    (f"transport: basic, {READABLE}", f"https: true, {READABLE}"): "is of no use here",
    ("https: true", "ca: a.pem, server_certificate: ignore"): "Keep one of the two",
    ("", "port: 0"): "groups.edge.connection.port: must be 1 at least. Found '0'.",
    ("", "concurrent_hosts: 3"): "groups.edge.connection.concurrent_hosts: is of the whole run, "
    "and of no group and no server. Write it under the inventory's own connection alone.",
    ("", "time_limits: {run: 3}"): "groups.edge.connection.time_limits.run: is of the whole run, "
    "and of no group and no server. Write it under the inventory's own time_limits alone.",
    ("", "time_limits: {hots: 3}"): "time_limits.hots: is not a known key. Did you mean host?",
    ("", "time_limits: {host: 0}"): "groups.edge.connection.time_limits.host: must be more than 0.",
    ("", "prot: 80"): "groups.edge.connection.prot: is not a known key. Did you mean port?",
}


@in_turn("given, words", list(REFUSED.items()))
def test_what_does_not_go_together_is_refused_where_it_stands(
    given: tuple[str, str], words: str
) -> None:
    site, own = given
    with pytest.raises(UsageError) as raised:
        inventory(site, f"connection: {{{own}}}")
    assert str(raised.value).startswith("prod.yaml, line 12: groups.edge.connection")
    assert words in str(raised.value)
    with pytest.raises(UsageError) as raised:
        inventory(site, vmm=f", connection: {{{own}}}")
    assert str(raised.value).startswith("prod.yaml, line 2: vmm.connection")
    assert words.replace("groups.edge", "vmm") in str(raised.value)


def test_groups_that_disagree_are_named_with_the_key() -> None:
    with pytest.raises(UsageError) as raised:
        inventory(edge="connection: {port: 8080}", slow="connection: {port: 8081}")
    assert str(raised.value) == (
        "prod.yaml: hosts: hv03.contoso.com: groups edge and slow disagree on port. Take the host "
        "out of one, or make them agree."
    )
    with pytest.raises(UsageError, match="groups edge and slow disagree on connect"):
        inventory(
            edge="connection: {time_limits: {connect: 1}}",
            slow="connection: {time_limits: {connect: 2}}",
        )
    with pytest.raises(UsageError, match="groups edge and slow disagree on credentials"):
        inventory(edge="credentials: {from: prompt}", slow="credentials: {password_variable: A_B}")


def test_groups_that_are_refused_only_together_are_named() -> None:
    with pytest.raises(UsageError) as raised:
        inventory("https: true", "connection: {https: false}", "connection: {transport: basic}")
    assert str(raised.value).startswith(
        "prod.yaml: hosts: hv03.contoso.com: groups edge and slow do not go together: transport: "
        "basic without https"
    )


def test_a_password_that_is_written_for_a_group_is_never_shown() -> None:
    for written in ("password: S3cret-x", "from: S3cret-x", "password_variable: S3cret-x"):
        for place, comma in (("edge", ""), ("vmm", ", ")):
            with pytest.raises(UsageError) as raised:
                inventory(**{place: f"{comma}credentials: {{{written}}}"})
            assert "S3cret" not in str(raised.value)
    with pytest.raises(UsageError, match="No password stands here"):
        inventory(edge="credentials: {password: S3cret-x}")


def test_how_machines_are_reached_is_no_demand_on_them() -> None:
    reached = inventory(edge="connection: {port: 8080}", vmm=", connection: {port: 8081}")
    assert reached.policy_digest == inventory().policy_digest
    demanding = inventory(edge="policy: {authentication: kerberos}")
    assert demanding.policy_digest != inventory().policy_digest


def test_a_gate_reaches_a_listed_host_as_its_group_says() -> None:
    found = inventory(edge="connection: {port: 8080}")
    gate = gate_inventory("host-build", ["HV02.contoso.com", "hv09.contoso.com"], found)
    ports = [gate.reach_of(each.name).connection.port for each in gate.hosts]
    assert ports == [8080, 5985]


limits = st.fixed_dictionaries(
    {}, optional={name: st.integers(1, 100) for name in ("connect", "message", "probe", "host")}
)
keys = {
    "transport": st.sampled_from(["ntlm", "negotiate", "basic", "certificate"]),
    "https": st.booleans(),
    "port": st.sampled_from([5985, 5986, 8080]),
    "server_certificate": st.sampled_from(["validate", "ignore"]),
    "ca": st.just("ca.pem"),
    "client_certificate": st.just("a.pem"),
    "client_key": st.just("b.pem"),
    "send_password_unencrypted": st.just(UNENCRYPTED),
    "time_limits": limits,
}
written = st.fixed_dictionaries({}, optional=keys)


def valid(document: dict[str, Any]) -> Connection | None:
    try:
        return Connection.model_validate(document)
    except ValidationError:
        return None


@examples(300)
@given(written.filter(valid), written)
def test_what_is_said_holds_and_nothing_is_less_safe_than_said(
    site: dict[str, Any], own: dict[str, Any]
) -> None:
    ours = said(OwnConnection.model_validate(own))
    inherited = Connection.model_validate(site)
    found = valid(merged(inherited, ours))
    if found is None:
        return
    told = said(found)
    for name, value in ours.items():
        assert told[name].items() >= value.items() if name == "time_limits" else told[name] == value
    # Safe unless somebody said otherwise, in the group or in what it takes over.
    if found.server_certificate == "ignore":
        assert "ignore" in (own.get("server_certificate"), site.get("server_certificate"))
    if found.transport == "basic" and not found.https:
        assert found.send_password_unencrypted == UNENCRYPTED
    for name in ("concurrent_hosts", "time_limits"):
        if name not in own:
            assert getattr(found, name) == getattr(inherited, name)


@examples(100)
@given(written.filter(valid))
def test_a_group_that_says_nothing_is_reached_as_all_others(site: dict[str, Any]) -> None:
    whole = Connection.model_validate(site)
    assert Connection.model_validate(merged(whole, {})) == whole
