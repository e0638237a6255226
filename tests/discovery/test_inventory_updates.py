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
from livemigration.discovery.telling import lines_of
from livemigration.discovery.updating import Update, updated
from livemigration.inventory.inventory import parse

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
    done = update(HEAD, found("hv01.contoso.com"))
    with monkeypatch.context() as patch:
        patch.setattr(updating, "MAXIMUM_BYTES", len(done.text))
        assert update(HEAD, found("hv01.contoso.com")) == done
        with pytest.raises(UsageError, match="could not be read again"):
            update(HEAD, found("hv012.contoso.com"))
    monkeypatch.setattr(updating, "added_to", lambda *_: "#" * ((4 << 20) + 1))
    with pytest.raises(UsageError, match="larger than 4 MiB, and could not be read again"):
        update(HEAD, found("hv01.contoso.com"))


def test_an_inventory_that_is_new_begins_with_its_heading() -> None:
    own = nothing_yet("new.yaml", Path())
    done = updated(found("hv01.contoso.com"), own, heading="# new\n")
    assert done.changes
    assert done.text == (
        f"# new\nschema: 1\nvmm:\n  name: {VMM}\nhosts:\n  - name: hv01.contoso.com\n"
    )


def test_nothing_found_is_no_inventory() -> None:
    own = nothing_yet("new.yaml", Path())
    done = updated(found("not a name"), own, heading="# new\n")
    assert (done.empty, done.changes) == (True, False)
    assert lines_of(done, written=False)[-1] == (
        "There is no host to write down: new.yaml was not written."
    )


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
