"""Causes of a host that listens nowhere, or not where VMM asks."""

from __future__ import annotations

import ipaddress
from functools import partial

from cause_told import NOWHERE, OTHER_SUBNET, Told
from fix_rows import ADDRESSES, BOTH, LOCAL, MACHINE, SUBNET

from livemigration.base.addresses import parse_address
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LocalAddress
from livemigration.verdict.fixes import (
    listeners,
    network_selection,
)
from livemigration.verdict.fixes.listeners import Lacking
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL

WITH_LINK_LOCAL = (*LOCAL, LocalAddress(parse_address("169.254.1.1"), 16, "E"))


def rows(tag: str, *subnets: str) -> tuple[MigrationNetwork, ...]:
    return tuple(MigrationNetwork(ipaddress.ip_network(each), 0, (tag,)) for each in subnets)


def lacking(what: Lacking, several: bool, title: str, wrong: str, why: str) -> Told:
    subnets = (SUBNET, OTHER_SUBNET) if several else (SUBNET,)
    return Told(
        partial(listeners.address_in_subnets, MACHINE, subnets, WITH_LINK_LOCAL, what),
        title,
        wrong,
        "no address",
        why,
        (
            ("No address in", "10.1.9.0/24 and 10.1.8.0/24" if several else "10.1.9.0/24"),
            ("Own addresses", "10.1.1.7/24"),
        ),
    )


ONE_NETWORK = "an address in the migration network, or correct the list"

SEVERAL_NETWORKS = "an address in its migration networks, or correct the list"

OF_POLICY = "each network of the policy, or correct the policy"

OF_LISTENERS = (
    lacking(Lacking.EVERY_SELECTED, False, ONE_NETWORK, "in the only selected", NOWHERE),
    lacking(Lacking.EVERY_SELECTED, True, SEVERAL_NETWORKS, "in any selected", NOWHERE),
    Told(
        lambda: listeners.address_in_subnets(MACHINE, (SUBNET,), LOCAL),
        ONE_NETWORK,
        "in the only selected",
        "no address",
        NOWHERE,
        (("No address in", "10.1.9.0/24"), ("Own addresses", "10.1.1.7/24")),
    ),
    lacking(Lacking.SOME_SELECTED, False, ONE_NETWORK, "in one of the selected", "on the other"),
    lacking(Lacking.SOME_SELECTED, True, SEVERAL_NETWORKS, "in some of the", "on the other"),
    lacking(Lacking.OF_THE_POLICY, False, OF_POLICY, "in a network that the policy", "asks for"),
    lacking(Lacking.OF_THE_POLICY, True, OF_POLICY, "in networks that the policy", "asks for"),
    Told(
        lambda: listeners.other_family(MACHINE, "IPv6", WITH_LINK_LOCAL),
        "Select live-migration networks",
        "over IPv6 alone, without an IPv6 address",
        "no IPv6 address",
        NOWHERE,
        (("Accepts", "IPv6 alone"), ("Own addresses", "10.1.1.7")),
    ),
    Told(
        lambda: listeners.listener_missing(MACHINE, ADDRESSES),
        "Bring back the listener",
        "not open where the settings ask for a listener",
        "not listening",
        "No virtual machine can be sent",
        (("Should listen on", BOTH),),
    ),
    Told(
        lambda: listeners.listener_missing(MACHINE, ()),
        "Bring back the listener",
        "not open where the settings ask for a listener",
        "not listening",
        "No virtual machine can be sent",
    ),
    Told(
        lambda: listeners.port_taken(MACHINE, (4711, 815)),
        "Free TCP port 6600",
        "Another program holds port 6600",
        "port taken",
        "vmms cannot listen there",
        (("Process id", "4711 and 815"),),
    ),
)

ANY_ROWS = rows(USER_MANAGED_ALL, "0.0.0.0/0", "::/0")

HALF_ANY = rows(USER_MANAGED_ALL, "::/0")

ISOLATED = rows(USER_MANAGED, "10.1.9.0/24")

OF_SELECTION = (
    Told(
        lambda: network_selection.any_network(MACHINE, (), ADDRESSES, LOCAL),
        "accept live migration on any network",
        "No network is selected",
        "no network",
        "must listen there",
        (("VMM uses", BOTH),),
    ),
    Told(
        lambda: network_selection.any_network(MACHINE, (), (), LOCAL),
        "accept live migration on any network",
        "No network is selected",
        "no network",
        "must listen there",
    ),
    Told(
        lambda: network_selection.any_network(MACHINE, ISOLATED, ADDRESSES, LOCAL),
        "accept live migration on any network",
        "limited to networks that VMM does not use",
        "restricted",
        "rates the host zero",
        (("Limited to", "10.1.9.0/24"), ("VMM uses", BOTH)),
    ),
    Told(
        lambda: network_selection.any_network(MACHINE, HALF_ANY, (), LOCAL),
        "accept live migration on any network",
        "limited to networks that VMM does not use",
        "restricted",
        "rates the host zero",
        (("Limited to", "any network, IPv6 only"),),
    ),
    Told(
        lambda: network_selection.isolate(MACHINE, ANY_ROWS, (SUBNET,), LOCAL),
        "Restrict live migration",
        "accepted on any network",
        "any network",
        "unencrypted",
        (("Accepts", "any network"), ("The policy names", "10.1.9.0/24")),
    ),
    Told(
        lambda: network_selection.isolate(MACHINE, HALF_ANY, (), WITH_LINK_LOCAL),
        "Restrict live migration",
        "accepted on any network",
        "any network",
        "unencrypted",
        (("Accepts", "any network, IPv6 only"), ("Has addresses in", "10.1.1.0/24")),
    ),
    Told(
        lambda: network_selection.choose_networks(MACHINE, (SUBNET, OTHER_SUBNET), LOCAL),
        "Select networks for live migration",
        "No network is selected",
        "no network",
        NOWHERE,
        (("The policy names", "10.1.9.0/24 and 10.1.8.0/24"),),
    ),
    Told(
        lambda: network_selection.choose_networks(MACHINE, (), (*LOCAL, *LOCAL)),
        "Select networks for live migration",
        "No network is selected",
        "no network",
        NOWHERE,
        (("Has addresses in", "10.1.1.0/24"),),
    ),
    Told(
        lambda: network_selection.managed_elsewhere(MACHINE, (SUBNET, OTHER_SUBNET)),
        "where they are managed",
        "a cluster, VMM or Network ATC manages",
        "not listening",
        "may be set back",
        (("Networks", "10.1.9.0/24 and 10.1.8.0/24"),),
    ),
)
