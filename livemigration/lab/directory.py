"""The objects of a fleet's directory, and which of them a search finds.

Where Samba's directory does otherwise than Active Directory, this one does as the latter is
documented: its catalogue lacks what is not in the partial set, and a search without pages ends at
1,000 objects (authentication.md C).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import sansldap

from livemigration.facts.directory import (
    ACCOUNT_DISABLED,
    ANY_PROTOCOL,
    FILE_SERVICE,
    MIGRATION_SERVICE,
    OF_CONTROLLERS,
    OF_READ_ONLY_CONTROLLERS,
    TRUSTED_FOR_DELEGATION,
)
from livemigration.lab.fleet import Fleet
from livemigration.lab.fleet_directory import (
    OWN_DOMAIN,
    OWN_NAME,
    FleetAccount,
    FleetDirectory,
    is_sid,
)
from livemigration.lab.fleet_host import FleetHost

_COMPUTER = 0x1000
_NETBIOS = 15
_DOMAIN_SID = (21, 1004336348, 1177238915, 682003330)
_FIRST_RID = 1103
_PROTECTED_USERS = 525
_NORMAL, _SENSITIVE = 0x200, 0x100000
_CONTROLLER = 0x2000 | TRUSTED_FOR_DELEGATION
_READ_ONLY_CONTROLLER = 0x4000000 | ANY_PROTOCOL | _COMPUTER
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 0x7FFFFFFFFFFFFFFF
_IN_CATALOGUE = {"samaccountname", "serviceprincipalname", "useraccountcontrol", "objectsid"}
_IN_CATALOGUE |= {"objectclass"}
_ALLOWED = 0
_PRESENT_SELF_RELATIVE = 0x8004
_FULL_CONTROL = 0xF01FF

Values = Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True)
class Item:
    """An object: its distinguished name, and its attributes in the spelling of the schema."""

    name: str
    values: Values

    def get(self, attribute: str) -> tuple[bytes, ...]:
        """Return the values of an attribute, in any case."""
        wanted = attribute.casefold()
        return next((own for name, own in self.values.items() if name.casefold() == wanted), ())


class DirectoryObjects:
    """The directory of a fleet.

    Args:
        fleet: which has one.
        own: what it says of it.
    """

    def __init__(self, fleet: Fleet, own: FleetDirectory) -> None:
        self._fleet = fleet
        self._own = own
        self.base = _name_of(fleet.domain)

    @cached_property
    def root(self) -> Item:
        """What it says of itself to everybody."""
        forest = _name_of(self._own.forest or self._fleet.domain)
        values = {
            "defaultNamingContext": self.base,
            "rootDomainNamingContext": forest,
            "configurationNamingContext": f"CN=Configuration,{forest}",
            "dnsHostName": self._own.server,
            "isGlobalCatalogReady": "TRUE" if self._own.catalogue else "FALSE",
            "supportedSASLMechanisms": "GSS-SPNEGO",
        }
        return Item("", {name: (text.encode(),) for name, text in values.items()})

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return (
            *self._accounts(),
            *self._controllers(),
            *self._trusts(),
            *self._of_the_operator(),
        )

    @cached_property
    def _by_name(self) -> Mapping[str, Item]:
        return {each.name.casefold(): each for each in self._items}

    def found(
        self, base: str, condition: sansldap.LDAPFilter, *, catalogue: bool, alone: bool = False
    ) -> Iterator[Item]:
        """Yield the objects below a base that a condition holds for; `alone`: the base itself."""
        wanted = base.casefold()
        alone_there = self._by_name.get(wanted)
        there = (alone_there,) if alone and alone_there is not None else self._items
        for each in there:
            name = each.name.casefold()
            below = name == wanted if alone else name.endswith(wanted)
            shown = _in_catalogue(each) if catalogue else each
            if below and holds(condition, shown):
                yield shown

    def _accounts(self) -> Iterator[Item]:
        for host in self._fleet.hosts:
            account = host.account
            if host.workgroup or account.absent:
                continue
            yield self._account(host, account)
            if account.shares_names:
                label = f"{_label(host)}-OLD"
                values: Values = {
                    "objectClass": (b"computer",),
                    "sAMAccountName": (f"{label}$".encode(),),
                    "servicePrincipalName": _texts(_names(host, account.names)),
                }
                yield Item(f"CN={label},CN=Computers,{self.base}", values)

    def _account(self, host: FleetHost, account: FleetAccount) -> Item:
        values: dict[str, tuple[bytes, ...]] = {
            "objectClass": (b"top", b"computer"),
            "sAMAccountName": (f"{_label(host)}$".encode(),),
            "dNSHostName": (host.name.encode(),),
            "userAccountControl": (str(_control(account)).encode(),),
            "objectSid": (_sid(self._sids[host.name]),),
            "servicePrincipalName": _texts(
                [*_names(host, account.names), f"HOST/{host.name}", f"WSMAN/{host.name}"]
            ),
            "msDS-AllowedToDelegateTo": _texts(self._delegates(host, account)),
        }
        if account.silent_days is not None:
            values["lastLogonTimestamp"] = (_intervals(-24 * account.silent_days),)
        if account.encryption_types is not None:
            number = str(account.encryption_types).encode()
            values["msDS-SupportedEncryptionTypes"] = (number,)
        if account.lets_act:
            # A fleet that runs with fewer hosts than it has knows the others no more.
            known = (self._sids.get(each, each) for each in account.lets_act)
            sids = [each for each in known if is_sid(each)]
            values["msDS-AllowedToActOnBehalfOfOtherIdentity"] = (_descriptor(sids),)
        shown = {n: own for n, own in values.items() if own and n not in account.hidden}
        return Item(f"CN={_label(host)},CN=Computers,{self.base}", shown)

    def _delegates(self, host: FleetHost, account: FleetAccount) -> list[str]:
        wanted = account.delegates_to
        targets = [
            each
            for each in self._fleet.hosts
            if each is not host and (wanted is None or each.name in wanted)
        ]
        if account.protocol == "unconstrained":
            targets = []
        services = {"migration": MIGRATION_SERVICE, "cifs": FILE_SERVICE}
        return [
            f"{services[service]}/{name}"
            for each in targets
            for service in account.services
            for name in _forms(each, account.forms)
        ]

    @cached_property
    def _sids(self) -> dict[str, str]:
        domain = "-".join(map(str, _DOMAIN_SID))
        return {
            host.name: f"S-1-5-{domain}-{_FIRST_RID + number}"
            for number, host in enumerate(self._fleet.hosts)
        }

    def _controllers(self) -> Iterator[Item]:
        own = self._own
        for names, group, bits in (
            ((own.server, *own.controllers), OF_CONTROLLERS, _CONTROLLER),
            (own.read_only_controllers, OF_READ_ONLY_CONTROLLERS, _READ_ONLY_CONTROLLER),
        ):
            for name in names:
                label = name.partition(".")[0][:_NETBIOS].upper()
                values = {
                    "objectClass": "computer",
                    "cn": label,
                    "sAMAccountName": f"{label}$",
                    "dNSHostName": name,
                    "userAccountControl": str(bits),
                    "primaryGroupID": str(group),
                }
                shown = {key: (text.encode(),) for key, text in values.items()}
                yield Item(f"CN={label},OU=Domain Controllers,{self.base}", shown)

    def _trusts(self) -> Iterator[Item]:
        for each in self._own.trusts:
            values = {
                "objectClass": "trustedDomain",
                "trustPartner": each.partner,
                "trustDirection": str(each.direction),
                "trustAttributes": str(each.attributes),
            }
            shown = {name: (text.encode(),) for name, text in values.items()}
            yield Item(f"CN={each.partner},CN=System,{self.base}", shown)

    def _of_the_operator(self) -> Iterator[Item]:
        """Yield the suite's account, Protected Users, and the short name of the domain."""
        own, users = self._own.operator, f"CN=Users,{self.base}"
        domain = "-".join(map(str, _DOMAIN_SID))
        group = f"CN=Protected Users,{users}"
        yield Item(group, {"objectSid": (_sid(f"S-1-5-{domain}-{_PROTECTED_USERS}"),)})
        forest = _name_of(self._own.forest or self._fleet.domain)
        short: Values = {"nCName": (self.base.encode(),), "nETBIOSName": (OWN_DOMAIN.encode(),)}
        yield Item(f"CN={OWN_DOMAIN},CN=Partitions,CN=Configuration,{forest}", short)
        if own.absent:
            return
        values: dict[str, tuple[bytes, ...]] = {
            "sAMAccountName": (OWN_NAME.encode(),),
            "userAccountControl": (str(_NORMAL | (_SENSITIVE if own.sensitive else 0)).encode(),),
            "objectSid": (_sid(f"S-1-5-{domain}-500"),),
            "accountExpires": (_intervals(own.account_hours),),
            "msDS-UserPasswordExpiryTimeComputed": (_intervals(own.password_hours),),
            "memberOf": (group.encode(),) if own.protected else (),
        }
        yield Item(f"CN={OWN_NAME},{users}", values)


