"""VMM's record beside the host's own settings: each difference by its name and both its values."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

from in_turn import in_turn

from livemigration.base.addresses import Subnet
from livemigration.facts.migration import CREDSSP, KERBEROS, MigrationSettings
from livemigration.facts.vmm import VmmHostSettings, VmmRecord
from livemigration.verdict.networks import NetworkSelection, SelectionKind
from livemigration.verdict.vmm_record import (
    Difference,
    cluster_difference,
    differences,
    responds,
    settings_recorded,
)

HERE, THERE, NODE = (
    ipaddress.ip_network(each) for each in ("10.1.1.0/24", "10.1.2.0/24", "10.1.1.7/32")
)
ISOLATED = NetworkSelection(SelectionKind.ISOLATED, (HERE,))
ANY = NetworkSelection(SelectionKind.ANY, any_v4=True)
NONE = NetworkSelection(SelectionKind.NONE)
HALF = NetworkSelection(SelectionKind.HALF_ANY, any_v4=True)
OWN = MigrationSettings(True, KERBEROS, 2, 3, compression=True, smb=False)
SILENT = VmmHostSettings(
    enabled=None,
    maximum_migrations=None,
    maximum_storage_migrations=None,
    any_subnet=None,
    subnets=None,
    authentication=None,
    performance=None,
)


def record(subnets_user_managed: bool | None = None, **settings: Any) -> VmmRecord:
    return VmmRecord(
        True,
        "hv07",
        None,
        False,
        replace(SILENT, **settings),
        subnets_user_managed=subnets_user_managed,
    )


def networks(accepts_any: bool, *subnets: Subnet) -> tuple[bool, tuple[Subnet, ...]]:
    return accepts_any, subnets


@in_turn(
    "settings, own, expected",
    [
        ({}, OWN, ()),
        ({"enabled": True, "maximum_migrations": 2, "maximum_storage_migrations": 3}, OWN, ()),
        ({"enabled": False}, OWN, ("EnableLiveMigration", "False", "True")),
        ({"maximum_migrations": 4}, OWN, ("LiveMigrationMaximum", "4", "2")),
        ({"maximum_storage_migrations": 4}, OWN, ("LiveStorageMigrationMaximum", "4", "3")),
        ({"authentication": " kerberos "}, OWN, ()),
        ({"authentication": "1"}, OWN, ()),
        ({"authentication": "Negotiate"}, OWN, ()),
        ({"authentication": "0"}, OWN, ("MigrationAuthProtocol", "CredSSP", "Kerberos")),
        (
            {"authentication": "Kerberos"},
            replace(OWN, authentication_type=CREDSSP),
            ("MigrationAuthProtocol", "Kerberos", "CredSSP"),
        ),
        (
            {"authentication": "Kerberos"},
            replace(OWN, authentication_type=7),
            ("MigrationAuthProtocol", "Kerberos", "7"),
        ),
        ({"performance": "usecompression"}, OWN, ()),
        ({"performance": "Odd"}, OWN, ()),
        (
            {"performance": " Standard "},
            OWN,
            ("MigrationPerformanceOption", "Standard", "UseCompression"),
        ),
        ({"performance": "Standard"}, replace(OWN, smb=True), ()),
        ({"performance": "UseSmbTransport"}, replace(OWN, compression=None, smb=None), ()),
        (
            {"performance": "UseSmbTransport"},
            replace(OWN, compression=None),
            ("MigrationPerformanceOption", "UseSmbTransport", "Standard"),
        ),
        (
            {"performance": "UseSmbTransport"},
            replace(OWN, compression=False, smb=None),
            ("MigrationPerformanceOption", "UseSmbTransport", "Standard"),
        ),
    ],
)
def test_what_vmm_states_otherwise_than_the_host_is_a_difference(
    settings: dict[str, Any], own: MigrationSettings, expected: tuple[str, str, str] | tuple[()]
) -> None:
    found = differences(record(**settings), own, ISOLATED)
    assert found == ((Difference(*expected),) if expected else ())


@in_turn(
    "settings, selection, expected",
    [
        ({"any_subnet": True}, ANY, None),
        ({"any_subnet": False, "subnets": ("10.1.1.0/24",)}, ISOLATED, None),
        # Host bits and spaces are VMM's way to write it.
        ({"subnets": (" 10.1.1.7/24 ",)}, ISOLATED, None),
        (
            {"subnets": ("10.1.2.7/24",)},
            ISOLATED,
            Difference("MigrationSubnet", "10.1.2.0/24", "10.1.1.0/24", networks(False, THERE)),
        ),
        (
            {"any_subnet": True, "subnets": ("10.1.1.0/24",)},
            ISOLATED,
            Difference("UseAnyMigrationSubnet", "True", "False", networks(True, HERE)),
        ),
        (
            {"any_subnet": False, "subnets": ("10.1.1.0/24", "odd")},
            ANY,
            Difference("UseAnyMigrationSubnet", "False", "True", (False, None)),
        ),
        (
            {"any_subnet": False},
            ANY,
            Difference("UseAnyMigrationSubnet", "False", "True", (False, None)),
        ),
        (
            {"subnets": ("10.1.2.0/24", "10.1.1.0/24")},
            ISOLATED,
            Difference(
                "MigrationSubnet",
                "10.1.1.0/24 and 10.1.2.0/24",
                "10.1.1.0/24",
                networks(False, THERE, HERE),
            ),
        ),
        ({"subnets": ("10.1.2.0/24", "odd")}, ISOLATED, None),
        ({"subnets": ("10.1.2.0/24",)}, ANY, None),
        ({"any_subnet": False, "subnets": ("10.1.2.0/24",)}, HALF, None),
        # One row for each address of a node: the cluster wrote these.
        ({"subnets": ("10.1.1.7/32",)}, NONE, None),
        (
            {"subnets": ("10.1.1.7/32",), "subnets_user_managed": True},
            NONE,
            Difference("MigrationSubnet", "10.1.1.7/32", "none", networks(False, NODE)),
        ),
        ({"subnets": ("10.1.1.0/24",), "subnets_user_managed": False}, NONE, None),
        (
            {"subnets": ("10.1.1.7/32",)},
            ISOLATED,
            Difference("MigrationSubnet", "10.1.1.7/32", "10.1.1.0/24", networks(False, NODE)),
        ),
    ],
)
def test_the_networks_are_compared_whole(
    settings: dict[str, Any], selection: NetworkSelection, expected: Difference | None
) -> None:
    assert differences(record(**settings), OWN, selection) == ((expected,) if expected else ())


@in_turn(
    "recorded, own, expected",
    [
        ("CL01.contoso.com", "cl01", None),
        (" cl01 ", "cl01.other.example", None),
        (None, "", None),
        ("cl02", "cl01", ("cl02", "cl01")),
        (None, "cl01", ("none", "cl01")),
        ("cl01", None, ("cl01", "none")),
    ],
)
def test_a_cluster_is_the_same_by_its_label(
    recorded: str | None, own: str | None, expected: tuple[str, str] | None
) -> None:
    found = cluster_difference(recorded, own)
    assert found == (Difference("HostCluster", *expected) if expected else None)


@in_turn(
    "state, expected",
    [
        ("Responding", True),
        (" res ponding", True),
        ("Not Responding", False),
        ("Access Denied", False),
        ("4", None),
        ("", None),
        (None, None),
    ],
)
def test_vmm_says_whether_it_reaches_a_host_in_words_only(
    state: str | None, expected: bool | None
) -> None:
    assert responds(replace(record(), communication_state=state)) is expected


def test_what_is_stated_is_counted_also_where_it_is_false() -> None:
    assert settings_recorded(SILENT) == 0
    assert settings_recorded(replace(SILENT, enabled=False, maximum_migrations=0, subnets=())) == 3
