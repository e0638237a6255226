"""How a run signed in to its machines, and whether it knew whom it talked to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livemigration.base.text import counted, listed, some
from livemigration.facts.directory import DIRECTORY_ACCOUNT, SEALED, WITHIN_TLS
from livemigration.facts.host import HOST_ACCESS, HostAccess, Slowed
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS

# How a session says of itself that it is not safe: in capitals, as nothing else of it is.
_UNCHECKED = "NOT checked"
_READABLE = "UNENCRYPTED"
_GIVEN = "PASSWORD GIVEN"
# How a session says what carried it (wsman/clients.py).
_BY_STREAMS = "client streams"
_APART = "signed in before the first question"


@dataclass(frozen=True)
class SignedIn:
    """One way of signing in, and the machines of the run that were met so."""

    how: str
    machines: tuple[str, ...]


def sessions_of(facts: RunFacts) -> tuple[SignedIn, ...]:
    """Return how each machine was met that answered; one way with all its machines.

    The domain controllers among them are those that were asked about hosts.
    """
    met: list[tuple[str, str]] = []
    for name, sheet in facts.vmms.items():
        access = sheet.outcome(VMM_ACCESS)
        if isinstance(access, Gathered):
            met.append((access.value.signed_in, name))
    for name, sheet in facts.hosts.items():
        own = sheet.outcome(HOST_ACCESS)
        if isinstance(own, Gathered):
            met.append((own.value.signed_in, name))
        account = sheet.outcomes.get(DIRECTORY_ACCOUNT.name)
        if isinstance(account, Gathered) and account.value.answered_by:
            met.append((account.value.signed_in, account.value.answered_by))
    return _by_way(met)


def joined_sessions(each: Iterable[tuple[SignedIn, ...]]) -> tuple[SignedIn, ...]:
    """Return the sessions of several runs as those of one."""
    return _by_way(
        [(session.how, name) for run in each for session in run for name in session.machines]
    )


def _by_way(met: Iterable[tuple[str, str]]) -> tuple[SignedIn, ...]:
    ways: dict[str, set[str]] = {}
    for how, name in met:
        if how:
            ways.setdefault(how, set()).add(name)
    return tuple(SignedIn(how, tuple(sorted(ways[how]))) for how in sorted(ways))


@dataclass(frozen=True)
class Retried:
    """How often a machine of the run was asked again, because it was busy."""

    machine: str
    times: int


def retries_of(facts: RunFacts) -> tuple[Retried, ...]:
    """Return how often each machine was asked again; none that never was."""
    found: dict[str, int] = {}
    for sheets, group in ((facts.vmms, VMM_ACCESS), (facts.hosts, HOST_ACCESS)):
        for name, sheet in sheets.items():
            access = sheet.outcomes.get(group.name)
            if isinstance(access, Gathered) and access.value.retries:
                # A VMM server that is a host as well is one machine.
                found[name] = max(found.get(name, 0), access.value.retries)
    return tuple(Retried(name, times) for name, times in found.items())


def joined_retries(each: Iterable[tuple[Retried, ...]]) -> tuple[Retried, ...]:
    """Return what several runs asked again as what one did."""
    found: dict[str, int] = {}
    for retried in (one for run in each for one in run):
        found[retried.machine] = found.get(retried.machine, 0) + retried.times
    return tuple(Retried(name, times) for name, times in found.items())


@dataclass(frozen=True)
class Traffic:
    """How many HTTP requests it took to ask a machine, and the bytes of their bodies each way.

    `logons` is how often the suite signed in to it, 0: not known. `chain` is how many of the
    requests were made one after another, where a second connection carried others meanwhile; 0:
    all of them.
    """

    machine: str
    requests: int
    bytes_out: int
    bytes_in: int
    logons: int = 0
    chain: int = 0


def traffic_of(facts: RunFacts) -> tuple[Traffic, ...]:
    """Return what it took to ask each machine that answered, where that is known."""
    found: dict[str, Traffic] = {}
    for sheets, group in ((facts.vmms, VMM_ACCESS), (facts.hosts, HOST_ACCESS)):
        for name, sheet in sheets.items():
            access = sheet.outcomes.get(group.name)
            if isinstance(access, Gathered) and access.value.requests:
                told = access.value
                # A VMM server that is a host as well is one machine.
                beside = told.beside if isinstance(told, HostAccess) else 0
                found[name] = Traffic(
                    name,
                    told.requests,
                    told.bytes_out,
                    told.bytes_in,
                    told.logons,
                    told.requests - beside if beside else 0,
                )
    return tuple(found.values())


def joined_traffic(each: Iterable[tuple[Traffic, ...]]) -> tuple[Traffic, ...]:
    """Return what several runs took as what one did."""
    found: dict[str, Traffic] = {}
    for one in (one for run in each for one in run):
        was = found.get(one.machine, Traffic(one.machine, 0, 0, 0))
        found[one.machine] = Traffic(
            one.machine,
            was.requests + one.requests,
            was.bytes_out + one.bytes_out,
            was.bytes_in + one.bytes_in,
            was.logons + one.logons,
            (was.chain or was.requests) + (one.chain or one.requests)
            if was.chain or one.chain
            else 0,
        )
    return tuple(found.values())


def second_sentence(traffic: Iterable[Traffic]) -> str:
    """Return what second connections cost and gained; empty where there was none."""
    found = [each for each in traffic if each.chain]
    if not found:
        return ""
    longest = max(found, key=lambda each: each.chain)
    return (
        f"{some([each.machine for each in found])} {'was' if len(found) == 1 else 'were'} asked "
        f"over a second connection as well, for {counted(len(found), 'sign-in')} more: of "
        f"{longest.requests} requests to {longest.machine}, {longest.chain} came one after another."
    )


def slowed_of(facts: RunFacts) -> Slowed | None:
    """Return how few hosts were asked side by side; None: never fewer than configured."""
    told = (sheet.outcomes.get(HOST_ACCESS.name) for sheet in facts.hosts.values())
    return joined_slowed(each.value.slowed for each in told if isinstance(each, Gathered))


def joined_slowed(each: Iterable[Slowed | None]) -> Slowed | None:
    """Return what several runs were slowed to as what one was."""
    found = [one for one in each if one is not None]
    if not found:
        return None
    return Slowed(
        min(one.at_once for one in found),
        any(one.refusals for one in found),
        any(one.lateness for one in found),
    )


def slowed_sentence(slowed: Slowed | None) -> str:
    """Return that fewer hosts were asked side by side, and why; empty where that was not so."""
    if slowed is None:
        return ""
    why = [
        *(["several refused for now"] if slowed.refusals else []),
        *(["signing in took longer and longer"] if slowed.lateness else []),
    ]
    return (
        f"Fewer hosts were asked side by side than concurrent_hosts allows, {slowed.at_once} at "
        f"the least, because {listed(why)}: the inventory can begin with fewer."
    )


@dataclass(frozen=True)
class InActiveStore:
    """Hosts whose active store was asked for; `read`: whether they gave its rules."""

    read: bool
    machines: tuple[str, ...]


def stores_of(facts: RunFacts) -> tuple[InActiveStore, ...]:
    """Return which hosts were asked for the rules of the active store; none where none was."""
    found: dict[bool, list[str]] = {}
    for name, sheet in facts.hosts.items():
        access = sheet.outcomes.get(HOST_ACCESS.name)
        if isinstance(access, Gathered) and access.value.active_store is not None:
            found.setdefault(access.value.active_store, []).append(name)
    return tuple(InActiveStore(read, tuple(names)) for read, names in found.items())


def joined_stores(each: Iterable[tuple[InActiveStore, ...]]) -> tuple[InActiveStore, ...]:
    """Return which hosts of several runs were asked for it as those of one."""
    found: dict[bool, dict[str, None]] = {}
    for one in (one for run in each for one in run):
        found.setdefault(one.read, {}).update(dict.fromkeys(one.machines))
    return tuple(InActiveStore(read, tuple(names)) for read, names in found.items())


@dataclass(frozen=True)
class Unfiltered:
    """Classes of which hosts were asked for every row, because they refused to tell some apart."""

    classes: tuple[str, ...]
    machines: tuple[str, ...]


def unfiltered_of(facts: RunFacts) -> tuple[Unfiltered, ...]:
    """Return which hosts refused to be asked for some rows; none where none did."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, sheet in facts.hosts.items():
        access = sheet.outcomes.get(HOST_ACCESS.name)
        if isinstance(access, Gathered) and access.value.unfiltered:
            found.setdefault(access.value.unfiltered, []).append(name)
    return tuple(Unfiltered(classes, tuple(names)) for classes, names in found.items())