def holds(condition: sansldap.LDAPFilter, item: Item) -> bool:
    """Whether a condition holds for an object, as far as the lab knows conditions."""
    if isinstance(condition, sansldap.FilterAnd):
        return all(holds(each, item) for each in condition.filters)
    if isinstance(condition, sansldap.FilterOr):
        return any(holds(each, item) for each in condition.filters)
    if isinstance(condition, sansldap.FilterNot):
        return not holds(condition.filter, item)
    if isinstance(condition, sansldap.FilterPresent):
        return bool(item.get(condition.attribute))
    return _has_value(condition, item)


def _has_value(condition: sansldap.LDAPFilter, item: Item) -> bool:
    # A match of another kind is that in a chain of groups, of which the lab has one.
    if isinstance(condition, sansldap.FilterEquality | sansldap.FilterExtensibleMatch):
        wanted = condition.value.lower()
        return any(each.lower() == wanted for each in item.get(condition.attribute or ""))
    if isinstance(condition, sansldap.FilterSubstrings):
        # Only a beginning is asked for.
        begun = (condition.initial or b"").lower()
        return any(each.lower().startswith(begun) for each in item.get(condition.attribute))
    return False


def _in_catalogue(item: Item) -> Item:
    values = {n: own for n, own in item.values.items() if n.casefold() in _IN_CATALOGUE}
    return Item(item.name, values)


