"""What is said of the authentication protocol of a host outside a cluster (LM104)."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import CREDSSP, KERBEROS, MIGRATION_SETTINGS
from livemigration.inventory.policy import Policy
from livemigration.verdict.authentication import Authentication, authentication_of, guard_runs
from livemigration.verdict.findings import Finding, Fix, fail, note, ok, warn
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import (
    PROTOCOLS,
    change_authentication_policy,
    join_domain,
    use_credssp,
    use_kerberos,
)
from livemigration.verdict.readings import machine_of
from livemigration.verdict.views import FactsView

# The protocols that a policy asks for, as Windows writes them.
_ASKED = {each.casefold(): each for each in PROTOCOLS.values()}
_STARTED_ON_THE_HOST = (
    "With CredSSP, a move must be started on the source host, in a session with credentials "
    "(console or Remote Desktop), not from VMM and not in a remote PowerShell."
)


def authentication_findings(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    """Yield what there is to say of whether the protocol works, and is the one asked for.

    Raises:
        BlockedError: a fact that decides it was not gathered.
    """
    number = host[MIGRATION_SETTINGS].authentication_type
    joined = host[DOMAIN_MEMBERSHIP].joined
    if number not in PROTOCOLS:
        machine = machine_of(host, vmm)
        kerberos = joined and (policy.authentication != "credssp" or guard_runs(host))
        yield fail(
            f"AuthenticationType is {number}, which is neither CredSSP (0) nor Kerberos (1).",
            "CredSSP or Kerberos.",
            use_kerberos(machine, number) if kerberos else _credssp(host, machine, number),
        )
    elif joined:
        yield from _in_a_domain(host, vmm, policy)
    else:
        yield from _in_a_workgroup(host, vmm, policy)


def _credssp(host: FactsView, machine: FixTarget, number: int) -> Fix:
    """Return the way to CredSSP, or the way out where Credential Guard keeps it from working."""
    runs = guard_runs(host)
    if runs:
        return change_authentication_policy(machine) if machine.joined else join_domain(machine)
    return use_credssp(machine, number, guard_unread=runs is None)


def _in_a_domain(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    machine, number = machine_of(host, vmm), host[MIGRATION_SETTINGS].authentication_type
    mismatch = policy.authentication not in {"any", PROTOCOLS[number].casefold()}
    observed = f"The authentication protocol is {PROTOCOLS[number]}"
    if mismatch:
        demanded = f"The policy asks for {_ASKED[policy.authentication]}."
        if number == CREDSSP:
            repair = use_kerberos(machine, number)
        else:
            repair = _credssp(host, machine, number)
        yield fail(f"{observed}.", demanded, repair)
    how = authentication_of(host)
    if how is Authentication.GUARDED:
        yield fail(
            f"{observed}, and Credential Guard runs on the host.",
            "Kerberos: CredSSP does not work beside Credential Guard.",
            use_kerberos(machine, number, guarded=True),
        )
    elif how is Authentication.PERIMETER:
        yield warn(
            f"{observed}, and VMM on {vmm.name} lists the host as a perimeter host.",
            "CredSSP: VMM manages a perimeter host by certificate and local accounts, for which "
            "Kerberos delegates nothing. Or a host that VMM manages in its domain.",
        )
    elif not mismatch:
        yield ok(f"{observed}.")
    if number == CREDSSP and not mismatch:
        yield note(_STARTED_ON_THE_HOST)
    if number == KERBEROS:
        yield note(
            "Kerberos needs delegation, which is examined where the inventory names a directory."
        )


def _in_a_workgroup(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    machine, number = machine_of(host, vmm), host[MIGRATION_SETTINGS].authentication_type
    how = authentication_of(host)
    if how is Authentication.NO_DOMAIN:
        yield fail(
            "The authentication protocol is Kerberos, and the host is in a workgroup.",
            "CredSSP: outside a domain, Kerberos cannot be.",
            _credssp(host, machine, number),
        )
    elif how is Authentication.GUARDED:
        yield fail(
            f"The host is in a workgroup, uses {PROTOCOLS[number]}, and Credential Guard runs.",
            "A protocol that works: Kerberos needs a domain, CredSSP a host without Credential "
            "Guard.",
            join_domain(machine),
        )
    else:
        yield ok("The authentication protocol is CredSSP, and the host is in a workgroup.")
        yield note(_STARTED_ON_THE_HOST)
        if policy.authentication == "kerberos":
            yield note("The policy asks for Kerberos, which does not apply outside a domain.")
