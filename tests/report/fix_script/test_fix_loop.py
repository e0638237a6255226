"""One block of PowerShell for all hosts of a repair: it does for each what its own lines do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import case_tables
import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from powershell_gates import later_than_version_3, syntax_errors
from properties import examples

from livemigration.report.fix_script.loop import Block, mending_blocks, undoing_blocks
from livemigration.run.repairs import changes
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.quoting import quote, quote_list
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import enable_live_migration, use_kerberos

BODY = " " * 8
ENTRY = re.compile(r"(v\d+) = (@\((?:'(?:[^']|'')*'(?:, )?)*\)|'(?:[^']|'')*')(?:; |$)")
NAMES = st.lists(
    st.sampled_from(("hv1.lab.test", "hv2.lab.test", "o'neil", "hé-3", "\u2019q", "a b")),
    min_size=2,
    max_size=5,
    unique=True,
)
TEXTS = st.text(st.sampled_from("ab'é\u2019 ,;}{$@(=)"), max_size=6)


def made_fix(name: str, text: str, others: Sequence[str], *, more: bool = False) -> Fix:
    """Return a fix that reads, refuses, changes and reads back, as those of the suite do."""
    begin = quote(name)[:-1]
    lines = (
        "$ErrorActionPreference = 'Stop'",
        f"$name = {quote(name)}",
        "$vmHost = Get-SCVMHost -ComputerName $name",
        "$seen = Get-CimInstance -ClassName Seen",
        f"if ($seen.Text -ne {quote(text)}) {{ throw {begin}: it differs; nothing was changed.' }}",
        *(("Get-Date | Out-Null",) if more else ()),
        f"Set-SCVMHost -VMHost $vmHost -MigrationSubnet {quote_list(others)} | Out-Null",
    )
    undo = (
        *lines[:4],
        f"if ($seen.Text -ne 'new') {{ throw {begin}: it is not new; nothing was changed.' }}",
        f"Set-SCVMHost -VMHost $vmHost -MigrationSubnet {quote(text)}",
    )
    return Fix("k", "Mend it.", commands=lines, undo=undo)


def values_of(block: Block, name: str) -> dict[str, str]:
    """Return what the table of a block says of a host."""
    start = f"    {quote(name)} = @{{ "
    rows = [line for line in block.lines if line.startswith(start) and line.endswith(" }")]
    if not rows:
        return {}
    (row,) = rows
    inner = row[len(start) : -2]
    found = ENTRY.findall(inner)
    assert "; ".join(f"{key} = {value}" for key, value in found) == inner
    return {key: value[2:-1] if value.startswith("@(") else value for key, value in found}


def own_lines(block: Block, name: str) -> list[str]:
    """Return the lines of the loop with the values of one host in their places."""
    at = block.lines.index(f"{' ' * 4}try {{")
    end = next(i for i, line in enumerate(block.lines) if line.endswith("} catch {"))
    values = values_of(block, name)
    return [
        re.sub(r"\$its\.(v\d+)", lambda found: values[found[1]], line[len(BODY) :])
        for line in block.lines[at + 1 : end]
        if not line.startswith((f"{BODY}$its = ", f"{BODY}Write-Output "))
    ]


def expected(fix: Fix, name: str) -> list[str]:
    """Return what a host's own commands are once `$name` is what it is called."""
    begin = quote(name)[:-1]
    return [
        line.replace(f"throw {begin}: ", "throw ($name + ': ").replace(
            "nothing was changed.' }", "nothing was changed.') }"
        )
        for line in fix.commands
        if not line.startswith(("$name = ", "$ErrorActionPreference"))
    ]


@examples(200)
@given(NAMES, st.data())
def test_the_loop_does_for_each_host_what_its_own_commands_do(
    names: list[str], data: st.DataObject
) -> None:
    fixes = {
        name: made_fix(
            name,
            data.draw(TEXTS),
            data.draw(st.lists(TEXTS, min_size=1, max_size=3)),
            more=data.draw(st.booleans()),
        )
        for name in names
    }
    blocks = mending_blocks(fixes)
    assert sorted(name for each in blocks for name in each.hosts) == sorted(names)
    for block in blocks:
        assert f"$hosts = {quote_list(block.hosts)}" in block.lines
        for name in block.hosts:
            own = own_lines(block, name)
            wanted = expected(fixes[name], name)
            assert own[: len(wanted)] == wanted
            # What follows only reads back, and throws.
            assert not any(map(changes, own[len(wanted) :]))
            assert any("the change does not show" in line for line in own[len(wanted) :])
        assert syntax_errors("\n".join(block.lines)) == []


