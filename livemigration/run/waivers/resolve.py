"""Waivers held against the whole inventory and all checks, whatever a run selects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from livemigration.base.errors import UsageError
from livemigration.base.text import listed
from livemigration.facts.model import Subject
from livemigration.inventory.file import InventoryMachine
from livemigration.inventory.inventory import Inventory, matches
from livemigration.run.waivers.file import WaiverEntry, WaiversFile
from livemigration.run.waivers.model import Waiver


def resolve(
    file: WaiversFile,
    *,
    label: str,
    inventory: Inventory,
    checks: Mapping[str, Subject],
    now: datetime,
    opt_in: Collection[str] = (),
) -> tuple[Waiver, ...]:
    """Return the waivers with what each covers.

    Args:
        file: the waivers.
        label: the file's name for error texts.
        inventory: every host and server, with the site's policy.
        checks: every check by its identifier, with what it is about.
        now: when the run began.
        opt_in: the checks that only an option asks for.

    Raises:
        UsageError: a waiver can match nothing, would match everything, or lasts too long.
    """
    zone = ZoneInfo(file.time_zone)
    today = now.astimezone(zone).date()
    always = {name: subject for name, subject in checks.items() if name not in opt_in}
    waivers = []
    for number, entry in enumerate(file.waivers):
        place = f"waivers[{number}]"
        where = f"{label}: {place}"
        days = (entry.expires - today).days
        _refuse_too_long(where, days, inventory.site_policy.waivers_at_most)
        pairs = _covered(where, entry, inventory, checks)
        _refuse_everything(f"{where} covers", pairs, inventory, always)
        waivers.append(
            Waiver(
                place=place,
                owner=entry.owner,
                ticket=entry.ticket,
                reason=entry.reason,
                expires=entry.expires,
                ends=end_of(entry.expires, zone),
                zone=file.time_zone,
                days_left=days,
                pairs=pairs,
            )
        )
    lasting = [pair for each in waivers if now < each.ends for pair in each.pairs]
    _refuse_everything(f"{label}: together its waivers cover", lasting, inventory, always)
    return tuple(waivers)


def _refuse_everything(
    what: str,
    pairs: Collection[tuple[str, str]],
    inventory: Inventory,
    checks: Mapping[str, Subject],
) -> None:
    """Refuse what leaves nothing of the hosts that could fail, by whichever patterns.

    A single host is its own pattern: there, the VMM server's checks are part of everything.
    """
    servers = inventory.vmms if len(inventory.hosts) == 1 else ()
    whole = set(_pairs(tuple(checks), inventory.hosts, servers, checks))
    if whole and whole <= set(pairs):
        raise UsageError(
            f"{what} every check of every host. Name the hosts and the checks that somebody signed "
            "for."
        )


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment after a day, UTC.

    Where clocks change around midnight, that midnight comes twice or not at all. Of two, the second
    ends the day only where the clocks went back into it.
    """
    try:
        midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
        first, second = (midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
    before = (second - datetime.resolution).astimezone(zone)
    # A midnight that clocks leave out reads later as the first, which is when they changed.
    return max(first, second) if before.date() <= day else first


def _refuse_too_long(where: str, days: int, at_most: int) -> None:
    if days > at_most:
        raise UsageError(
            f"{where}.expires: {days} days from today, and the policy allows {at_most} "
            "(waivers_at_most). Choose an earlier date, and sign again then."
        )


def _covered(
    where: str, entry: WaiverEntry, inventory: Inventory, checks: Mapping[str, Subject]
) -> tuple[tuple[str, str], ...]:
    for check in entry.checks:
        if check not in checks:
            raise UsageError(
                f"{where}.checks: there is no check {check}. List them: livemigration checks."
            )
    machines = (*inventory.hosts, *inventory.vmms)
    for pattern in entry.hosts:
        if not any(matches(each, pattern) for each in machines):
            raise UsageError(
                f"{where}.hosts: {pattern!r} matches no machine of {inventory.label}. Correct it, "
                "or remove it."
            )
    hosts = [each for each in inventory.hosts if _any(each, entry.hosts)]
    servers = [each for each in inventory.vmms if _any(each, entry.hosts)]
    pairs = _pairs(entry.checks, hosts, servers, checks)
    if not pairs:
        kinds = "VMM servers" if not servers else "hosts"
        raise UsageError(
            f"{where} can match nothing: {listed(entry.checks)} {_is(entry.checks)} of {kinds}, "
            "and it names none of them. Correct hosts or checks."
        )
    return pairs


def _is(checks: Sequence[str]) -> str:
    return "is a check" if len(checks) == 1 else "are checks"


def _any(machine: InventoryMachine, patterns: Sequence[str]) -> bool:
    return any(matches(machine, pattern) for pattern in patterns)


def _pairs(
    identifiers: Sequence[str],
    hosts: Sequence[InventoryMachine],
    servers: Sequence[InventoryMachine],
    checks: Mapping[str, Subject],
) -> tuple[tuple[str, str], ...]:
    """Return every check with every machine that it is about, each once."""
    return tuple(
        dict.fromkeys(
            (check, each.name)
            for check in identifiers
            for each in (hosts if checks[check] is Subject.HOST else servers)
        )
    )
