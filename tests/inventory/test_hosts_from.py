"""Hosts that stand in a CSV file beside the inventory."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.inventory.inventory import Inventory, load, parse

WORDS = st.text("abcdefgh", min_size=1, max_size=8)
YAML = "schema: 1\nvmm: {name: vmm01}\nhosts_from: hosts.csv\n"


def loaded(folder: Path, rows: str, text: str = YAML, *, encoding: str = "utf-8") -> Inventory:
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    (folder / "hosts.csv").write_text(rows, encoding=encoding, newline="")
    return load("site.yaml", folder)


def refusal(folder: Path, rows: str, text: str = YAML) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(folder, rows, text)
    return str(caught.value).removeprefix(f"{folder}/hosts.csv, ")


def test_each_row_is_a_host(tmp_path: Path) -> None:
    rows = (
        "name,address,answers_as,groups,vmm,vmm_uses_ssl\n"
        'hv01.contoso.com,10.0.0.1,,"ams, front",vmm01,true\n'
        "\n"
        "hv02.contoso.com,,hv02.corp.contoso.com,ams;front,,False\n"
        "hv[03-04].contoso.com\n"
    )
    hosts = loaded(tmp_path, rows).hosts
    assert [each.name.partition(".")[0] for each in hosts] == ["hv01", "hv02", "hv03", "hv04"]
    assert (hosts[0].address, hosts[0].vmm, hosts[0].vmm_uses_ssl) == ("10.0.0.1", "vmm01", True)
    assert hosts[0].groups == hosts[1].groups == ("ams", "front")
    assert (hosts[1].address, hosts[1].answers_as) == (None, "hv02.corp.contoso.com")
    assert (hosts[1].vmm, hosts[1].vmm_uses_ssl) == (None, False)
    assert hosts[2].groups == ()


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        ("name;groups\r\nhv01;ams\r\n", "utf-8"),
        ("name\tgroups\nhv01\tams\n", "utf-8"),
        ('"Name","Groups"\r\n"hv01","ams"\r\n', "utf-8-sig"),
        ('#TYPE Selected.Microsoft.Host\r\n"Name","Groups"\r\n"hv01","ams"\r\n', "utf-8"),
    ],
    ids=["semicolons", "tabs", "Excel", "Windows PowerShell"],
)
def test_a_file_of_other_programs_is_read(rows: str, encoding: str, tmp_path: Path) -> None:
    (host,) = loaded(tmp_path, rows, encoding=encoding).hosts
    assert (host.name, host.groups) == ("hv01", ("ams",))


def test_hosts_stand_in_both(tmp_path: Path) -> None:
    hosts = loaded(tmp_path, "name\nhv02\n", f"{YAML}hosts: [{{name: hv01}}]\n").hosts
    assert [each.name for each in hosts] == ["hv01", "hv02"]


def test_the_file_is_part_of_what_the_inventory_is(tmp_path: Path) -> None:
    digests = {loaded(tmp_path, f"name\nhv0{number}\n").digest for number in (1, 2)}
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "line 1: name: the column is missing. Add it."),
        ("address\n10.0.0.1\n", "line 1: name: the column is missing. Add it."),
        ("nme\nhv01\n", "line 1: 'nme' is no column of hosts. Did you mean name? Use name, "),
        ("name,name\nhv01,hv02\n", "line 1: name: the column is given twice. Keep one"),
        ("name\nhv01\nhv 02\n", "line 3: name: 'hv 02' is not a machine's name."),
        ("name\nhv01,ams\n", "line 2: 2 cells, and the first line has 1. Put a cell"),
        ("name,groups\n,ams\n", "line 2: name: is missing. Add it."),
        ("name,vmm_uses_ssl\nhv01,maybe\n", "line 2: vmm_uses_ssl: expected true or false."),
        ("name,groups\nhv01,(ams)\n", "line 2: groups[0]: '(ams)' is not a group's name."),
        ("name,address\nhv[1-2],10.0.0.1\n", "line 2: the file: address stands beside the"),
        ('name\n"hv01\n', "line 2: not valid CSV: "),
        ('name\n"hv"01\n', "line 2: not valid CSV: "),
        ("#TYPE a\nname\nhv 01\n", "line 3: name: 'hv 01' is not a machine's name."),
    ],
)
def test_a_mistake_is_told_with_its_line(rows: str, said: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, rows).startswith(said)


def test_a_host_is_listed_once_across_both_files(tmp_path: Path) -> None:
    text = f"{YAML}hosts:\n  - name: hv01.contoso.com\n"
    said = refusal(tmp_path, "name\nhv[02-03].contoso.com\nHV01\n", text)
    assert said.startswith("line 3: name: HV01 is listed twice: it is the same machine as hv01.")
    assert "in site.yaml, line 5, because" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (YAML.replace("hosts.csv", "gone.csv"), "gone.csv: No such file or directory."),
        (YAML.replace("hosts.csv", "hosts.txt"), "line 3: hosts_from: is not of the form"),
        (f"{YAML}lab: {{fleet: healthy}}\n".replace("vmm: {name: vmm01}\n", ""), "lab stands"),
    ],
)
def test_a_file_that_is_no_list_of_hosts_is_refused(text: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(tmp_path, "name\nhv01\n", text)


def test_a_file_without_rows_lists_nobody(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheckError, match="names no host"):
        loaded(tmp_path, "name\n")


@given(
    st.lists(
        st.tuples(WORDS, st.lists(WORDS, max_size=3, unique=True)),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[0],
    ),
    st.sampled_from(",;\t"),
    st.booleans(),
)
@examples(100)
def test_what_any_writer_of_csv_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, list[str]]],
    delimiter: str,
    quotes_all: bool,
) -> None:
    written = io.StringIO()
    writer = (
        csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        if quotes_all
        else csv.writer(written, delimiter=delimiter)
    )
    writer.writerow(["name", "groups"])
    writer.writerows([name, " ".join(groups)] for name, groups in rows)
    folder = tmp_path_factory.mktemp("site")
    found = loaded(folder, written.getvalue()).hosts
    assert [(each.name, list(each.groups)) for each in found] == rows


def test_any_bytes_are_a_list_or_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "hosts.csv").write_bytes(b"name\n\xff\xfe\x00hv01\n")
    with pytest.raises(UsageError, match=r"hosts\.csv: byte 5 is not UTF-8"):
        parse(YAML, "site.yaml", tmp_path)
