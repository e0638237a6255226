"""What is said of a host's account in the directory, and of the trusts of its domain (LM403)."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import one_line, some
from livemigration.facts.directory import (
    ACCOUNT_DISABLED,
    AES,
    DIRECTORY_ACCOUNT,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    MIGRATION_SERVICE,
    DirectoryAccount,
    DirectoryDomain,
    DirectoryNames,
    ServiceName,
    SharedName,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import KERBEROS, MIGRATION_SETTINGS
from livemigration.facts.model import Inapplicable
from livemigration.inventory.policy import Policy
from livemigration.verdict.accounts import shown_account
from livemigration.verdict.delegation import Member, member_of
from livemigration.verdict.exchange import Peers, exchange_of
from livemigration.verdict.findings import Finding, Fix, fail, note, ok, warn
from livemigration.verdict.fixes.accounts import allow_aes, enable, one_owner, register, trust
from livemigration.verdict.scope import scope_of
from livemigration.verdict.trusts import Path, domain_of, name_of, path_between
from livemigration.verdict.views import FactsView, GroupView


def account_findings(host: FactsView, policy: Policy) -> Iterator[Finding]:
    """Yield what there is to say of the account of a member of a domain; without a directory none.

    Raises:
        BlockedError: the directory did not say it, or only in part.
    """
    if isinstance(host.outcome(DIRECTORY_ACCOUNT), Inapplicable):
        return
    account = shown_account(host)
    own = member_of(host.name, host[DOMAIN_MEMBERSHIP], account)
    said = [*_state(account, own), *_names(host, policy, account, own)]
    if not any(each.expected for each in said):
        yield ok(
            f"The account {one_line(account.account)} is enabled, and no other account has its "
            "names."
        )
    yield from said


def _state(account: DirectoryAccount, own: Member) -> Iterator[Finding]:
    name = one_line(account.account)
    if (account.control or 0) & ACCOUNT_DISABLED:
        yield fail(f"The account {name} is disabled.", "An enabled account.", enable(own))
    kinds = account.encryption_types
    # Zero stands for what the domain controllers have by default, as no value does.
    if kinds and not kinds & AES:
        yield warn(
            f"The account {name} is set to encrypt without AES "
            f"(msDS-SupportedEncryptionTypes is {kinds}).",
            "AES128 and AES256. What the domain controllers enforce is not in the directory.",
            allow_aes(own, kinds),
        )


def _names(
    host: FactsView, policy: Policy, account: DirectoryAccount, own: Member
) -> Iterator[Finding]:
    owners: DirectoryNames = host[DIRECTORY_NAMES]
    there = {each.key for each in account.names}
    full, short = (ServiceName(MIGRATION_SERVICE, name) for name in (own.full, own.short))
    name = one_line(account.account)
    if full.key not in there:
        missing = [each for each in (full, short) if each.key not in there]
        yield _judged(
            host,
            policy,
            f"The account {name} does not have the name {one_line(full)}.",
            "The full name on the host's own account.",
            register(own, missing),
        )
    elif short.key not in there and short.key != full.key:
        yield note(f"The account {name} does not have the short name {one_line(short)}.")
    # The short form alone is no name that anybody was seen to need.
    twice = [each for each in owners.shared if _key(each) == full.key]
    if twice:
        who = dict.fromkeys(f"{o.account} in {o.domain}" for each in twice for o in each.owners)
        yield _judged(
            host,
            policy,
            f"{len(who)} accounts have the name {one_line(full)}: {some(who)}.",
            "The name on the host's own account alone.",
            one_owner(own, owners.shared),
        )
    elif owners.shared:
        texts = [f"{each.service}/{each.name}" for each in owners.shared]
        yield note(f"Several accounts have the short name {some(texts)}.")
    if not owners.whole_forest:
        yield note(
            "Whether another account has its names was looked up in its own domain only: no global "
            "catalogue answered."
        )


def _key(shared: SharedName) -> tuple[str, str]:
    return ServiceName(shared.service, shared.name).key


def _judged(host: FactsView, policy: Policy, observed: str, expected: str, repair: Fix) -> Finding:
    """Return a failure where live migration asks for the host by its name; else a note."""
    crosses = not scope_of(host, policy).in_cluster
    if crosses and host[MIGRATION_SETTINGS].authentication_type == KERBEROS:
        return fail(observed, expected, repair)
    return note(f"{observed} Live migration does not ask for it by Kerberos on this host.")


def trust_findings(host: FactsView, policy: Policy, group: GroupView) -> Iterator[Finding]:
    """Yield what there is to say of trusts with the domains of its migration group.

    Raises:
        BlockedError: who is in the group could not be read, or the trusts of the host's own domain,
            and a host of the group is in another one.
    """
    if isinstance(host.outcome(DIRECTORY_DOMAIN), Inapplicable) or group.declared is None:
        # Hosts that are only assumed to exchange virtual machines are of one domain.
        return
    own, member = domain_of(host), member_of(host.name, host[DOMAIN_MEMBERSHIP])
    for part in exchange_of(host, policy, group, DIRECTORY_DOMAIN).parts:
        if part.declared:
            yield from _trusts(part, host, own, member)


def _trusts(
    part: Peers, host: FactsView, own: DirectoryDomain | str, member: Member
) -> Iterator[Finding]:
    for other, hosts in part.differing(domain_of, own):
        if name_of(other) == name_of(own):
            continue
        host[DIRECTORY_DOMAIN]  # what could not be read of its own blocks
        found = path_between(own, other)
        domains = f"{one_line(member.domain)} and {one_line(name_of(other))}"
        if found is Path.NONE:
            yield part.judged(
                hosts,
                f"Neither of the domains {domains} trusts the other one. In the latter: "
                f"{some(hosts)}.",
                "A trust between the two forests.",
                trust(member, name_of(other), some(hosts)),
            )
        elif found is Path.UNKNOWN:
            yield note(
                f"Whether {domains} trust each other was not examined: not both forest roots were "
                "read."
            )
