"""The directories of the hosts' domains: each asked once about all of its hosts.

A domain's own directory says what only it has; the global catalogue, which has less of each account
and more of them, says who shares a name (windows-facts-2.md 13).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    NO_DIRECTORY,
    NONE_FOR_THE_DOMAIN,
    ServiceName,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS, DomainMembership
from livemigration.facts.model import (
    FactGroup,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.gather.accounts import Login, login_of
from livemigration.gather.asking import Outcomes, failure_of
from livemigration.gather.directory_answers import (
    accounts_in,
    domain_in,
    names_in,
    names_of,
)
from livemigration.gather.directory_session import sign_in, signed_in, whom
from livemigration.gather.directory_target import DIRECTORY_NAMES_OF_GROUPS, DirectoryTarget
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.missing import missing
from livemigration.inventory.directory import DirectoryServer, server_for
from livemigration.ldap.directory import Directory, Entry
from livemigration.wsman.errors import WsmanError

# In its time limit a directory is asked about so many hosts.
_HOSTS_OF_A_LIMIT = 250
_LABEL = "directory"
_WORKGROUP = Inapplicable("the host is in no domain, so it has no account in a directory")


def ask_directories(
    targets: Sequence[DirectoryTarget],
    wanted: Mapping[str, frozenset[str]],
    sheets: Mapping[str, Outcomes],
    deadline: Deadline,
    watch: Callable[[Progress], None],
) -> None:
    """Put what directories say of hosts on the hosts' sheets.

    Args:
        targets: the directories; none: none is configured.
        wanted: the groups of each host that are to be known.
        sheets: what the hosts said by now, their domain among it.
        deadline: when everything ends.
        watch: gets the progress.
    """
    open_groups = {
        host: frozenset(wanted[host] & DIRECTORY_NAMES_OF_GROUPS - own.keys())
        for host, own in sheets.items()
    }
    questions = list(_questions(targets, open_groups, sheets))
    if not questions:
        return
    seconds = sum(each.seconds for each in questions)
    answers: dict[str, Outcomes] = {}

    def ask(until: Deadline) -> None:
        refused: dict[Login, NotGathered] = {}
        for each in questions:
            login = login_of(each.target.access)
            known = refused.get(login)
            said = known if known is not None else each.asked(until)
            if isinstance(said, NotGathered):
                if said.failure.kind is FailureKind.AUTHENTICATION:
                    # Each further try counts towards locking the account.
                    refused[login] = said
                said = each.all_of(said)
            answers.update(said)

    errors = run_jobs([Job(_LABEL, seconds, ask)], concurrency=1, deadline=deadline, watch=watch)
    # A worker that was abandoned may still write into its own dictionary: go on with a copy.
    found = dict(answers)
    for each in questions:
        late = each.all_of(missing(each.tried, errors[_LABEL], ""))
        for host in each.hosts:
            sheets[host].update(found.get(host) or late[host])


@dataclass(frozen=True)
class _Question:
    """What the directory of one domain is asked, about hosts that are its members."""

    target: DirectoryTarget
    domain: str
    hosts: Mapping[str, DomainMembership]
    wanted: frozenset[str]

    @property
    def seconds(self) -> float:
        """How long it may take: accounts that delegate to many hosts are long to read."""
        return self.target.entry.time_limit * max(1, -(-len(self.hosts) // _HOSTS_OF_A_LIMIT))

    @property
    def tried(self) -> str:
        return f"Asking the directory of {one_line(self.domain)} ({whom(self.target)})"

    def all_of(self, outcome: Outcome[Any]) -> dict[str, Outcomes]:
        """Return one outcome for all groups of all hosts."""
        return {host: dict.fromkeys(self.wanted, outcome) for host in self.hosts}

    def asked(self, deadline: Deadline) -> dict[str, Outcomes] | NotGathered:
        """Return what the directory says of each host, or why it says nothing."""
        until = deadline.earlier_of(self.seconds)
        try:
            with signed_in(self.target, self.domain, until) as (directory, root):
                return self._answers(directory, root, until)
        except WsmanError as error:
            return NotGathered(failure_of(error, self.tried, ""))

    def _answers(self, directory: Directory, root: Entry, until: Deadline) -> dict[str, Outcomes]:
        found: dict[str, Outcomes] = {host: {} for host in self.hosts}

        def tell(group: FactGroup[Any], ask: Callable[[], Mapping[str, Any]]) -> None:
            if group.name not in self.wanted:
                return
            started = time.monotonic()
            try:
                values = ask()
            except WsmanError as error:
                failed = NotGathered(failure_of(error, self.tried, ""))
                for own in found.values():
                    own[group.name] = failed
            else:
                for host, own in found.items():
                    own[group.name] = gathered(values[host], Vantage.DIRECTORY, started)

        tell(DIRECTORY_ACCOUNT, lambda: self._accounts(directory, root))
        tell(DIRECTORY_DOMAIN, lambda: dict.fromkeys(self.hosts, domain_in(directory, root)))
        accounts = {
            host: each.value
            for host, own in found.items()
            if isinstance(each := own.get(DIRECTORY_ACCOUNT.name), Gathered)
        }
        names = names_of(self.hosts, accounts)
        tell(DIRECTORY_NAMES, lambda: self._names(directory, root, names, until))
        return found

    def _accounts(self, directory: Directory, root: Entry) -> Mapping[str, Any]:
        shown = accounts_in(directory, root.text("defaultNamingContext"), self.hosts)
        by, how = one_line(root.text("dnsHostName")), directory.signed_in
        return {host: replace(each, answered_by=by, signed_in=how) for host, each in shown.items()}

    def _names(
        self,
        directory: Directory,
        root: Entry,
        names: Mapping[str, Sequence[ServiceName]],
        until: Deadline,
    ) -> Mapping[str, Any]:
        """Return who has the hosts' names: in the forest, else in the domain alone."""
        if root.text("isGlobalCatalogReady").casefold() == "true":
            catalogue = replace(directory.server, port=self.target.entry.ports[1])
            try:
                with Directory(catalogue, until) as everywhere:
                    sign_in(self.target, self.domain, everywhere, root, until)
                    return names_in(everywhere, "", names, whole_forest=True)
            except WsmanError as error:
                if error.kind is FailureKind.DEADLINE:
                    raise
        base = root.text("defaultNamingContext")
        return names_in(directory, base, names, whole_forest=False)


