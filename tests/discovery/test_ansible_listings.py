"""Inventories of Ansible's: by its own loader, in bounds, and without anybody's secrets."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from test_ansible_program import SECRET, stands_in

from livemigration.commands.main import main
from livemigration.discovery.ansible import ask_ansible, found_in
from livemigration.discovery.found import Found, FoundHost, NotFoundError
from livemigration.inventory.inventory import load

WINRM = {"ansible_connection": "winrm"}


def listing(hosts: dict[str, Any], **groups: Any) -> bytes:
    whole = {"_meta": {"hostvars": hosts}, "all": {"children": ["ungrouped", *groups]}, **groups}
    return json.dumps(whole).encode()


def one(variables: dict[str, Any], alias: str = "hv01.contoso.com") -> FoundHost:
    (host,) = found_in(listing({alias: variables}), "inventory.yml").hosts
    return host


@in_turn(
    "alias, at, name, address",
    [
        ("hv01.contoso.com", None, "hv01.contoso.com", None),
        ("hv01.contoso.com", "10.0.0.11", "hv01.contoso.com", "10.0.0.11"),
        ("hv01.contoso.com", "HV01.contoso.com", "hv01.contoso.com", None),
        ("node1", "hv01.contoso.com", "hv01.contoso.com", None),
        ("node1", "10.0.0.11", "node1", "10.0.0.11"),
        ("10.0.0.11", None, "10.0.0.11", None),
        ("hv01.contoso.com", "", "hv01.contoso.com", None),
    ],
)
def test_a_host_is_called_by_its_full_name(
    alias: str, at: str | None, name: str, address: str | None
) -> None:
    host = one({**WINRM, **({"ansible_host": at} if at is not None else {})}, alias)
    assert (host.name, host.address) == (name, address)
    # What Ansible does not say may be no host to check at all.
    assert not host.may_matter
    assert host.others == (() if alias == name else (alias,))
    short = "no fully qualified name: correct it, VMM knows hosts by theirs"
    assert host.notes == ((short,) if name == "node1" else ())


@in_turn(
    "variables, settings",
    [
        ({}, {}),
        ({"ansible_port": 5985}, {"https": False, "port": 5985}),
        ({"ansible_port": "5986"}, {"https": True, "port": 5986}),
        ({"ansible_port": 15985}, {"https": True, "port": 15985}),
        (
            {"ansible_port": 15985, "ansible_winrm_scheme": "http"},
            {"https": False, "port": 15985},
        ),
        ({"ansible_winrm_transport": "Kerberos"}, {"transport": "kerberos"}),
        ({"ansible_winrm_transport": ["ntlm", "basic"]}, {"transport": "ntlm"}),
        ({"ansible_psrp_auth": "credssp"}, {"transport": "credssp"}),
        ({"ansible_psrp_protocol": "https"}, {"https": True}),
        ({"ansible_port": "{{ port }}"}, {}),
        ({"ansible_port": 99999}, {}),
        ({"ansible_port": 65535}, {"https": True, "port": 65535}),
        ({"ansible_port": 65536}, {}),
        ({"ansible_port": 1}, {"https": True, "port": 1}),
        ({"ansible_port": 0}, {}),
        ({"ansible_port": "005986"}, {}),
        ({"ansible_port": True}, {}),
        ({"ansible_winrm_transport": []}, {}),
    ],
)
def test_port_scheme_and_transport_are_taken_over(
    variables: dict[str, Any], settings: dict[str, Any]
) -> None:
    reaching = one({**WINRM, **variables}).reaching
    assert (dict(reaching.settings) if reaching is not None else {}) == settings
    assert (reaching is None) is (settings == {})


@in_turn(
    "variables, group",
    [
        ({"ansible_winrm_scheme": "http"}, "ansible-http"),
        ({"ansible_port": 5986}, "ansible-https-5986"),
        ({"ansible_port": 5985, "ansible_psrp_auth": "ntlm"}, "ansible-http-5985-ntlm"),
        ({"ansible_psrp_auth": "kerberos"}, "ansible-kerberos"),
    ],
)
def test_hosts_that_are_reached_alike_have_a_group_that_says_how(
    variables: dict[str, Any], group: str
) -> None:
    reaching = one({**WINRM, **variables}).reaching
    assert reaching is not None
    assert reaching.group == group


def test_what_is_not_taken_over_is_said() -> None:
    assert one({**WINRM, "ansible_winrm_transport": "plaintext"}).notes == (
        "ansible_winrm_transport plaintext was not taken over",
    )
    for way, shown in (("x" * 40, "x" * 40), ("x" * 41, f"{'x' * 37}...")):
        assert one({**WINRM, "ansible_psrp_auth": way}).notes == (
            f"ansible_psrp_auth {shown} was not taken over",
        )
    vault = {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162"}
    host = one({**WINRM, "ansible_host": vault})
    assert (host.name, host.address) == ("hv01.contoso.com", None)
    assert host.notes == ("ansible_host is no plain text, so it was not read",)


@in_turn(
    "variables, why",
    [
        (WINRM, ""),
        ({"ansible_connection": "psrp"}, ""),
        ({"ansible_connection": "ansible.builtin.winrm"}, ""),
        ({"ansible_winrm_transport": "ntlm"}, ""),
        ({"ansible_port": 5986}, ""),
        ({"ansible_connection": "ssh"}, "Ansible reaches it by ssh, and not by WinRM"),
        ({"ansible_connection": "x" * 40}, f"Ansible reaches it by {'x' * 40}, and not by WinRM"),
        (
            {"ansible_connection": "x" * 41},
            f"Ansible reaches it by {'x' * 37}..., and not by WinRM",
        ),
        (
            {},
            "Ansible does not say that it reaches it by WinRM. Set ansible_connection: winrm there",
        ),
    ],
)
def test_only_what_ansible_reaches_by_winrm_is_taken(variables: dict[str, Any], why: str) -> None:
    assert one(variables).unfit == why


def test_groups_in_groups_are_those_of_their_hosts_and_a_loop_ends() -> None:
    found = found_in(
        listing(
            {"hv01.contoso.com": WINRM},
            hyperv={"children": ["ams"]},
            ams={"hosts": ["hv01.contoso.com", "hv02.contoso.com"], "children": ["hyperv"]},
            **{"no hosts & more": {"hosts": ["hv01.contoso.com"]}},
        ),
        "inventory.yml",
    )
    assert {each.name: each.groups for each in found.hosts} == {
        "hv01.contoso.com": ("hyperv", "ams", "no-hosts-more"),
        "hv02.contoso.com": ("hyperv", "ams"),
    }


def test_a_group_that_is_not_there_hides_none_that_is() -> None:
    found = found_in(
        listing(
            {"hv01.contoso.com": WINRM},
            hyperv={"children": ["ams", "gone"]},
            ams={"hosts": ["hv01.contoso.com"]},
        ),
        "inventory.yml",
    )
    assert found.hosts[0].groups == ("hyperv", "ams")


@in_turn("length, shown", [(120, "x" * 120), (121, f"{'x' * 117}...")])
def test_it_is_named_by_its_path_as_far_as_a_line_goes(length: int, shown: str) -> None:
    title = found_in(listing({}), "x" * length).title
    assert title == f"The Ansible inventory {shown}"


def test_two_groups_that_come_to_one_are_told() -> None:
    one, other = (f"{'x' * 30}{each}{'y' * 30}" for each in (" ", "-"))
    named = found_in(listing({}, **{one: {"hosts": []}, other: {"hosts": []}}), "inventory.yml")
    shown = f"{one[:57]}... and {other[:57]}..."
    assert named.notes == (f"the groups {shown} of Ansible are one here",)
    one, other = one[:60], other[:60]
    named = found_in(listing({}, **{one: {"hosts": []}, other: {"hosts": []}}), "inventory.yml")
    assert named.notes == (f"the groups {one} and {other} of Ansible are one here",)
    found = found_in(listing({}, **{"a b": {"hosts": []}, "a-b": {"hosts": []}}), "inventory.yml")
    assert found.notes == ("the groups a b and a-b of Ansible are one here",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_meta", "hostvars", "hosts", "children", "all", "ansible_host", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_printed_is_hosts_or_refused(document: Any) -> None:
    try:
        found = found_in(json.dumps(document).encode(), "inventory.yml")
    except NotFoundError:
        assert not isinstance(document, dict)
    else:
        assert isinstance(found, Found)


@in_turn("printed", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_document_is_refused(printed: bytes) -> None:
    with pytest.raises(NotFoundError, match="no document of JSON"):
        found_in(printed, "inventory.yml")


# Ansible itself

REAL = f"""\
all:
  vars:
    ansible_user: CONTOSO\\\\operator
    ansible_password: {SECRET}
    ansible_become_password: {SECRET}
  children:
    hyperv:
      vars:
        ansible_connection: winrm
        ansible_winrm_transport: kerberos
      children:
        amsterdam:
          hosts:
            hv[01:03].contoso.com:
            node4:
              ansible_host: hv04.contoso.com
              ansible_port: 5986
        "east_dc":
          hosts:
            hv05.contoso.com:
              ansible_host: 10.0.0.15
              ansible_winrm_scheme: http
              ansible_port: 5985
              ansible_password: !vault |
                $ANSIBLE_VAULT;1.1;AES256
                6162636465
            templated:
              ansible_host: "{{{{ secret_of_ours }}}}"
    linux:
      hosts:
        web01.contoso.com:
          ansible_connection: ssh
