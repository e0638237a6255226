"""Hosts of two domains in one inventory: each is looked up in the directory of its own domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from directory_accounts import OPERATOR
from directory_domains import SECOND
from directory_keeper import write_krb5_conf
from played_dns import ADDRESS, played_dns, srv, zone
from plugin_runs import Ended
from realm import Realm
from realm_fleets import fleet_file
from realm_runs import account, inventory, ran

from livemigration.lab.launch import start

pytestmark = pytest.mark.usefixtures("at_home")

HOSTS = ("dl01", "dl02")


def both(realm: Realm, other: Realm, folder: Path, entries: Sequence[str]) -> Ended:
    """Run the checks of identity on hosts of two domains that have the same names in each.

    `entries` are those of `directory:`; the variables CONTOSO_… and FABRIKAM_… have an account of
    each domain.
    """
    fleet = fleet_file(folder, HOSTS)
    elsewhere = "".join(
        f"  - name: {name}.{other.domain}\n    answers_as: {name}.{other.domain}\n"
        f"    shows: a member of another domain\n    networks: [migration]\n"
        f'    addresses: {{management: "1.{number}", migration: "50.{number}"}}\n'
        for number, name in enumerate(HOSTS, 21)
    )
    fleet.write_text(fleet.read_text("utf-8") + elsewhere, encoding="utf-8")
    variables = {
        f"{name}_{what}": value
        for name, own in (("CONTOSO", realm), ("FABRIKAM", other))
        for what, value in zip(
            ("USERNAME", "PASSWORD"), account(own, OPERATOR).values(), strict=True
        )
    }
    with start(str(fleet)) as lab:
        more = (
            "groups: {contoso: {exchanges_vms: true}, fabrikam: {exchanges_vms: true}}\n"
            f"directory: [{', '.join(entries)}]\n"
        )
        site = inventory(folder, lab.vmm, lab.hosts, ", transport: ntlm", more=more)
        text = site.read_text("utf-8")
        for each in lab.hosts:
            group = each.name.split(".")[1]
            at = f"name: {each.name}, address: {each.address}"
            text = text.replace(at, f"{at}, groups: [{group}]")
        site.write_text(text, encoding="utf-8")
        variables["LIVEMIGRATION_USERNAME"] = lab.credentials.username
        variables["LIVEMIGRATION_PASSWORD"] = lab.credentials.password.reveal()
        return ran(folder, site, variables, "-m", "identity")


def entry(own: Realm, name: str, *more: str) -> str:
    credentials = f"{{username_variable: {name}_USERNAME, password_variable: {name}_PASSWORD}}"
    parts = (f"domain: {own.domain}", f"credentials: {credentials}", "transport: kerberos", *more)
    return f"{{{', '.join(parts)}}}"


def by_target(ended: Ended, check: str) -> Mapping[str, str]:
    return {
        each["entry"]["target"]: each["state"]
        for each in ended.results["results"]
        if each["entry"]["check"] == check
    }


def test_each_host_is_judged_by_the_directory_of_its_own_domain(
    realm: Realm, other_realm: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = write_krb5_conf(
        tmp_path / "krb5.conf", f"{realm.address}:88", others={SECOND: f"{other_realm.address}:88"}
    )
    monkeypatch.setenv("KRB5_CONFIG", str(conf))
    records = {
        (srv(other_realm.domain), "SRV"): [f"0 100 389 dc01.{other_realm.domain}."],
        (f"dc01.{other_realm.domain}.", "A"): [other_realm.address],
    }
    with played_dns(zone(records)) as dns:
        entries = (
            entry(realm, "CONTOSO", "server: dc01.contoso.test", f"address: {realm.address}"),
            entry(other_realm, "FABRIKAM", f"dns: {ADDRESS}", f"dns_port: {dns.port}"),
        )
        ended = both(realm, other_realm, tmp_path, entries)
    expected = {
        "dl01.contoso.test": "pass",
        "dl02.contoso.test": "pass",
        "dl01.fabrikam.test": "fail",
        "dl02.fabrikam.test": "pass",
    }
    assert by_target(ended, "LM401") == expected
    assert by_target(ended, "LM403") == expected
    disabled = [
        result["entry"]["target"]
        for result in ended.results["results"]
        for each in result["findings"]
        if "is disabled" in each["observed"]
    ]
    assert disabled == ["dl01.fabrikam.test"]
    # Each report says whom it has this from.
    (asked,) = (each for each in ended.results["sessions"] if "LDAP" in each["how"])
    assert asked["how"] == "Kerberos over LDAP, messages sealed"
    assert asked["machines"] == ["dc01.contoso.test", "dc01.fabrikam.test"]
