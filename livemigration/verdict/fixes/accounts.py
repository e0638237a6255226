"""Fixes of a host's account in the directory: enabled, its names, its keys, trusts."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import one_line, some
from livemigration.facts.directory import AES, ServiceName, SharedName
from livemigration.verdict.delegation import Member
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.delegation import DIRECTORY_MODULE, PRECONDITION
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.references import (
    ENCRYPTION_TYPES,
    SET_UP_HOSTS,
    SPN_REGISTRATION,
    TROUBLESHOOT_LIVE_MIGRATION,
)

_KINDS = "'msDS-SupportedEncryptionTypes'"
_STOP = "$ErrorActionPreference = 'Stop'"


def _read(own: Member, condition: str, attributes: str) -> tuple[str, ...]:
    """Return the lines that read an account, and stop where a condition says that it changed."""
    changed = f"{one_line(own.host)}: the account is not as observed; nothing was changed."
    return (
        _STOP,
        DIRECTORY_MODULE,
        (
            f"$account = Get-ADComputer -Server {quote(own.domain)} -Identity {quote(own.short)} "
            f"-Properties {attributes}"
        ),
        f"if ({condition}) {{ throw {quote(changed)} }}",
    )


def _change(own: Member, command: str) -> str:
    name, _, rest = command.partition(" ")
    server = f"-Server {quote(own.domain)} -Identity $account.DistinguishedName"
    return f"{name} {server} {rest}".rstrip()


def enable(own: Member) -> Fix:
    """Return how to enable the account of a host."""
    cause = Cause(
        title=f"Enable the account of {HOSTS}",
        wrong="The account in the directory is disabled",
        word="disabled",
        why="Nobody gets a ticket for the host, so no virtual machine moves to or from it.",
    )
    return Fix(
        key="account-disabled",
        summary=cause.order(own.host),
        console=(
            "Ask who disabled it, and why: a stale account is often cleaned up by a script.",
            (
                "In Active Directory Users and Computers, open the computer account of "
                f"{one_line(own.host)}, and select Enable Account."
            ),
            "Where the host then does not sign in, run Test-ComputerSecureChannel -Repair on it.",
        ),
        precondition=PRECONDITION,
        commands=(
            *_read(own, "$account.Enabled", "'userAccountControl'"),
            _change(own, "Enable-ADAccount"),
        ),
        undo=(
            *_read(own, "-not $account.Enabled", "'userAccountControl'"),
            _change(own, "Disable-ADAccount"),
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
        cause=cause,
    )


def register(own: Member, names: Sequence[ServiceName]) -> Fix:
    """Return how to have a host registered under its names of live migration."""
    cause = Cause(
        title=f"Register the names of live migration of {HOSTS}",
        wrong="The service principal name of live migration is not on the account",
        word="SPN missing",
        why="Nobody gets a ticket for its migration service: a move there ends with 0x80090322.",
        values=(("Missing", some(names)),),
    )
    account = f"{own.short}$"
    return Fix(
        key="spn-missing",
        summary=cause.order(own.host),
        console=(
            (
                f"On {one_line(own.host)}, look for event 14050 of Hyper-V-VMMS: it says why the "
                "service could not register them. A range of dynamic ports other than 49152 and "
                "16384 ports is a documented cause: netsh int ipv4 show dynamicport tcp"
            ),
            "The service registers them when it starts. Where it does not, run the commands below.",
            "Wait until every domain controller has them: 15 minutes within a site.",
        ),
        precondition="Run it as an administrator of the domain. It refuses a name that another "
        "account has.",
        commands=tuple(f"setspn -S {quote(each)} {quote(account)}" for each in names),
        undo=tuple(f"setspn -D {quote(each)} {quote(account)}" for each in names),
        source=SPN_REGISTRATION,
        cause=cause,
    )


def one_owner(own: Member, shared: Sequence[SharedName]) -> Fix:
    """Return how to leave names to one account; which is for a person to say."""
    texts = [f"{each.service}/{each.name}" for each in shared]
    owners = dict.fromkeys(
        f"{each.account} in {each.domain}" for name in shared for each in name.owners
    )
    cause = Cause(
        title=f"Leave the names of live migration of {HOSTS} to the host's own account",
        wrong="Several accounts have the same service principal name",
        word="SPN twice",
        why="Nobody gets a ticket for such a name, so no virtual machine moves to the host.",
        values=(("Name", some(texts)), ("On", some(owners))),
    )
    return Fix(
        key="spn-twice",
        summary=cause.order(own.host),
        console=(
            f"See who has it: run setspn -F -Q with {some(texts)}.",
            (
                f"Only {one_line(own.short)}$ in {one_line(own.domain)} may have it. Find out what "
                f"the other account is, of {some(owners)}: often an older account of the same "
                "machine, or one that a backup brought back."
            ),
            (
                "Take the name from the other account: setspn -D NAME ACCOUNT. Note it, for the "
                "way back: setspn -S NAME ACCOUNT."
            ),
        ),
        commands=tuple(f"setspn -F -Q {quote(each)}" for each in texts),
        source=SPN_REGISTRATION,
        cause=cause,
    )


def allow_aes(own: Member, observed: int) -> Fix:
    """Return how to let the account of a host use AES."""
    cause = Cause(
        title=f"Let the account of {HOSTS} use AES",
        wrong="The encryption types of the account are set, and without AES",
        word="no AES",
        why="Domain controllers with the updates of 2026 give out AES tickets only by default.",
        values=(("Set to", f"{observed} (0x{observed:X})"),),
    )
    unchanged = f"$account.{_KINDS} -ne {observed}"
    return Fix(
        key="account-encryption",
        summary=cause.order(own.host),
        console=(
            (
                "See whether a Group Policy sets it: Network security: Configure encryption types "
                "allowed for Kerberos. Where one does, add AES128 and AES256 there: the host "
                "writes the attribute itself."
            ),
            "Else run the commands below, and restart the host or wait until its tickets expire.",
        ),
        precondition=PRECONDITION,
        commands=(
            *_read(own, unchanged, _KINDS),
            _change(
                own,
                f"Set-ADObject -Replace @{{ 'msDS-SupportedEncryptionTypes' = {observed | AES} }}",
            ),
        ),
        undo=(
            *_read(
                own,
                f"$account.{_KINDS} -ne {observed | AES}",
                _KINDS,
            ),
            _change(own, f"Set-ADObject -Replace @{{ {_KINDS} = {observed} }}"),
        ),
        source=ENCRYPTION_TYPES,
        cause=cause,
    )


def trust(own: Member, domain: str, others: str) -> Fix:
    """Return what to do where two domains of one group do not trust each other."""
    one, other = one_line(own.domain), one_line(domain)
    cause = Cause(
        title=f"Have the domain of {HOSTS} trust that of the hosts to exchange machines with",
        wrong="No trust is between the domains of one migration group",
        word="no trust",
        why="Without one there are no tickets between them, and no virtual machine moves.",
        values=(("Domains", f"{one} and {other}"),),
    )
    return Fix(
        key="trust",
        summary=f"Have {one} and {other} trust each other, for {one_line(own.host)} and {others}.",
        console=(
            (
                f"Ask whether {one_line(own.host)} and {others} are to exchange virtual machines "
                "at all; else take them out of one group in the inventory."
            ),
            (
                "In Active Directory Domains and Trusts, create a two-way forest trust between the "
                "two forests. It takes administrators of both."
            ),
            "Within it, delegation between the domains has to be set as well.",
        ),
        cost="Accounts of each forest can then be given rights in the other one.",
        source=SET_UP_HOSTS,
        cause=cause,
    )
