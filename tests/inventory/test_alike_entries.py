"""Hosts that are written alike are read as they are where each of them is read by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from ruamel.yaml import YAML

from livemigration.base.errors import UsageError
from livemigration.inventory import yaml_file
from livemigration.inventory.alike_entries import alike_in
from livemigration.inventory.file import InventoryFile
from livemigration.inventory.inventory import parse

HEAD = "schema: 1\nvmm:\n  name: vmm01.contoso.com\nhosts:\n"


def entries(number: int, rest: str = "", indent: str = "  ") -> str:
    return "".join(f"{indent}- name: hv{each:03}.contoso.com\n{rest}" for each in range(number))


def whole(text: str) -> object:
    """Return what a text holds, each of its hosts read by itself; or what is said of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_file, "alike_in", lambda _: None)
        return read(text)


def read(text: str) -> object:
    try:
        return yaml_file.load_model(text, "site.yaml", InventoryFile)
    except UsageError as error:
        return str(error)


def test_of_each_kind_one_host_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "".join(
        f"  - name: hv{number:04}.contoso.com  # rack {number % 7}\n"
        f"    groups: [site-{number % 3}]\n"
        for number in range(300)
    )
    alike = alike_in(text)
    assert alike is not None
    assert (alike.kinds, len(alike.hosts)) == (3, 300)
    assert len(alike.text) < len(text) / 20
    seen: list[str] = []
    load = YAML.load

    def watched(self: YAML, given: str) -> object:
        seen.append(given)
        return load(self, given)

    monkeypatch.setattr(YAML, "load", watched)
    found = parse(text, "site.yaml")
    assert seen == [alike.text]
    assert found.hosts[299].name == "hv0299.contoso.com"
    assert found.hosts[299].groups == ("site-2",)


# Each has what is of no plain form somewhere, and is read to the same all the same.
AMONG: dict[str, str] = {
    "nothing": "",
    "a key after it": "policy:\n  fail_on: warning\n",
    "a range": '  - name: "hv[900-920].contoso.com"\n',
    "an entry in brackets": "  - {name: hv900.contoso.com, groups: [a]}\n",
    "a quoted name": '  - name: "hv900.contoso.com"\n',
    "a name that goes on in the next line": "  - name: hv900\n      .contoso.com\n",
    "a value that goes on in the next line": "      more\n",
    "a key that goes on with the entry before it": "    groups: [a]\n",
    "a merge": "    <<: {groups: [a]}\n",
    "an anchor": "  - &one\n    name: hv900.contoso.com\n",
    "a blank line and more": "\n  - name: hv900.contoso.com\n",
    "a comment": "# the end\n",
    "a name twice": "    name: hv901.contoso.com\n",
    "a host twice": "  - name: hv001.contoso.com\n",
    "a second list": "hosts:\n  - name: hv900.contoso.com\n",
    "a key that is none": "    rack: 7\n",
    "a bracket that stays open": "    groups: [a,\n",
    "a document's end": "---\nschema: 1\n",
    "a tab": "\t- name: hv900.contoso.com\n",
    "a deeper list": "    - name: hv900.contoso.com\n",
    "a text of lines": 'note: "\n\nhosts:\n  - name: a.b\n"\n',
}
RESTS = (
    "",
    "    groups: [a, b]\n",
    "    vmm: vmm01.contoso.com\n    groups: []\n",
    "    groups: a\n",
)
HEADS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "of Windows": lambda text: text.replace("\n", "\r\n"),
    "at the margin": lambda text: text.replace("\n    ", "\n  ").replace("\n  - ", "\n- "),
    "with comments": lambda text: text.replace(":\n", ": # those\n").replace(
        "\n  - ", "\n# x\n  - "
    ),
    "of YAML 1.1": lambda text: f"%YAML 1.1\n---\n{text}",
    "in a list": lambda text: f"- {text}",
    "as a text": lambda text: text.replace("hosts:", "hosts: |"),
}


@pytest.mark.long
@in_turn("among", AMONG)
def test_what_is_not_plain_is_read_to_the_same(among: str) -> None:
    for number, change in enumerate(HEADS.values()):
        hosts = entries(32, RESTS[(number + len(among)) % len(RESTS)])
        text = change(f"{HEAD}{hosts}{AMONG[among]}")
        assert read(text) == whole(text), text
    text = f"{HEAD}{AMONG[among]}{entries(32, RESTS[1])}"
    assert read(text) == whole(text), text


@given(st.data())
@examples(40)
def test_whatever_happens_to_a_list_it_is_read_to_the_same(data: st.DataObject) -> None:
    rests = data.draw(st.lists(st.sampled_from(RESTS), min_size=34, max_size=40))
    hosts = (f"  - name: hv{at:03}.contoso.com\n{rest}" for at, rest in enumerate(rests))
    text = f"{HEAD}{''.join(hosts)}policy:\n  fail_on: warning\n"
    at = data.draw(st.integers(len(HEAD) - 8, len(text) - 1))
    until = at + data.draw(st.integers(0, 6))
    put = data.draw(st.sampled_from((*" \n:-#[]{}&*!|>'\"%@`,?", "\n\n", "\n  ", ": ", "é", "~")))
    changed = text[:at] + put + text[until:]
    assert read(changed) == whole(changed)


@in_turn(
    "name",
    ("true.", "1.5", "1e3.2", ".inf", "null", "0x1f.a", "hv1", "2026-01-01", "hv 1.a", "-hv.a"),
)
def test_a_name_that_could_be_another_value_is_left_to_yaml(name: str) -> None:
    text = f"{HEAD}{entries(40)}  - name: {name}\n"
    alike = alike_in(text)
    assert alike is not None
    assert alike.text.endswith(f"  - name: {name}\n")
    assert read(text) == whole(text)


def test_of_few_hosts_each_is_read() -> None:
    assert alike_in(HEAD + entries(8)) is None
    assert alike_in(HEAD + entries(32)) is not None


def test_a_mistake_has_the_line_that_it_is_in() -> None:
    text = f"{HEAD}{entries(40)}  - name: hv900.contoso.com\n    grops: [a]\n"
    assert str(read(text)).startswith("site.yaml, line 46: hosts[40].grops: ")
