"""What is said of a mistake: in words of the file, and with what would be right."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from ruamel.yaml.comments import CommentedMap
from sampling import sampled

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.inventory import inventory, nearest
from livemigration.inventory.inventory import parse

VMM = "vmm: {name: vmm01}\n"
HOST = "hosts: [{name: hv01, groups: [ams]}]\n"
WHOLE = f"schema: 1\n{VMM}{HOST}"

# What is wrong, and all that is said of it behind the file's name.
SAID = {
    f"schema: 1\n{VMM}hosts: [hv01, hv02]\n": (
        ", line 3: hosts[0]: expected keys and values. Write - name: hv01"
    ),
    f"schema: 1\n{VMM}hosts: hv01\n": (
        ", line 3: hosts: expected keys and values. Write - name: hv01"
    ),
    f"schema: 1\n{VMM}hosts: {{hv01: {{}}}}\n": (
        ", line 3: hosts: expected keys and values. Write - name: hv01"
    ),
    f"schema: 1\nvmm: vmm01\n{HOST}": (
        ", line 2: vmm: expected keys and values. Write vmm: {name: vmm01}"
    ),
    f"schema: 1\nvmm: [vmm01]\n{HOST}": (
        ", line 2: vmm[0]: expected keys and values. Write vmm: {name: vmm01}"
    ),
    f"schema: 1\nvmm: {{nam: vmm01}}\n{HOST}": (
        ", line 2: vmm.nam: is not a known key. Did you mean name?"
    ),
    f"schema: 1\nvmm:\n- name: vmm01\n- nme: vmm02\n{HOST}": (
        ", line 4: vmm[1].nme: is not a known key. Did you mean name?"
    ),
    # Python neither reads the first nor writes the second.
    f"schema: 1\nvmm: {{name: {'9' * 5000}}}\n{HOST}": (
        ", line 2: a number of 5000 characters. Nothing here is as large; put it in quotes if it "
        "is a text."
    ),
    f"{WHOLE}policy: {{minimum_migrations: 0x{'9' * 4998}}}\n": (
        ", line 4: a number of 5000 characters. Nothing here is as large; put it in quotes if it "
        "is a text."
    ),
    f"{WHOLE}{'9' * 101}: 1\n": (
        ", line 4: a number of 101 characters. Nothing here is as large; put it in quotes if it "
        "is a text."
    ),
    f"schema: 1\nvmm: {{name: 5}}\n{HOST}": (
        ", line 2: vmm.name: expected a text; put it in quotes. Found '5'."
    ),
    "schema: 1\nlab: healthy\n": (
        ", line 2: lab: expected keys and values. Write lab: {fleet: healthy}"
    ),
    f"{WHOLE}conection: {{port: 5985}}\n": (
        ", line 4: conection: is not a known key. Did you mean connection?"
    ),
    f"{WHOLE}policy: {{minimum_migration: 3}}\n": (
        ", line 4: policy.minimum_migration: is not a known key. Did you mean minimum_migrations?"
    ),
    f"{WHOLE}groups: {{ams: {{polcy: {{}}}}}}\n": (
        ", line 4: groups.ams.polcy: is not a known key. Did you mean policy?"
    ),
    f"{WHOLE}groups: {{ams: {{policy: {{fail_onn: warning}}}}}}\n": (
        ", line 4: groups.ams.policy.fail_onn: is not a known key. Did you mean fail_on?"
    ),
    f"{WHOLE}groups: {{amz: {{exchanges_vms: true}}}}\n": (
        ", line 4: groups.amz: no host is in this group. Did you mean ams? "
        "Add it to a host's groups, or remove it."
    ),
    f"{WHOLE}zzzzzz: 1\n": (
        ", line 4: zzzzzz: is not a known key. Remove it or correct its spelling."
    ),
    "schema: 1\nvmm: [{name: vmm01}]\nhosts: [{name: hv01, vmm: vm01}]\n": (
        ": hosts: hv01: vmm is vm01. Did you mean vmm01? Name one of vmm01."
    ),
    f"{WHOLE}connection: {{port: true}}\n": (
        ", line 4: connection.port: expected a whole number, such as 1. Found 'true'."
    ),
    f"{WHOLE}connection: {{port: 5985.5}}\n": (
        ", line 4: connection.port: expected a whole number, such as 1. Found '5985.5'."
    ),
    f"{WHOLE}connection: {{port: 70000}}\n": (
        ", line 4: connection.port: must be 65535 at most. Found '70000'."
    ),
    f"{WHOLE}connection: {{time_limits: {{connect: true}}}}\n": (
        ", line 4: connection.time_limits.connect: expected a number, such as 1 or 0.5. "
        "Found 'true'."
    ),
    f"{WHOLE}connection: {{time_limits: {{connect: -1}}}}\n": (
        ", line 4: connection.time_limits.connect: must be more than 0. Found '-1'."
    ),
    f"{WHOLE}policy: {{minimum_migrations: true}}\n": (
        ", line 4: policy.minimum_migrations: expected a whole number, such as 1. Found 'true'."
    ),
    f"{WHOLE}policy: {{performance_required: 1}}\n": (
        ", line 4: policy.performance_required: expected true or false. Found '1'."
    ),
    f"{WHOLE}policy: {{authentication: kerberoz}}\n": (
        ", line 4: policy.authentication: expected any, kerberos or credssp. Found 'kerberoz'."
    ),
    f"{WHOLE}policy: {{migration_subnets: [10.0.0.1/24]}}\n": (
        ", line 4: policy.migration_subnets[0]: expected a subnet, such as 10.0.50.0/24, without "
        "bits behind its mask. Found '10.0.0.1/24'."
    ),
    f"schema: 1\n{VMM}hosts: [{{name: }}]\n": (
        ", line 3: hosts[0].name: is empty. Write a value, or remove the key."
    ),
    f"schema: 1\n{VMM}hosts: [{{name: hv01, 5: x}}]\n": (
        ", line 3: hosts[0][5]: a key must be a text; put it in quotes. Found '5'."
    ),
    f"{WHOLE}credentials: {{password: Hunter-2}}\n": (
        ", line 4: credentials.password: is not a known key. No password stands here: from: says "
        "where it comes from, such as an environment variable that password_variable names."
    ),
}


def said_of(text: str) -> str:
    with pytest.raises(UsageError) as raised:
        parse(text, "prod.yaml")
    return str(raised.value)


@in_turn("text, words", list(SAID.items()))
def test_a_mistake_is_told_in_words_of_the_file(text: str, words: str) -> None:
    assert said_of(text) == f"prod.yaml{words}"


VALUES = [
    "1",
    "true",
    "1.5",
    "x",
    "[1]",
    "[]",
    "{a: b}",
    "{}",
    "",
    "'x y'",
    "-3",
    "[[1]]",
    "2026-01-01",
]
KEYS = [
    "schema", "vmm", "hosts", "lab", "connection", "credentials", "policy", "groups",
    "vmm: {name", "hosts: [{name", "hosts: [{groups", "connection: {time_limits",
    "policy: {migration_subnets", "groups: {ams: {policy", "lab: {fleet",
]  # fmt: skip
# What only the code knows of: names of classes, of its library, and of Python's types.
INTERNAL = re.compile(
    r"Input should|Machine|tuple\[|function-|lax-or|Field|pydantic|NoneType|BaseModel|\bdict\b"
    r"|\bbool\b|\bstr\b|\bint\b|Value error|InventoryFile"
)


@in_turn("value", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_no_message_names_what_only_the_code_knows_of(key: str, value: str) -> None:
    closing = "".join({"{": "}", "[": "]"}[each] for each in reversed(key) if each in "{[")
    whole = {"schema": "schema: 1\n", "vmm": VMM, "hosts": HOST}
    whole.pop(key.partition(":")[0], None)
    text = "".join(whole.values()) + f"{key}: {value}{closing}\n"
    said = "prod.yaml"
    try:
        parse(text, "prod.yaml")
    except (UsageError, NothingToCheckError) as error:
        said = str(error)
    assert said.startswith("prod.yaml")
    assert not INTERNAL.search(said), said


@in_turn(
    "name, words",
    [
        ("10.0.0.300", "is neither a name nor an IP address"),
        ("10.0.0", "is neither a name nor an IP address"),
        ("1.2.3.4.5", "is neither a name nor an IP address"),
        ("evil.com:80", "ports stand under connection."),
        ("10.0.0.1:5985", "ports stand under connection."),
        ("[fe80::1]:5985", "ports stand under connection."),
        ("http://evil.com", "is neither a name nor an IP address"),
        ("hv01/../x", "is not a machine's name"),
        ("hv01..contoso.com", "is not a machine's name"),
        ("-hv01", "is not a machine's name"),
        ("hv01.contoso.com.", "is not a machine's name"),
        (f"{'a' * 64}.contoso.com", "is not a machine's name"),
        (".".join(["a" * 60] * 5), "is not a machine's name"),
        ("user@hv01", "is not a machine's name"),
        ("fe80::1%12", "is neither a name nor an IP address"),
    ],
)
@in_turn("key", ["name", "address"])
def test_what_is_no_name_and_no_address_is_refused(key: str, name: str, words: str) -> None:
    others = "" if key == "name" else "name: hv01, "
    said = said_of(f"schema: 1\n{VMM}hosts: [{{{others}{key}: '{name}'}}]\n")
    assert f"prod.yaml, line 3: hosts[0].{key}: " in said
    assert words in said


@in_turn("name", ["hv01", "hv_01", "10.0.0.30", "fd00::1", "hv01.contoso.com", "1a"])
def test_names_and_addresses_are_taken_as_they_are(name: str) -> None:
    found = parse(f"schema: 1\n{VMM}hosts: [{{name: '{name}'}}]\n", "prod.yaml")
    assert found.hosts[0].name == name


@in_turn(
    "given_name", ["Summer2026", "SUMMER2026", "hunter-2", "P@ss_Word", "correct_horse", "X", "a b"]
)
@in_turn("key", ["password_variable", "username_variable"])
def test_a_password_in_place_of_a_variable_is_suspected_and_not_repeated(
    key: str, given_name: str
) -> None:
    said = said_of(f"{WHOLE}credentials: {{{key}: '{given_name}'}}\n")
    assert f"prod.yaml, line 4: credentials.{key}: this does not look like the name" in said
    assert "change the password" in said
    assert f"'{given_name}'" not in said
    assert given_name == "X" or given_name not in said


@pytest.mark.parametrize("name", ["SITE_PASSWORD", "LM_PW2", "LIVEMIGRATION_PASSWORD"])
def test_a_variable_is_taken_for_one(name: str) -> None:
    found = parse(f"{WHOLE}credentials: {{password_variable: {name}}}\n", "prod.yaml")
    assert found.reach.credentials.password_variable == name


DEEP = {
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "closed again": "[" * 3000 + "]" * 3000,
    "keys": "{a: " * 50_000,
    "entries": "- " * 50_000,
    "questions": "? " * 50_000,
    "lines": "".join(f"{' ' * depth}a:\n" for depth in range(1000)),
    "behind a quotation of brackets": f"a: '{'[' * 100}'\nb: {'[' * 5000}",
    "closed in quotations": "a: " + ("[" * 15 + '"' + "]" * 15 + '", ') * 400,
    "closed in remarks": "a: " + ("[" * 15 + "\n  # " + "]" * 15 + "\n  ") * 400,
    "seventeen": "a: " + "[" * 17 + "]" * 17,
}


@pytest.mark.long
@pytest.mark.parametrize("text", sampled(DEEP.values(), every=3), ids=DEEP.keys())
def test_what_lies_too_deep_is_refused_before_it_takes_minutes(text: str) -> None:
    assert "parts lie more than 16 deep in each other. Close the brackets" in said_of(text)


@pytest.mark.parametrize("text", ["a: '{}'", 'a: "{}"', "# {}"])
def test_brackets_that_are_no_parts_are_not_counted(text: str) -> None:
    assert "deep" not in said_of(f"{WHOLE}{text.format('[' * 1000)}\nzzz: 1\n")


def test_parts_as_deep_as_people_write_them_are_read() -> None:
    assert "deep" not in said_of(f"{WHOLE}zzz: {'[' * 15}{']' * 15}\n")


def _merging(steps: int, merged: str, first: str = "k: 1") -> str:
    """Return mappings of which each merges the one before it, `{n}` in `merged`."""
    lines = [f"x0: &x0 {{{first}}}"]
    lines += [
        f"x{n + 1}: &x{n + 1} {{<<: {merged.replace('{n}', str(n))}, k{n}: 1}}"
        for n in range(steps)
    ]
    return "\n".join(lines)


MERGED = {
    "in a row": _merging(1500, "*x{n}"),
    "twice in a row": _merging(40, "[*x{n}, *x{n}]"),
    "of nothing": f"x: &x {{}}\ny: &y [{', '.join(['*x'] * 1000)}]\n"
    + "".join(f"z{n}: {{<<: *y}}\n" for n in range(600)),
}


@pytest.mark.long
@pytest.mark.parametrize("text", MERGED.values(), ids=MERGED.keys())
def test_merges_of_merges_are_refused_before_they_are_copied(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(CommentedMap, "add_yaml_merge", None)
    said = said_of(f"{WHOLE}{text}\n")
    assert re.match(r"prod.yaml, line [0-9]+: the merges \(<<\) up to here bring in more", said)
    assert "500000 keys" in said


def test_what_merges_the_same_mapping_is_not_looked_up_in_those_that_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Five thousand hosts that merged ten keys took 70 seconds: each was compared with each before.
    compared = 0

    def equal(one: object, other: object) -> bool:
        nonlocal compared
        compared += 1
        return one is other

    monkeypatch.setattr(CommentedMap, "__eq__", equal)
    merging = "".join(f"y{n}: {{<<: *x, n: {n}}}\n" for n in range(50))
    text = f"{WHOLE}x: &x {{a: 1, b: 2}}\n{merging}"
    assert "merges" not in said_of(text)
    assert compared < 50


def _doubled(steps: int, times: int) -> str:
    """Return lists of lists of aliases: a text that is short, and written out is not."""
    lines = ["x0: &x0 [a]"]
    lines += [f"x{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * times)}]" for n in range(steps)]
    return "\n".join(lines)


REPEATED = {
    "doubled": f"{_doubled(14, 9)}\npolicy: {{migration_subnets: *x14}}\n",
    "in a row": f"{_doubled(100, 1)}\npolicy: {{migration_subnets: *x100}}\n",
    "wide": f"x: &x [{', '.join('a' * 500)}]\ny: [{', '.join(['*x'] * 500)}]\n",
}


@pytest.mark.parametrize("text", REPEATED.values(), ids=REPEATED.keys())
def test_aliases_that_repeat_without_end_are_refused_before_anything_walks_through_them(
    text: str,
) -> None:
    said = said_of(f"{WHOLE}{text}")
    assert "prod.yaml: its aliases (*name) repeat more than 100000 values" in said


def test_what_lies_in_itself_is_refused() -> None:
    assert "prod.yaml" in said_of("schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts: &h [*h, *h]\n")


def test_a_pattern_of_limit_that_matches_nothing_names_the_nearest() -> None:
    hosts = parse(WHOLE, "prod.yaml").hosts
    for pattern, meant in (("hv0l", "hv01"), ("group:amz", "group:ams")):
        with pytest.raises(NothingToCheckError, match=re.escape(f"Did you mean {meant}?")):
            inventory.limit(hosts, [pattern])


@examples(50)
@given(st.text(), st.lists(st.text(min_size=1), max_size=5))
def test_only_what_is_known_is_suggested(word: str, known: list[str]) -> None:
    said = nearest.did_you_mean(word, known)
    assert not said or any(said == f" Did you mean {each}?" for each in known)
