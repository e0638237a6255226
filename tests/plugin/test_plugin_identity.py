"""One machine is never two, and nobody is judged by what another machine said."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from plugin_runs import ROOT, Ended, run_here

from livemigration.lab.launch import RunningLab, start
from livemigration.report.html.proof import proof_of
from livemigration.run.files import RunFiles
from livemigration.run.journal import read
from livemigration.run.results_file import load

HOST = "hv10.contoso.com"


@dataclass(frozen=True)
class Site:
    """A real inventory whose machines are those of a lab, under names that a test chooses."""

    lab: RunningLab
    folder: Path

    def address(self, name: str) -> str:
        return next(each.address for each in self.lab.hosts if each.name.startswith(name))

    def run(self, hosts: dict[str, str], vmm: str = "vmm01.contoso.com") -> Ended:
        """Return the run of an inventory of hosts by their addresses."""
        inventory = {
            "schema": 1,
            "vmm": {"name": vmm, "address": self.lab.vmm.address},
            "hosts": [{"name": name, "address": address} for name, address in hosts.items()],
            "connection": {"port": self.lab.vmm.port, "time_limits": {"connect": 2, "probe": 2}},
        }
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "site.yaml"
        path.write_text(json.dumps(inventory), encoding="utf-8")
        known = self.lab.credentials
        return run_here(
            self.folder / "reports",
            f"--inventory={path}",
            "-m",
            "livemigration",
            variables={
                "LIVEMIGRATION_USERNAME": known.username,
                "LIVEMIGRATION_PASSWORD": known.password.reveal(),
            },
        )


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("healthy") as running:
        yield running


@pytest.fixture
def site(lab: RunningLab, tmp_path: Path) -> Site:
    return Site(lab, tmp_path)


def of_host(ended: Ended, host: str) -> dict[str, str]:
    return {check: state for (check, name), state in ended.states().items() if name == host}


def findings(ended: Ended, check: str, target: str) -> str:
    results = ended.results["results"]
    (found,) = (
        each
        for each in results
        if (each["entry"]["check"], each["entry"]["target"]) == (check, target)
    )
    return " ".join(each["observed"] for each in found["findings"])


def test_no_host_is_judged_by_the_answer_of_another_machine(site: Site) -> None:
    ended = site.run(
        {
            "hv01.contoso.com": site.address("hv01"),
            "hv02.contoso.com": site.address("hv03"),
        }
    )
    assert ended.code == 1, ended.output
    mine = of_host(ended, "hv02.contoso.com")
    assert mine.pop("LM302") == "fail"
    assert set(mine.values()) == {"blocked"}
    said = findings(ended, "LM302", "hv02.contoso.com")
    assert said == "Another machine answers under this name: hv03.contoso.com."
    assert "fail" not in of_host(ended, "hv01.contoso.com").values()
    assert findings(ended, "LM001", "vmm01.contoso.com").endswith(
        "manages 6 hosts; 4 are not in this inventory: hv03.contoso.com, hv04.contoso.com, "
        "hv05.contoso.com and hv06.contoso.com."
    )
    assert "VMM manages 6 hosts, 2 are in this inventory." in ended.output
    assert "4 hosts that vmm01.contoso.com manages: not in this inventory (hv03" in ended.output


def test_no_verdict_rests_on_another_vmm_server_than_the_inventory_names(site: Site) -> None:
    host = "hv01.contoso.com"
    ended = site.run({host: site.address("hv01")}, vmm="vmm09.contoso.com")
    assert ended.code == 1, ended.output
    assert ended.states()["LM001", "vmm09.contoso.com"] == "fail"
    said = findings(ended, "LM001", "vmm09.contoso.com")
    assert "Another computer answers" in said
    assert "vmm01.contoso.com" in said
    mine = of_host(ended, host)
    assert {mine[check] for check in ("LM102", "LM107", "LM201", "LM301")} == {"blocked"}
    assert mine["LM101"] == mine["LM302"] == "pass"


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("hv02.contoso.com", "both are 127."),
        ("hv01", "both are 127."),
    ],
)
def test_two_names_with_one_address_are_refused(site: Site, second: str, why: str) -> None:
    address = site.address("hv01")
    ended = site.run({"hv01.contoso.com": address, second: address})
    assert ended.code == 4, ended.output
    assert "line 1: hosts[1]" in ended.output
    assert f"{second} is listed twice" in ended.output
    assert why in ended.output


def test_a_machine_that_answers_under_two_names_fails_under_both(tmp_path: Path) -> None:
    text = (ROOT / "livemigration/lab/fleets/healthy.yaml").read_text(encoding="utf-8")
    marker = "  - name: hv02.contoso.com\n"
    assert marker in text
    fleet = tmp_path / "fleet.yaml"
    changed = text.replace(marker, f"{marker}    answers_as: hv01.contoso.com\n")
    fleet.write_text(changed, encoding="utf-8")
    ended = run_here(tmp_path / "reports", f"--inventory=lab:{fleet}", "-m", "livemigration")
    assert ended.code == 1, ended.output
    for host in ("hv01.contoso.com", "hv02.contoso.com"):
        mine = of_host(ended, host)
        assert mine.pop("LM302") == "fail"
        assert set(mine.values()) == {"blocked"}
    others = [of_host(ended, f"hv0{number}.contoso.com") for number in range(3, 7)]
    assert all({"fail", "blocked"}.isdisjoint(each.values()) for each in others)


def test_the_reports_own_proof_command_proves_a_failure(
    tmp_path: Path, demo: tuple[Ended, Path]
) -> None:
    whole = load(demo[0].folder / "results.json")
    program, *arguments = shlex.split(proof_of(whole).splitlines()[0])
    assert program == "pytest"
    ended = run_here(tmp_path, *arguments)
    assert ended.code == 1, ended.output
    assert ended.states() == demo[0].states()
    assert of_host(ended, HOST)["LM201"] == "fail"


@pytest.mark.parametrize("selection", ["limit", "keyword", "node"])
def test_no_selection_of_a_replay_changes_what_is_said(
    tmp_path: Path, demo: tuple[Ended, Path], demo_facts: str, selection: str
) -> None:
    whole = demo[0].states()
    entries = [each["entry"] for each in demo[0].results["results"]]
    node = next(e["node_id"] for e in entries if (e["check"], e["target"]) == ("LM201", HOST))
    options = {
        "limit": ["--limit=hv09*,hv10*", "-m", "reachability"],
        "keyword": ["-k", "hv10"],
        "node": [node],
    }
    ended = run_here(tmp_path, demo_facts, *options[selection])
    assert ended.states()["LM201", HOST] == "fail", ended.output
    assert ended.code == 1
    assert {key: whole[key] for key in ended.states()} == ended.states()


def test_what_failed_last_fails_again_alone(tmp_path: Path, demo_facts: str) -> None:
    kept = (demo_facts, f"--override-ini=cache_dir={tmp_path}/cache", "-k", "resolves")
    first = run_here(tmp_path / "first", *kept, keep=True)
    again = run_here(tmp_path / "again", *kept, "--lf", keep=True)
    assert first.states()["LM201", HOST] == again.states()["LM201", HOST] == "fail"


def test_what_a_journal_holds_counts_no_listed_host_as_outside(tmp_path: Path) -> None:
    options = ("--inventory=lab:healthy", "--limit=hv01*", "-k", "vmm or resolves")
    ended = run_here(tmp_path, *options)
    written = load(ended.folder / "results.json")
    told = read(RunFiles.of(ended.folder).journal).run
    assert [(each.hosts, each.outside) for each in told.managed] == [(6, ())]
    assert (told.managed, told.not_examined) == (written.managed, written.not_examined)
