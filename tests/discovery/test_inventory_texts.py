"""An administrator's own text that is added to: what it said stays, and where it said it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from ruamel.yaml import YAML
from test_inventory_updates import HEAD, KERBEROS, VMM, found, update

from livemigration.base.errors import UsageError
from livemigration.discovery.found import Found, FoundHost
from livemigration.discovery.updating import Update

NEW = FoundHost("hv50.contoso.com", groups=("ams",))
HOST = "  - name: hv50.contoso.com\n    groups: [ams]\n"
IN_BRACKETS = "{name: hv50.contoso.com, groups: [ams]}"
IN_JSON = '{"name": "hv50.contoso.com", "groups": ["ams"]}'


def with_new(text: str) -> str:
    return update(text, found(NEW)).text


@in_turn(
    "before, after",
    [
        # What is about the last host stays with it.
        (
            "hosts:\n  - name: hv01.contoso.com\n\n    # until May\n{}\n  # all\npolicy: {{}}\n",
            HOST,
        ),
        ("hosts:\n  - name: hv01.contoso.com\n    # until May{}", f"\n{HOST}"),
        (
            "hosts:\n- name: hv01.contoso.com  # one\n{}# end",
            HOST.replace("  -", "-").replace("    g", "  g"),
        ),
        (
            "policy:\n  evidence_valid_for: 12\n    # hours\n\n\n   # and more\n{}",
            f"hosts:\n{HOST}",
        ),
        ("hosts:\n  - name: hv01.contoso.com{}", f"\n{HOST}"),
        ("hosts:\n  - name: hv01.contoso.com\n{}\n\n#\n", HOST),
        # What is between a key and nothing stays, and so do an anchor and a tag.
        ("hosts: # none yet\n{}\n\npolicy: {{}}\n", HOST),
        ("hosts:\n{}  # none yet\npolicy: {{}}\n", HOST),
        ("hosts: &ours\n{}policy: {{}}\n", HOST),
        ("hosts: [{}\n  # none yet\n]\n", IN_BRACKETS),
        ("hosts: # none\n  &ours [{}]  # yet\n", IN_BRACKETS),
        ("hosts: !!seq [{}]\n", IN_BRACKETS),
        # Items in brackets that have lines of their own.
        (
            "hosts: [\n  {{name: hv01.contoso.com}},  # one\n    # until May\n{}]  # all\n",
            f"  {IN_BRACKETS},\n",
        ),
        ("hosts: [\n\t{{name: hv01.contoso.com}},\n{}  ]\n", f"\t{IN_BRACKETS},\n"),
        ("hosts: [\n  {{name: hv01.contoso.com}}{} ]\n", f", {IN_BRACKETS}"),
        ("hosts: [ {{name: hv01.contoso.com}}{},\n  ]\n", f", {IN_BRACKETS}"),
        # A list that is not where its key is, and one with something before it.
        ("hosts: &ours\n  - &one\n    name: hv01.contoso.com\n{}", HOST),
        ("hosts: !!seq\n# - all\n  - name: hv01.contoso.com\n{}", HOST),
        ("hosts:\n  - &one {{name: hv01.contoso.com}}\n{}", f"  - {IN_BRACKETS}\n"),
        ("? hosts\n: - name: hv01.contoso.com\n{}", HOST),
        # Texts and brackets of several lines at the end.
        ("hosts:\n  - name: hv01.contoso.com\n    groups: [\n      a\n    ]\n{}", HOST),
        ("policy: {{\n  evidence_valid_for: 12\n}}\n{}", f"hosts:\n{HOST}"),
        ("hosts:\n  - name: |-\n      hv01.contoso.com\n{}\n\n  # end\n", HOST),
        ("hosts:\n  - name: hv01.contoso.com\n    groups: ['a',\n    b]  # both\n{}", HOST),
    ],
)
def test_a_host_is_put_where_nothing_that_is_there_changes(before: str, after: str) -> None:
    """`{}` is where it is put: every other character is the one from before."""
    for head in (HEAD, f"# Ours.\n\n{HEAD}"):
        assert with_new(head + before.format("")) == head + before.format(after)


@in_turn(
    "before, after",
    [
        ("hosts:  # none\n  ~  # yet\n", f"hosts:  # none\n  [{IN_BRACKETS}]  # yet\n"),
        ("hosts: null  # none\n", f"hosts:  # none\n{HOST}"),
        ("hosts : [ ] # none\n", f"hosts: # none\n{HOST}"),
        ("'hosts': ~\npolicy: {}\n", f"'hosts':\n{HOST}policy: {{}}\n"),
    ],
)
def test_only_what_says_that_there_is_nothing_goes(before: str, after: str) -> None:
    assert with_new(HEAD + before) == HEAD + after


@in_turn(
    "before, after",
    [
        ('{\n  "hosts": [\n    {"name": "hv01"}%s\n  ]\n}', f",\n    {IN_JSON}"),
        ('{"hosts": [{"name": "hv01"}%s]}\n', f", {IN_JSON}"),
        ('{"hosts": [%s]}\n', IN_JSON),
        ('{\r\n\t"policy": {}%s\r\n}\r\n', f',\r\n\t"hosts": [{IN_JSON}]'),
    ],
)
def test_a_document_of_json_gets_json(before: str, after: str) -> None:
    head = '"schema": 1, "vmm": {"name": "vmm01.contoso.com"}, '
    before = before.replace("{", "{" + head, 1)
    assert with_new(before % "") == before % after


@in_turn("nothing, blank", [("  null", ""), (" ", " "), (" ~", "")])
def test_nothing_of_json_is_replaced(nothing: str, blank: str) -> None:
    text = '{"schema": 1, "vmm": {"name": "vmm01.contoso.com"}, "hosts":%s}\n'
    assert with_new(text % nothing) == text % f" [{IN_JSON}]{blank}"


def test_letters_of_any_language_are_written_as_they_are() -> None:
    host = FoundHost("hv50.contoso.com", groups=("münchen",))
    assert 'groups: ["münchen"]' in update(HEAD, found(host)).text
    assert '["münchen"]' in update("{schema: 1}", found(host)).text


def test_a_line_ends_as_the_one_before_it() -> None:
    text = f"{HEAD}hosts:\r\n  - name: hv01.contoso.com\npolicy: {{}}\r\n"
    assert with_new(text) == text.replace("policy", f"{HOST}policy")
    text = f"{HEAD}hosts: []\n".replace("\n", "\r\n", 1)
    assert with_new(text) == text.replace(" []\n", f"\n{HOST}")
    windows = HEAD.replace("\n", "\r\n") + "hosts:\r\n  - name: hv01.contoso.com"
    assert with_new(windows) == f"{windows}\r\n" + HOST.replace("\n", "\r\n")


def test_an_inventory_that_stands_deeper_is_added_to_where_it_stands() -> None:
    text = "--- &all\n  schema: 1\n  vmm: {name: vmm01.contoso.com}\n  policy: {}\n"
    more = f"  hosts:\n  {HOST}".replace("\n    groups", "\n      groups")
    assert with_new(text) == text + more


def test_an_anchor_that_is_used_again_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    text = (
        f"{HEAD}hosts:\n  - name: hv01.contoso.com\n    groups: &own [a]\n"
        "  - name: hv02.contoso.com\n    groups: &own [b]\n"
    )
    assert with_new(text) == text + HOST
    assert list(recwarn) == []


@in_turn(
    "text",
    [
        f"{HEAD}hosts:\n  - name: hv01.contoso.com\npolicy: {{}}\n".replace("\n", "\r"),
        "schema: 1\nvmm: &all [{name: vmm01.contoso.com}]\nhosts: *all\n",
        f"{HEAD}? hosts\n:\n",
        "{schema: 1, vmm: {name: vmm01.contoso.com}, hosts}\n",
    ],
)
def test_what_cannot_be_added_to_is_refused_in_a_sentence(text: str) -> None:
    other = FoundHost("hv51.contoso.com", reaching=KERBEROS)
    for hosts in ((NEW,), (NEW, other)):
        with pytest.raises(
            UsageError, match=r"^prod.yaml: nothing can be added to it as it is [^\n]*$"
        ):
            update(text, found(*hosts, strict=True))


# Any inventory

COMMENTS = st.sampled_from(["", "", "\n", "# {}\n", "\n# {}\n"])
WITHOUT_HOSTS = st.sampled_from(
    [
        "",
        "hosts:\n",
        "hosts: []  # none\n",
        "hosts:\n  # none\n  []\n",
        "hosts: ~\n",
        "hosts: [\n  # none\n]\n",
        "hosts:\n# none\n  null # yet\n",
    ]
)
VMMS = st.sampled_from(
    [
        f"vmm: {{name: {VMM}}}  # ours\n",
        f"vmm:\n  name: {VMM}\n  # of vmm\n",
        f"vmm:\n- name: '{VMM}'\n",
    ]
)
POLICIES = st.sampled_from(["", "policy: {evidence_valid_for: 12}\n"])
CONNECTIONS = st.sampled_from(["", "connection:\n  port: 5985  # as ever\n\n    # of connection\n"])
OF_GROUPS = st.sampled_from(
    [
        "groups: {ams: {}}\n",
        "groups:\n  ams:\n    exchanges_vms: true\n   # of ams\n",
        "groups: {}\n",
        "groups: {\n  ams: {}  # of ams\n}\n",
        "groups:\n  # none\n  {}\n",
    ]
)
GROUPS: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("ams",), ("ams", "nl")])
ENDS = st.sampled_from(["", "\n\n", "# The end.\n", "...\n"])
LABELS = ("hv01", "hv[02-04]", "HV05", "hv06")
QUOTED = st.sampled_from(['"{}"', "'{}'"])


@st.composite
def entries(draw: st.DrawFn, label: str, groups: Sequence[str], margin: str) -> str:
    """Return an entry of a list of hosts; a comment about it has its label in it."""
    name = f"{label}.contoso.com"
    shown = draw(QUOTED).format(name) if "[" in name or draw(st.booleans()) else name
    beside = draw(st.sampled_from(["", f"  # of {label}"]))
    if draw(st.booleans()):
        own = f", groups: [{', '.join(groups)}]" if groups else ""
        text = f"{margin}- {{name: {shown}{own}}}{beside}\n"
    else:
        own = f"{margin}  groups: [{', '.join(groups)}]\n" if groups else ""
        if draw(st.booleans()) and groups:
            own = f"{margin}  groups:\n" + "".join(f"{margin}  - {each}\n" for each in groups)
        text = f"{margin}- name: {shown}{beside}\n{own}"
    below = draw(
        st.sampled_from(["", "", f"{margin}  # of {label}\n", f"\n{margin}    # of {label}\n"])
    )
    return text + below + draw(st.sampled_from(["", "\n", f"{margin}# between\n"]))


@st.composite
def lists_of_hosts(draw: st.DrawFn, labels: Sequence[str], groups: Sequence[str]) -> str:
    """Return the key of hosts, with none, some in brackets, or some in a block."""
    if not labels:
        return draw(WITHOUT_HOSTS)
    before = draw(st.sampled_from(["", " &ours", "  # all", " !!seq  # - all"]))
    if draw(st.integers(0, 2)):
        margin = draw(st.sampled_from(["", " ", "  ", "    "]))
        return f"hosts:{before}\n" + "".join(
            draw(entries(each, groups if not number else (), margin))
            for number, each in enumerate(labels)
        )
    names = [f"{{name: '{each}.contoso.com'}}" for each in labels]
    if groups:
        names[0] = names[0].replace("}", f", groups: [{', '.join(groups)}]}}")
    if draw(st.booleans()):
        return f"hosts: [{', '.join(names)}{draw(st.sampled_from(['', ', ']))}]  # all\n"
    lines = [f"  {each},  # of {label}\n" for each, label in zip(names, labels, strict=True)]
    if draw(st.booleans()):
        lines[-1] = lines[-1].replace("},  #", "}  #")
    below = draw(st.sampled_from(["", "  # none else\n", f"    # of {labels[-1]}\n"]))
    return f"hosts: [\n{''.join(lines)}{below}  ]\n"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Return an inventory as somebody may have written it."""
    labels = draw(st.lists(st.sampled_from(LABELS), unique=True, max_size=4))
    groups = draw(GROUPS) if labels else ()
    parts = [
        "schema: 1\n",
        draw(VMMS),
        draw(lists_of_hosts(labels, groups)),
        draw(POLICIES),
        draw(CONNECTIONS),
        draw(OF_GROUPS) if groups else "",
    ]
    shown = "".join(draw(COMMENTS) + each for each in draw(st.permutations(parts)))
    shown = draw(st.sampled_from(["", "---\n", "--- # a document\n"])) + shown
    shown += draw(ENDS)
    shown = shown if draw(st.booleans()) else shown.removesuffix("\n")
    # Each comment is another one.
    numbered = iter(range(1000))
    shown = re.sub("#", lambda _: f"#{next(numbered)}", shown)
    return shown.replace("\n", "\r\n") if draw(st.booleans()) else shown