"""


def ansible_is_there() -> None:
    beside = str(Path(sys.executable).parent)
    if not (shutil.which("ansible-inventory") or shutil.which("ansible-inventory", path=beside)):
        pytest.skip("ansible is not installed")


@pytest.mark.peer
def test_a_real_inventory_of_ansible_becomes_one_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ansible_is_there()
    source, path = tmp_path / "inventory.yml", tmp_path / "found.yaml"
    source.write_text(REAL, encoding="utf-8")
    arguments = ["discover", f"ansible:{source}", str(path), "--vmm", "vmm01.contoso.com"]
    assert main(arguments) == 0
    said, text = capsys.readouterr(), path.read_text(encoding="utf-8")
    assert SECRET not in said.out + said.err + text
    assert "operator" not in text
    inventory = load(str(path), Path())
    hosts = sorted(inventory.hosts, key=lambda each: each.name)
    assert [(each.name, each.address) for each in hosts] == [
        ("hv01.contoso.com", None),
        ("hv02.contoso.com", None),
        ("hv03.contoso.com", None),
        ("hv04.contoso.com", None),
        ("hv05.contoso.com", "10.0.0.15"),
    ]
    assert set(hosts[0].groups) >= {"hyperv", "amsterdam"}
    reached = {each.name: inventory.reach_of(each.name).connection for each in hosts}
    assert {each.transport for each in reached.values()} == {"kerberos"}
    assert [(each.https, each.port) for each in reached.values()] == [
        *[(False, 5985)] * 3,
        (True, 5986),
        (False, 5985),
    ]
    assert "web01.contoso.com: Ansible reaches it by ssh, and not by WinRM" in said.out
    assert "  templated: '{{ secret_of_ours }}' is not a machine's name" in said.out
    once = path.read_bytes()
    assert main(arguments) == 0
    assert path.read_bytes() == once


def test_a_files_name_puts_nothing_into_the_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands_in(tmp_path, f"print({listing({'hv01.contoso.com': WINRM}).decode()!r})", monkeypatch)
    strange, path = tmp_path / "x\nhosts_from: evil.csv\n#", tmp_path / "found.yaml"
    strange.write_text("", encoding="utf-8")
    assert main(["discover", f"ansible:{strange}", str(path), "--vmm", "vmm01.contoso.com"]) == 0
    assert [each.name for each in load(str(path), Path()).hosts] == ["hv01.contoso.com"]


@pytest.mark.peer
@pytest.mark.parametrize("text", ["all: [", "no inventory at all\n  x: {", "- a\n- b\n"])
def test_what_ansible_does_not_understand_is_no_empty_inventory(tmp_path: Path, text: str) -> None:
    ansible_is_there()
    path = tmp_path / "inventory.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotFoundError, match="failed with exit code"):
        ask_ansible(path)
