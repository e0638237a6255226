"""What a directory shows of a host's account, or why nothing can be said of it."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.facts.directory import DIRECTORY_ACCOUNT, DirectoryAccount
from livemigration.verdict.views import BlockedError, FactsView


def shown_account(host: FactsView) -> DirectoryAccount:
    """Return the account of a host, of which is known what is set and what is not.

    Raises:
        BlockedError: it was not read, is not shown, or only in part: what a directory keeps back
            looks like what is not set (checks-2.md, "Empty is not green").
    """
    account = host[DIRECTORY_ACCOUNT]
    name = one_line(account.account)
    if not account.found:
        raise BlockedError(
            "",
            f"The directory shows no account {name}: it is not there, or the account of this run "
            "may not see it.",
            f"Run Get-ADComputer {name.rstrip('$')} as an administrator. Where it is there, give "
            "the account of this run the right to read it.",
        )
    if account.control is None:
        raise BlockedError(
            "",
            f"The directory does not show userAccountControl of {name}, so what else it does not "
            "show may be set.",
            "Give the account of this run the right to read all properties of computer accounts, "
            "as every user of the domain has it by default.",
        )
    return account
