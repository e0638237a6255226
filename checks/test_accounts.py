"""What a host's Kerberos needs: its clock, and its account in the directory."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.clock import CLOCK
from livemigration.facts.directory import DIRECTORY_ACCOUNT, DIRECTORY_DOMAIN, DIRECTORY_NAMES
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.inventory.policy import Policy
from livemigration.verdict.account_findings import account_findings, trust_findings
from livemigration.verdict.check import check
from livemigration.verdict.clocks import (
    KERBEROS_SECONDS,
    NOTICEABLE_SECONDS,
    Reference,
    ahead_of_suite,
    lasting,
    reference_of_circle,
)
from livemigration.verdict.compared import undecided
from livemigration.verdict.exchange import EXCHANGE
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.clock import set_clock
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import ENCRYPTION_TYPES, SPN_REGISTRATION, WINDOWS_TIME
from livemigration.verdict.views import BlockedError, FactsView, GroupView

_OTHERS, _SUITE = "the other hosts' clocks", "the clock of the machine that runs the suite"


@check(
    "LM403",
    needs=(DOMAIN_MEMBERSHIP,),
    may_need=(
        CLOCK,
        DIRECTORY_ACCOUNT,
        DIRECTORY_NAMES,
        DIRECTORY_DOMAIN,
        MIGRATION_SETTINGS,
        *EXCHANGE,
    ),
    refs=(WINDOWS_TIME, SPN_REGISTRATION, ENCRYPTION_TYPES),
)
def test_kerberos_accepts_the_host(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The clock of the host, and its account in the directory, are right for Kerberos.

    Why: Kerberos refuses what another machine stamped more than five minutes away, and with it the
    sign-in of the host that sends a virtual machine. The clock is held against those of the other
    hosts of its domain or group; where fewer than three were read, also against that of the machine
    that runs the suite. And it gives no ticket for a host whose account is disabled, or whose name
    of live migration no account has, or two have. Accounts are examined where the inventory names a
    directory.

    Fails: the clock is off by more than 5 minutes; the account is disabled; on a host that moves
    virtual machines to others by Kerberos, the full name of live migration is missing or on two
    accounts; no trust between the domains of a group that the inventory declares.

    Warns: the clock is off by more than 60 seconds; the account is set to encrypt without AES.

    Does not apply: a host in a workgroup.
    """
    if not host[DOMAIN_MEMBERSHIP].joined:
        yield not_applicable("The host is in a workgroup, where there is no Kerberos.")
        return
    blocked: BlockedError | None = None
    account = account_findings(host, policy)
    for part in (_clock(host, vmm, group), account, trust_findings(host, policy, group)):
        try:
            yield from part
        except BlockedError as error:
            # What one part cannot say, the others still may.
            blocked = blocked or error
    if blocked is not None:
        raise blocked


def _clock(host: FactsView, vmm: FactsView, group: GroupView) -> Iterator[Finding]:
    host[CLOCK]  # what could not be read blocks
    ahead = ahead_of_suite(host.outcome(CLOCK))
    if ahead is None:
        # It asked itself, or the file is older than this check.
        yield not_applicable("The facts do not say when another machine asked for the clock.")
        return
    seen = group.seen_by(host.name, CLOCK)
    reference = seen.circle.once(reference_of_circle)
    noticeable = ahead.beyond(reference.seconds, NOTICEABLE_SECONDS)
    if seen.unseen and (reference.suite_differs or (noticeable and reference.is_small)):
        raise undecided(
            seen.unseen,
            "The clocks of hosts and of the machine that runs the suite differ, and others would "
            "say which of them is off",
        )
    whose = _SUITE if reference.is_small and not reference.suite_differs else _OTHERS
    if not noticeable:
        yield ok(f"The clock is within {NOTICEABLE_SECONDS} seconds of {whose}.")
        if reference.suite_differs:
            yield note(_suite_is_off(reference))
        return
    off = ahead.seconds - reference.seconds
    observed = f"{lasting(off)} {'ahead of' if off > 0 else 'behind'}"
    refused = ahead.beyond(reference.seconds, KERBEROS_SECONDS)
    repair = set_clock(
        machine_of(host, vmm), f"{observed} {whose}", refused=refused, doubtful=reference.clocks < 2
    )
    told = f"The clock is {observed} {whose}."
    if refused:
        yield fail(told, "Less than 5 minutes: Kerberos refuses more.", repair)
    else:
        yield warn(told, "Less than 60 seconds. Kerberos refuses from 5 minutes on.", repair)


def _suite_is_off(reference: Reference) -> str:
    where = "behind" if reference.seconds > 0 else "ahead of"
    return (
        f"It is the clock of the machine that runs the suite that is off: "
        f"{lasting(reference.seconds)} {where} those of these hosts. Set it (w32tm /resync, or "
        "chronyc)."
    )
