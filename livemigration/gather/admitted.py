"""Which machines are asked with their account: a refused one is tried on few of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import Gathered, NotGathered
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.gather.asking import Outcomes
from livemigration.gather.lockout import (
    REFUSALS_AT_MOST,
    Asking,
    Heard,
    KnockTarget,
    ask_first,
    by_account,
    refusals,
)
from livemigration.gather.server import Server
from livemigration.gather.ticketing import Held, ask_for_tickets
from livemigration.gather.vmm import ACCESS_CHECK as VMM_CHECK


def admitted(
    machines: Sequence[KnockTarget],
    asked: Sequence[Server],
    sheets: Mapping[str, Outcomes],
    asking: Asking,
) -> list[KnockTarget]:
    """Return the machines whose account may be used; each of the others gets its reason.

    Args:
        machines: all that are to be asked, the VMM servers first.
        asked: the VMM servers among them.
        sheets: of the hosts, to which a reason is added.
        asking: how the credentials are tried.
    """
    held = ask_for_tickets(machines, asking.deadline)
    _blame(held, [each for each in machines if each.title in held.failures], asked, sheets)
    machines = [each for each in machines if each.title not in held.failures]
    return _credentials_are_taken(machines, asked, sheets, asking, held.sure)


def _credentials_are_taken(
    machines: Sequence[KnockTarget],
    asked: Sequence[Server],
    sheets: Mapping[str, Outcomes],
    asking: Asking,
    sure: Collection[str],
) -> list[KnockTarget]:
    """Return the machines whose account may be tried; each of the others gets its reason.

    An account of two machines is not asked for twice, and one of which it is `sure` that it is
    taken, by the machines' titles, not at all.
    """
    doubtful = [each for each in machines if each.title not in sure]
    heard = ask_first(doubtful, asking)
    few = [each for each in by_account(doubtful) if len(each) <= REFUSALS_AT_MOST]
    taken = {*sure, *(each.title for each in chain.from_iterable(few))}
    taken |= {each.title for each in machines if each.login in heard.accepted}
    # Those that were tried and said nothing for all their time would do so again; so would all that
    # were knocked at, where not even two others answered.
    taken -= heard.mute
    taken -= {
        each.title for each in machines if each.title in heard.silent and not heard.sure(each.login)
    }
    _blame(heard, [each for each in machines if each.title not in taken], asked, sheets)
    return [each for each in machines if each.title in taken]


def _blame(
    heard: Heard | Held,
    machines: Iterable[KnockTarget],
    asked: Sequence[Server],
    sheets: Mapping[str, Outcomes],
) -> None:
    """Give machines the failure that was heard of them."""
    views = {each.target.name: each.view for each in asked}
    for each in machines:
        failed = NotGathered(heard.failure(each))
        if each.check == VMM_CHECK:
            views[each.target.name].own[VMM_ACCESS.name] = failed
        else:
            sheets[each.target.name][HOST_ACCESS.name] = failed


def one_refusal(
    machines: Sequence[KnockTarget], asked: Sequence[Server], sheets: Mapping[str, Outcomes]
) -> None:
    """Make one finding of one account, where every machine that answered refused it."""
    views = {each.target.name: each.view.own for each in asked}
    for same in by_account(machines):
        failures = {}
        for each in same:
            vmm = each.check == VMM_CHECK
            own, group = (views, VMM_ACCESS) if vmm else (sheets, HOST_ACCESS)
            access = own[each.target.name].get(group.name)
            if isinstance(access, Gathered):
                break
            if isinstance(access, NotGathered):
                failures[each.title] = access.failure
        else:
            heard = refusals(same, failures)
            _blame(heard, heard.machines, asked, sheets)
