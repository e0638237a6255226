"""Healthy hosts that make a fleet larger: equal but for their names and addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice

from livemigration.lab.fleet_host import FleetHost

# Whole subnets of 254 addresses below the lab's own network, in the order in which they are used.
_THIRD_NUMBERS = (*range(200, 256), *range(100, 200), *range(2, 50))
_MANAGEMENT = "management"


def copies(
    domain: str, number: int, length: int, used: Collection[str], taken: Collection[str]
) -> tuple[FleetHost, ...]:
    """Return so many healthy hosts in the management network; fewer where it has no more room.

    Args:
        domain: of their names.
        number: how many.
        length: of the subnet that a host is on with its management address.
        used: the subnets of the fleet's networks, such as `50.0/24`; no copy has an address there.
        taken: addresses that somebody has, or that something speaks of.
    """
    if number < 1:
        return ()
    # A name does not depend on how many there are: what is chosen by it stays.
    names = (f"more{each:03}.{domain}" for each in range(1, number + 1))
    addresses = islice(_free(length, used, taken), number)
    # Everything that is equal is one object: of 10,000 hosts, a name and an address are left.
    one = FleetHost(name=f"more.{domain}", shows="healthy", addresses={_MANAGEMENT: "200.1"})
    return tuple(
        one.model_copy(update={"name": name, "addresses": {_MANAGEMENT: address}})
        for name, address in zip(names, addresses, strict=False)
    )


def _free(length: int, used: Collection[str], taken: Collection[str]) -> Iterator[str]:
    kept = [ipaddress.IPv4Network(f"127.0.{each}") for each in used]
    for third in _THIRD_NUMBERS:
        whole = ipaddress.IPv4Network(f"127.0.{third}.0/24")
        if any(whole.overlaps(each) for each in kept):
            continue
        unfit = _ends(whole, length)
        for fourth in range(1, 255):
            address = f"{third}.{fourth}"
            if address not in taken and fourth not in unfit:
                yield address


def _ends(whole: ipaddress.IPv4Network, length: int) -> frozenset[int]:
    """Return the last numbers in a subnet that no host has: first and last, and the gateway's."""
    own: Sequence[ipaddress.IPv4Network] = (
        list(whole.subnets(new_prefix=min(length, 30))) if length > whole.prefixlen else [whole]
    )
    ends = chain.from_iterable((each[0], each[-2], each[-1]) for each in own)
    return frozenset(int(each) & 255 for each in ends)
