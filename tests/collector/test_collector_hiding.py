"""Redaction: consistent, congruent, and nothing of the original left."""

from __future__ import annotations

import ipaddress
import json

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.addresses import Address, is_isatap, is_usable
from livemigration.collector import rules
from livemigration.collector.hiding import AddressHiding
from livemigration.collector.redact import REMOVED, redact

KEYS = st.binary(min_size=1, max_size=32)
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)


def common(first: Address, second: Address) -> int:
    """Return how many leading bits two addresses share."""
    return first.max_prefixlen - (int(first) ^ int(second)).bit_length()


@given(KEYS, st.one_of(st.tuples(V4, V4), st.tuples(V6, V6)))
def test_addresses_share_as_many_leading_bits_as_before(
    key: bytes, pair: tuple[Address, Address]
) -> None:
    hiding = AddressHiding(key)
    # The ends of ISATAP addresses are IPv4 addresses and follow those.
    if any(is_isatap(each) for each in pair):
        return
    assert common(*(hiding.hide(each) for each in pair)) == common(*pair)


@given(KEYS, V4, st.integers(0, 32))
def test_an_address_stays_in_its_subnet(key: bytes, address: Address, length: int) -> None:
    hiding = AddressHiding(key)
    subnet = ipaddress.ip_network(f"{address}/{length}", strict=False)
    hidden = hiding.hide_in_subnet(subnet.network_address, length)
    assert hiding.hide(address) in ipaddress.ip_network(f"{hidden}/{length}")


@given(KEYS, V4, st.integers(64, 2**64 - 1))
def test_the_address_inside_an_isatap_address_is_the_hidden_one(
    key: bytes, inside: Address, prefix: int
) -> None:
    hiding = AddressHiding(key)
    whole = ipaddress.IPv6Address(prefix << 64 | 0x00005EFE << 32 | int(inside))
    assert int(hiding.hide(whole)) & 0xFFFFFFFF == int(hiding.hide(inside))
    assert is_isatap(hiding.hide(whole))


@given(KEYS, st.one_of(V4, V6))
def test_what_the_checks_tell_of_an_address_stays(key: bytes, address: Address) -> None:
    hidden = AddressHiding(key).hide(address)
    assert is_usable(hidden) == is_usable(address)
    assert is_isatap(hidden) == is_isatap(address)
    assert hidden.is_link_local == address.is_link_local
    assert hidden.is_unspecified == address.is_unspecified


@in_turn("number", [0, 0x7F000001])
@in_turn("kind", [ipaddress.IPv4Address, ipaddress.IPv6Address])
def test_addresses_that_every_host_has_stay(kind: type[Address], number: int) -> None:
    address = kind(number if kind is ipaddress.IPv4Address else min(number, 1))
    assert AddressHiding(b"key").hide(address) == address


def test_another_key_hides_otherwise() -> None:
    address = ipaddress.ip_address("10.20.30.40")
    hidden = {AddressHiding(bytes([n])).hide(address) for n in range(8)}
    assert len(hidden) > 1
    assert all(str(each).startswith("10.") for each in hidden)


DOCUMENT = {
    "collected_on": "vmm01.contoso.com",
    "vmm": {"name": "vmm01.contoso.com", "failure": {"code": 5, "text": "hv01 says no"}},
    "hosts": [
        {
            "name": "HV01.contoso.com",
            "rows": [
                {"SubnetNumber": "10.20.30.0", "PrefixLength": 24, "InstanceID": "A\\B\\hv01"},
                {"IPAddress": "10.20.30.40", "InterfaceAlias": "vEthernet (Ams 1)"},
                {"IPAddress": "fd12:3456::40", "PrefixLength": 64},
                {"StartName": "CONTOSO\\svc", "Sid": "S-1-5-21-1111-2222-3333-1104"},
                {"Sid": "S-1-5-32-544", "Also": "S-1-5-21-1111-2222-3333-500"},
                {"Name": "hv02", "Domain": "contoso.com"},
                {"Text2": "listens on 10.20.30.40:6600 as hv01.contoso.com"},
                {"Text3": "LISTENS on 10.20.30.40:6600 as hv01.contoso.com"},
                {"Tags": ["Microsoft:UserManaged"], "Version": "10.0.20348.1"},
            ],
        }
    ],
}


def test_the_same_text_gets_the_same_replacement_everywhere() -> None:
    hidden = redact(DOCUMENT, b"key")
    rows = hidden["hosts"][0]["rows"]
    host, domain = hidden["hosts"][0]["name"].split(".", 1)
    assert host.startswith("name")
    assert rows[6]["Text2"] == rows[7]["Text3"] == "text2"
    assert rows[5]["Domain"] == domain
    assert hidden["collected_on"] == hidden["vmm"]["name"]
    subnet = ipaddress.ip_network(f"{rows[0]['SubnetNumber']}/{rows[0]['PrefixLength']}")
    assert ipaddress.ip_address(rows[1]["IPAddress"]) in subnet


def test_sids_keep_their_authority_and_their_relation() -> None:
    rows = redact(DOCUMENT, b"key")["hosts"][0]["rows"]
    assert rows[4]["Sid"] == "S-1-5-32-544"
    assert rows[3]["Sid"].rpartition("-")[0] == rows[4]["Also"].rpartition("-")[0]
    assert rows[3]["Sid"].startswith("S-1-5-21-")
    assert "1111" not in rows[3]["Sid"]


