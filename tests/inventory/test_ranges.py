"""One entry stands for many hosts whose names differ in a number."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import parse
from livemigration.inventory.ranges import MOST_HOSTS, names_in

NUMBERS = st.tuples(st.integers(0, 400), st.integers(0, 30))


def inventory(*hosts: dict[str, object]) -> str:
    lines = "\n".join(f"  - {json.dumps(each)}" for each in hosts)
    return f"schema: 1\nvmm: {{name: vmm01}}\nhosts:\n{lines}\n"


@in_turn(
    "text, names",
    [
        ("hv[01-03].contoso.com", ["hv01.contoso.com", "hv02.contoso.com", "hv03.contoso.com"]),
        ("hv[8-11]", ["hv8", "hv9", "hv10", "hv11"]),
        ("hv[098-101]", ["hv098", "hv099", "hv100", "hv101"]),
        ("hv[0-2,7]", ["hv0", "hv1", "hv2", "hv7"]),
        ("hv[1, 05]", ["hv1", "hv05"]),
        ("r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
        ("10.0.0.[9-10]", ["10.0.0.9", "10.0.0.10"]),
        ("hv01", ["hv01"]),
    ],
)
def test_a_range_stands_for_its_names(text: str, names: list[str]) -> None:
    assert list(names_in(text)) == names
    assert [each.name for each in parse(inventory({"name": text}), "site.yaml").hosts] == names


@in_turn(
    "name, said",
    [
        ("hv[01-20", "without its other half. Write numbers in brackets, such as hv[01-20]"),
        ("hv01-20].contoso.com", "without its other half"),
        ("hv[[1-2]]", "without its other half"),
        ("hv[]", "[] is no range of numbers. Write numbers in brackets"),
        ("hv[a-c]", "[a-c] is no range of numbers"),
        ("hv[1-2-3]", "[1-2-3] is no range of numbers"),
        ("hv[1,]", "[1,] is no range of numbers"),
        ("hv[-3]", "[-3] is no range of numbers"),
        ("hv[\u0661-\u0663]", "is no range of numbers"),
        ("hv[20-01]", "[20-01] runs backwards. Write [01-20]."),
        ("hv[1-020]", "[1-020] has numbers of two lengths. Write [001-020], or [1-20]."),
        ("hv[00-120]", "[00-120] has numbers of two lengths. Write [000-120], or [0-120]."),
        ("hv[1-999999]", f"stands for 999999 hosts. Write {MOST_HOSTS} at most."),
        ("a[1-999]b[1-999]c[1-999]d[1-999]", "Write 20000 at most."),
        ("hv[1-3].con toso", "'hv1.con toso' is not a machine's name"),
        ("10.0.0.[250-260]", "'10.0.0.256' is neither a name nor an IP address"),
        ("[2001:db8::1]", "is neither a name nor an IP address"),
    ],
)
def test_what_is_no_range_is_refused_with_its_line(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(inventory({"name": "other"}, {"name": name}), "site.yaml")
    assert str(caught.value).startswith("site.yaml, line 5: hosts[1].name: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["address", "answers_as"])
def test_what_belongs_to_one_host_stands_beside_no_range(key: str) -> None:
    with pytest.raises(UsageError, match=rf"line 4: hosts\[0\]: {key} stands beside the range hv"):
        parse(inventory({"name": "hv[1-2]", key: "10.0.0.1"}), "site.yaml")


def test_each_host_of_a_range_has_what_the_entry_says() -> None:
    text = inventory({"name": "hv[1-2]", "groups": ["ams"], "vmm_uses_ssl": True})
    text += "groups: {ams: {policy: {minimum_migrations: 4}}}\n"
    found = parse(text, "site.yaml")
    assert {(each.name, each.groups, each.vmm_uses_ssl) for each in found.hosts} == {
        ("hv1", ("ams",), True),
        ("hv2", ("ams",), True),
    }
    assert [found.policies[name].minimum_migrations for name in ("hv1", "hv2")] == [4, 4]


def test_what_a_range_lists_is_as_if_it_were_written_out() -> None:
    ranged = parse(inventory({"name": "hv[1-3]", "groups": ["ams"]}), "site.yaml")
    names: list[dict[str, object]] = [
        {"name": f"hv{number}", "groups": ["ams"]} for number in (1, 2, 3)
    ]
    assert ranged.hosts == parse(inventory(*names), "site.yaml").hosts


@pytest.mark.parametrize("second", ["hv03.contoso.com", "HV03", "hv[3-4].contoso.com"])
def test_a_host_of_a_range_is_listed_once(second: str) -> None:
    text = inventory({"name": "other"}, {"name": "hv[01-20,3].contoso.com"}, {"name": second})
    twice = r"line 6: hosts\[2\]: (?i:hv0?3)\S* is listed twice: .* in line 5, because"
    with pytest.raises(UsageError, match=twice):
        parse(text, "site.yaml")


def test_a_number_that_a_range_names_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"line 4: hosts\[0\]: hv2 is listed twice: .* line 4"):
        parse(inventory({"name": "hv[1-3,2]"}), "site.yaml")


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.integers(1, 5))
@examples(200)
def test_a_range_is_every_number_from_its_first_to_its_last(
    parts: list[tuple[int, int]], width: int
) -> None:
    spans = [range(first, first + more + 1) for first, more in parts]
    width = max(width, *(len(str(span[-1])) for span in spans))
    inside = ",".join(f"{span[0]:0{width}d}-{span[-1]:0{width}d}" for span in spans)
    expected = [f"hv{number:0{width}d}.a" for span in spans for number in span]
    assert list(names_in(f"hv[{inside}].a")) == expected


@given(st.text("hv[]-,0123456789.", max_size=30))
@examples(400)
def test_any_text_is_a_name_a_range_or_a_refusal(text: str) -> None:
    try:
        found = parse(inventory({"name": text}), "site.yaml").hosts
    except UsageError as error:
        assert str(error).startswith("site.yaml, line 4: hosts[0]")  # noqa: PT017 # one of two ends
    else:
        assert 1 <= len(found) <= MOST_HOSTS
        assert not any(each in host.name for host in found for each in "[],")
