"""Which hosts are asked what their machines have taken of their processors, in a second step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.inventory.policy import Policy
from livemigration.verdict.exchange import EXCHANGE, exchange_of
from livemigration.verdict.processors import PROCESSOR_FACTS, processor_class
from livemigration.verdict.views import BlockedError, FactsView, GroupView, InapplicableError

# What belongs to no first step: nobody knows before it of which hosts it is wanted.
OF_THE_SECOND_STEP = frozenset({COMPATIBILITY_VECTORS.name})

_READ = frozenset(each.name for each in (*PROCESSOR_FACTS, *EXCHANGE))


def of_different_processors(
    facts: RunFacts,
    hosts: Iterable[str],
    policy_of: Callable[[str], Policy],
    exchanges_of: Callable[[str], frozenset[str] | None],
) -> Iterator[str]:
    """Yield the hosts in whose declared group the processors are of one manufacturer, and differ.

    A group of one class, and hosts that are only assumed to exchange virtual machines, are not
    worth a request for each machine. Windows Server 2012 has no such answer.

    Args:
        facts: of the first step.
        hosts: of which ones the answer is wanted.
        policy_of: returns the policy of a host.
        exchanges_of: returns with whom the inventory says that it exchanges virtual machines.
    """
    believed = facts.believed
    for name in hosts:
        sheet = believed.hosts[name]
        system = sheet.outcome(OPERATING_SYSTEM)
        if not isinstance(system, Gathered) or system.value.build < WINDOWS_SERVER_2012_R2:
            continue
        view, group = FactsView(sheet, _READ), GroupView(believed, exchanges_of(name))
        try:
            own = processor_class(view)
            exchange = exchange_of(view, policy_of(name), group, *PROCESSOR_FACTS)
        except (BlockedError, InapplicableError):
            continue
        if any(
            own.may_refuse(other)
            for part in exchange.parts
            if part.declared
            for other, _ in part.others(processor_class)
        ):
            yield name
