"""Accounts of a directory that have the name of the migration service, as Hyper-V hosts do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sansldap

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, sentence
from livemigration.discovery.found import Found, FoundHost, NotFoundError, Reaching, Scope
from livemigration.facts.directory import ACCOUNT_DISABLED, MIGRATION_SERVICE
from livemigration.gather.directory_session import signed_in, whom
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.own_account import moment_of
from livemigration.ldap.directory import Entry
from livemigration.wsman.errors import WsmanError

BY_KERBEROS = Reaching("from-directory", (("transport", "kerberos"),))
"""Whoever has the name in a directory is only asked with a ticket for that very machine."""

SILENT_DAYS = 90
"""So long a silence is told: lastLogonTimestamp is up to 14 days behind by default
(msDS-LogonTimeSyncInterval), and a machine changes its password every 30 days."""

_ASKED = (
    "dNSHostName",
    "lastLogonTimestamp",
    "objectClass",
    "sAMAccountName",
    "servicePrincipalName",
    "userAccountControl",
)
# Of the account that stands for a cluster's name, or for one of its roles (from memory).
_CLUSTERS = "msclustervirtualserver/"


def ask_directory(target: DirectoryTarget, domain: str, now: datetime, deadline: Deadline) -> Found:
    """Return the accounts of a domain that have the migration service's name.

    Args:
        target: the directory, and how it is signed in to.
        domain: the DNS name of the domain.
        now: what silence is counted to.
        deadline: when everything ends.

    Raises:
        NotFoundError: it does not answer to the end, or does not take the account.
    """
    condition = sansldap.FilterSubstrings(
        "servicePrincipalName", f"{MIGRATION_SERVICE}/".encode(), [], None
    )
    until = deadline.earlier_of(target.entry.time_limit)
    try:
        with signed_in(target, domain, until) as (directory, root):
            base = root.text("defaultNamingContext")
            hosts = tuple(
                _host(each, domain, now) for each in directory.search(base, condition, _ASKED)
            )
    except WsmanError as error:
        raise NotFoundError(
            f"Asking the directory of {domain} ({whom(target)}): "
            f"{sentence(error.came_back)} {error.next_step}"
        ) from None
    return Found(
        title=f"The directory of {domain}",
        hosts=tuple(sorted(hosts, key=lambda each: each.name.casefold())),
        scope=Scope(domain=domain),
        strict=True,
    )


def _host(entry: Entry, domain: str, now: datetime) -> FoundHost:
    account = entry.text("sAMAccountName").removesuffix("$")
    told = entry.text("dNSHostName")
    name = told or (f"{account}.{domain}" if account else entry.name)
    return FoundHost(
        name=name.removesuffix("."),
        notes=tuple(_notes(told, domain)),
        unfit=_unfit(entry, now),
        reaching=BY_KERBEROS,
    )


def _unfit(entry: Entry, now: datetime) -> str:
    names = [each.casefold() for each in entry.texts("servicePrincipalName")]
    classes = {each.casefold() for each in entry.texts("objectClass")}
    if classes and "computer" not in classes:
        return "no computer's account has this name of the migration service"
    if any(each.startswith(_CLUSTERS) for each in names):
        return "the account of a cluster's name, and no machine's"
    if (entry.number("userAccountControl") or 0) & ACCOUNT_DISABLED:
        return "its account is disabled"
    last = moment_of(entry.number("lastLogonTimestamp"))
    if last is None:
        return "its account never signed in, as far as the directory shows"
    if now - last > timedelta(days=SILENT_DAYS):
        return f"its account has not signed in for {(now - last).days} days, since {last:%Y-%m-%d}"
    return ""


def _notes(told: str, domain: str) -> Iterator[str]:
    if not told:
        yield "the directory shows no DNS name of it: this one is made of its account's name"
    elif not told.casefold().rstrip(".").endswith(f".{domain.casefold()}"):
        yield f"its DNS name is not one of {one_line(domain, 80)}: compare"
