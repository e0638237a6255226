"""Whether two domains of hosts that exchange virtual machines trust each other."""

from __future__ import annotations

from enum import Enum

from livemigration.facts.directory import DIRECTORY_DOMAIN, DirectoryDomain, Trust
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError

_DISABLED = 0


class Path(Enum):
    """Whether tickets have a way from one domain to another."""

    THERE = "there"
    NONE = "none"
    UNKNOWN = "not known"


def domain_of(view: FactsView) -> DirectoryDomain | str:
    """Return the domain of a host with its trusts; by its name where no directory told of it."""
    try:
        return view[DIRECTORY_DOMAIN]
    except (BlockedError, InapplicableError):
        return view[DOMAIN_MEMBERSHIP].domain.casefold()


def name_of(domain: DirectoryDomain | str) -> str:
    """Return the name of a domain, without regard to case."""
    return domain if isinstance(domain, str) else domain.domain.casefold()


def path_between(one: DirectoryDomain | str, other: DirectoryDomain | str) -> Path:
    """Return whether there is a way between two domains that differ.

    Domains of one forest trust each other. Of two forests, the trusts of both root domains decide;
    where either was not read, there may be one.
    """
    if isinstance(one, str) or isinstance(other, str):
        return Path.UNKNOWN
    if one.forest.casefold() == other.forest.casefold():
        return Path.THERE
    if _trusts(one, other) or _trusts(other, one):
        return Path.THERE
    roots = all(each.domain.casefold() == each.forest.casefold() for each in (one, other))
    return Path.NONE if roots else Path.UNKNOWN


def _trusts(one: DirectoryDomain, other: DirectoryDomain) -> bool:
    wanted = {other.domain.casefold(), other.forest.casefold()}
    return any(_counts(each) and each.partner.casefold() in wanted for each in one.trusts)


def _counts(trust: Trust) -> bool:
    # A direction that was not shown may be any.
    return trust.direction != _DISABLED