def _questions(
    targets: Sequence[DirectoryTarget],
    wanted: Mapping[str, frozenset[str]],
    sheets: Mapping[str, Outcomes],
) -> Iterator[_Question]:
    """Yield what each directory is asked; hosts that none can be asked about get their reason."""
    domains: dict[str, dict[str, DomainMembership]] = {}
    groups: dict[str, set[str]] = {}
    for host, names in wanted.items():
        if not names:
            continue
        where = _membership(targets, sheets[host])
        if isinstance(where, DomainMembership):
            key = where.domain.casefold()
            domains.setdefault(key, {})[host] = where
            groups.setdefault(key, set()).update(names)
        else:
            sheets[host].update(dict.fromkeys(names, where))
    entries = {each.entry: each for each in targets}
    for key, hosts in domains.items():
        entry = server_for(tuple(entries), key)
        if entry is None:
            nobody: Outcome[Any] = Inapplicable(f"{NONE_FOR_THE_DOMAIN} {one_line(key)}")
        elif _by_hosts_alone(entry, key, wanted):
            nobody = _unnamed(key)
        else:
            yield _Question(entries[entry], key, hosts, frozenset(groups[key]))
            continue
        for host in hosts:
            sheets[host].update(dict.fromkeys(wanted[host], nobody))


def _by_hosts_alone(entry: DirectoryServer, domain: str, hosts: Iterable[str]) -> bool:
    """Whether a password would go to a domain that nobody but its hosts named.

    Whoever rules one host could have it say a domain of his own, with a certificate that anybody
    trusts.
    """
    by_password = entry.ldaps and entry.transport is None
    if not by_password or entry.server is not None or entry.domain is not None:
        return False
    return not any(each.casefold().rstrip(".").endswith(f".{domain}") for each in hosts)


def _unnamed(domain: str) -> NotGathered:
    name = one_line(domain)
    return NotGathered(
        GatherFailure(
            FailureKind.MISSING,
            f"Asking the directory of {name}",
            "only hosts themselves name that domain, and with ldaps a password would be sent there",
            f"Write an entry with domain: {name} under directory in the inventory, if it is one "
            "of yours.",
            root="",
        )
    )


def _membership(
    targets: Sequence[DirectoryTarget], own: Outcomes
) -> DomainMembership | Outcome[Any]:
    """Return of which domain a host is, or why no directory can be asked about it."""
    if not targets:
        return NO_DIRECTORY
    for group in (HOST_ACCESS, DOMAIN_MEMBERSHIP):
        outcome = own.get(group.name)
        if isinstance(outcome, NotGathered):
            return outcome
    if not isinstance(outcome, Gathered):
        return missing("Asking a directory for the host's account", None, "LM302")
    member: DomainMembership = outcome.value
    return member if member.joined else _WORKGROUP
