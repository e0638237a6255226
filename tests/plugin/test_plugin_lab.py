"""What only the lab can do: VMM's rating of a virtual machine, and fixes that are carried out."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

from livemigration.commands.main import main
from livemigration.lab.apply import apply
from livemigration.lab.fleet import load_fleet
from livemigration.run import results_file
from livemigration.run.repairs import repairs_of

RATED_ZERO = {"hv03", "hv04", "hv06", "hv08"}


def rated(ended: Ended) -> dict[str, str]:
    return {target: state for (check, target), state in ended.states().items() if check == "LM306"}


@pytest.mark.fleet
def test_vmm_rates_zero_where_the_kb_says_so(tmp_path: Path) -> None:
    ended = run_here(tmp_path, "-k", "vmm_rates", "--stage-vm=WEB01")
    states = {target.split(".")[0]: state for target, state in rated(ended).items()}
    assert {name for name, state in states.items() if state == "fail"} == RATED_ZERO
    assert states["hv01"] == "not-applicable"
    assert ended.code == 1
    # The letter O is the KB's.
    assert "(Ox8007274D)" in (ended.folder / "results.json").read_text(encoding="utf-8")


@pytest.mark.fleet
def test_a_virtual_machine_that_vmm_does_not_know_gives_no_verdict(tmp_path: Path) -> None:
    ended = run_here(tmp_path, "-k", "vmm_rates", "--inventory=lab:healthy", "--stage-vm=web99")
    assert ended.code == 10
    assert set(rated(ended).values()) == {"blocked"}
    assert "knows no virtual machine of the name web99" in ended.output


def test_the_demos_fixes_carried_out_make_its_fleet_ready(
    demo: tuple[Ended, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mended = tmp_path / "mended.yaml"
    results = str(demo[0].folder / "results.json")
    to = ("--fleet", "kb-2853203", "--output", str(mended))
    assert main(["lab", "apply", results, *to]) == 0
    said = capsys.readouterr().out
    assert said.count("done  ") == 7
    assert f"--inventory lab:{mended}" in said
    after = run_here(tmp_path / "reports", f"--inventory=lab:{mended}")
    assert after.code == 0, after.output
    assert "READY. 10 of 10 hosts are ready." in after.output
    assert main(["lab", "apply", results, *to]) == 4
    assert "name a new file" in capsys.readouterr().err


def test_the_fix_script_and_the_lab_carry_out_the_same_repairs(demo: tuple[Ended, Path]) -> None:
    run = results_file.load(demo[0].folder / "results.json")
    scripted = {f"{each.target}: {each.fix.summary}" for each in repairs_of(run.results)}
    mended = apply(load_fleet("kb-2853203"), run.results)
    assert {*mended.done, *mended.left} == scripted
    script = demo[0].folder / f"{demo[0].folder.name}.fix.ps1"
    text = script.read_text(encoding="utf-8-sig")
    for each in repairs_of(run.results):
        assert text.count(each.fix.summary) == (2 if each.scripted else 1)


@pytest.mark.parametrize(
    ("content", "words"), [("{}", "not the results.json"), (None, "is not there. Name a")]
)
def test_only_results_can_be_applied(
    content: str | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, output = tmp_path / "results.json", tmp_path / "mended.yaml"
    if content is not None:
        results.write_text(content, encoding="utf-8")
    command = ["lab", "apply", str(results), "--fleet", "healthy", "--output", str(output)]
    assert main(command) == 4
    assert words in capsys.readouterr().err
    assert not output.exists()
