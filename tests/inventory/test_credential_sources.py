"""How an inventory says where passwords come from: what is accepted, and what is refused."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.gate import gate_inventory
from livemigration.inventory.inventory import Inventory, parse

MACHINES = (
    "schema: 1\nvmm: {name: vmm01}\nhosts: [{name: hv01}, {name: hv02, groups: [edge]}, "
    "{name: hv03, groups: [dmz]}]\n"
)
NOBODY = "groups: {edge: {}, dmz: {}}\n"


def inventory(written: str, groups: str = NOBODY) -> Inventory:
    return parse(f"{MACHINES}credentials: {{{written}}}\n{groups}", "prod.yaml")


def source(written: str) -> CredentialSource:
    return inventory(written).reach.credentials


@in_turn(
    "written",
    [
        "",
        "from: environment, username: CONTOSO\\svc, password_variable: SITE_PASSWORD",
        "from: environment, username_variable: SITE_USER",
        "from: prompt",
        "from: prompt, password_variable: SITE_PASSWORD",
        "from: keyring, username: svc@contoso.com",
        "from: keyring, service: hyper-v",
        "from: command, command: [pass, show, hyper-v], username: svc",
        "from: command, command: [./give]",
        "from: fd, fd: 3",
    ],
)
def test_each_source_is_accepted_with_what_belongs_to_it(written: str) -> None:
    found = source(written)
    assert found.source in (written or "environment")
    assert hash(found) == hash(source(written))


# What is written → what the sentence says behind file and line.
REFUSED = {
    "from: command": "credentials: from: command needs command: the program and its arguments, "
    "such as [pass, show, hyper-v].",
    "from: command, command: []": "credentials.command: must have 1 entries at least.",
    "from: command, command: pass show x": "credentials.command: expected a list, such as [a, b].",
    "from: command, command: [' ']": "credentials: command names no program.",
    'from: command, command: [a, "b\\0c"]': "credentials.command[1]: an argument holds a null char",
    "from: command, command: [a, 5]": "credentials.command[1]: expected a text; put it in quotes.",
    "from: fd": "credentials: from: fd needs fd: the number of a file descriptor, such as 3.",
    "from: fd, fd: 2": "credentials.fd: must be 3 at least.",
    "from: fd, fd: '3'": "credentials.fd: expected a whole number, such as 1.",
    "command: [a]": "credentials: command is of no use with from: environment. Remove it, or write "
    "from: command.",
    "from: prompt, service: x": "service is of no use with from: prompt. Remove it, or write from: "
    "keyring.",
    "from: keyring, password_variable: A_B": "password_variable is of no use with from: keyring.",
    "from: fd, fd: 3, command: [a]": "command is of no use with from: fd.",
    "username: a, username_variable: A_B": "username stands beside username_variable. Keep one of",
    "from: keyring, username: ''": "credentials.username: is empty. Write a text.",
    "from: keychain": "credentials.from: expected environment, prompt, keyring, command or fd.",
}


@in_turn("written, words", list(REFUSED.items()))
def test_what_does_not_belong_to_a_source_is_refused(written: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        source(written)
    assert str(raised.value).startswith("prod.yaml, line 4: credentials")
    assert words in str(raised.value)


@in_turn(
    "written",
    [
        "from: command, command: S3cret-x",
        "from: command, command: {a: S3cret-x}",
        "from: fd, fd: S3cret-x",
        "from: S3cret-x",
        "service: [S3cret-x]",
        "password: S3cret-x",
        "username: {a: S3cret-x}",
    ],
)
def test_what_stands_in_the_wrong_place_is_never_shown(written: str) -> None:
    with pytest.raises(UsageError) as raised:
        source(written)
    assert "S3cret" not in str(raised.value)


def test_each_account_of_several_is_named_for_whom_it_is() -> None:
    groups = (
        "groups:\n"
        "  edge: {credentials: {password_variable: EDGE_PASSWORD}}\n"
        "  dmz: {credentials: {password_variable: EDGE_PASSWORD}}\n"
    )
    found = inventory("", groups)
    assert found.purposes == {
        found.reach_of("hv02").credentials: "the group edge and the group dmz",
        found.reach.credentials: "all other machines",
    }
    assert set(found.sources) == set(found.purposes)
    gate = gate_inventory("host-build", ["hv02"], found)
    assert gate.purposes == found.purposes
    assert inventory("from: prompt").purposes == {}
    own = parse(
        MACHINES.replace("vmm01", "vmm01, credentials: {from: prompt}") + NOBODY, "prod.yaml"
    )
    assert list(own.purposes.values()) == ["the VMM server vmm01", "all other machines"]
