"""Bundles of whole runs: written, verified, damaged, forged, signed."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_forging import CHECKS, forged, members, verified, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugin_runs import Ended, real, run_here

from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import verify
from livemigration.commands.main import main
from livemigration.lab.fleet import shipped_fleets
from livemigration.run.files import RunFiles


@pytest.fixture(scope="module")
def folder(demo: tuple[Ended, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo's folder."""
    copy = tmp_path_factory.mktemp("bundle") / demo[0].folder.name
    shutil.copytree(demo[0].folder, copy)
    return copy


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Path:
    assert main(["bundle", str(folder)]) == 0
    return folder / f"{folder.name}.zip"


def test_a_bundle_holds_everything_that_a_change_board_asks_for(bundle: Path) -> None:
    held = members(bundle)
    assert set(held) == {
        "facts.json",
        "fix.ps1",
        "manifest.json",
        "replay.json",
        "report.html",
        "report.md",
        "results.json",
    }
    manifest = json.loads(held["manifest.json"])
    assert {each["name"] for each in manifest["members"]} == set(held) - {"manifest.json"}
    assert (manifest["simulated"], manifest["verdict"]) == (True, "NOT READY")


def test_the_facts_of_a_bundle_name_nobody(bundle: Path) -> None:
    held = members(bundle)
    for name in ("facts.json", "replay.json"):
        text = held[name].decode().casefold()
        assert "contoso" not in text
        assert "hv03" not in text


def test_the_same_run_gives_the_same_bytes(bundle: Path, folder: Path) -> None:
    again, _ = bundle_of(RunFiles.of(folder))
    assert again == bundle.read_bytes()


def test_a_bundle_is_verified_and_a_simulated_one_is_no_evidence(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle)]) == 10
    said = capsys.readouterr().out
    assert "NO EVIDENCE SIMULATED: " in said
    assert "VERIFIED " in said
    assert "and its facts lead to the same verdicts." in said
    assert "It says: NOT READY, finished 2" in said


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_flipped_bit_is_found_wherever_it_is(
    bundle: Path, tmp_path: Path, place: float, flip: int
) -> None:
    data = bytearray(bundle.read_bytes())
    data[int(place * len(data))] ^= flip
    path = tmp_path / "flipped.zip"
    path.write_bytes(data)
    (wrong,) = verified(path).wrong
    assert wrong.startswith("The bundle is damaged: ")


