"""Whole runs that ask a real directory: what they find, and that no password is left anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from canary import every_byte, found_in
from directory_accounts import HOSTS, OPERATOR
from plugin_runs import Ended
from realm import Realm
from realm_fleets import members
from realm_runs import account, inventory, ran

pytestmark = pytest.mark.usefixtures("at_home")

DELEGATING = ("dl01", "dl02", "dl04", "dl07")


def run_of(
    realm: Realm,
    folder: Path,
    directory: str,
    variables: Mapping[str, str] | None = None,
    names: tuple[str, ...] = DELEGATING,
) -> Ended:
    """Run the checks of identity on hosts of one group, and of a directory."""
    groups = "groups: {ams: {exchanges_vms: true}}\n"
    at = f"server: dc01.contoso.test, address: {realm.address}"
    with members(realm, folder, names) as lab:
        site = inventory(folder, lab.vmm, lab.hosts, ", transport: ntlm", more=groups)
        text = site.read_text("utf-8")
        for each in lab.hosts:
            text = text.replace(
                f"name: {each.name}, address: {each.address}",
                f"name: {each.name}, address: {each.address}, groups: [ams]",
            )
        site.write_text(f"{text}directory: {{{at}{directory}}}\n", encoding="utf-8")
        mine = {
            "LIVEMIGRATION_USERNAME": lab.credentials.username,
            "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
            **{
                name.replace("LIVEMIGRATION", "DIRECTORY"): own
                for name, own in (variables or account(realm, OPERATOR)).items()
            },
        }
        return ran(folder, site, mine, "-m", "identity")


OWN = (
    ", credentials: {username_variable: DIRECTORY_USERNAME, password_variable: DIRECTORY_PASSWORD}"
)


def found(ended: Ended, check: str) -> dict[str, Any]:
    """Return the results of a check by the first label of the host."""
    return {
        each["entry"]["target"].partition(".")[0]: each
        for each in ended.results["results"]
        if each["entry"]["check"] == check
    }


@pytest.mark.parametrize("transport", ["kerberos", "ntlm"])
def test_a_run_says_what_is_wrong_with_each_account(
    realm: Realm, tmp_path: Path, transport: str
) -> None:
    ended = run_of(realm, tmp_path, f"{OWN}, transport: {transport}")
    delegation, accounts = found(ended, "LM401"), found(ended, "LM403")
    # Each of them delegates to dl02 alone, and dl02 to dl01.
    assert {name: each["state"] for name, each in delegation.items()} == dict.fromkeys(
        DELEGATING, "fail"
    )
    told = " ".join(each["observed"] for each in delegation["dl04"]["findings"])
    assert "2 of 3 hosts (dl01.contoso.test and dl07.contoso.test)" in told
    assert "Kerberos only" in told
    assert accounts["dl07"]["state"] == "fail"
    assert {accounts[name]["state"] for name in ("dl01", "dl02", "dl04")} == {"pass"}
    assert not any("no directory" in each for each in ended.results["not_examined"])
    assert ended.code == 1


def test_a_refused_account_of_the_directory_is_told_and_nothing_else_is_lost(
    realm: Realm, tmp_path: Path
) -> None:
    wrong = account(realm, OPERATOR, "an0ther-<Pa55>")
    ended = run_of(realm, tmp_path, OWN, wrong, DELEGATING[:2])
    for check in ("LM401", "LM403"):
        for each in found(ended, check).values():
            assert each["state"] == "blocked"
            assert "password" in each["reason"]
    assert ended.code == 10
    assert found_in(every_byte(tmp_path / "out"), "an0ther-<Pa55>") == []


def test_the_ticket_of_the_machines_is_that_of_the_directory(realm: Realm, tmp_path: Path) -> None:
    before = len(realm.sign_ins())
    at = f"directory: {{server: dc01.contoso.test, address: {realm.address}}}\n"
    with members(realm, tmp_path, HOSTS[:2]) as lab:
        site = inventory(tmp_path, lab.vmm, lab.hosts, more=at)
        ended = ran(tmp_path, site, account(realm, OPERATOR), "-m", "identity")
    # They have no name of live migration in this directory.
    assert {each["state"] for each in found(ended, "LM403").values()} == {"fail"}
    assert {each["state"] for each in found(ended, "LM401").values()} == {"warning"}
    assert [each.status for each in realm.sign_ins()[before:]] == ["OK"]
