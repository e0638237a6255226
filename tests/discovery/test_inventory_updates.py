"""What a source has, put into inventories of every shape: nothing is lost, and nothing moves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.discovery import updating
from livemigration.discovery.existing import Existing, existing, nothing_yet
from livemigration.discovery.found import Found, FoundHost, Reaching, Scope
from livemigration.discovery.group_names import name_from, of_path
from livemigration.discovery.source import source_of
from livemigration.discovery.telling import lines_of
from livemigration.discovery.updating import Update, updated
from livemigration.inventory.inventory import parse
from livemigration.inventory.names import group_name

VMM = "vmm01.contoso.com"
KERBEROS = Reaching("from-directory", (("transport", "kerberos"),))
PROD = """\
# Ours. Keep.
schema: 1
vmm: {name: vmm01.contoso.com}
hosts:
  - name: hv01.contoso.com   # the first
    groups: [ams]
  # - name: hv99.contoso.com  retired in May
  - name: "hv[02-05].contoso.com"  # a range

# What we demand
policy:
  evidence_valid_for: 12   # hours
groups:
  ams:
    exchanges_vms: true
  # the end of groups
# The end.
"""


def found(*hosts: FoundHost | str, server: str = VMM, strict: bool = False) -> Found:
    whole = tuple(FoundHost(each) if isinstance(each, str) else each for each in hosts)
    scope = Scope(server=server) if server else Scope()
    return Found("The VMM server", whole, scope, server=server, strict=strict)


def update(text: str, source: Found, vmm: str = "", patterns: Sequence[str] = ()) -> Update:
    return updated(source, Existing(text, "prod.yaml", Path()), vmm, patterns)


def hosts_of(text: str) -> list[str]:
    return [host.name for host in parse(text, "prod.yaml").hosts]


def less(text: str, of: str) -> list[str]:
    """Return the lines that a text has and another lacks; the others are the same, in their order.

    Raises:
        AssertionError: they are not.
    """
    lines, other = text.splitlines(), of.splitlines()
    more = []
    for line in lines:
        if other and line == other[0]:
            other.pop(0)
        else:
            more.append(line)
    assert not other
    return more


def test_a_host_goes_behind_the_last_one_and_every_other_line_stays() -> None:
    new = FoundHost("hv06.contoso.com", groups=("ams", "cl01.contoso.com"))
    text = update(PROD, found("hv01.contoso.com", new)).text
    assert less(text, PROD) == ["  - name: hv06.contoso.com", "    groups: [ams, cl01.contoso.com]"]
    lines = text.splitlines()
    assert lines[lines.index("  - name: hv06.contoso.com") - 1].endswith("# a range")


def test_a_group_of_its_own_connection_goes_behind_the_groups() -> None:
    new = FoundHost("hv06.contoso.com", reaching=KERBEROS)
    text = update(PROD, found(new, strict=True)).text
    assert less(text, PROD) == [
        "  - name: hv06.contoso.com",
        "    groups: [from-directory]",
        "  from-directory:",
        "    connection:",
        "      transport: kerberos",
    ]
    reach = parse(text, "prod.yaml").reach_of("hv06.contoso.com")
    assert reach.connection.transport == "kerberos"


HEAD = "schema: 1\nvmm: {name: vmm01.contoso.com}\n"
SHAPES = {
    "hosts in a block": PROD,
    "lines of Windows": PROD.replace("\n", "\r\n"),
    "no line end": PROD.rstrip(),
    "a list that is not indented": f"{HEAD}hosts:\n- name: hv01.contoso.com\n# end",
    "entries in braces": f"{HEAD}hosts:\n  - {{name: hv01.contoso.com}}  # one\npolicy: {{}}\n",
    "hosts in brackets": f"{HEAD}hosts: [{{name: hv01.contoso.com}},  ]  # all\npolicy: {{}}\n",
    "an empty list": f"{HEAD}hosts: []  # none yet\npolicy: {{}}\n",
    "an empty key": f"{HEAD}hosts:   # none yet\n\npolicy: {{}}\n",
    "no hosts": f"{HEAD}policy: {{}}\n# end\n",
    "no VMM server": "---\nschema: 1\n",
    "JSON": '{"schema": 1, "vmm": {"name": "vmm01.contoso.com"}, "hosts": []}',
    "JSON with a host": (
        '{"schema": 1,\n "vmm": {"name": "vmm01.contoso.com"},\n "hosts": [\n'
        '  {"name": "hv01.contoso.com"}\n ]\n}\n'
    ),
    "JSON without hosts": '{"schema": 1}',
    "an alias at the end": (
        f"{HEAD}hosts:\n  - name: hv01.contoso.com\n    groups: &own [ams, nl]\n"
        "  - name: hv02.contoso.com\n    groups: *own\npolicy: {}\n"
    ),
    "a document's end": f"{HEAD}hosts:\n  - name: hv01.contoso.com\n...\n",
    "many lines in an entry": (
        f"{HEAD}hosts:\n  - name: hv01.contoso.com\n    groups:\n      - ams\n\n      - nl\n\n\n"
        "policy: {}\n"
    ),
}


@in_turn("shape", SHAPES)
def test_an_inventory_of_every_shape_gets_its_hosts_and_then_rests(shape: str) -> None:
    before = SHAPES[shape]
    new = FoundHost("hv50.contoso.com", groups=("2026", "yes", "münchen"))
    source = found(new, "hv01.contoso.com", FoundHost("hv51.contoso.com", reaching=KERBEROS))
    done = update(before, source)
    assert {"hv01.contoso.com", "hv50.contoso.com", "hv51.contoso.com"} <= set(hosts_of(done.text))
    entry = next(e for e in parse(done.text, "x").hosts if e.name == "hv50.contoso.com")
    assert entry.groups == ("2026", "yes", "münchen")
    comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
    assert [each for each in comments if each not in done.text.splitlines()] == []
    assert ("\r\n" in done.text) is ("\r\n" in before)
    assert "\n" not in done.text.replace("\r\n", "") or "\r\n" not in before
    again = update(done.text, source)
    assert (again.changes, again.text) == (False, done.text)


def test_what_an_alias_stands_for_is_not_added_to() -> None:
    text = "schema: 1\nvmm: &all [{name: vmm01.contoso.com}]\nhosts: *all\n"
    with pytest.raises(UsageError, match="Write them out, or name a new file"):
        update(text, found("hv02.contoso.com"))


def test_a_group_that_is_reached_otherwise_is_not_taken_for_the_sources_own() -> None:
    text = (
        f"{HEAD}hosts:\n  - {{name: hv01.contoso.com, groups: [from-directory]}}\n"
        "groups: {from-directory: {connection: {transport: ntlm}}}\n"
    )
    with pytest.raises(UsageError, match="transport: kerberos"):
        update(text, found(FoundHost("hv02.contoso.com", reaching=KERBEROS), strict=True))


def test_a_byte_order_mark_and_the_rest_of_a_file_are_known(tmp_path: Path) -> None:
    path = tmp_path / "prod.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + PROD.encode())
    own = existing(path, "prod.yaml")
    assert (own.mark, own.text, own.new) == (b"\xef\xbb\xbf", PROD, False)


# Machines of two sources, and of an inventory


@in_turn(
    "listed, source, is_known",
    [
        ("hv01.contoso.com", "HV01.contoso.com", True),
        ("hv01.contoso.com", "hv01", True),
        ("hv01", "hv01.contoso.com", True),
        ('"hv[01-03].contoso.com"', "HV02.CONTOSO.COM", True),
        ("hv01.contoso.com", "hv01.fabrikam.com", False),
        ("hv01.contoso.com", "hv011.contoso.com", False),
        ("hv01.contoso.com, address: 10.0.0.11", "10.0.0.11", True),
        ("alias.contoso.com, answers_as: hv01.contoso.com", "hv01.contoso.com", True),
    ],
)
def test_a_machine_is_known_by_whatever_name_it_has(
    listed: str, source: str, is_known: bool
) -> None:
    text = f"{HEAD}hosts:\n  - {{name: {listed}}}\n"
    done = update(text, found(source)).compared
    assert [each.found.name for each in done.known] == ([source] if is_known else [])
    assert len(done.new) == (0 if is_known else 1)


def test_other_names_of_a_found_machine_are_its_own() -> None:
    text = f"{HEAD}hosts:\n  - name: dmz01\n"
    done = update(text, found(FoundHost("gate.contoso.com", others=("DMZ01",)))).compared
    assert [each.name for each in done.known] == ["dmz01"]


def test_hosts_of_two_domains_may_share_their_first_label() -> None:
    one = FoundHost("hv01.contoso.com", others=("HV01",))
    other = FoundHost("HV01.fabrikam.com", others=("HV01",))
    done = update(HEAD, found(one, other)).compared
    assert done.new == (one, other)
    text = f"{HEAD}hosts:\n  - name: hv01.fabrikam.com\n"
    assert update(text, found(one)).compared.new == (one,)
    # As it is where each short name is all that is known.
    text = f"{HEAD}hosts:\n  - name: hv01\n"
    assert [each.name for each in update(text, found(one)).compared.known] == ["hv01"]


def test_a_name_that_netbios_cut_short_is_not_a_second_host() -> None:
    text = f"{HEAD}hosts:\n  - name: hv-amsterdam-prod-01.contoso.com\n"
    cut = FoundHost("hv-amsterdam-pr.contoso.com", cut=True)
    assert len(update(text, found(cut)).compared.known) == 1
    assert len(update(text, found("hv-amsterdam-pr.contoso.com")).compared.new) == 1


def test_two_that_may_be_one_machine_are_not_both_added_and_the_second_is_told() -> None:
    done = update(HEAD, found("hv01", "hv01.contoso.com", "HV01.contoso.com")).compared
    assert [each.name for each in done.new] == ["hv01.contoso.com"]
    assert [(each.name, each.may_matter) for each in done.left_out] == [
        ("HV01.contoso.com", False),
        ("hv01", True),
    ]
    text = f"{HEAD}hosts:\n  - name: hv01\n"
    done = update(text, found("hv01.contoso.com", "hv01.fabrikam.com")).compared
    assert [each.name for each in done.left_out] == ["hv01.fabrikam.com"]


@in_turn(
    "name",
    [
        "hv[01-20].contoso.com",
        "[::1]",
        "hv01.contoso.com\n  - name: evil",
        "hv\x1b[2J01",
        "hv01; rm -rf",
        "hv01\u202econtoso",
        "",
        " ",
        "10.0.0.1:5985",
        "a" * 300,
        "*",
        "hv01#comment",
        "- name: x",
    ],
)
def test_what_is_no_name_is_left_out_and_said_on_one_line(name: str) -> None:
    done = update(PROD, found(name, "hv01.contoso.com"))
    assert [each.name for each in done.compared.left_out] == [name]
    assert done.text == PROD
    for line in lines_of(done, written=False):
        assert line.isprintable()


def test_which_server_manages_new_hosts_is_asked_for_where_it_is_not_known() -> None:
    two = (
        "schema: 1\nvmm: [{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]\nhosts:\n"
        "  - {name: hv01.contoso.com, vmm: vmm01.contoso.com}\n"
        "  - {name: hv02.contoso.com, vmm: vmm02.contoso.com}\n"
    )
    done = update(two, found("hv03.contoso.com"))
    assert done.text.endswith("- {name: hv03.contoso.com, vmm: vmm01.contoso.com}\n")
    # Those of the other server are not gone from this one.
    assert [each.name for each in done.compared.gone] == ["hv01.contoso.com"]
    told = lines_of(update(two, found("hv02.contoso.com")), written=False)
    assert "  hv02.contoso.com: the inventory has it under the VMM server vmm02.contoso.com" in told
    with pytest.raises(UsageError, match="--vmm with one of vmm01"):
        update(two, found("hv03.contoso.com", server=""))
    with pytest.raises(UsageError, match="--vmm SERVER"):
        update("schema: 1\n", found("hv03.contoso.com", server=""))
    assert (
        "vmm09.contoso.com"
        in update("schema: 1\n", found("hv03.contoso.com", server=""), vmm="vmm09.contoso.com").text
    )


def test_a_group_is_spelt_as_the_inventory_has_it() -> None:
    done = update(PROD, found(FoundHost("hv06.contoso.com", groups=("AMS",))))
    assert "    groups: [ams]\n" in done.text.partition("hv06")[2]


def test_a_policy_that_a_new_host_would_break_stops_everything() -> None:
    text = (
        f"{HEAD}hosts:\n  - {{name: hv01.contoso.com, groups: [a]}}\n"
        "  - {name: hv02.contoso.com, groups: [b]}\n"
        "groups:\n  a: {connection: {port: 5985}}\n  b: {connection: {port: 5986}}\n"
    )
    with pytest.raises(UsageError, match=r"hv03\.contoso\.com.*disagree on.*Nothing was written"):
        update(text, found(FoundHost("hv03.contoso.com", groups=("a", "b"))))


def test_what_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "MAXIMUM_BYTES", len(HEAD) + 60)
    assert update(HEAD, found("hv01.contoso.com")).changes
    with pytest.raises(UsageError, match="could not be read again"):
        update(HEAD, found("hv01.contoso.com", "hv02.contoso.com", "hv03.contoso.com"))


def test_nothing_found_is_no_inventory() -> None:
    own = nothing_yet("new.yaml", Path())
    done = updated(found("not a name"), own, heading="# new\n")
    assert (done.empty, done.changes) == (True, False)
    assert lines_of(done, written=False)[-1] == (
        "There is no host to write down: new.yaml was not written."
    )


# Groups


@in_turn(
    "path, groups",
    [
        (None, ()),
        ("All Hosts", ()),
        ("All Hosts\\Amsterdam", ("Amsterdam",)),
        ("Alle Hosts\\East DC\\Prod & Test", ("East-DC", "East-DC.Prod-Test")),
        ("All Hosts\\..\\[x]", ("x",)),
        ("All Hosts\\\\", ()),
    ],
)
def test_a_host_group_and_those_above_it_become_groups(
    path: str | None, groups: tuple[str, ...]
) -> None:
    assert of_path(path) == groups


@given(st.text(max_size=200))
def test_what_comes_of_any_text_is_a_groups_name_or_none(text: str) -> None:
    name = name_from(text)
    assert name is None or group_name(name) == name


def test_long_names_that_begin_alike_stay_two() -> None:
    one, other = (name_from("x" * 90 + each) for each in "ab")
    assert one != other
    assert one is not None
    assert len(one) == 63


# Sources


@in_turn(
    "text", ["", "vmm", "vmm:", "lab:healthy", "VMM:x", "vmm:a b", "ad:[x]", "ansible:", "x:y"]
)
def test_a_source_is_one_of_four_with_a_name(text: str) -> None:
    with pytest.raises(UsageError):
        source_of(text)


# Properties

LABELS = st.sampled_from(["hv01", "hv02", "HV02", "hv[01-02]", "h v", "dmz", "10.0.0.1", "é", ""])
DOMAINS = st.sampled_from(["", ".contoso.com", ".fabrikam.com", ".CONTOSO.com", "."])
GROUPS = st.lists(st.sampled_from(["ams", "AMS", "1", "no", "cl01.contoso.com"]), max_size=3)
HOSTS = st.builds(
    FoundHost,
    st.builds(lambda label, domain: label + domain, LABELS, DOMAINS) | st.text(max_size=12),
    address=st.none() | st.sampled_from(["10.0.0.1", "10.0.0.2", "{{ x }}", "hv02.contoso.com"]),
    others=st.lists(LABELS, max_size=1).map(tuple),
    groups=GROUPS.map(lambda each: tuple({name.casefold(): name for name in each}.values())),
    unfit=st.sampled_from(["", "", "its account is disabled"]),
    reaching=st.sampled_from([None, KERBEROS]),
    cut=st.booleans(),
)


@given(st.sampled_from(sorted(SHAPES)), st.lists(HOSTS, max_size=8))
def test_every_host_is_in_the_inventory_or_said_to_be_left_out(
    shape: str, hosts: list[FoundHost]
) -> None:
    before, source = SHAPES[shape], found(*hosts)
    done = update(before, source)
    placed = [
        *(each.name for each in done.compared.new),
        *(each.found.name for each in done.compared.known),
        *(each.name for each in done.compared.left_out),
    ]
    assert sorted(placed) == sorted(each.name for each in hosts)
    if done.empty:
        return
    names = set(hosts_of(done.text))
    assert {each.name for each in done.compared.new} <= names
    assert {each.name for each in done.compared.known} <= names
    assert names >= set(_names_before(before))
    again = update(done.text, source)
    assert (again.changes, again.text) == (False, done.text)
    assert again.compared.new == ()


def _names_before(text: str) -> list[str]:
    own = Existing(text, "prod.yaml", Path())
    return [host.name for host in own.listing.hosts]


@pytest.mark.long
def test_ten_thousand_hosts_are_added_and_found_again_in_seconds() -> None:
    source = found(*(f"hv{number:05}.contoso.com" for number in range(10_000)))
    began = time.process_time()
    done = update(HEAD, source)
    again = update(done.text, source)
    assert time.process_time() - began < 60
    assert len(done.compared.new) == len(again.compared.known) == 10_000
    assert not again.changes
