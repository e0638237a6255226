"""--gate host-build: a host that is not in VMM yet, without an inventory and without VMM."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from plugin_runs import CREDENTIALS, HOST_CHECKS, PASSWORD, Ended, run_here

from livemigration.commands.main import main
from livemigration.lab.launch import start
from livemigration.report.inventory_lines import relative_path
from livemigration.report.markdown import markdown_text
from livemigration.run import results_file

TARGET = "hv01.contoso.com"
GATE = ("--gate=host-build", f"--target={TARGET}")
LAB = "--inventory=lab:healthy"


def replay(healthy: tuple[Ended, Path]) -> tuple[str, ...]:
    return (*GATE, LAB, f"--facts={healthy[1]}")


def test_a_healthy_host_passes_the_gate_and_the_verdict_says_how_far_it_goes(
    tmp_path: Path,
) -> None:
    ended = run_here(tmp_path, "-m", "livemigration", *GATE, LAB)
    assert ended.code == 0, ended.output
    assert "READY for the only host; gate host-build, without VMM." in ended.output
    assert "VMM is not asked" in ended.output
    states = ended.states()
    assert {target for _, target in states} == {TARGET}
    assert states[("LM302", TARGET)] == "pass"
    assert states[("LM102", TARGET)] == "not-applicable"
    assert not any(check.startswith("LM0") for check, _ in states)
    assert ended.results["vmm"] == ""
    assert ended.results["inventory"] == f"gate host-build: {TARGET}"


def test_facts_that_were_kept_give_the_same_verdicts(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    ended = run_here(tmp_path, *replay(healthy), "--bundle")
    assert ended.code == 0, ended.output
    states = Counter(ended.states().values())
    assert set(states) == {"pass", "not-applicable"}
    assert states["pass"] >= 8
    said = f"{states['pass']} passed, {states['not-applicable']} not applicable"
    assert said in ended.output
    assert sum(states.values()) == len(HOST_CHECKS)
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "Gate host-build: VMM was not asked." in page


def test_a_broken_host_fails_the_gate(tmp_path: Path, demo: tuple[Ended, Path]) -> None:
    gate = ("--gate=host-build", "--target=hv04.contoso.com", "--inventory=lab:kb-2853203")
    ended = run_here(tmp_path, *gate, f"--facts={demo[1]}")
    assert ended.code == 1, ended.output
    assert ended.states()[("LM101", "hv04.contoso.com")] == "fail"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, demo: tuple[Ended, Path]) -> Ended:
    """A replay of a host that has live migration turned off, with a bundle."""
    gate = ("--gate=host-build", "--target=HV04.contoso.com", "--inventory=lab:kb-2853203")
    reports = tmp_path_factory.mktemp("broken")
    return run_here(reports, *gate, f"--facts={demo[1]}", "--bundle")


def test_what_is_to_be_mended_at_the_gate_needs_no_vmm(broken: Ended) -> None:
    assert "In Hyper-V Manager, open Hyper-V Settings of hv04.contoso.com" in broken.output
    script = next(broken.folder.glob("*.fix.ps1")).read_text(encoding="utf-8-sig")
    assert "0 by script, 1 by a person" in script
    assert "this script changes nothing" in script
    for text in (broken.output, script):
        assert "Get-SCVMMServer" not in text


def test_every_form_of_the_results_says_that_no_vmm_server_was_asked(broken: Ended) -> None:
    page = (broken.folder / "report.html").read_text(encoding="utf-8")
    assert "none was asked: gate host-build" in page
    assert "1 host was named with --target." in broken.output
    run = results_file.load(broken.folder / "results.json")
    assert "no server was asked" in markdown_text(run)
    assert relative_path(run) == ""
    assert run.evidence is not None
    assert {each.target for each in run.evidence.targets} == {"hv04.contoso.com"}


def test_the_bundle_of_a_gate_leads_to_the_same_verdicts(
    broken: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    # What is simulated is no evidence, whatever it leads to.
    assert main(["verify", str(next(broken.folder.glob("*.zip")))]) == 10
    assert "its facts lead to the same verdicts" in capsys.readouterr().out


def test_a_journal_that_was_cut_off_tells_the_gate_as_well(
    broken: Ended, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (broken.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(lines[:-1]), encoding="utf-8")
    # Of a replay, whose facts are not in the journal: alone it would not tell whose they were.
    assert main(["report", str(journal)]) == 4
    assert "the facts of this run are not beside its journal" in capsys.readouterr().err
    shutil.copy(broken.folder / "facts.json", tmp_path)
    assert main(["report", str(journal)]) == 2
    assert "gate host-build, without VMM" in capsys.readouterr().out
    assert results_file.load(tmp_path / "results.json").gate == "host-build"


def test_the_waivers_of_the_site_are_of_its_inventory_and_not_of_the_gate(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("not waivers", encoding="utf-8")
    ended = run_here(tmp_path / "a", *replay(healthy), "-o", f"livemigration_waivers={waivers}")
    assert ended.code == 0, ended.output
    ended = run_here(tmp_path / "b", *replay(healthy), f"--waivers={waivers}")
    assert ended.code == 4, ended.output


def test_a_host_that_is_not_there_fails_the_gate(tmp_path: Path) -> None:
    ended = run_here(tmp_path, "--gate=host-build", "--target=hv99.invalid", variables=CREDENTIALS)
    assert ended.code == 1, ended.output
    assert ended.states()[("LM302", "hv99.invalid")] == "fail"
    assert set(ended.states().values()) <= {"fail", "blocked", "not-applicable"}
    assert PASSWORD not in ended.output


def test_without_an_inventory_the_demo_is_not_asked(tmp_path: Path) -> None:
    ended = run_here(tmp_path, "--gate=host-build", "--target=hv01.invalid", variables=CREDENTIALS)
    assert ended.results["simulated"] is False
    assert ended.code == 1


def test_real_machines_are_asked_with_connection_and_policy_of_an_inventory(
    tmp_path: Path,
) -> None:
    with start("healthy") as lab:
        host = next(each for each in lab.hosts if each.name == TARGET)
        inventory = tmp_path / "prod.yaml"
        inventory.write_text(
            f"schema: 1\nvmm: {{name: nobody.invalid}}\nhosts: [{{name: {host.address}}}]\n"
            f"connection: {{port: {host.port}}}\npolicy: {{authentication: credssp}}\n",
            encoding="utf-8",
        )
        names = {
            "LIVEMIGRATION_USERNAME": lab.credentials.username,
            "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
        }
        options = ("--gate=host-build", f"--target={host.address}", f"--inventory={inventory}")
        ended = run_here(tmp_path / "reports", *options, variables=names)
    assert ended.code == 1, ended.output
    states = ended.states()
    assert states[("LM302", host.address)] == "pass"
    assert states[("LM104", host.address)] == "fail"


def test_a_gate_at_which_nothing_could_be_asked_is_not_green(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    ended = run_here(tmp_path, *replay(healthy), "-k", "network_selection or staging_would")
    assert ended.code == 5, ended.output
    assert "NO VERDICT: nothing was checked" in ended.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--gate=host-build",), "--gate and --target belong together. Add --target HOST."),
        (("--target=hv01",), "--gate and --target belong together. Add --gate host-build."),
        (("--gate=door", "--target=hv01"), "--gate 'door': there is no such gate"),
        (("--gate=host-build", "--target=hv 01"), "--target: 'hv 01' is not a machine's name"),
        (("--gate=host-build", "--target="), "--target: '' is not a machine's name"),
        (("--gate=host-build", "--target=a", "--target=A"), "--target: a host is named twice"),
        ((*GATE, "--stage-vm=WEB01"), "--gate asks no VMM server, --stage-vm does."),
        (("--gate=host-build", "--target=hv42", LAB), "--target: lab:healthy has no host 'hv42'."),
    ],
)
def test_a_gate_that_is_not_whole_is_a_usage_error(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    ended = run_here(tmp_path, *options)
    assert ended.code == 4, ended.output
    assert words in ended.output
    assert not list(tmp_path.iterdir())
