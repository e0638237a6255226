"""How an inventory says that machines are reached: what is accepted, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.gather.beside import MOST_HOSTS, PAYS_FROM
from livemigration.inventory.connection import BY_TICKET, UNENCRYPTED, Connection
from livemigration.inventory.gate import gate_inventory
from livemigration.inventory.inventory import Inventory, parse

MACHINES = "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts: [{name: hv01.contoso.com}]\n"
PAIR = "client_certificate: a.pem, client_key: b.pem"


def inventory(connection: str) -> Inventory:
    return parse(f"{MACHINES}connection: {{{connection}}}\n", "prod.yaml", Path("site"))


def connection(text: str) -> Connection:
    return inventory(text).reach.connection


@in_turn(
    "written, https, port, vmm_port",
    [
        ("", False, 5985, 5985),
        ("https: true", True, 5986, 5985),
        ("port: 5986", True, 5986, 5985),
        ("https: true, port: 8443", True, 8443, 5985),
        ("https: false, port: 5986", False, 5986, 5986),
        ("port: 8080", False, 8080, 8080),
    ],
)
def test_https_and_its_port_go_together_and_vmm_has_its_own(
    written: str, https: bool, port: int, vmm_port: int
) -> None:
    found = connection(written)
    assert (found.https, found.port, found.vmm_port) == (https, port, vmm_port)


@in_turn("transport", [*BY_TICKET, "ntlm", "credssp", "basic", "certificate"])
def test_each_way_to_sign_in_is_accepted_over_https(transport: str) -> None:
    more = f", {PAIR}" if transport == "certificate" else ""
    assert connection(f"https: true, transport: {transport}{more}").transport == transport


@pytest.mark.parametrize("said", ["auto", 1, 2])
def test_how_many_connections_a_host_gets_is_said(said: str | int) -> None:
    assert connection(f"connections: {said}").connections == said
    assert connection("").connections == "auto"


def test_where_latency_pays_for_a_second_connection_is_documented() -> None:
    said = Connection.model_fields["connections"].description or ""
    assert f"{PAYS_FROM * 1000:g} ms" in said
    assert f"{MOST_HOSTS:,} hosts" in said


# What is written → what the one sentence says; the file and the line stand before it.
REFUSED = {
    "transport: basic": "transport: basic without https sends the password readable to anyone",
    "policy_store: group": "connection.policy_store: expected local or active. Found 'group'.",
    "connections: 3": "connection.connections: expected auto, 1 or 2. Found '3'.",
    "connections: yes": "connection.connections: expected auto, 1 or 2.",
    "connections: true": "connection.connections: expected auto, 1 or 2. Found 'true'.",
    "connections: 1.0": "connection.connections: expected auto, 1 or 2.",
    "connections: none": "connection.connections: expected auto, 1 or 2.",
    "transport: basic, port: 5985": "transport: basic without https",
    "transport: basic, send_password_unencrypted: 'yes'": "transport: basic without https",
    "transport: basic, send_password_unencrypted: true": "send_password_unencrypted: expected a",
    f"transport: basic, send_password_unencrypted: '{UNENCRYPTED.upper()}'": "basic without https",
    f"send_password_unencrypted: '{UNENCRYPTED}'": "send_password_unencrypted is of no use here",
    f"https: true, transport: basic, send_password_unencrypted: '{UNENCRYPTED}'": "of no use here",
    f"transport: certificate, {PAIR}": "transport: certificate needs HTTPS. Set https: true.",
    "https: true, transport: certificate": "client_certificate is missing",
    "https: true, transport: certificate, client_certificate: a.pem": "client_key is missing",
    f"https: true, {PAIR}": "client_certificate is for transport: certificate only",
    "ca: ca.pem": "ca says who signs the machines' certificates, and without https there are none",
    "server_certificate: ignore": "server_certificate says whose certificate is accepted",
    "https: true, server_certificate: ignore, ca: ca.pem": "ca stands beside",
    "https: true, server_certificate: ignore, transport: basic": "gives the password to whoever",
    "https: true, server_certificate: never": "expected validate or ignore",
    "https: 'true'": "connection.https: expected true or false",
    "transport: credssp": "transport: credssp needs HTTPS. Set https: true.",
    "https: true, server_certificate: ignore, transport: credssp": "gives the password to whoever",
    "transport: ntlm, realm: CONTOSO.COM": "realm is for transport: negotiate or kerberos only",
    "transport: ntlm, keytab: own.keytab": "keytab is for transport: negotiate or kerberos only",
    "transport: ntlm, kerberos_service: HTTP": "kerberos_service is for transport: negotiate or",
    "https: true, transport: basic, fallback: ntlm": "fallback is for transport: negotiate or",
    "transport: kerberos, fallback: ntlm": "fallback is for transport: negotiate only. Remove it",
    "keytab: own.keytab, fallback: ntlm": "fallback: ntlm needs a password",
    "fallback: basic": "connection.fallback: expected ntlm. Found 'basic'.",
    "realm: 'CONTOSO COM'": "connection.realm: 'CONTOSO COM' is no realm. Write the DNS name",
    "realm: ''": "connection.realm",
    "kerberos_service: LDAP": "expected HTTP, HOST or WSMAN. Found 'LDAP'.",
    "time_limits: {kdc: 0}": "connection.time_limits.kdc",
}


@in_turn("written, words", list(REFUSED.items()))
def test_what_would_not_be_safe_or_has_no_effect_is_refused(written: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        connection(written)
    said = str(raised.value)
    assert said.startswith("prod.yaml, line 4: connection")
    assert words in said
    assert said.endswith((".", "'"))


def test_kerberos_comes_first_where_an_inventory_says_nothing() -> None:
    assert connection("port: 5985").transport == "negotiate"
    found = connection("realm: contoso.com, fallback: ntlm, kerberos_service: WSMAN")
    assert (found.realm, found.fallback, found.kerberos_service) == ("contoso.com", "ntlm", "WSMAN")


def test_a_readable_password_is_written_down_in_words_that_a_reviewer_stops_at() -> None:
    assert UNENCRYPTED == "yes, I know that anyone on the network can read it"
    found = connection(f"transport: basic, send_password_unencrypted: '{UNENCRYPTED}'")
    assert (found.transport, found.https) == ("basic", False)


def test_files_are_found_from_the_inventory_and_a_gate_has_the_same() -> None:
    site = inventory(f"https: true, ca: pki/ca.pem, transport: certificate, {PAIR}")
    assert site.reach.files.ca == Path("site/pki/ca.pem")
    assert site.reach.files.client_key == Path("site/b.pem")
    assert gate_inventory("host-build", ["hv09.contoso.com"], site).reach.files == site.reach.files
    assert inventory("keytab: own.keytab").reach.files.keytab == Path("site/own.keytab")
    assert inventory("https: true, ca: /etc/ca.pem").reach.files.ca == Path("/etc/ca.pem")
