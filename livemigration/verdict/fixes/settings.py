"""Fixes of the live-migration settings other than the networks."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import (
    PRECONDITION,
    FixTarget,
    console,
    opening,
    refuse,
    set_host,
    setting_unchanged,
)
from livemigration.verdict.references import SET_UP_HOSTS

PROTOCOLS = {CREDSSP: "CredSSP", KERBEROS: "Kerberos"}


def enable_live_migration(machine: FixTarget) -> Fix:
    """Return how to turn incoming live migration on."""
    cause = Cause(
        title=f"Turn on incoming live migration on {HOSTS}",
        wrong="Incoming live migration is off",
        word="turned off",
        why="Nothing listens on port 6600 while it is off, so no virtual machine can be sent "
        "there.",
    )
    return Fix(
        key="enable-live-migration",
        summary=cause.order(machine.name),
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
        cause=cause,
    )


def _set_protocol(machine: FixTarget, observed: int, wanted: int) -> tuple[str, ...]:
    return (
        *setting_unchanged(machine, "AuthenticationType", str(observed)),
        set_host(f"-MigrationAuthProtocol {quote(PROTOCOLS[wanted])}"),
    )


def _undo_protocol(machine: FixTarget, observed: int, wanted: int) -> tuple[str, ...]:
    if observed not in PROTOCOLS:
        return (f"# Before the change, AuthenticationType was {observed}, which has no name.",)
    return (*opening(machine), *_set_protocol(machine, wanted, observed))


def _protocol_is(machine: FixTarget, wanted: int) -> tuple[str, ...]:
    return (*opening(machine), *setting_unchanged(machine, "AuthenticationType", str(wanted)))


def _named(observed: int) -> str:
    return PROTOCOLS.get(observed, str(observed))


def _protocol(title: str, wrong: str, why: str, observed: int, wanted: str) -> Cause:
    return Cause(
        title=title,
        wrong=wrong,
        word=_named(observed) if observed in PROTOCOLS else "no protocol",
        why=why,
        values=(("Set to", _named(observed)), ("Needed", wanted)),
    )


_DIFFER = "Two hosts that are set differently cannot exchange virtual machines."
_NEITHER = "The authentication protocol is neither CredSSP nor Kerberos"


def use_kerberos(
    machine: FixTarget, observed: int, *, guarded: bool = False, differs: bool = False
) -> Fix:
    """Return how to switch a host to Kerberos, in the order that does not break migration.

    `guarded`: Credential Guard runs, beside which CredSSP does not work. `differs`: nothing asks
    for Kerberos but that its peers have it.
    Delegation "use any authentication protocol" from Windows Server 2016: windows-facts.md 3.4.
    """
    name = one_line(machine.name)
    ready = (
        "Delegation is set on both computer accounts and has replicated, and old tickets have "
        "expired. Type yes to go on"
    )
    wrong, why = "CredSSP is set, and the policy asks for Kerberos", _DIFFER
    if guarded:
        wrong = "CredSSP is set, and Credential Guard keeps it from working"
        why = "No virtual machine moves to or from the host until it is switched to Kerberos."
    elif differs and observed in PROTOCOLS:
        wrong = "CredSSP is set, and hosts that exchange virtual machines with it have Kerberos"
    elif observed not in PROTOCOLS:
        wrong = _NEITHER
    title = f"Switch {HOSTS} to Kerberos, delegation first"
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
        cause=_protocol(title, wrong, why, observed, "Kerberos"),
    )


def use_credssp(machine: FixTarget, observed: int, *, guard_unread: bool = False) -> Fix:
    """Return how to switch a host to CredSSP.

    `guard_unread`: nobody could see whether Credential Guard runs, so a person must look first.
    """
    look = "First check that Credential Guard does not run on the host (msinfo32). "
    wrong, why = "Kerberos is set, and the policy asks for CredSSP", _DIFFER
    if observed not in PROTOCOLS:
        wrong = _NEITHER
    elif not machine.joined:
        wrong = "Kerberos is set in a workgroup"
        why = "Outside a domain there is no Kerberos, so no virtual machine moves to or from there."
    cause = _protocol(f"Switch {HOSTS} to CredSSP", wrong, why, observed, "CredSSP")
    return Fix(
        key="authentication",
        summary=cause.order(machine.name),
        console=console(machine, "Select CredSSP, on both hosts that exchange virtual machines."),
        precondition=f"{look if guard_unread else ''}{PRECONDITION}",
        commands=(*opening(machine), *_set_protocol(machine, observed, CREDSSP)),
        undo=_undo_protocol(machine, observed, CREDSSP),
        done=_protocol_is(machine, CREDSSP),
        cost="A migration must be started on the source host, in a session that holds credentials.",
        source=SET_UP_HOSTS,
        cause=cause,
    )


def join_domain(machine: FixTarget) -> Fix:
    """Return the way out where neither protocol can work: Credential Guard in a workgroup."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Plan a domain for {HOSTS}, and Kerberos with it",
        wrong="Neither protocol works: a workgroup, and Credential Guard runs",
        word="no protocol",
        why="Kerberos needs a domain, and CredSSP does not work beside Credential Guard: no "
        "virtual machine moves to or from there.",
    )
    return by_hand(
        machine,
        cause,
        key="authentication",
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


def change_authentication_policy(machine: FixTarget) -> Fix:
    """Return the way out where the policy asks for what Credential Guard keeps from working."""
    cause = Cause(
        title=f"Ask for Kerberos in the policy of {HOSTS}",
        wrong="The policy asks for CredSSP, which Credential Guard keeps from working",
        word="policy",
        why="Kerberos is set there, and CredSSP would not work.",
        values=(("Set to", "Kerberos"), ("The policy asks for", "CredSSP")),
    )
    return by_hand(
        machine,
        cause,
        key="authentication-policy",
        console=(
            (
                "Credential Guard runs on the host, so CredSSP would not work there. Keep "
                "Credential Guard, and keep the host on Kerberos."
            ),
            "In the inventory, set authentication: kerberos for this host's group.",
        ),
        source=SET_UP_HOSTS,
    )