def said(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def comments(text: str) -> list[str]:
    return re.findall(r"#[^\r\n]*", text)


def about(text: str) -> list[tuple[str, str]]:
    """Return each comment that is about something by name, with the last of these before it."""
    names = re.compile(r"hv[^.]*(?=\.contoso)|vmm|connection|ams(?=:)", re.IGNORECASE)
    found = re.finditer(r"#\d+ of ", text)
    return [(each[0], names.findall(re.sub("#.*", "", text[: each.start()]))[-1]) for each in found]


@given(texts(), st.booleans(), st.integers(1, 3))
def test_whatever_an_inventory_says_it_says_afterwards(
    before: str, strict: bool, number: int
) -> None:
    hosts = [
        FoundHost(f"hv{50 + each}.contoso.com", groups=("ams",), reaching=KERBEROS)
        for each in range(number)
    ]
    source: Found = found(*hosts, strict=strict)
    done: Update = update(before, source)
    after = done.text
    assert comments(after) == comments(before)
    assert about(after) == about(before)
    was, becomes = said(before), said(after)
    had = was.pop("hosts", None) or []
    new = becomes.pop("hosts")
    assert new[: len(had)] == had
    assert [each["name"] for each in new[len(had) :]] == [each.name for each in hosts]
    groups = becomes.pop("groups", {})
    assert groups.pop("from-directory", None) == {"connection": {"transport": "kerberos"}}
    assert groups == (was.pop("groups", None) or {})
    assert becomes == was
    # Every line is there as it was, but for one that says that there is nothing yet, and one in
    # which everything stands.
    kept = after.splitlines()
    for line in before.splitlines():
        if line in kept:
            kept = kept[kept.index(line) + 1 :]
        else:
            assert re.search(r"\[|\{|~|null|\}  #", line), line
    ends = {"\r\n"} if "\r\n" in before else {"\n"}
    assert set(re.findall(r"\r?\n", after)) == ends
    again = update(after, source)
    assert (again.changes, again.text) == (False, after)
