"""Repairs of the live-migration settings other than the networks."""

from __future__ import annotations

from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line, quote
from livemigration.fixes.script import (
    PRECONDITION,
    Machine,
    console,
    opening,
    refuse,
    set_host,
    setting_unchanged,
)
from livemigration.references import SET_UP_HOSTS

PROTOCOLS = {CREDSSP: "CredSSP", KERBEROS: "Kerberos"}


def enable_live_migration(machine: Machine) -> Fix:
    """Return how to turn incoming live migration on."""
    return Fix(
        key="enable-live-migration",
        summary=f"Turn on live migration of {one_line(machine.name)}.",
        console=console(
            machine,
            "Turn on incoming live migration, and review the networks and the authentication "
            "protocol on the same page (LM102, LM104).",
        ),
        precondition=PRECONDITION,
        commands=(
            *opening(machine),
            *setting_unchanged(machine, "EnableVirtualSystemMigration", "$false"),
            set_host("-EnableLiveMigration $true"),
        ),
        undo=(
            *opening(machine),
            *setting_unchanged(machine, "EnableVirtualSystemMigration", "$true"),
            set_host("-EnableLiveMigration $false"),
        ),
        source=SET_UP_HOSTS,
    )


def _set_protocol(machine: Machine, observed: int, wanted: int) -> tuple[str, ...]:
    return (
        *setting_unchanged(machine, "AuthenticationType", str(observed)),
        set_host(f"-MigrationAuthProtocol {quote(PROTOCOLS[wanted])}"),
    )


def _undo_protocol(machine: Machine, observed: int, wanted: int) -> tuple[str, ...]:
    if observed not in PROTOCOLS:
        return (f"# Before the change, AuthenticationType was {observed}, which has no name.",)
    return (*opening(machine), *_set_protocol(machine, wanted, observed))


def _protocol_is(machine: Machine, wanted: int) -> tuple[str, ...]:
    return (*opening(machine), *setting_unchanged(machine, "AuthenticationType", str(wanted)))


def use_kerberos(machine: Machine, observed: int) -> Fix:
    """Return how to switch a host to Kerberos, in the order that does not break migration.

    Delegation "use any authentication protocol" from Windows Server 2016: windows-facts.md 3.4.
    """
    name = one_line(machine.name)
    ready = (
        "Delegation is set on both computer accounts and has replicated, and old tickets have "
        "expired. Type yes to go on"
    )
    return Fix(
        key="authentication",
        summary=f"Switch {name} and the hosts it exchanges virtual machines with to Kerberos.",
        console=(
            (
                f"In Active Directory, set constrained delegation on the computer account of "
                f"{name} and on that of the other host: the services cifs and Microsoft Virtual "
                "System Migration Service of the opposite host. From Windows Server 2016 select "
                "Use any authentication protocol."
            ),
            "Wait until Active Directory has replicated and old tickets have expired.",
            *console(machine, "Only then select Kerberos, on both hosts."),
        ),
        precondition=f"Delegation comes first. {PRECONDITION}",
        commands=(
            *opening(machine),
            refuse(machine, f"(Read-Host {quote(ready)}) -ne 'yes'", "delegation comes first"),
            *_set_protocol(machine, observed, KERBEROS),
        ),
        undo=_undo_protocol(machine, observed, KERBEROS),
        done=_protocol_is(machine, KERBEROS),
        cost="Migrations between two hosts that are set differently fail until both are switched.",
        source=SET_UP_HOSTS,
    )


def use_credssp(machine: Machine, observed: int, *, guard_unread: bool = False) -> Fix:
    """Return how to switch a host to CredSSP.

    `guard_unread`: nobody could see whether Credential Guard runs, so a person must look first.
    """
    look = "First check that Credential Guard does not run on the host (msinfo32). "
    return Fix(
        key="authentication",
        summary=f"Switch {one_line(machine.name)} to CredSSP.",
        console=console(machine, "Select CredSSP, on both hosts that exchange virtual machines."),
        precondition=f"{look if guard_unread else ''}{PRECONDITION}",
        commands=(*opening(machine), *_set_protocol(machine, observed, CREDSSP)),
        undo=_undo_protocol(machine, observed, CREDSSP),
        done=_protocol_is(machine, CREDSSP),
        cost="A migration must be started on the source host, in a session that holds credentials.",
        source=SET_UP_HOSTS,
    )


def join_domain(machine: Machine) -> Fix:
    """Return the way out where neither protocol can work: Credential Guard in a workgroup."""
    name = one_line(machine.name)
    return Fix(
        key="authentication",
        summary=f"Plan {name} as a member of a domain, and Kerberos with it.",
        console=(
            (
                f"{name} is in a workgroup, where Kerberos cannot be, and Credential Guard keeps "
                "CredSSP from working. Keep Credential Guard."
            ),
            (
                "Join the host to a domain, add it to VMM again, and then switch to Kerberos; or "
                "plan its moves without live migration."
            ),
        ),
        source=SET_UP_HOSTS,
    )


def change_authentication_policy(machine: Machine) -> Fix:
    """Return the way out where the policy asks for what Credential Guard keeps from working."""
    return Fix(
        key="authentication-policy",
        summary=f"Ask for Kerberos in the policy of {one_line(machine.name)}.",
        console=(
            (
                "Credential Guard runs on the host, so CredSSP would not work there. Keep "
                "Credential Guard, and keep the host on Kerberos."
            ),
            "In the inventory, set authentication: kerberos for this host's group.",
        ),
        source=SET_UP_HOSTS,
    )
