"""Whether the results of a bundle account for every host, every check and every time of its facts.

What a run did not look at stands beside its verdict. It is what the results leave out, so it cannot
be taken from them alone: the facts list the inventory, the suite lists its checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from livemigration.facts.identity import address_of
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.run.run import Run
from livemigration.run.selected import made_on_none
from livemigration.verdict.check import Check

# A clock may be set while a run goes on.
_CLOCK = timedelta(minutes=10)


def unaccounted_hosts(run: Run, facts: RunFacts, of: Mapping[str, str]) -> Iterator[str]:
    """Yield what denies that the hosts of a run and those that it left out are the inventory.

    Args:
        run: the run.
        facts: with the replaced names, and the hosts that the inventory lists.
        of: what each machine of the run is called in the facts.
    """
    selection = run.selection
    looked_at = [of.get(host.name) for host in run.hosts]
    listed = [each.name for each in facts.listed]
    others = [name for name in listed if name not in set(looked_at)]
    if (
        len(listed) != selection.inventory_hosts
        or len(listed) - len(others) != len(looked_at)
        or len(others) != len(selection.unselected_hosts)
    ):
        yield (
            f"facts.json has an inventory of {len(listed)} hosts; the results have "
            f"{len(looked_at)} and leave out {len(selection.unselected_hosts)} of "
            f"{selection.inventory_hosts}."
        )
        return
    parts = dict(_parts(of.items()))
    for said, hidden in zip(selection.unselected_hosts, others, strict=True):
        if not _may_be(said, hidden, parts):
            yield f"selection: {said} is not a host that the inventory of facts.json leaves out."


def unaccounted_checks(run: Run, suite: Iterable[Check]) -> Iterator[str]:
    """Yield what denies that a run tells of each check of the suite that it made on no target."""
    selection = run.selection
    made = {each.check for each in run.plan} | set(selection.lacking)
    unmade = {each.identifier: each for each in made_on_none(suite, made, run.gate)}
    options = {each.check: each.option for each in selection.opt_ins}
    told = {*selection.unselected_checks, *options}
    for name in sorted(unmade.keys() - told):
        yield f"selection: {name} was made on no target, and that is not told."
    for name in sorted(told - unmade.keys()):
        yield f"selection: {name} is told as left out, and it is not."
    for name, option in sorted(options.items()):
        if name in unmade and (
            unmade[name].opt_in != option or name in selection.unselected_checks
        ):
            yield f"selection: {name} is not left out for want of {option}."


def untimely(run: Run, facts: RunFacts) -> Iterator[str]:
    """Yield whether a fact was gathered at another time than the run says."""
    gathered = run.gathered
    if gathered is None:
        return
    sheets = (*facts.hosts.values(), *facts.vmms.values())
    times = [
        each.at
        for sheet in sheets
        for each in sheet.outcomes.values()
        if isinstance(each, Gathered) and each.at is not None
    ]
    if not times:
        return
    until = gathered.ended or run.finished
    if min(times) < gathered.began - _CLOCK or max(times) > until + _CLOCK:
        yield "facts.json has facts of another time than the results say."


def _parts(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for said, hidden in pairs:
        if address_of(said) is None:
            yield from zip(said.casefold().split("."), hidden.split("."), strict=False)


def _may_be(said: str, hidden: str, parts: Mapping[str, str]) -> bool:
    """Whether a replaced name may stand for this one: known parts of it are replaced alike."""
    if address_of(said) is not None or address_of(hidden) is not None:
        return address_of(said) is not None and address_of(hidden) is not None
    own, others = said.casefold().split("."), hidden.split(".")
    taken = set(parts.values())
    return len(own) == len(others) and all(
        parts[part] == other if part in parts else other not in taken
        for part, other in zip(own, others, strict=True)
    )