def joined_unfiltered(each: Iterable[tuple[Unfiltered, ...]]) -> tuple[Unfiltered, ...]:
    """Return what hosts of several runs refused as what those of one did."""
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for one in (one for run in each for one in run):
        found.setdefault(one.classes, {}).update(dict.fromkeys(one.machines))
    return tuple(Unfiltered(classes, tuple(names)) for classes, names in found.items())


def store_sentences(each: Iterable[InActiveStore]) -> tuple[str, ...]:
    """Return which hosts were asked for the active store, and what came of it."""
    return tuple(
        f"{some(one.machines)}: the firewall's rules were read with Group Policy's "
        "(policy_store: active), which no real host has shown to work yet: compare one host with "
        "Get-NetFirewallRule -PolicyStore ActiveStore."
        if one.read
        else f"{some(one.machines)} refused policy_store: active, or another host of the same "
        "build did: the firewall's local rules were read, and none of Group Policy's."
        for one in each
    )


def unfiltered_sentences(each: Iterable[Unfiltered]) -> tuple[str, ...]:
    """Return that hosts were asked for every row; none where none was."""
    return tuple(
        f"{some(one.machines)} refused to be asked for some rows of {listed(one.classes)}, or "
        "another host of the same build did: every row was asked for, to the same verdicts."
        for one in each
    )


