"""What a directory says of the account that the suite signs in with: what would end its sign-ins.

windows-facts-2.md 13; MS-ADTS 2.2.16 (userAccountControl), 3.1.1.4.5.29
(msDS-UserPasswordExpiryTimeComputed), MS-SAMR 2.2.1.14 (RID 525, Protected Users).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sansldap

from livemigration.gather.directory_answers import domain_of
from livemigration.ldap.directory import Directory, Entry

_PROTECTED_USERS = 525
_SENSITIVE = 0x100000
# In a chain of groups (MS-ADTS 3.1.1.3.4.4.3, LDAP_MATCHING_RULE_TRANSITIVE_EVAL).
_IN_CHAIN = "1.2.840.113556.1.4.1941"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = (0, 0x7FFFFFFFFFFFFFFF)
_ASKED = (
    "sAMAccountName",
    "userAccountControl",
    "objectSid",
    "accountExpires",
    "msDS-UserPasswordExpiryTimeComputed",
)


@dataclass(frozen=True)
class OwnAccount:
    """An account as a directory shows it. None: it does not show that.

    `sensitive`: it may not be delegated. `protected`: it is in Protected Users, by whatever group.
    `account_ends` and `password_ends` are UTC; None where they do not end, too.
    """

    name: str
    sensitive: bool | None
    protected: bool | None
    account_ends: datetime | None
    password_ends: datetime | None


def own_account(directory: Directory, root: Entry, name: str) -> OwnAccount | None:
    r"""Return what a directory shows of an account; None: of another domain, or not shown.

    Args:
        directory: signed in to.
        root: what its server says of itself.
        name: as it signs in: `DOMAIN\name`, `name@domain`, or the name alone.

    Raises:
        WsmanError: the directory did not answer to the end.
    """
    base = root.text("defaultNamingContext")
    found = [
        each
        for condition in _conditions(directory, root, name)
        for each in directory.search(base, condition, _ASKED)
    ]
    # By its name and by its principal it is found twice.
    objects = {each.name.casefold(): each for each in found}
    if len(objects) != 1:
        return None
    (entry,) = objects.values()
    control = entry.number("userAccountControl")
    return OwnAccount(
        entry.text("sAMAccountName") or name,
        None if control is None else bool(control & _SENSITIVE),
        _is_protected(directory, base, entry),
        moment_of(entry.number("accountExpires")),
        moment_of(entry.number("msDS-UserPasswordExpiryTimeComputed")),
    )


def _conditions(directory: Directory, root: Entry, name: str) -> Iterator[sansldap.LDAPFilter]:
    """Yield how the account may be found; none where it is of another domain."""
    short, backslash, alone = name.partition("\\")
    if backslash:
        if short.casefold() in {each.casefold() for each in _short_names(directory, root)}:
            yield _named(alone)
        return
    alone, at, domain = name.rpartition("@")
    if not at:
        yield _named(name)
        return
    yield sansldap.FilterEquality("userPrincipalName", name.encode("utf-8", "replace"))
    if domain.casefold() == domain_of(root.text("defaultNamingContext")).casefold():
        yield _named(alone)


def _named(name: str) -> sansldap.LDAPFilter:
    return sansldap.FilterEquality("sAMAccountName", name.encode("utf-8", "replace"))


def _short_names(directory: Directory, root: Entry) -> Iterator[str]:
    """Yield the NetBIOS name of the domain, from the partitions of its forest."""
    base = root.text("defaultNamingContext")
    configuration = root.text("configurationNamingContext")
    if not configuration:
        return
    condition = sansldap.FilterEquality("nCName", base.encode("utf-8", "replace"))
    for each in directory.search(f"CN=Partitions,{configuration}", condition, ("nETBIOSName",)):
        yield from each.texts("nETBIOSName")


def _is_protected(directory: Directory, base: str, account: Entry) -> bool | None:
    """Return whether an account is in Protected Users; None: that was not to be found out."""
    sid = account.one("objectSid")
    if sid is None or len(sid) < 12:
        return None
    group = sid[:-4] + struct.pack("<I", _PROTECTED_USERS)
    groups = list(directory.search(base, sansldap.FilterEquality("objectSid", group), ("cn",)))
    if not groups:
        # A domain of before 2012 R2 has no such group; one that is not shown looks the same.
        return None
    chain = sansldap.FilterExtensibleMatch(
        _IN_CHAIN, "memberOf", groups[0].name.encode("utf-8", "replace"), False
    )
    own = sansldap.FilterEquality("objectSid", sid)
    return any(True for _ in directory.search(base, sansldap.FilterAnd([own, chain]), ("cn",)))


def moment_of(intervals: int | None) -> datetime | None:
    """Return a moment that counts in intervals of 100 ns since 1601; None where there is none."""
    if intervals is None or intervals in _NEVER or intervals < 0:
        return None
    try:
        return _EPOCH + timedelta(microseconds=intervals // 10)
    except OverflowError:
        return None
