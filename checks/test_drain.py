"""Whether a host can be emptied, where to, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import one_line
from livemigration.facts.virtual_memory import VIRTUAL_MACHINE_MEMORY
from livemigration.inventory.drain import DRAIN
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.drain_findings import emptied, in_the_window, made_of
from livemigration.verdict.drain_plan import OF_PLANS, DrainPlan, plan_of
from livemigration.verdict.findings import Finding, not_applicable, note
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import MAINTENANCE_MODE
from livemigration.verdict.views import BlockedError, FactsView, GroupView
from livemigration.verdict.virtual_machines import MACHINE_FACTS

_NEEDS = (*MACHINE_FACTS, VIRTUAL_MACHINE_MEMORY)
_MAY_NEED = tuple(each for each in OF_PLANS if each not in _NEEDS)


def _plan(host: FactsView, policy: Policy, group: GroupView) -> DrainPlan:
    return plan_of(group.facts, host.name, policy, group.exchanges, group.drain)


@check("LM801", needs=_NEEDS, may_need=_MAY_NEED, refs=(MAINTENANCE_MODE,), opt_in=DRAIN)
def test_the_host_can_be_emptied(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """All virtual machines of the host have a place elsewhere, all at once.

    Why: a drain moves machine by machine, and stops where one has no place left. Whether there is a
    place for all is one question: by memory, by the room for disks that move along, and by what
    every check says of each machine and each other host. The answer is exact: a plan is carried out
    on paper, and a "no" has a proof.

    Fails: not all of them have a place, also where other machines make room.

    Warns: they have places only when machines of other hosts make room first; the plan takes of
    what VMM or the cluster keeps free; checks warn of moves that it takes; it takes hosts that are
    only assumed to exchange machines with this one, or all that do not fit are assumed; VMM runs in
    a machine of the host or in one that makes room, or a domain controller does, by the machine's
    name; the plan does not keep machines on one node, on different ones, in one fault domain or in
    different ones, as affinity rules want.

    Blocked: it depends on what could not be read, or was neither shown nor refuted.
    """
    yield from emptied(_plan(host, policy, group), machine_of(host, vmm))


@check("LM802", needs=_NEEDS, may_need=_MAY_NEED, refs=(MAINTENANCE_MODE,), opt_in=DRAIN)
def test_the_host_is_empty_within_the_window(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The host is empty within the window that --window gives, by an estimate.

    Why: a drain that is still under way when the work is to begin costs the window. The estimate is
    a range, of memory, links and limits on both ends; none of a release after 2012 R2 was measured.

    Fails: the lower bound lies beyond the window.

    Warns: the upper bound lies beyond it.

    Does not apply: nothing has to leave; or no window is given.
    """
    plan = _plan(host, policy, group)
    if not plan.fits:
        raise BlockedError("LM801", f"There is no plan by which {one_line(host.name)} is emptied.")
    if plan.time is None:
        yield not_applicable("Nothing has to leave the host.")
        return
    window = group.drain.window if group.drain is not None else None
    if window is None:
        yield not_applicable("No window is given with --window.")
        yield note(plan.time.text)
        yield from made_of(plan.time)
        return
    yield from in_the_window(plan, window, machine_of(host, vmm))