def _intervals(hours: float | None) -> bytes:
    """Return a moment so many hours from now, in intervals of 100 ns since 1601; None: never."""
    if hours is None:
        return str(_NEVER).encode()
    passed = datetime.now(UTC) + timedelta(hours=hours) - _EPOCH
    return str(passed // timedelta(microseconds=1) * 10).encode()


def _name_of(domain: str) -> str:
    return ",".join(f"DC={each}" for each in domain.split("."))


def _label(host: FleetHost) -> str:
    return host.short_name[:_NETBIOS]


def _forms(host: FleetHost, forms: Sequence[str]) -> list[str]:
    names = {"fqdn": host.name, "short": _label(host)}
    return [names[each] for each in forms]


def _names(host: FleetHost, forms: Sequence[str]) -> list[str]:
    return [f"{MIGRATION_SERVICE}/{each}" for each in _forms(host, forms)]


def _control(account: FleetAccount) -> int:
    bits = {"any": ANY_PROTOCOL, "kerberos": 0, "unconstrained": TRUSTED_FOR_DELEGATION}
    return _COMPUTER | bits[account.protocol] | (ACCOUNT_DISABLED if account.disabled else 0)


def _texts(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(each.encode() for each in texts)


def _sid(text: str) -> bytes:
    """Return a SID as a directory stores it (MS-DTYP 2.4.2.2)."""
    authority, *rest = (int(each) for each in text.split("-")[2:])
    packed = struct.pack(f"<{len(rest)}I", *rest)
    return bytes([1, len(rest)]) + authority.to_bytes(6, "big") + packed


def _descriptor(sids: Sequence[str]) -> bytes:
    """Return a security descriptor that lets these in (MS-DTYP 2.4.6), owned by administrators."""
    entries = b""
    for each in map(_sid, sids):
        entries += struct.pack("<BBHI", _ALLOWED, 0, 8 + len(each), _FULL_CONTROL) + each
    owner = _sid("S-1-5-32-544")
    acl = struct.pack("<BBHHH", 4, 0, 8 + len(entries), len(sids), 0) + entries
    header = struct.pack("<BBHIIII", 1, 0, _PRESENT_SELF_RELATIVE, 20, 0, 0, 20 + len(owner))
    return header + owner + acl
