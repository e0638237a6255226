"""Fixes of delegation: both accounts, both directions, then replication and tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.base.text import counted, one_line, some
from livemigration.facts.directory import ServiceName
from livemigration.verdict.delegation import Member
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.quoting import comment, quote, quote_list
from livemigration.verdict.references import SET_UP_HOSTS

DIRECTORY_MODULE = "Import-Module -Name 'ActiveDirectory'"
PRECONDITION = (
    "Run it in Windows PowerShell with the module ActiveDirectory (RSAT), as an administrator of "
    "the domain. It stops where an account is not as observed."
)
WAIT = (
    "Wait until every domain controller has it: 15 minutes within a site, or run repadmin /syncall "
    "/AdeP. Then run klist purge -li 0x3e7 on both hosts, so that they get new tickets."
)
_ATTRIBUTE = "'msDS-AllowedToDelegateTo'"
# What one script changes at most; of a larger group the suite names the rest the next time.
MOST_CHANGED = 50


@dataclass(frozen=True)
class Grant:
    """What is missing of one account: names that it is to be trusted for, and any protocol."""

    account: Member
    names: tuple[ServiceName, ...] = ()
    protocol: bool = False


def _account(grant: Grant) -> str:
    own = grant.account
    return f"-Server {quote(own.domain)} -Identity {quote(own.short)}"


def _opened(grant: Grant) -> tuple[str, ...]:
    """Return the lines that read an account, and stop where it is not as observed."""
    other = f"{one_line(grant.account.host)}: the account is not as observed; stopped there."
    read = (
        f"$account = Get-ADComputer {_account(grant)} -Properties {_ATTRIBUTE}, "
        "'userAccountControl', 'dNSHostName'"
    )
    differs = f"$account.dNSHostName -and $account.dNSHostName -ne {quote(grant.account.full)}"
    return read, f"if ({differs}) {{ throw {quote(other)} }}"


def _granted(grant: Grant) -> tuple[str, ...]:
    lines = list(_opened(grant))
    if grant.names:
        lines += [
            f"$wanted = {quote_list(grant.names)}",
            f"$missing = @($wanted | Where-Object {{ $account.{_ATTRIBUTE} -notcontains $_ }})",
            (
                "if ($missing.Count) { Set-ADObject -Server "
                f"{quote(grant.account.domain)} -Identity $account.DistinguishedName -Add "
                f"@{{ {_ATTRIBUTE} = [string[]]$missing }} }}"
            ),
        ]
    if grant.protocol:
        lines.append(_protocol(grant, "$true"))
    return tuple(lines)


def _protocol(grant: Grant, value: str) -> str:
    return (
        f"Set-ADAccountControl -Server {quote(grant.account.domain)} -Identity "
        f"$account.DistinguishedName -TrustedToAuthForDelegation {value}"
    )


def _undone(grant: Grant) -> tuple[str, ...]:
    lines = list(_opened(grant))
    if grant.names:
        lines += [
            f"$added = {quote_list(grant.names)}",
            f"$there = @($added | Where-Object {{ $account.{_ATTRIBUTE} -contains $_ }})",
            (
                "if ($there.Count) { Set-ADObject -Server "
                f"{quote(grant.account.domain)} -Identity $account.DistinguishedName -Remove "
                f"@{{ {_ATTRIBUTE} = [string[]]$there }} }}"
            ),
        ]
    if grant.protocol:
        lines.append(_protocol(grant, "$false"))
    return tuple(lines)


def delegate(
    source: Member, grants: Sequence[Grant], peers: Sequence[Member], *, files_only: bool = False
) -> Fix:
    """Return how to let a host send virtual machines to others, and these to it.

    Args:
        source: the host that sends.
        grants: what is missing, of its own account first.
        peers: the hosts that it cannot send to.
        files_only: only their files are missing.
    """
    shown = some(each.full for each in peers)
    cause = Cause(
        title=f"Let the account of {HOSTS} delegate to the hosts that get virtual machines",
        wrong="Constrained delegation to other hosts of its migration group is missing",
        word="delegation",
        why="With Kerberos, a move that is started elsewhere than on the host ends with "
        "0x8009030E or 0x8009030D.",
        values=(("Missing towards", shown),),
    )
    changed = grants[:MOST_CHANGED]
    left = len(grants) - len(changed)
    more = (
        (comment(f"{counted(left, 'more account')}: run the suite again after this."),)
        if left
        else ()
    )
    return Fix(
        key="delegation",
        summary=f"Let the account of {one_line(source.host)} delegate to {shown}.",
        console=(*_by_hand(source, shown, files_only=files_only), WAIT),
        precondition=PRECONDITION,
        commands=(
            "$ErrorActionPreference = 'Stop'",
            DIRECTORY_MODULE,
            *(line for each in changed for line in _granted(each)),
            *more,
        ),
        undo=(
            "$ErrorActionPreference = 'Stop'",
            DIRECTORY_MODULE,
            *(line for each in changed for line in _undone(each)),
        ),
        cost="A host may then use these services of the others on behalf of any user that is not "
        "protected from it.",
        source=SET_UP_HOSTS,
        cause=cause,
    )


def _by_hand(source: Member, shown: str, *, files_only: bool) -> tuple[str, ...]:
    what = "files (cifs)" if files_only else "live migration and files (cifs)"
    return (
        (
            "In Active Directory Users and Computers, open the computer account of "
            f"{one_line(source.host)} > Delegation, and select Trust this computer for "
            "delegation to specified services only, with Use any authentication protocol."
        ),
        (
            f"Add {what} of {shown}: the services Microsoft Virtual System Migration Service "
            "and cifs of each, by its full and its short name."
        ),
        (
            f"Do the same for the way back: services of {one_line(source.full)}, on the computer "
            f"account of {shown}."
        ),
    )


def any_protocol(source: Member) -> Fix:
    """Return how to let an account delegate whatever its user signed in with."""
    cause = Cause(
        title=f"Let {HOSTS} delegate with any authentication protocol",
        wrong="Delegation takes Kerberos only, not any protocol",
        word="Kerberos only",
        why="From Windows Server 2016 on, a move that is started elsewhere than on the host ends "
        "with 0x8009030E.",
    )
    grant = Grant(source, protocol=True)
    return Fix(
        key="delegation-protocol",
        summary=cause.order(source.host),
        console=(
            (
                "In Active Directory Users and Computers, open the computer account of "
                f"{one_line(source.host)} > Delegation, and select Use any authentication "
                "protocol."
            ),
            "Do the same for each other host of its migration group from Windows Server 2016 on.",
            WAIT,
        ),
        precondition=PRECONDITION,
        commands=("$ErrorActionPreference = 'Stop'", DIRECTORY_MODULE, *_granted(grant)),
        undo=("$ErrorActionPreference = 'Stop'", DIRECTORY_MODULE, *_undone(grant)),
        source=SET_UP_HOSTS,
        cause=cause,
    )


def constrain(source: Member) -> Fix:
    """Return how to take from an account that it may delegate to any service."""
    host = one_line(source.host)
    cause = Cause(
        title=f"Let {HOSTS} delegate to hosts of the migration group only",
        wrong="The account is trusted for delegation to any service",
        word="unconstrained",
        why="Migration works. Whoever controls the host can act as anyone who signs in to it.",
    )
    return Fix(
        key="delegation-unconstrained",
        summary=cause.order(source.host),
        console=(
            (
                f"In Active Directory Users and Computers, open the computer account of {host} > "
                "Delegation, and note what is selected, for the way back."
            ),
            (
                "Select Trust this computer for delegation to specified services only, with Use "
                "any authentication protocol, and add Microsoft Virtual System Migration Service "
                "and cifs of each other host of the group, by its full and its short name."
            ),
            WAIT,
        ),
        cost="Whatever else on the host relies on delegation stops working.",
        source=SET_UP_HOSTS,
        cause=cause,
    )
