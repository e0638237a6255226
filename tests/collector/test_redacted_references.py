"""What refers to something else in a document still does after redaction, in any spelling."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.collector import rules
from livemigration.collector.redact import redact
from livemigration.facts.cim import WmiRow
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.cluster_storage import CLUSTER_SHARED_VOLUMES, STORAGE_VOLUMES
from livemigration.facts.policy_rights import LOGGED_POLICIES, POLICY_RIGHTS
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.verdict.policy_accounts import has_virtual_machines


def row(values: Any) -> WmiRow:
    lists = {name: tuple(each) for name, each in values.items() if isinstance(each, list)}
    return WmiRow("Class", {**values, **lists})


VM = "D40BB1B7-1B15-437C-A36B-B142C18C2060"
VOLUME = "1d3a1e59-8e42-4b0f-9b43-2b3f4c5d6e7f"


@in_turn(
    "key, text",
    [
        ("right", "SeServiceLogonRight"),
        ("UserRight", "secreatesymboliclinkprivilege "),
        ("accounts", "*S-1-5-83-0"),
        ("AccountList", "s-1-5-83-0 "),
        ("AccountList", r"NT VIRTUAL MACHINE\Virtuelle Computer"),
        ("AccountList", "Everyone"),
        ("identifier", "BFEBFBFF00050657"),
        ("ProcessorId", "bfebfbff00050657 "),
        ("revision", "0x0500002A"),
        ("file_system", "CSVFS_ReFS"),
        ("FileSystem", "NTFS"),
        ("uValue", "0 0 0 0 192 5 0 43"),
    ],
)
def test_what_a_verdict_needs_and_everybody_has_stays_in_its_own_field(key: str, text: str) -> None:
    assert redact({key: text}) == {key: text}
    assert redact({"other": text}) != {"other": text}
    assert "Kim" not in json.dumps(redact({key: f"{text}7\\Kim"}))


def test_the_account_of_one_virtual_machine_does_not_stay() -> None:
    assert VM not in json.dumps(redact({"AccountList": [rf"NT VIRTUAL MACHINE\{VM}"]}))


ACCOUNTS = (
    *("Jeder", "Administrators", "Everyone", r"CONTOSO\svc_sql", r"NT SERVICE\MSSQL$KIM"),
    *("*S-1-5-32-544", "*S-1-5-21-1-2-3-1104", r"NT VIRTUAL MACHINE\1D", r"NT VM IN KIM\Alle"),
)


@examples(200)
@given(
    st.sampled_from(("accounts", "AccountList")),
    st.sampled_from(ACCOUNTS)
    | st.text("aK1 *-@\\", max_size=20)
    | st.from_regex(rules.ACCOUNT, fullmatch=True),
)
def test_whether_virtual_machines_are_among_an_account_stays(key: str, account: str) -> None:
    (hidden,) = redact({key: [account]})[key]
    assert has_virtual_machines(hidden) is has_virtual_machines(account), (account, hidden)


def test_who_an_account_is_does_not_stay() -> None:
    hidden = json.dumps(
        redact({"accounts": list(ACCOUNTS), "AccountList": list(ACCOUNTS)})
    ).casefold()
    assert not [each for each in ("kim", "jeder", "contoso", "sql", "1104") if each in hidden]


@pytest.mark.parametrize("key", ["fault_domains", "FaultDomain"])
def test_nodes_of_one_site_stay_at_one_site(key: str) -> None:
    places = ["Site:Kim", "site: KIM", "Site:Lyon", "Rack:Kim", "Site: ", "Kim"]
    hidden = redact({key: places})[key]
    assert "kim" not in json.dumps(hidden).casefold()
    first, second, third, rack, none, _ = (ClusterNode("", 0, fault_domains=(e,)) for e in hidden)
    assert first.site.casefold() == second.site.casefold() != ""
    assert third.site not in {"", first.site}
    assert hidden[3].startswith("Rack:")
    assert rack.site == none.site == ""


@pytest.mark.parametrize("name", [rf"\\?\Volume{{{VOLUME}}}", rf"\\?\Volume{{{VOLUME}}}" + "\\"])
def test_a_shared_volume_is_still_found_among_the_volumes(name: str) -> None:
    hidden = redact(
        {
            "shared": {"Name": "C:\\ClusterStorage\\Kim", "VolumeName": name, "FaultState": 1},
            "volume": {"Path": rf"\\?\VOLUME{{{VOLUME.upper()}}}" + "\\", "FileSystem": "ReFS"},
        }
    )
    assert VOLUME not in json.dumps(hidden).casefold()
    shared = {**hidden["shared"], "BackupState": 0}
    (one,) = CLUSTER_SHARED_VOLUMES.parse([row(shared)])
    (other,) = STORAGE_VOLUMES.parse([row({**hidden["volume"], "FileSystemType": None})])
    assert one.volume == other.volume
    assert other.file_system == "ReFS"


@pytest.mark.parametrize("name", [VM, "Kim's switch", "SWITCH.OF.KIM"])
def test_a_connection_still_names_its_switch(name: str) -> None:
    path = rf'\\KIM\root\virtualization\v2:Msvm_VirtualEthernetSwitch.Name="{name}"'
    port = {
        "EnabledState": 2,
        "HostResource": [path],
        "InstanceID": rf"Microsoft:{VM}\{VM}",
        "LastKnownSwitchName": "Kim; 1.A",
        "PoolID": "",
    }
    switches = [{"Name": name, "ElementName": "kim; 1.a"}]
    hidden = redact({"ports": [port], "switches": switches})
    assert "kim" not in json.dumps(hidden).casefold()
    (connection,) = VIRTUAL_PORTS.parse([row(each) for each in hidden["ports"]])
    (switch,) = VIRTUAL_SWITCHES.parse([row(each) for each in hidden["switches"]])
    assert connection.switch.upper() == switch.identifier.upper()
    assert connection.last_switch.casefold() == switch.name.casefold()


def test_a_right_still_names_the_policy_that_defines_it() -> None:
    gpo = f"cn={{{VM}}},cn=policies,cn=system,DC=kim,DC=com"
    hidden = redact(
        {
            "right": {"UserRight": "SeServiceLogonRight", "AccountList": [], "GPOID": gpo},
            "policy": {"id": gpo.upper(), "name": "Servers of Kim"},
        }
    )
    assert "kim" not in json.dumps(hidden).casefold()
    (right,) = POLICY_RIGHTS.parse([row({**hidden["right"], "precedence": 1})]).rights
    (policy,) = LOGGED_POLICIES.parse([row(hidden["policy"])])
    assert right.policy == policy.identifier
    assert right.right == "SeServiceLogonRight"


def test_a_processor_still_says_its_generation() -> None:
    said = {
        "Manufacturer": "HygonGenuine",
        "Name": "C86 of Kim",
        "ProcessorId": "178BFBFF00900F11",
    }
    (hidden,) = PROCESSORS.parse([row(redact(said))])
    assert isinstance(hidden, Processor)
    assert str(hidden.generation) == "family 24 model 1 stepping 1"
    assert hidden.manufacturer == "HygonGenuine"
    assert "Kim" not in hidden.name


def test_an_identifier_in_braces_is_the_one_without() -> None:
    document = {"identifier": "Kim", "order": ["{KIM}", "{}", "{" + VM + "}"], "id": VM.lower()}
    hidden = redact(document)
    own, empty, guid = hidden["order"]
    assert own == f"{{{hidden['identifier']}}}"
    assert re.fullmatch("instance[0-9]+", empty)
    assert guid == f"{{{hidden['id']}}}"


def test_interfaces_still_name_their_node_and_network() -> None:
    interface = {"node": "HV-LYON-PRODUCTION-1", "network": "Kim 1"}
    hidden = redact({"interface": interface, "of": [{"name": each} for each in interface.values()]})
    assert list(hidden["interface"].values()) == [each["name"] for each in hidden["of"]]