def test_hosts_whose_lines_differ_in_shape_have_blocks_of_their_own() -> None:
    fixes = {
        "hv1": made_fix("hv1", "a", ["n"]),
        "hv2": made_fix("hv2", "b", ["n"], more=True),
        "hv3": made_fix("hv3", "c", ["m"]),
    }
    assert [each.hosts for each in mending_blocks(fixes)] == [("hv1", "hv3"), ("hv2",)]


def test_what_all_hosts_share_is_in_no_table() -> None:
    fixes = {name: made_fix(name, "same", ["n"]) for name in ("hv1", "hv2")}
    (block,) = mending_blocks(fixes)
    assert not any("$known" in line or "$its" in line for line in block.lines)


def test_the_first_host_stops_the_others_and_every_session_is_closed() -> None:
    (block,) = mending_blocks({name: made_fix(name, name, ["n"]) for name in ("hv1", "hv2")})
    text = "\n".join(block.lines)
    assert "if ($name -eq $hosts[0]) {" in text
    assert text.index("Write-Warning $_.Exception.Message") < text.index("break")
    assert "finally" in text
    assert "Remove-CimSession" in text.partition("finally")[2]


@in_turn("name", ["o'neil", "\u2019; Remove-Item x; \u2019", "$(whoami)", "hé"])
def test_no_name_gets_out_of_its_quotes(name: str) -> None:
    fixes = {each: made_fix(each, each, [each]) for each in (name, "hv2")}
    for block in (*mending_blocks(fixes), *undoing_blocks(fixes)):
        text = "\n".join(block.lines)
        assert syntax_errors(text) == []
        assert quote(name) in text


def test_the_undo_is_a_loop_too_and_read_back_by_the_mending_guard() -> None:
    fixes = {name: made_fix(name, name, ["n"]) for name in ("hv1", "hv2")}
    (block,) = undoing_blocks(fixes)
    own = own_lines(block, "hv2")
    assert own[-3] == "Set-SCVMHost -VMHost $vmHost -MigrationSubnet 'hv2'"
    assert own[-1].startswith("if ($seen.Text -ne 'hv2') { throw ($name + ': the change")


def test_what_changes_nothing_has_no_block() -> None:
    looks = Fix("k", "Look.", commands=("Get-VM",), undo=("Get-VM",))
    assert mending_blocks({"hv1": looks}) == undoing_blocks({"hv1": looks}) == ()


def scripted() -> dict[str, Fix]:
    """Return a fix of each kind that a case of the verdict table leads to."""
    return {
        f"{case.check}-{finding.fix.key}": finding.fix
        for case in case_tables.CASES
        for finding in case.result().findings
        if finding.fix is not None and any(map(changes, finding.fix.commands))
    }


def twice(fix: Fix) -> Mapping[str, Fix]:
    return {"hv01.contoso.com": fix, "o'neil.contoso.com": fix}


@pytest.mark.long
def test_windows_powershell_3_reads_every_block_of_every_fix() -> None:
    fixes = scripted()
    assert len(fixes) > 10
    for case, fix in fixes.items():
        blocks = (*mending_blocks(twice(fix)), *undoing_blocks(twice(fix)))
        assert blocks, case
        for block in blocks:
            text = "\n".join(block.lines)
            assert syntax_errors(text) == [], case
            assert later_than_version_3(text) == [], case


@pytest.mark.parametrize("make", [enable_live_migration, lambda each: use_kerberos(each, 0)])
def test_fixes_of_the_suite_of_several_hosts_are_one_block(make: object) -> None:
    fixes = {
        name: make(FixTarget(name, "vmm01.contoso.com"))  # type: ignore[operator]  # makes a fix
        for name in ("hv01.contoso.com", "hv02.contoso.com", "o'neil.contoso.com")
    }
    (block,) = mending_blocks(fixes)
    assert block.hosts == tuple(fixes)
    assert len(undoing_blocks(fixes)) == 1
    assert any("the change does not show" in line for line in block.lines)
