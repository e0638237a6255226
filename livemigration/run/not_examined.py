"""What a run did not examine, and why: a verdict holds as far as was examined, and no further."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from livemigration.base.text import capitalized, counted, listed, some
from livemigration.facts.model import Subject

# How the checks of drains begin, which are made where they are asked for.
OF_DRAINS = "LM8"
_AREAS = {
    "LM0": "the VMM server",
    "LM1": "settings",
    "LM2": "reachability",
    "LM3": "staging",
    "LM4": "identity",
    "LM5": "pairs",
    "LM6": "the cluster",
    "LM7": "virtual machines",
    OF_DRAINS: "drains",
}
# Asked of Active Directory by checks that need a directory in the inventory.
_OF_DIRECTORY = "Delegation, service principal names and accounts in Active Directory"
_OF_CONTROLLERS = ", and which virtual machines are domain controllers"
# What a check cannot see, by the check: said where it was made.
_OUT_OF_SIGHT = {
    "LM702": "Disks that others build upon, where VMM does not tell them: no disk is opened.",
}


# The checks of what Group Policy defines, which does not apply where a host keeps no RSoP; and of
# what earlier moves left behind, of which files on shared storage are no part.
OF_POLICY_RIGHTS, _OF_LEFT_OVERS = "LM402", "LM707"
OF_DELEGATION = "LM401"
_LEFT_FILES = (
    "Files that earlier moves left in the cluster folder of their target: they cannot be seen."
)


@dataclass(frozen=True)
class OptIn:
    """A check that was not part of the run, because the option that asks for it was not given."""

    check: str
    option: str


@dataclass(frozen=True)
class Managed:
    """How many hosts a VMM server manages, and which of them the inventory does not list."""

    server: str
    hosts: int
    outside: tuple[str, ...] = ()


class PlannedCheck(Protocol):
    """One check on one target of the plan."""

    @property
    def check(self) -> str:
        """The identifier of the check."""

    @property
    def target(self) -> str:
        """What it is about."""

    @property
    def target_kind(self) -> Subject:
        """What kind of target that is."""


@dataclass(frozen=True)
class Examined:
    """What a run took in and what it left out.

    `hosts` are those that it looked at, `unselected_hosts` the other ones of the inventory;
    `unselected_checks` are checks that it made on no target at all, and `directory` is whether one
    was configured. `without_rsop` are the hosts that keep no Resultant Set of Policy,
    `without_directory` those of domains that none of the directories is asked about.
    """

    hosts: tuple[str, ...]
    plan: Sequence[PlannedCheck]
    unselected_hosts: tuple[str, ...] = ()
    unselected_checks: tuple[str, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()
    gate: str = ""
    managed: tuple[Managed, ...] = ()
    directory: bool = False
    without_rsop: tuple[str, ...] = ()
    without_directory: tuple[str, ...] = ()


def not_examined(scope: Examined) -> tuple[str, ...]:
    """Return what was not examined, a sentence for each reason."""
    return tuple(_sentences(scope))


def managed_sentence(managed: Managed, *, alone: bool) -> str:
    """Return how many of the hosts that VMM manages are in the inventory; `alone`: one server."""
    who = "VMM" if alone else some((managed.server,))
    inside = managed.hosts - len(managed.outside)
    hosts = counted(managed.hosts, "host")
    return f"{who} manages {hosts}, {inside} {_are(inside)} in this inventory."


def _sentences(scope: Examined) -> Iterator[str]:
    yield from _of_directory(scope)
    if hosts := scope.without_rsop:
        which = counted(len(hosts), "host")
        yield (
            f"User rights that Group Policy defines ({OF_POLICY_RIGHTS}), on {which}: no Resultant "
            f"Set of Policy is kept there ({some(hosts)})."
        )
    if any(each.check == _OF_LEFT_OVERS for each in scope.plan):
        yield _LEFT_FILES
    if scope.gate:
        yield f"What VMM knows and reaches: gate {scope.gate} asks no VMM server."
    made = {entry.check for entry in scope.plan}
    yield from (said for check, said in _OUT_OF_SIGHT.items() if check in made)
    for option, checks in _by_option(scope.opt_ins).items():
        yield f"{listed(checks)}: {option} was not given."
    if scope.unselected_checks:
        yield f"{_checks(scope)}: deselected."
    if missing := _deselected_on_some(scope):
        yield f"{missing} {'check' if missing == 1 else 'checks'} of single hosts: deselected."
    yield from _not_drained(scope)
    if hosts := scope.unselected_hosts:
        which = counted(len(hosts), "host")
        yield f"{which} of the inventory: not selected ({some(hosts)})."
    for each in scope.managed:
        if outside := each.outside:
            which = counted(len(outside), "host")
            yield (
                f"{which} that {some((each.server,))} manages: not in this inventory "
                f"({some(outside)})."
            )


def _of_directory(scope: Examined) -> Iterator[str]:
    drains = any(each.check.startswith(OF_DRAINS) for each in scope.plan)
    what = f"{_OF_DIRECTORY}{_OF_CONTROLLERS if drains else ''}"
    if not scope.directory:
        yield f"{what}: no directory is configured."
    elif hosts := scope.without_directory:
        yield (
            f"{what}, of {counted(len(hosts), 'host')}: no directory is configured for "
            f"{'its domain' if len(hosts) == 1 else 'their domains'} ({some(hosts)})."
        )


def _by_option(opt_ins: Iterable[OptIn]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in opt_ins:
        found[each.option].append(each.check)
    return found


def _checks(scope: Examined) -> str:
    """Return the checks that were made on no target: whole areas by their names."""
    made = {entry.check[:3] for entry in scope.plan}
    areas: dict[str, list[str]] = defaultdict(list)
    for check in sorted(scope.unselected_checks):
        areas[check[:3]].append(check)
    parts: list[str] = []
    for area, checks in areas.items():
        if area in _AREAS and area not in made:
            parts.append(f"{_AREAS[area]} ({_span(checks)})")
        else:
            parts += checks
    return capitalized(listed(parts))


def _span(checks: Sequence[str]) -> str:
    return checks[0] if len(checks) == 1 else f"{checks[0]} to {checks[-1]}"


def _deselected_on_some(scope: Examined) -> int:
    """Return how many checks of hosts are missing that were made on other hosts."""
    pairs = {
        (entry.check, entry.target)
        for entry in scope.plan
        if entry.target_kind is Subject.HOST and not entry.check.startswith(OF_DRAINS)
    }
    return len({check for check, _ in pairs}) * len(scope.hosts) - len(pairs)


def _not_drained(scope: Examined) -> Iterator[str]:
    """Yield of which hosts it was not asked whether they can be emptied, where it was of any."""
    asked = {each.target for each in scope.plan if each.check.startswith(OF_DRAINS)}
    hosts = (each.target for each in scope.plan if each.target_kind is Subject.HOST)
    left = [each for each in dict.fromkeys(hosts) if each not in asked]
    if asked and left:
        which = counted(len(left), "host")
        yield f"Whether {which} can be emptied: not asked of {_it(left)} ({some(left)})."


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
