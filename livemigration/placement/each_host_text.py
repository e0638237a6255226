"""Each host in its turn, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from livemigration.base.text import counted, some
from livemigration.placement.asking import can
from livemigration.placement.each_host import EachHost
from livemigration.placement.host_pairs import Group, grouped
from livemigration.placement.model import Verdict


def lines(found: EachHost) -> Iterator[str]:
    """Yield a sentence for each thing that is to be known of the hosts and their pairs."""
    yes = [each.host for each in found.alone if can(each.answer)]
    if yes:
        yield f"{counted(len(yes), 'host')} can be emptied, one at a time: {some(yes)}."
    for verdict, told in _ALONE.items():
        if named := [each.host for each in found.alone if each.answer.verdict is verdict]:
            yield f"{told}: {some(named)}."
    yield from _pairs(found, yes)
    if found.skipped:
        yield f"Not looked at: {counted(found.skipped, 'pair')} of hosts with less memory in use."


def not_after(host: str, others: Iterable[str]) -> str:
    """Return which hosts cannot be emptied after another one, as a sentence; empty for none."""
    known = tuple(others)
    if not known:
        return ""
    return f"After {host}, {some(known)} cannot be emptied too while {host} is down."


def _pairs(found: EachHost, hosts: list[str]) -> Iterator[str]:
    proven = [each for each in found.together if each.verdict is Verdict.DOES_NOT_FIT]
    every = len(hosts) * (len(hosts) - 1) // 2
    if proven and len(proven) == every and every > 1:
        yield "No two of them can be down at once."
    else:
        yield from map(_told, grouped((each.first, each.second) for each in proven))
    if other := [each for each in found.together if each.verdict is not Verdict.DOES_NOT_FIT]:
        pairs = some(f"{each.first} with {each.second}" for each in other)
        yield f"Whether both can be down at once is not known of: {pairs}."
    if found.asked and not found.together and not found.skipped:
        yield "Any two of them can be down at once."


def _told(group: Group) -> str:
    if len(group.hosts) == 1:
        return f"{group.hosts[0]} cannot be down together with {_any(group.others)}."
    if group.others:
        return f"None of {some(group.hosts)} can be down together with {_any(group.others)}."
    if len(group.hosts) == 2:
        return f"{group.hosts[0]} cannot be down together with {group.hosts[1]}."
    return f"No two of {some(group.hosts)} can be down at once."


def _any(hosts: Sequence[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"any of {some(hosts)}"


_ALONE = {
    Verdict.DOES_NOT_FIT: "Cannot be emptied, with all others there",
    Verdict.UNDECIDED: "Undecided whether they can be emptied",
    Verdict.UNKNOWN: "Whether they can be emptied depends on what is not known",
}
