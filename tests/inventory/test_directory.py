"""`directory:` of an inventory: what may stand in it, and how it is then signed in to."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.directory import server_for
from livemigration.inventory.inventory import Inventory, parse
from livemigration.lab.played import machines_of

SITE = """\
schema: 1
vmm: {name: vmm01.contoso.com}
hosts: [{name: hv01.contoso.com}]
"""


def read(more: str) -> Inventory:
    return parse(f"{SITE}{more}\n", "prod.yaml", fleets=machines_of)


def test_without_one_there_is_none() -> None:
    assert read("").directories == ()


def test_one_may_say_nothing_of_itself() -> None:
    (own,) = read("directory: {}").directories
    assert (own.domain, own.server, own.ldaps, own.ports) == (None, None, False, (389, 3268))


@pytest.mark.parametrize("address", ["10.0.0.53", "fd00::53"])
def test_a_dns_server_is_named_by_its_address(address: str) -> None:
    (own,) = read(f"directory: {{dns: '{address}'}}").directories
    assert (own.dns, own.dns_port) == (address, None)


def test_ldaps_has_ports_of_its_own_and_takes_others() -> None:
    (own,) = read("directory: {ldaps: true}").directories
    assert own.ports == (636, 3269)
    (own,) = read("directory: {ldaps: true, port: 1636, catalogue_port: 1637}").directories
    assert own.ports == (1636, 1637)


def test_each_domain_may_have_its_own_and_one_serves_the_rest() -> None:
    found = read("directory: [{domain: a.test}, {server: dc01.b.test}]").directories
    assert server_for(found, "A.TEST") is found[0]
    assert server_for(found, "b.test") is found[1]
    assert server_for(found[:1], "b.test") is None


@in_turn(
    "more, words",
    [
        ("directory: {address: 10.0.0.1}", "address stands without server"),
        ("directory: {dns: 10.0.0.1, server: dc01.a.test}", "dns finds the server"),
        ("directory: {dns_port: 5353}", "dns_port stands without dns"),
        ("directory: {dns: dc01.a.test}", "is no IP address"),
        ("directory: {ca: x.pem}", "without ldaps there are none"),
        ("directory: {ldaps: true, transport: ntlm}", "transport is of no use with ldaps"),
        ("directory: {ldaps: true, keytab: x}", "keytab is of no use with ldaps"),
        ("directory: {ldaps: true, transport: negotiate}", "write transport: kerberos"),
        (
            "directory: {ldaps: true, transport: kerberos, fallback: ntlm}",
            "fallback is for transport: negotiate only",
        ),
        ("directory: {transport: ntlm, realm: A.TEST}", "realm is for transport"),
        ("directory: {transport: basic}", "expected"),
        ("directory: {realm: 'a b'}", "is no realm"),
        ("directory: [{domain: a.test}, {domain: A.test}]", "two entries are of one domain"),
        ("directory: [{}, {server: dc01.a.test}]", "two entries are of one domain"),
        ("directory: {password: x}", "password"),
        ("directory: {port: 0}", "port"),
    ],
)
def test_what_does_not_go_together_is_told(more: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(more)
    assert words in str(caught.value)
    assert "directory" in str(caught.value)


def test_a_lab_has_the_directory_that_its_fleet_plays() -> None:
    lab = "schema: 1\nlab: {fleet: delegation}\n"
    (own,) = parse(lab, "lab.yaml", fleets=machines_of).directories
    assert own.server == "dc01.contoso.com"
    healthy = "schema: 1\nlab: {fleet: healthy}\n"
    assert parse(healthy, "lab.yaml", fleets=machines_of).directories == ()
    with pytest.raises(UsageError, match="directory stands beside lab"):
        parse(f"{lab}directory: {{}}\n", "lab.yaml", fleets=machines_of)


@in_turn(
    "more, transport, realm",
    [
        ("directory: {}", "negotiate", None),
        ("directory: {}\nconnection: {transport: kerberos, realm: A.TEST}", "kerberos", "A.TEST"),
        ("directory: {}\nconnection: {transport: basic, https: true}", "negotiate", None),
        ("directory: {transport: ntlm}\nconnection: {transport: kerberos}", "ntlm", None),
        ("directory: {realm: B.TEST}\nconnection: {realm: A.TEST}", "negotiate", "B.TEST"),
        (
            "directory: {credentials: {username: x}}\nconnection: {transport: kerberos}",
            "negotiate",
            None,
        ),
        ("directory: {ldaps: true}\nconnection: {transport: kerberos}", "ntlm", None),
        ("directory: {ldaps: true, transport: kerberos, realm: A.TEST}", "kerberos", "A.TEST"),
    ],
)
def test_it_is_signed_in_to_as_the_machines_are_unless_it_says_otherwise(
    more: str, transport: str, realm: str | None
) -> None:
    inventory = read(more)
    found = inventory.directories[0].connection(inventory.reach.connection)
    assert (found.transport, found.realm) == (transport, realm)


def test_its_own_account_is_one_of_the_inventorys_sources() -> None:
    own = "{from: environment, password_variable: DIRECTORY_PASSWORD, username: a@b.test}"
    inventory = read(f"directory: {{credentials: {own}}}")
    source = inventory.directories[0].credentials
    assert source in inventory.sources
    assert source is not None
    assert inventory.purposes[source] == "the directory"
