"""Whether the authentication protocol of a host can work where the host is."""

from __future__ import annotations

from enum import Enum

from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP
from livemigration.facts.migration import CREDSSP, KERBEROS, MIGRATION_SETTINGS
from livemigration.facts.model import Gathered
from livemigration.facts.vmm import VMM_RECORD
from livemigration.verdict.views import FactsView

_PROTOCOLS = (CREDSSP, KERBEROS)


class Authentication(Enum):
    """What the protocol of a host comes to, for the cause of a move that is refused."""

    WORKS = "it works"
    NO_PROTOCOL = "its authentication type is no protocol"
    GUARDED = "Credential Guard runs on it, beside which CredSSP does not work"
    NO_DOMAIN = "it is in a workgroup, and its authentication is Kerberos"
    PERIMETER = "VMM lists it as a perimeter host, for which Kerberos delegates nothing"


def authentication_of(host: FactsView) -> Authentication:
    """Return whether the authentication protocol of a host can work.

    Raises:
        BlockedError: whether Credential Guard runs could not be read, and it decides.
    """
    number = host[MIGRATION_SETTINGS].authentication_type
    if number not in _PROTOCOLS:
        return Authentication.NO_PROTOCOL
    if not host[DOMAIN_MEMBERSHIP].joined:
        if number == KERBEROS and not guard_runs(host):
            return Authentication.NO_DOMAIN
        guarded = host[DEVICE_GUARD].credential_guard_running
        return Authentication.GUARDED if guarded else Authentication.WORKS
    if number == CREDSSP:
        guarded = host[DEVICE_GUARD].credential_guard_running
        return Authentication.GUARDED if guarded else Authentication.WORKS
    return Authentication.PERIMETER if _is_perimeter(host) else Authentication.WORKS


def guard_runs(host: FactsView) -> bool | None:
    """Return whether Credential Guard runs; None where that could not be read."""
    outcome = host.outcome(DEVICE_GUARD)
    return outcome.value.credential_guard_running if isinstance(outcome, Gathered) else None


def _is_perimeter(host: FactsView) -> bool:
    """Whether VMM says so; where its record was not read, nothing does."""
    record = host.outcome(VMM_RECORD)
    return isinstance(record, Gathered) and record.value.perimeter is True
