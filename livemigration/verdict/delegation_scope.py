"""Whether delegation is a question of a host, and whether it takes any protocol."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.facts.directory import (
    ANY_PROTOCOL,
    DIRECTORY_ACCOUNT,
    MIGRATION_SERVICE,
    DirectoryAccount,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM
from livemigration.facts.migration import CREDSSP, KERBEROS, MIGRATION_SETTINGS
from livemigration.facts.model import Inapplicable
from livemigration.facts.windows import WINDOWS_SERVER_2016
from livemigration.inventory.policy import Policy
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import BlockedError, FactsView


def why_no_delegation(host: FactsView, policy: Policy) -> str:
    """Return why delegation is no question of this host; empty: it is one.

    Raises:
        BlockedError: what decides could not be read.
    """
    known = host.outcome(DIRECTORY_ACCOUNT)
    if isinstance(known, Inapplicable):
        return one_line(known.reason)
    if (scope := scope_of(host, policy)).in_cluster:
        return scope.reason
    number = host[MIGRATION_SETTINGS].authentication_type
    if number == CREDSSP:
        return "This host is set to CredSSP, which needs no delegation."
    if number != KERBEROS:
        raise BlockedError("LM104", f"AuthenticationType is {number}, which is no protocol.")
    return "" if host[DOMAIN_MEMBERSHIP].joined else "A host in no domain has no Kerberos."


def takes_kerberos_only(host: FactsView, account: DirectoryAccount) -> bool:
    """Whether an account delegates live migration for Kerberos alone, where that is too little.

    Raises:
        BlockedError: the operating system could not be read, and it decides.
    """
    service = MIGRATION_SERVICE.casefold()
    delegates = any(each.service.casefold() == service for each in account.delegates_to)
    if not delegates or (account.control or 0) & ANY_PROTOCOL:
        return False
    return host[OPERATING_SYSTEM].build >= WINDOWS_SERVER_2016
