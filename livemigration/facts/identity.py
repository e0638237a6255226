"""Which machine answered under which name of the inventory: one machine is never two hosts.

What a machine says of itself is Win32_ComputerSystem (windows-facts.md 6b): DNSHostName, the first
label of its name, and Domain, where it is joined to one. What is not there is not compared.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from livemigration.base.addresses import Address
from livemigration.base.text import one_line, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import FactSheet, Gathered
from livemigration.facts.network import LOCAL_ADDRESSES, own_addresses

_NETBIOS_LENGTH = 15
# Where one machine answers for a whole fleet, each host need not name all the others.
_MOST_NAMED = 9


@dataclass(frozen=True)
class Listed:
    """A machine as the inventory lists it.

    `address` is where it is reached, where that is not its name; `answers_as` is the name that it
    gives itself, where that is not its name either.
    """

    name: str
    address: str | None = None
    answers_as: str | None = None

    @property
    def own_name(self) -> str:
        """The name that the machine should give itself."""
        return self.answers_as or self.name


@dataclass(frozen=True)
class Stranger:
    """A host of the inventory under whose name not this host, or not this host alone, answered.

    `says` is the name that the machine gives itself; `same_as` are other hosts of the inventory
    that are the same machine; `misnamed` is whether the name itself is another's.
    """

    says: str
    misnamed: bool
    same_as: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """What is wrong, for a sentence."""
        others, says = some(self.same_as), one_line(self.says)
        if not self.misnamed:
            return f"the same machine as {others} answers under this name: {says}"
        also = f", as it does under {others}" if self.same_as else ""
        return f"another machine answers under this name{also}: {says}"


def own_name(said: DomainMembership) -> str:
    """Return the name that a machine gives itself, with its domain where it is joined to one."""
    label = _label(said)
    return f"{label}.{said.domain}" if said.joined and said.domain else label


def _label(said: DomainMembership) -> str:
    return (said.dns_name or said.name).partition(".")[0]


@lru_cache(maxsize=4096)
def address_of(text: str | None) -> Address | None:
    """Return the address that a name is; one of IPv4 in the dress of IPv6 is that of IPv4."""
    known = (text or "").partition("%")[0]
    # Most are names, of which an error would be made and caught.
    if ":" not in known and not known[-1:].isdigit():
        return None
    try:
        found = ipaddress.ip_address(known)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def names_another(name: str, said: DomainMembership) -> bool:
    """Whether a name of the inventory is not that of the machine that says this of itself.

    A domain may lie below the name's suffix, or the other way round: the suffix of a name need not
    be the domain itself. A domain without a dot is no DNS name, so not compared.
    """
    label, _, suffix = name.casefold().rstrip(".").partition(".")
    own = _label(said).casefold()
    if address_of(name) is not None or not own:
        return False
    short = said.name.casefold()
    same = label in {own, short} if said.dns_name else label[:_NETBIOS_LENGTH] == short
    if not same:
        return True
    domain = said.domain.casefold().rstrip(".")
    compared = said.joined and suffix and "." in domain
    return bool(compared) and not _related(suffix, domain)


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def strangers(sheets: Mapping[str, FactSheet], inventory: Iterable[Listed]) -> dict[str, Stranger]:
    """Return the hosts under whose names another machine answered, or one that is listed twice.

    Args:
        sheets: what was read of each host.
        inventory: every host of the inventory, also those that were not looked at.
    """
    known = {each.name: each for each in inventory}
    by_name = _by_name(known.values())
    by_address = _by_address(known.values())
    twins = _twins(sheets)
    found = {}
    for name, sheet in sheets.items():
        said = _said(sheet)
        if said is None:
            continue
        misnamed = names_another(known.get(name, Listed(name)).own_name, said)
        groups = [
            by_name.get(own_name(said).casefold(), ()) if said.joined else (),
            *(by_address.get(address, ()) for address in _own(sheet)),
            *(twins.get(key, ()) for key in _keys(sheet)),
        ]
        others = dict.fromkeys(each for group in groups for each in group if each != name)
        if misnamed or others:
            same_as = tuple(sorted(islice(others, _MOST_NAMED)))
            found[name] = Stranger(own_name(said), misnamed, same_as)
    return found


def _by_name(inventory: Iterable[Listed]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in inventory:
        found[each.own_name.casefold()].append(each.name)
    return found


def _by_address(inventory: Iterable[Listed]) -> dict[Address, list[str]]:
    """Return the hosts that are known by an address alone, which no name contradicts."""
    found: dict[Address, list[str]] = defaultdict(list)
    for each in inventory:
        if each.answers_as is None and (address := address_of(each.name)) is not None:
            found[address].append(each.name)
    return found


def _twins(sheets: Mapping[str, FactSheet]) -> dict[object, tuple[str, ...]]:
    """Return the hosts that gave each answer, where several did, the first of them alone.

    Members of a domain by their name in it. Others by their name and an address, because names
    outside a domain are not unique.
    """
    answers: dict[object, list[str]] = defaultdict(list)
    for name, sheet in sheets.items():
        for key in _keys(sheet):
            answers[key].append(name)
    # One more than is named, as a host is not named beside itself.
    return {
        key: tuple(names[: _MOST_NAMED + 1]) for key, names in answers.items() if len(names) > 1
    }


def _keys(sheet: FactSheet) -> Iterator[object]:
    said = _said(sheet)
    if said is None or not _label(said):
        return
    name = own_name(said).casefold()
    if said.joined and said.domain:
        yield name
    else:
        yield from ((name, address) for address in _own(sheet))


def _said(sheet: FactSheet) -> DomainMembership | None:
    outcome = sheet.outcome(DOMAIN_MEMBERSHIP)
    return outcome.value if isinstance(outcome, Gathered) else None


def _own(sheet: FactSheet) -> frozenset[Address]:
    """Return the addresses by which a machine can be told from others."""
    outcome = sheet.outcome(LOCAL_ADDRESSES)
    if not isinstance(outcome, Gathered):
        return frozenset()
    return frozenset(each.address for each in own_addresses(outcome.value))