def test_nothing_of_the_original_is_left() -> None:
    text = json.dumps(redact(DOCUMENT, b"key")).casefold()
    for word in ("hv01", "hv02", "vmm01", "contoso", "10.20.30", "3456", "1111", "ams 1"):
        assert word not in text, word
    assert REMOVED in text
    assert "microsoft:usermanaged" in text
    assert "10.0.20348.1" in text


@given(KEYS)
def test_a_redacted_document_has_the_same_form(key: bytes) -> None:
    def form(value: object) -> object:
        if isinstance(value, dict):
            return {name: form(each) for name, each in value.items()}
        if isinstance(value, list):
            return [form(each) for each in value]
        return type(value)

    assert form(redact(DOCUMENT, key)) == form(DOCUMENT)


SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.ip_addresses().map(str)
NAMES = st.sampled_from(["name", "Name", "SubnetNumber", "PrefixLength", "other"])
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)


@given(DOCUMENTS)
def test_no_document_breaks_the_redaction(document: object) -> None:
    redact(document, b"key")


# Where an address of a document may stand beside one under the key of a version.
ADDRESS_STANDS = st.sampled_from(
    [
        {"IPAddress": "{}"},
        {"answers": [{"rows": [{"Listeners": ["fd12::1", "{}"]}]}]},
        {"remote": ["{}/32"]},
        {"remote": ["{}-{}"]},
        {"came_back": "nobody answers at {}."},
        {"endpoint": "{}, port 5985"},
        {"address": "fe80::5efe:{}"},
        {"Name": {"value": ["{}"], "Count": 1}},
    ]
)
VERSIONS = st.sampled_from(["{}", "OS: {} SP: 0.0 Stack: 3.0", "OS: 10.0.20348 SP: {}"])


@given(
    V4.filter(lambda each: AddressHiding(b"key").hide(each) != each),
    st.sampled_from(rules.VERSION_KEYS),
    VERSIONS,
    ADDRESS_STANDS,
)
def test_no_address_of_a_document_passes_for_a_version(
    address: Address, key: str, version: str, stands: object
) -> None:
    document = json.loads(
        json.dumps({key.upper(): version, "more": stands}).replace("{}", str(address))
    )
    shown = redact(document, b"key")[key.upper()]
    assert str(address) not in shown
    # In its own place it is replaced as everywhere.
    if version == "{}":
        assert shown == str(AddressHiding(b"key").hide(address))


@given(V4, st.sampled_from(rules.VERSION_KEYS))
def test_a_version_that_no_other_text_has_stays(version: Address, key: str) -> None:
    other = type(version)(int(version) ^ 1)
    document = {key: str(version), "more": [{key: str(version)}, {"IPAddress": str(other)}]}
    assert redact(document, b"key")[key] == str(version)


def test_what_only_looks_like_a_wrapped_array_is_no_way_out() -> None:
    hidden = redact({"hosts": {"value": ["10.20.30.40"], "Count": "10.20.30.41"}}, b"key")
    assert "10.20.30." not in json.dumps(hidden)


def test_a_host_that_is_called_like_a_word_of_windows_leaves_that_word_alone() -> None:
    document = {"name": "any.contoso.com", "remote": ["Any", "LocalSubnet"]}
    hidden = redact(document, b"key")
    assert hidden["remote"] == ["Any", "LocalSubnet"]
    assert "any" not in hidden["name"]


OF_A_DRAIN = {
    "rows": [
        {"IPAddress": "10.20.30.40", "InterfaceAlias": "Lyon 1"},
        {"Name": "Lyon 1", "TransmitLinkSpeed": 10**10, "InterfaceGuid": "{0A1B}"},
        {"Name": "Lyon 2", "Team": "Lyon 1"},
        {"AllocationUnits": "byte * 2^20", "ConsumedResourceUnits": "byte * 2^20"},
        {"DriveLetter": "D:", "FreeSpace": 1},
        {"Groups": ["sqllyon01"], "Name": "Lyon apart", "RuleType": 4},
        {"interface": "lyon 2", "team": "LYON 1"},
        {"name": "sqllyon01", "owner_nodes": ["HVLYON1"]},
        {"drive": "D:", "group_names": ["sqllyon01"]},
        {"directory-controllers": {"value": [{"name": "sqllyon01.lyon.test"}]}},
    ]
}


def test_what_a_drain_goes_by_still_belongs_together() -> None:
    rows = redact(OF_A_DRAIN, b"key")["rows"]
    address, speed, member, units, volume, rule, team, owners, facts, controllers = rows
    assert speed["Name"] == address["InterfaceAlias"] == member["Team"] == team["team"]
    assert member["Name"] == team["interface"] != speed["Name"]
    assert units == OF_A_DRAIN["rows"][3]
    assert (volume["DriveLetter"], facts["drive"]) == ("D:", "D:")
    assert rule["Groups"] == facts["group_names"] == [owners["name"]]
    (controller,) = controllers["directory-controllers"]["value"]
    assert controller["name"].partition(".")[0] == owners["name"]
    assert "lyon" not in json.dumps(redact(OF_A_DRAIN, b"key")).casefold()