def retry_sentence(retries: Sequence[Retried]) -> str:
    """Return that machines were busy; empty where none was."""
    if not retries:
        return ""
    total = sum(each.times for each in retries)
    busiest = sorted(retries, key=lambda each: -each.times)
    machines = some([f"{each.machine} ({each.times})" for each in busiest])
    return (
        f"{counted(total, 'request')} {'was' if total == 1 else 'were'} made again because the "
        f"machine was busy: {machines}."
    )


def client_words(sessions: Iterable[SignedIn]) -> str:
    """Return what carried the messages of a run, each client once; empty where nobody answered."""
    counts: dict[str, int] = {}
    apart = 0
    for each in sessions:
        if SEALED in each.how or WITHIN_TLS in each.how:
            # A directory, which is asked by LDAP.
            continue
        # Facts from before there were two say nothing of it.
        client = "streams" if _BY_STREAMS in each.how else "pywinrm"
        counts[client] = counts.get(client, 0) + len(each.machines)
        apart += len(each.machines) if _APART in each.how else 0
    several = len(counts) > 1
    told = [
        f"{client} ({counted(count, 'machine')})" if several else client
        for client, count in counts.items()
    ]
    # Windows' own client does otherwise; what may be its cause is worth knowing.
    remark = f"; no question went along with the sign-in to {counted(apart, 'machine')}"
    return (listed(told) if told else "") + (remark if apart else "")


def unsafe_sentences(sessions: Iterable[SignedIn]) -> tuple[str, ...]:
    """Return what every report says first of sessions that were not safe."""
    told = []
    for each in sessions:
        machines = counted(len(each.machines), "machine")
        if _UNCHECKED in each.how:
            told.append(
                f"CERTIFICATES NOT CHECKED on {machines} (server_certificate: ignore): whoever "
                "answered in a machine's place was believed. Name the CA under ca:, have them "
                "validated, and run again."
            )
        if _READABLE in each.how:
            told.append(
                f"PASSWORD SENT UNENCRYPTED to {machines} (Basic without https): anyone on the "
                "network could read it. Change it, and use ntlm or https."
            )
        if _GIVEN in each.how:
            told.append(
                f"PASSWORD GIVEN to {machines} (transport: credssp): whoever rules one of them can "
                "read it. Use kerberos or negotiate, which sign in without it."
            )
    return tuple(told)
