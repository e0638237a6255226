"""A name is carried by every later step, or refused with file and line: never anything else."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import Inventory, limit, parse
from livemigration.inventory.names import group_name, machine_name
from livemigration.inventory.yaml_file import load_model
from livemigration.lab.fleet import Fleet, shipped_text
from livemigration.wsman.session import Endpoint

HEALTHY = shipped_text("healthy")
ODD = st.text(
    st.sampled_from("aZ0.-_:/[]()%*'\"\\ \t\n\x00\x1b\x7f;#{}<>&öß\u0301\u200d\u202e😀\ud800中م")
    | st.characters(),
    max_size=12,
)

HOSTS = ODD | st.from_regex(
    r"[a-zA-Z0-9_][a-z0-9-]{0,9}[a-z0-9](\.[a-z0-9-]{1,9}){0,3}", fullmatch=True
)
GROUPS = ODD | st.text(st.characters(categories=["L", "M", "Nd"]), min_size=1, max_size=8)


def written(text: str) -> str:
    """Return a text for YAML, which takes JSON's escapes, but no pair of them for one letter."""
    return json.dumps(text, ensure_ascii=any("\ud800" <= each <= "\udfff" for each in text))


def whole(host: str, group: str) -> str:
    """Return an inventory with these names."""
    return (
        "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts:\n"
        f"  - name: {written(host)}\n    groups: [{written(group)}]\n"
    )


def fleet(host: str, group: str) -> str:
    (first, *_) = HEALTHY.split("\nhosts:\n")
    return (
        f"{first}\nhosts:\n  - name: {written(host)}\n    shows: healthy\n"
        f"    groups: [{written(group)}]\n    addresses: {{management: '1.11'}}\n"
    )


@examples(120)
@given(HOSTS, GROUPS)
@example("hv01", "Köln")
@example("münchen.contoso.com", "ams")
@example("hv01", "\x1b[31m")
@example("a..b", "ams")
@example("x" * 64, "ams")
@example("x.y" * 100, "ams")
@example("hv01", "g" * 64)
@example("fe80::1%eth0", "ams")
def test_an_inventory_with_any_names_is_taken_or_refused_with_its_line(
    host: str, group: str
) -> None:
    try:
        found = parse(whole(host, group), "prod.yaml")
    except UsageError as error:
        said = str(error)
        assert said.startswith("prod.yaml")
        # What is no text of YAML at all has no line.
        assert "line " in said or "not valid YAML" in said
        assert said.isprintable()
        assert not (_taken(host) and _taken_group(group))
    else:
        assert _taken(host)
        assert _taken_group(group)
        _is_carried(found)


def _taken(host: str) -> bool:
    try:
        machine_name(host)
    except ValueError:
        return False
    return True


def _taken_group(group: str) -> bool:
    try:
        group_name(group)
    except ValueError:
        return False
    return True


def _is_carried(found: Inventory) -> None:
    (host,) = found.hosts
    (group,) = host.groups
    # By --limit and in waivers, whichever way the letters are composed.
    for form in ("NFC", "NFD"):
        assert limit(found.hosts, [f"group:{unicodedata.normalize(form, group)}"]) == found.hosts
    assert limit(found.hosts, [host.name]) == found.hosts
    # In an id of pytest, which cuts at the first bracket.
    path, _, rest = f"checks/test_x.py::test_x[{host.name}]".partition("[")
    assert (path, rest) == ("checks/test_x.py::test_x", f"{host.name}]")
    # In the URL of WS-Management.
    parts = urlsplit(Endpoint(host.name, host.name, 5985).url)
    assert (parts.hostname, parts.port) == (host.name.casefold(), 5985)
    host.name.encode("idna" if ":" not in host.name else "ascii")


@examples(50)
@given(HOSTS, GROUPS)
@example("hv01", "Köln")
@example("münchen.contoso.com", "ams")
def test_a_fleet_takes_the_names_that_an_inventory_takes(host: str, group: str) -> None:
    try:
        load_model(fleet(host, group), "fleet.yaml", Fleet)
    except UsageError as error:
        assert str(error).startswith("fleet.yaml")  # noqa: PT017 - most names are refused, some are not
        assert not (_taken(host) and _taken_group(group))
    else:
        assert _taken(host)
        assert _taken_group(group)


@in_turn(
    "name, words",
    [
        ("münchen.contoso.com", "DNS may have it as xn--mnchen-3ya.contoso.com."),
        ("mu\u0308nchen.contoso.com", "DNS may have it as xn--mnchen-3ya.contoso.com."),
        ("hv01😀.contoso.com", "is not a machine's name"),
        ("hv 01", "is not a machine's name"),
        ("hv[01]", "is not a machine's name"),
        ("hv01::x", "is neither a name nor an IP address"),
        ("hv01:5985", "ports stand under connection"),
        ("10.0.0.300", "is neither a name nor an IP address"),
        ("1.2.3", "is neither a name nor an IP address"),
        ("a..b", "is not a machine's name"),
        ("hv01.", "is not a machine's name"),
        ("-hv01", "is not a machine's name"),
        ("x" * 64 + ".contoso.com", "is not a machine's name"),
        (".".join(["x" * 50] * 6), "is not a machine's name"),
        ("hv01\u202e", "is not a machine's name"),
        ("", "is not a machine's name"),
    ],
)
def test_a_name_that_dns_cannot_carry_is_refused_with_what_would_be_right(
    name: str, words: str
) -> None:
    with pytest.raises(ValueError, match=r"Write ") as raised:
        machine_name(name)
    assert words in str(raised.value)
    assert str(raised.value).isprintable()


@in_turn(
    "name",
    [
        "hv01",
        "HV01.contoso.com",
        "1host",
        "a_b",
        "x" * 63,
        ".".join(["x" * 50] * 4),
        "10.0.0.11",
        "2001:db8::1",
        "xn--mnchen-3ya.contoso.com",
    ],
)
def test_a_name_or_address_of_windows_is_taken_as_it_is(name: str) -> None:
    assert machine_name(name) == name


@in_turn("name", ["Köln", "Zürich-2", "Łódź", "東京", "हिन्दी", "Ko\u0308ln", "2", "a.b_c"])
def test_a_group_may_be_named_in_any_language(name: str) -> None:
    assert group_name(name) == unicodedata.normalize("NFC", name)


@in_turn(
    "name",
    [
        "",
        " ",
        "-a",
        "\u0301a",
        "a b",
        "a:b",
        "a,b",
        "a*",
        "[a]",
        "😀",
        "a\u200d",
        "a\u202eb",
        "a\n",
        "g" * 64,
    ],
)
def test_a_group_that_an_option_cannot_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a group's name"):
        group_name(name)


def test_a_key_that_is_refused_is_shown_without_what_steers_a_terminal() -> None:
    text = whole("hv01", "ams") + 'groups: {"\\e[31mams": {}}\n'
    with pytest.raises(UsageError) as raised:
        parse(text, "prod.yaml")
    assert str(raised.value).startswith("prod.yaml, line 6: groups.'\\x1b[31mams': ")
    assert "[key]" not in str(raised.value)


def test_an_address_in_a_url_stands_in_brackets() -> None:
    assert Endpoint("hv01", "2001:db8::1", 5985).url == "http://[2001:db8::1]:5985/wsman"
