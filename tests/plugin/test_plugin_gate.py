"""--gate host-build: a host that is not in VMM yet, without an inventory and without VMM."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_runs import CREDENTIALS, PASSWORD, ROOT, Ended, run, run_here

from livemigration.lab.launch import start

TARGET = "hv01.contoso.com"
GATE = ("--gate=host-build", f"--target={TARGET}")
LAB = "--inventory=lab:healthy"


def replay(healthy: tuple[Ended, Path]) -> tuple[str, ...]:
    return (*GATE, LAB, f"--facts={healthy[1]}")


def test_a_healthy_host_passes_the_gate_and_the_verdict_says_how_far_it_goes(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, "-m", "livemigration", *GATE, LAB)
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
    assert "8 passed, 9 not applicable" in ended.output
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "Gate host-build: VMM was not asked." in page


def test_a_broken_host_fails_the_gate(tmp_path: Path, demo: tuple[Ended, Path]) -> None:
    gate = ("--gate=host-build", "--target=hv04.contoso.com", "--inventory=lab:kb-2853203")
    ended = run_here(tmp_path, *gate, f"--facts={demo[1]}")
    assert ended.code == 1, ended.output
    assert ended.states()[("LM101", "hv04.contoso.com")] == "fail"


def test_a_host_that_is_not_there_fails_the_gate(tmp_path: Path) -> None:
    ended = run(tmp_path, "--gate=host-build", "--target=hv99.invalid", cwd=ROOT, **CREDENTIALS)
    assert ended.code == 1, ended.output
    assert ended.states()[("LM302", "hv99.invalid")] == "fail"
    assert set(ended.states().values()) <= {"fail", "blocked", "not-applicable"}
    assert PASSWORD not in ended.output


def test_without_an_inventory_the_demo_is_not_asked(tmp_path: Path) -> None:
    ended = run(tmp_path, "--gate=host-build", "--target=hv01.invalid", cwd=ROOT, **CREDENTIALS)
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
        ended = run(tmp_path / "reports", *options, cwd=ROOT, **names)
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
    ],
)
def test_a_gate_that_is_not_whole_is_a_usage_error(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    ended = run_here(tmp_path, *options)
    assert ended.code == 4, ended.output
    assert words in ended.output
    assert not list(tmp_path.iterdir())
