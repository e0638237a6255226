"""waivers.yaml: what is in it, and what is refused with file, line and key."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from in_turn import in_turn
from ruamel.yaml import YAML
from waiver_files import ENTRY, INVENTORY, waivers

from livemigration.base.errors import UsageError
from livemigration.commands.schema import schema_text
from livemigration.run.waivers import file
from livemigration.run.waivers.file import WaiversFile, load

PAGE = Path(__file__).parents[3] / "docs" / "waivers.md"


def example() -> str:
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def read(text: str, tmp_path: Path) -> WaiversFile:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_example_of_the_page_is_taken(tmp_path: Path) -> None:
    (entry,) = read(example(), tmp_path).waivers
    assert entry.hosts == ("hv03.contoso.com",)
    assert entry.expires == date(2026, 12, 15)


def test_the_example_fits_the_published_schema() -> None:
    document = YAML(typ="safe").load(example())
    document["waivers"][0]["expires"] = str(document["waivers"][0]["expires"])
    schema = json.loads(schema_text("waivers"))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "time_zone": None}, schema)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    owner: virtualization team\n", "", "line 5: waivers[0].owner: is missing"),
        ("    reason: The host is replaced in December.\n", "", "waivers[0].reason: is missing"),
        ("    expires: 2026-12-15 ", "    # expires ", "waivers[0].expires: is missing"),
        ("2026-12-15 ", "2026-12-15 10:00:00", "waivers[0].expires: write a date without a time"),
        ("2026-12-15 ", "2026-02-30 ", "day is out of range for month"),
        ("2026-12-15 ", "20261215", "waivers[0].expires: write a date without a time"),
        # Seconds since 1970, and a moment elsewhere.
        ("2026-12-15 ", '"1797292800"', "waivers[0].expires: write a date without a time"),
        ("2026-12-15 ", '"2026-12-15T00:00:00Z"', "waivers[0].expires: write a date without a"),
        ("Europe/Amsterdam ", "Mars/Phobos", "line 3: time_zone: 'Mars/Phobos' is no time zone"),
        ("Europe/Amsterdam ", "../../etc/passwd", "is no time zone"),
        ("Europe/Amsterdam ", "''", "is no time zone"),
        # What these name depends on the machine.
        ("Europe/Amsterdam ", "localtime", "line 3: time_zone: 'localtime' is no time zone"),
        ("Europe/Amsterdam ", "posixrules", "is no time zone"),
        ("Europe/Amsterdam ", "right/Europe/Amsterdam", "is no time zone"),
        ("Europe/Amsterdam ", "posix/Europe/Amsterdam", "is no time zone"),
        ("time_zone: Europe/Amsterdam ", "# ", "time_zone: is missing"),
        ("[LM102, LM202]", "[LM2]", "waivers[0].checks[0]: 'LM2' is no check"),
        ("[LM102, LM202]", f"[{'x' * 61}]", f"waivers[0].checks[0]: '{'x' * 60}' is no check"),
        ("Europe/Amsterdam ", "x" * 61, f"time_zone: '{'x' * 60}' is no time zone"),
        ("[LM102, LM202]", "[]", "waivers[0].checks"),
        ("[hv03.contoso.com]", "[]", "waivers[0].hosts"),
        ("RISK-118", "' '", "waivers[0].ticket: write something, on one line"),
        ("RISK-118", '"a\\e[2J"', "waivers[0].ticket: write something, on one line"),
        ("    owner:", "    who: me\n    owner:", "waivers[0].who: is not a known key"),
        ("schema: 1", "schema: 2", "schema"),
    ],
)
def test_a_file_that_is_not_usable_says_where(
    old: str, new: str, words: str, tmp_path: Path
) -> None:
    text = example()
    assert old in text
    with pytest.raises(UsageError) as caught:
        read(text.replace(old, new, 1), tmp_path)
    assert str(tmp_path / "waivers.yaml") in str(caught.value)
    assert words in str(caught.value)


COVERED = [
    ({}, {("LM102", "hv01.contoso.com")}),
    ({"hosts": ["HV02"]}, {("LM102", "hv02.contoso.com")}),
    ({"hosts": ["10.0.0.2"]}, {("LM102", "hv02.contoso.com")}),
    ({"hosts": ["group:ams"]}, {("LM102", f"hv0{n}.contoso.com") for n in (1, 2)}),
    ({"hosts": ["hv03", "hv01"]}, {("LM102", f"hv0{n}.contoso.com") for n in (1, 3)}),
    ({"hosts": ["vmm01"], "checks": ["LM001"]}, {("LM001", "vmm01.contoso.com")}),
    (
        {"hosts": ["hv01", "vmm01"], "checks": ["LM001", "LM102"]},
        {("LM001", "vmm01.contoso.com"), ("LM102", "hv01.contoso.com")},
    ),
    ({"hosts": ["hv01", "HV01*"], "checks": ["LM102", "LM102"]}, {("LM102", "hv01.contoso.com")}),
    ({"hosts": ["*"]}, {("LM102", f"hv0{n}.contoso.com") for n in (1, 2, 3)}),
]


@in_turn("entry, pairs", COVERED)
def test_a_waiver_covers_hosts_and_checks(
    entry: dict[str, list[str]], pairs: set[tuple[str, str]]
) -> None:
    (waiver,) = waivers(entry)
    assert set(waiver.pairs) == pairs
    assert len(waiver.pairs) == len(pairs)


@in_turn(
    "entry, words",
    [
        ({"hosts": ["hv09"]}, "waivers[1].hosts: 'hv09' matches no machine of prod.yaml"),
        ({"hosts": ["hv01", "hv09"]}, "waivers[1].hosts: 'hv09' matches no machine"),
        ({"hosts": ["group:lon"]}, "'group:lon' matches no machine"),
        ({"checks": ["LM199"]}, "waivers[1].checks: there is no check LM199"),
        ({"checks": ["LM001"]}, "can match nothing: LM001 is a check of VMM servers"),
        ({"hosts": ["vmm01"]}, "can match nothing: LM102 is a check of hosts"),
        (
            {"hosts": ["vmm01"], "checks": ["LM101", "LM102"]},
            "can match nothing: LM101 and LM102 are checks of hosts",
        ),
        ({"expires": "2027-02-22"}, "waivers[1].expires: 91 days from today, and the policy"),
    ],
)
def test_a_waiver_that_covers_nothing_or_everything_or_lasts_too_long_is_refused(
    entry: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        waivers({}, entry)
    assert str(caught.value).startswith("waivers.yaml: waivers[1]")
    assert words in str(caught.value)


ALL = ["LM101", "LM102", "LM103"]


@in_turn(
    "hosts",
    [
        ["*"],
        ["hv*"],
        ["*.contoso.com"],
        ["HV0?"],
        ["hv0[1-3].*"],
        ["group:*"],
        ["group:ams", "group:fra"],
        ["hv01", "10.0.0.2", "hv03.contoso.com"],
        ["hv*", "vmm01"],
    ],
)
@in_turn("checks", [ALL, [*ALL, "LM001"], [*ALL, "LM306"]])
def test_everything_is_refused_by_whichever_patterns(hosts: list[str], checks: list[str]) -> None:
    if hosts == ["hv*", "vmm01"] and "LM001" not in checks:
        checks = [*checks, "LM001"]
    with pytest.raises(UsageError, match=r"waivers\[0\] covers every check of every host\."):
        waivers({"hosts": hosts, "checks": checks})
    # One host less, or one check less, and somebody may have looked.
    assert waivers({"hosts": hosts, "checks": checks[1:]})
    assert waivers({"hosts": ["hv01", "hv02"], "checks": checks})


def test_waivers_that_are_everything_together_are_refused() -> None:
    both = ({"hosts": ["hv01"], "checks": ALL}, {"hosts": ["hv02", "hv03"], "checks": ALL})
    with pytest.raises(UsageError, match=r"together its waivers cover every check of every host"):
        waivers(*both)
    # One that expired covers nothing any more.
    assert len(waivers(both[0], {**both[1], "expires": "2026-11-22"})) == 2


def test_one_host_is_not_every_host_where_it_is_the_only_one() -> None:
    only = re.sub(r"  - .*hv0[23].*\n", "", INVENTORY)
    assert only.count("- {name") == 1
    assert waivers({"checks": ALL}, inventory_text=only)
    with pytest.raises(UsageError, match="covers every check of every host"):
        waivers({"hosts": ["*"], "checks": [*ALL, "LM001"]}, inventory_text=only)


def test_the_policy_says_how_long_a_waiver_may_last() -> None:
    assert waivers({"expires": "2027-02-21"})[0].days_left == 90
    (longer,) = waivers({"expires": "2027-06-01"}, more="policy: {waivers_at_most: 190}\n")
    assert longer.days_left == 190
    with pytest.raises(UsageError, match="the policy allows 10 "):
        waivers({}, more="policy: {waivers_at_most: 10}\n")


def test_everything_but_one_check_may_be_waived() -> None:
    (waiver,) = waivers({"hosts": ["*"], "checks": ["LM101", "LM102"]})
    assert len(waiver.pairs) == 6
    assert INVENTORY.count("- {name") == 3
    assert ENTRY["checks"] == ["LM102"]


def test_a_zone_file_that_cannot_be_read_is_no_time_zone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def locked(name: str) -> None:
        raise PermissionError(name)

    monkeypatch.setattr(file, "ZoneInfo", locked)
    with pytest.raises(UsageError, match="'Europe/Amsterdam' is no time zone that this machine"):
        read(example(), tmp_path)
