"""Fixes of name resolution.

None leaves a host without a name: where no address that may stay is in DNS, registering one comes
first, and what is wrong is removed only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from livemigration.base.addresses import Address
from livemigration.base.text import listed, one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS


class Place(Enum):
    """Where in the answer to a name its wrong addresses stand."""

    FIRST = "the first"
    LATER = "not the first"
    EVERYWHERE = "no other one is right"


def _look_up(name: str) -> tuple[str, ...]:
    return (
        f"Resolve-DnsName -Name {quote(name)} -Type 'A'",
        f"Resolve-DnsName -Name {quote(name)} -Type 'AAAA'",
    )


def _management(right: Sequence[Address]) -> str:
    """Return the address to register, as far as the host's own table shows which it is."""
    if not right:
        return "the management address of the host"
    if len(right) == 1:
        return f"the management address of the host, {right[0]}"
    return f"the management address of the host, one of {listed(right)}"


def _register(name: str, right: Sequence[Address]) -> str:
    return f"In DNS, register {one_line(name)} with {_management(right)}."


def _remove(
    machine: FixTarget,
    name: str,
    addresses: Sequence[Address],
    right: Sequence[Address],
    kept: Sequence[Address],
    because: str = "",
) -> tuple[str, ...]:
    """Return the steps that take addresses out of a name which keeps another one throughout."""
    gone, vmm = listed(addresses), one_line(machine.vmm)
    records = "the record" if len(addresses) == 1 else "the records"
    removal = f"remove {records} of {one_line(name)} with {gone}{because}."
    if kept:
        return (f"In DNS, {removal}",)
    return (
        _register(name, right),
        f"On {vmm}, look the name up until the new address is among its answers.",
        f"Only then, in DNS, {removal}",
    )


def register(machine: FixTarget, name: str, right: Sequence[Address] = ()) -> Fix:
    """Return how to make a name resolve on the VMM server; `right` may be the host's address."""
    cause = Cause(
        title=f"Make the name of {HOSTS} resolve on the VMM server",
        wrong="The name does not resolve on the VMM server",
        word="not resolved",
        why="VMM talks to hosts by name, and does not reach one that it cannot look up.",
        values=(("Name", one_line(name)), ("To register", _known(right))),
    )
    return Fix(
        key="dns-record",
        summary=f"Make {one_line(name)} resolve on the VMM server {one_line(machine.vmm)}.",
        console=(
            _register(name, right),
            (
                f"On {one_line(machine.vmm)}, check the DNS servers, the suffixes and the hosts "
                "file, and look the name up again."
            ),
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )


def _known(right: Sequence[Address]) -> str:
    return listed(right) if right else "not known"


def replace(
    machine: FixTarget,
    name: str,
    addresses: Sequence[Address],
    right: Sequence[Address],
    kept: Sequence[Address] = (),
    because: str = "",
    place: Place = Place.EVERYWHERE,
) -> Fix:
    """Return how to put the right address in the place of wrong ones.

    Args:
        machine: the host.
        name: the name by which VMM knows it.
        addresses: the wrong addresses.
        right: the host's own addresses by which VMM may manage it.
        kept: those of them to which the name resolves already.
        because: why the addresses are wrong, for the end of a sentence.
        place: where in the answer they stand.
    """
    return Fix(
        key="dns-record",
        summary=_summary(name, addresses, right, kept, ("remove", "from")),
        console=(
            *_remove(machine, name, addresses, right, kept, because),
            f"On {one_line(machine.vmm)}, check the hosts file, and look the name up again.",
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=_wrong(addresses, right, kept, place),
    )


def _wrong(
    addresses: Sequence[Address],
    right: Sequence[Address],
    kept: Sequence[Address],
    place: Place,
) -> Cause:
    wrong, why = {
        Place.FIRST: (
            "VMM looks the name up and first gets an address that is not the host's",
            "VMM would manage, and stage on, whatever machine has that address.",
        ),
        Place.LATER: (
            "The name also leads to an address that is not the host's",
            "VMM may use each address of a name, and would meet another machine there, or none.",
        ),
        Place.EVERYWHERE: (
            "VMM gets in at no address of the name, and none is a management address",
            "VMM can do nothing with a host that it does not reach under its name.",
        ),
    }[place]
    return Cause(
        title=f"Remove wrong addresses from the name of {HOSTS}"
        if kept
        else f"Register the right address for {HOSTS}, and then remove the wrong ones",
        wrong=wrong,
        word="wrong address",
        why=why,
        values=(("In DNS by mistake", listed(addresses)), ("Right", _known(kept or right))),
    )


def _summary(
    name: str,
    addresses: Sequence[Address],
    right: Sequence[Address],
    kept: Sequence[Address],
    words: tuple[str, str],
) -> str:
    verb, preposition = words
    rest = f"{listed(addresses)} {preposition} the name {one_line(name)}."
    if kept:
        return f"{verb.capitalize()} {rest}"
    return f"Register {_management(right)}, and then {verb} {rest}"


def correct(
    machine: FixTarget,
    name: str,
    address: Address,
    owners: Sequence[str],
    right: Sequence[Address] = (),
    kept: Sequence[Address] = (),
    *,
    place: Place,
) -> Fix:
    """Return how to take an address that is not this host's out of its name.

    `owners` are the hosts whose address it is, where that is known; the rest is as for `replace`.
    """
    because = f", which is an address of {some(owners)}" if owners else ""
    return replace(machine, name, (address,), right, kept, because, place)


def tidy(
    machine: FixTarget,
    name: str,
    addresses: Sequence[Address],
    right: Sequence[Address] = (),
    kept: Sequence[Address] = (),
) -> Fix:
    """Return how to keep addresses of the host that VMM should not use out of DNS.

    `right` and `kept` are as for `replace`.
    """
    cause = Cause(
        title=f"Keep addresses that VMM should not use out of the name of {HOSTS}",
        wrong="The name also leads to an address that VMM should not use",
        word="extra address",
        why="VMM may use each address of a name, and should reach the host at its management "
        "address.",
        values=(("In DNS by mistake", listed(addresses)), ("Right", _known(kept or right))),
    )
    return Fix(
        key="dns-registration",
        summary=_summary(name, addresses, right, kept, ("keep", "out of")),
        console=(
            (
                f"On {one_line(machine.name)}, for adapters of migration and storage networks, "
                "clear Register this connection's addresses in DNS (IPv4 and IPv6 properties > "
                "Advanced > DNS)."
            ),
            *_remove(machine, name, addresses, right, kept),
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )
