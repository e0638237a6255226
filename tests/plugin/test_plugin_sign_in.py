"""Whole runs that hand out a password, or ask a simulated fleet for what it has not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

from livemigration.commands.main import main
from livemigration.run import results_file

LOUD = "PASSWORD GIVEN to 2 machines (transport: credssp)"
HOW = "CredSSP over HTTPS, certificate checked, PASSWORD GIVEN to the machine"
FLEET = """\
name: handed
title: machines that take CredSSP
domain: contoso.test
allow_unencrypted: true
networks:
  management: {subnet: 1.0/24}
  migration: {subnet: 50.0/24}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm:
  name: vmm01.contoso.test
  address: "1.5"
  registry: 10.22.1287.0
  winrm: {Service/Auth/CredSSP: true}
hosts:
  - name: hv01.contoso.test
    shows: it takes CredSSP
    addresses: {management: "1.11", migration: "50.11"}
    networks: [migration]
    winrm: {Service/Auth/CredSSP: true}
"""


def lab_run(folder: Path, connection: str) -> Ended:
    (folder / "handed.yaml").write_text(FLEET, encoding="utf-8")
    path = folder / "site.yaml"
    path.write_text(
        f"schema: 1\nlab: {{fleet: handed.yaml}}\nconnection: {{{connection}}}\n", encoding="utf-8"
    )
    return run_here(
        folder / "reports",
        f"--inventory={path}",
        "--bundle",
        f"--junitxml={folder / 'junit.xml'}",
        *("-m", "livemigration"),
    )


def test_a_run_that_handed_out_its_password_says_so_in_each_view(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = lab_run(tmp_path, "https: true, transport: credssp")
    assert LOUD in ended.output
    run = results_file.load(ended.folder / "results.json")
    assert [each.how for each in run.sessions] == [HOW]
    assert LOUD in (ended.folder / "report.html").read_text(encoding="utf-8")
    assert LOUD in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    capsys.readouterr()
    bundle = ended.folder / f"{ended.folder.name}.zip"
    main(["verify", str(bundle)])
    assert LOUD in capsys.readouterr().out
    for form in ("sarif", "markdown"):
        main(["view", str(ended.folder), "--format", form])
        assert LOUD in capsys.readouterr().out.replace("\\", "")
    # Facts that are sent to others keep how each machine was signed in to.
    with zipfile.ZipFile(bundle) as packed:
        assert HOW in packed.read("facts.json").decode()


def test_a_simulated_fleet_has_no_tickets_and_says_so_before_it_is_asked(tmp_path: Path) -> None:
    ended = lab_run(tmp_path, "transport: kerberos")
    assert ended.code == 4, ended.output
    assert "site.yaml: connection: the lab is in no domain, so transport: kerberos" in ended.output
    assert "Use negotiate or ntlm." in ended.output


def test_a_simulated_fleet_is_signed_in_to_by_ntlm_without_further_words(tmp_path: Path) -> None:
    ended = lab_run(tmp_path, "transport: negotiate, realm: CONTOSO.TEST")
    (session,) = ended.results["sessions"]
    assert session["how"] == "NTLM over HTTP, messages encrypted"