@pytest.mark.parametrize("name", ["local header", "directory", "end"])
def test_one_flipped_bit_is_found_in_every_byte_of_the_zips_own(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    data = bundle.read_bytes()
    directory = data.index(b"PK\x01\x02")
    places = {
        "local header": range(40),
        "directory": range(directory, directory + 56),
        "end": range(len(data) - 22, len(data)),
    }[name]
    path = tmp_path / "flipped.zip"
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1
        path.write_bytes(flipped)
        assert verified(path).wrong, place


def test_what_is_added_or_cut_off_is_found(bundle: Path, tmp_path: Path) -> None:
    data = bundle.read_bytes()
    path = tmp_path / "other.zip"
    for other in (data + b"x", b"x" + data, data[:-1], data[: len(data) // 2], b"", b"PK"):
        path.write_bytes(other)
        assert verified(path).wrong, other[:10]


def test_results_that_the_facts_do_not_lead_to_are_found(bundle: Path, tmp_path: Path) -> None:
    def pretend(document: dict[str, Any]) -> None:
        for result in document["results"]:
            if result["entry"]["target"] == "hv03.contoso.com":
                result["state"], result["red"], result["findings"] = "pass", False, []

    wrong = verified(forged(bundle, tmp_path / "x.zip", pretend, name="results.json")).wrong
    assert "LM102 hv03.contoso.com: the results say pass, the facts lead to fail." in wrong
    assert "report.html does not show what the results say." in wrong


def test_facts_that_do_not_lead_to_the_results_are_found(bundle: Path, tmp_path: Path) -> None:
    def pretend(document: dict[str, Any]) -> None:
        host = document["hosts"][2]["outcomes"]
        host["listeners"]["value"]["listeners"] = ["0.0.0.0"]  # noqa: S104 - what a forger writes, and nothing binds

    wrong = verified(forged(bundle, tmp_path / "x.zip", pretend, name="facts.json")).wrong
    assert any("the facts lead to" in each for each in wrong)


def test_facts_that_are_no_facts_are_found(bundle: Path, tmp_path: Path) -> None:
    def break_it(document: dict[str, Any]) -> None:
        document["schema"] = 99

    for name in ("facts.json", "replay.json"):
        (wrong,) = verified(forged(bundle, tmp_path / "x.zip", break_it, name=name)).wrong
        assert wrong.startswith("The facts cannot be replayed: schema")


@pytest.mark.parametrize("name", ["report.html", "report.md", "fix.ps1"])
def test_a_view_that_shows_something_else_is_found(bundle: Path, tmp_path: Path, name: str) -> None:
    held = members(bundle)
    held[name] = held[name].replace(b"NOT READY", b"ready")
    (wrong,) = verified(written(held, tmp_path / "x.zip")).wrong
    assert wrong == f"{name} does not show what the results say."


@pytest.mark.parametrize("name", ["results.json", "facts.json", "replay.json", "report.md"])
def test_a_file_that_is_missing_is_found(bundle: Path, tmp_path: Path, name: str) -> None:
    held = members(bundle)
    del held[name]
    assert verified(written(held, tmp_path / "x.zip")).wrong


def test_a_check_that_is_not_known_here_is_not_taken_for_verified(bundle: Path) -> None:
    known = {name: each for name, each in CHECKS.items() if name != "LM102"}
    wrong = verify(bundle, known, datetime.now(UTC)).wrong
    assert len(wrong) == 10
    assert "this check is not known here" in wrong[0]


def test_a_bundle_is_evidence_until_its_time_is_over(
    healthy: tuple[Ended, Path], tmp_path: Path
) -> None:
    ended = run_here(tmp_path / "reports", *real(healthy[1], tmp_path), "--bundle")
    assert ended.code == 0, ended.output
    path = ended.folder / f"{ended.folder.name}.zip"
    until = datetime.fromisoformat(ended.results["valid_until"])
    assert (verified(path, until).wrong, verified(path, until).code) == ((), 0)
    late = verified(path, until + timedelta(seconds=1))
    assert late.code == 10
    assert late.no_evidence[0].startswith("It was evidence until ")


def test_waived_results_are_verified_against_what_they_were_waived_from(
    tmp_path: Path, demo_facts: str
) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    (tmp_path / "waivers.yaml").write_text(
        "schema: 1\ntime_zone: UTC\nwaivers:\n  - {hosts: [hv03*], checks: [LM102], owner: Kim, "
        f"ticket: R-1, reason: soon, expires: {tomorrow}}}\n",
        encoding="utf-8",
    )
    options = (f"--waivers={tmp_path / 'waivers.yaml'}", "--limit=hv03*", "--bundle")
    ended = run_here(tmp_path / "reports", demo_facts, *options)
    assert ended.states()[("LM102", "hv03.contoso.com")] == "waived"
    path = ended.folder / f"{ended.folder.name}.zip"
    assert f"Bundle: {path}" in ended.output
    assert verified(path).wrong == ()
    assert b'"ticket": "R-1"' in members(path)["waivers.json"]


def test_a_bundle_that_cannot_be_written_leaves_the_verdict(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("livemigration.plugin.more_views.bundle_of", full)
    ended = run_here(tmp_path, *healthy_replay, "--bundle")
    assert ended.code == 11, ended.output
    assert "The bundle could not be written: No space left on device." in ended.output
    assert "READY. 6 of 6 hosts are ready." in ended.output


def openssl(*arguments: str | Path) -> None:
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("openssl is not installed")
    subprocess.run([found, *arguments], check=True, capture_output=True)


def keys(folder: Path, kind: str = "ed25519") -> tuple[Path, Path]:
    private, public = folder / f"{kind}.pem", folder / f"{kind}.pub"
    openssl("genpkey", "-algorithm", kind, "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def test_a_signature_holds_for_this_bundle_and_this_key(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, public = keys(tmp_path)
    (tmp_path / "other").mkdir()
    _, other = keys(tmp_path / "other")
    path = tmp_path / "signed.zip"
    assert main(["bundle", str(folder), "--output", str(path), "--sign", str(private)]) == 0
    assert main(["verify", str(path), "--key", str(public)]) == 10
    assert "The signature is right." in capsys.readouterr().out
    assert main(["verify", str(path), "--key", str(other)]) == 1
    assert "WRONG The signature is not that of this bundle by this key." in capsys.readouterr().out
    (tmp_path / "signed.zip.sig").write_text("bm8=\n", encoding="ascii")
    assert main(["verify", str(path), "--key", str(public)]) == 1
    (tmp_path / "signed.zip.sig").unlink()
    assert main(["verify", str(path), "--key", str(public)]) == 4
    assert "signed.zip.sig: No such file" in capsys.readouterr().err


def test_a_key_of_another_kind_is_refused_and_nothing_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, _ = keys(tmp_path, "ed448")
    path = tmp_path / "x.zip"
    assert main(["bundle", str(folder), "--output", str(path), "--sign", str(private)]) == 4
    assert "not an Ed25519 key. Make one: openssl genpkey" in capsys.readouterr().err
    (tmp_path / "no.pem").write_text("no key", encoding="ascii")
    no = str(tmp_path / "no.pem")
    assert main(["bundle", str(folder), "--output", str(path), "--sign", no]) == 4
    assert "not a private key in PEM" in capsys.readouterr().err
    assert not path.exists()


def test_a_protected_key_takes_its_passphrase_from_the_environment(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    private, public = keys(tmp_path)
    locked, path = tmp_path / "locked.pem", str(tmp_path / "x.zip")
    secret = "Pass-phrase-of-the-test"
    openssl("pkcs8", "-topk8", "-in", private, "-out", locked, "-passout", f"pass:{secret}")
    signing = ["bundle", str(folder), "--output", path, "--sign", str(locked)]
    assert main(signing) == 4
    assert "this key needs a passphrase" in capsys.readouterr().err
    monkeypatch.setenv("LIVEMIGRATION_SIGNING_PASSPHRASE", "wrong")
    assert main(signing) == 4
    assert "the passphrase is wrong" in capsys.readouterr().err
    monkeypatch.setenv("LIVEMIGRATION_SIGNING_PASSPHRASE", secret)
    assert main(signing) == 0
    assert main(["verify", path, "--key", str(public)]) == 10
    assert secret not in capsys.readouterr().out


def test_a_run_without_its_facts_cannot_be_bundled(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(folder / "results.json", tmp_path)
    assert main(["bundle", str(tmp_path)]) == 4
    assert "without the facts nobody can verify the results" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "gone.zip")]) == 4
    assert "gone.zip is not there. Name a bundle" in capsys.readouterr().err


@pytest.mark.fleet
@pytest.mark.parametrize("fleet", shipped_fleets())
def test_the_bundle_of_every_fleet_is_verified(fleet: str, tmp_path: Path) -> None:
    ended = run_here(tmp_path, f"--inventory=lab:{fleet}", "--bundle")
    found = verified(ended.folder / f"{ended.folder.name}.zip")
    assert found.wrong == ()
    assert found.code == 10


def test_policies_are_replayed_with_their_subnets(tmp_path: Path, demo: tuple[Ended, Path]) -> None:
    subnet = next(
        each["subnet"]
        for host in demo[0].results["network"]["hosts"]
        for each in host["attachments"]
        if each["subnet"]
    )
    inventory = tmp_path / "prod.yaml"
    inventory.write_text(
        "schema: 1\nlab: {fleet: kb-2853203}\n"
        f"policy: {{migration_subnets: ['{subnet}', '10.99.0.0/24']}}\n",
        encoding="utf-8",
    )
    ended = run_here(tmp_path / "r", f"--inventory={inventory}", f"--facts={demo[1]}", "--bundle")
    assert ended.code == 1, ended.output
    path = ended.folder / f"{ended.folder.name}.zip"
    assert verified(path).wrong == ()
    assert b"10.99.0.0" not in members(path)["replay.json"]
    assert b"10.99.0.0" in members(path)["results.json"]
