"""The hosts that options about drains name, held against an inventory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from livemigration.base.errors import UsageError
from livemigration.inventory.drain import DRAIN, DrainRequest
from livemigration.inventory.file import Host
from livemigration.inventory.inventory import matchable, matches
from livemigration.inventory.nearest import did_you_mean

WITHOUT, TO = "--without", "--to"
_LONGEST_PATTERN = 300


@dataclass(frozen=True)
class DrainNames:
    """What options say of drains: patterns of hosts, as --limit takes them, and a window."""

    hosts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    window: timedelta | None = None


def request_of(
    names: DrainNames, hosts: Sequence[Host], looked_at: Collection[str]
) -> DrainRequest:
    """Return what is asked, with the hosts by their names in the inventory.

    Args:
        names: as the options have them.
        hosts: those of the inventory.
        looked_at: the names of those that the run looks at.

    Raises:
        UsageError: a name is of no host; a host that is to be emptied is not looked at; or one is
            named for two things that exclude each other.
    """
    found = DrainRequest(
        _named(DRAIN, names.hosts, hosts),
        _named(WITHOUT, names.without, hosts),
        _named(TO, names.to, hosts),
        None if names.window is None else int(names.window.total_seconds()),
    )
    for name in (each for each in found.hosts if each not in looked_at):
        raise UsageError(f"{DRAIN} {name}: --limit leaves this host out. Take it in.")
    for one, its, other, others in (
        (DRAIN, found.hosts, WITHOUT, found.without),
        (DRAIN, found.hosts, TO, found.to),
        (WITHOUT, found.without, TO, found.to),
    ):
        for name in (each for each in its if each in others):
            raise UsageError(f"{one} and {other} both name {name}. Name it in one of the two.")
    return found


def _named(option: str, patterns: Iterable[str], hosts: Sequence[Host]) -> tuple[str, ...]:
    chosen: set[str] = set()
    for pattern in patterns:
        matched = {
            host.name
            for host in hosts
            if len(pattern) <= _LONGEST_PATTERN and matches(host, pattern)
        }
        if not matched:
            first_labels = (host.name.partition(".")[0] for host in hosts)
            near = did_you_mean(pattern, (*first_labels, *matchable(hosts)))
            raise UsageError(
                f"{option} {pattern[:100]}: no host of the inventory matches.{near} Name a host, "
                "such as hv03, or group:NAME."
            )
        chosen |= matched
    return tuple(host.name for host in hosts if host.name in chosen)
