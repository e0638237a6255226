"""Whether a host has the processor features that machines of the other hosts have taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, some
from livemigration.facts.machine_values import PROCESSOR_MICROCODE
from livemigration.facts.processor import PROCESSORS
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.classes import Classes, ClassesBy
from livemigration.verdict.exchange import EXCHANGE, Peers, exchange_of
from livemigration.verdict.exchange_machines import Compared, Comparison, compared_machines
from livemigration.verdict.findings import Finding, note
from livemigration.verdict.fixes.processors import move_while_off, one_manufacturer
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.machine_users import Needs, NeedsBy, Several, Users
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.processor_offer import Offer, Told, offer_of
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import PROCESSOR_COMPATIBILITY, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.taken_features import (
    COMPARED_FACTS,
    FEATURE_FACTS,
    Seen,
    Taken,
    compared_of,
    seen_of,
    taken_by,
    unlimited,
)
from livemigration.verdict.views import BlockedError, FactsView, GroupView
from livemigration.verdict.virtual_machines import machines_of

_NEEDED = (PROCESSORS, VIRTUAL_MACHINES)
_DECLARED = frozenset(each.name for each in FEATURE_FACTS)
_COMPARED = Compared(compared_of, "processors", "processors or machines", (PROCESSORS,))


@check(
    "LM501",
    needs=_NEEDED,
    may_need=(*(each for each in FEATURE_FACTS if each not in _NEEDED), *EXCHANGE),
    refs=(TROUBLESHOOT_LIVE_MIGRATION, PROCESSOR_COMPATIBILITY),
)
def test_processors_have_what_machines_have_taken(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The processor of the host has what virtual machines of the other hosts have taken of theirs.

    Why: a virtual machine that runs cannot lose a processor feature. Between manufacturers none
    moves live; between generations, and microcodes, one moves that the other host has enough for.

    Where the processors of a migration group, or of a cluster, are not all of one generation and
    microcode, each host is asked in a second step what it offers, and what its running virtual
    machines have taken (GetSystemCompatibilityVectors, from Windows Server 2012 R2 on); that costs
    a request for each of them, and 50 of a host at most. So it is not asked where all processors
    are equal, nor between hosts that are only assumed to exchange virtual machines. What firmware
    settings and mitigations do to processors of one generation is seen by these vectors alone.

    Fails: a host of the migration group, or of the cluster, has a processor of another
    manufacturer; or one of its running virtual machines has taken what this host lacks.

    Warns: the same between hosts of one domain for which the inventory declares no group; another
    generation or microcode where nobody can say what the virtual machines have taken, and one of
    them runs without processor compatibility.

    Notes: another microcode between hosts of one domain for which the inventory declares no group.

    Does not apply: no other host exchanges virtual machines with this one. It is blocked where
    a host that the inventory or the cluster puts into its group was not looked at, where a
    virtual machine did not say what it has taken, where it was not asked because its host runs
    more than 50, where this host does not say something of itself, and where the processors
    differ and the account may not see the virtual machines of this host, or of any other; of
    some others, they are named. So it is where the microcode of processors of one model could
    not be read, in a migration group or a cluster.
    """
    offer = offer_of(host)
    exchange = exchange_of(host, policy, group, *COMPARED_FACTS)
    yield from compared_machines(
        exchange, _COMPARED, policy, lambda: _Comparison(host, offer, machine_of(host, vmm))
    )


class _Comparison(Comparison):
    def __init__(self, host: FactsView, offer: Offer, machine: FixTarget) -> None:
        super().__init__(
            "Whether this host has what virtual machines of these hosts have taken cannot be told, "
            "because their processors or machines could not be read"
        )
        self.host, self.offer, self.own, self.machine = host, offer, offer.own, machine
        self._any_differs = False

    @property
    def well(self) -> str:
        """What to say where nothing was found."""
        if self._any_differs:
            return (
                "This host has what the running virtual machines of the other hosts have taken of "
                "their processors, or they run with processor compatibility."
            )
        return f"The processors of the other hosts are of the same kind: {self.own.maker}."

    def with_peers(self, peers: Peers) -> Iterator[Finding]:
        """Yield what the processors and the machines of some peers come to."""
        classes: Classes[Seen] = peers.seen.circle.once(ClassesBy(seen_of, _DECLARED))
        others = list(classes.seen_by(self.host.name))
        yield from self._of_another_maker(peers, others)
        for seen, names in others:
            hides = self.offer.hides(seen, declared=peers.declared)
            self.hidden.look_at(names, hides=hides)
        differ = [
            each for each in others if self.offer.may_differ(each[0], declared=peers.declared)
        ]
        if not differ:
            return
        try:
            machines_of(self.host)
            if (
                any(self.offer.hides(each[0], declared=peers.declared) for each in differ)
                and self.own.unread
            ):
                self.host[PROCESSOR_MICROCODE]
        except BlockedError as error:
            self.open.append(error)
            return
        self._any_differs = True
        if self.offer.offered is not None:
            yield from self._by_vectors(peers)
        yield from self._by_model(
            peers, [each for each in differ if not self.offer.decides(each[0])]
        )

    def _of_another_maker(
        self, peers: Peers, others: Sequence[tuple[Seen, Names]]
    ) -> Iterator[Finding]:
        strange: dict[str, list[Names]] = {}
        for seen, names in others:
            if self.own.is_of_another_maker(seen.processors):
                strange.setdefault(seen.processors.maker, []).append(names)
        if strange:
            told = some(f"{some(Joined(each))} of {maker}" for maker, each in strange.items())
            names = Joined(name for each in strange.values() for name in each)
            yield peers.judged(
                names,
                f"The processor of this host is of {self.own.maker}, that of {told}.",
                "One manufacturer: between two, no virtual machine moves while it runs.",
                one_manufacturer(self.machine, self.own.maker, names),
            )

    def _by_vectors(self, peers: Peers) -> Iterator[Finding]:
        needs: Needs[Taken] = peers.seen.circle.once(NeedsBy(taken_by, _DECLARED))
        found: dict[Told, list[Users]] = {each: [] for each in Told}
        for taken, users in needs.seen_by(self.host.name):
            if taken.makers == self.own.makers:
                found[self.offer.told(taken)].append(users)
        if lacking := found.pop(Told.LACKS):
            told = Several(lacking)
            yield peers.judged(
                lacking[0].hosts,
                "The processor of this host lacks what running virtual machines have taken of "
                f"theirs: {some(told)}.",
                "Each feature that a virtual machine has taken, by its compatibility vectors.",
                move_while_off(self.machine, told),
            )
        for why, several in found.items():
            if why is not Told.FITS and several:
                self.open.append(_open(why, Several(several)))

    def _by_model(self, peers: Peers, differ: Sequence[tuple[Seen, Names]]) -> Iterator[Finding]:
        """Yield what models and microcodes come to, where no vectors decide."""
        if not differ:
            return
        # Microcode alone, of hosts that may never meet, is no reason to be woken.
        light = [each for each in differ if not self.offer.weighs(each[0], declared=peers.declared)]
        if light:
            by_host = some(f"{seen.processors.model} on {some(names, 3)}" for seen, names in light)
            yield note(f"Another microcode: {self.own.model} here, {by_host}.")
        needs: Needs[Seen] = peers.seen.circle.once(NeedsBy(unlimited, _DECLARED))
        several = [
            (seen, users)
            for seen, users in needs.seen_by(self.host.name)
            if self.own.may_refuse(seen.processors)
            and not self.offer.decides(seen)
            and self.offer.weighs(seen, declared=peers.declared)
        ]
        if several:
            told = Several(users for _, users in several)
            models = dict.fromkeys(seen.processors.model for seen, _ in several)
            yield peers.warned(
                several[0][1].hosts,
                "Virtual machines that run without processor compatibility may be refused: "
                f"{some(told)}. This host has {self.own.model}, they run on {some(models, 3)}.",
                "What they have taken is in this host's processor too; nobody could say.",
                move_while_off(self.machine, told),
            )


def _open(why: Told, users: Several) -> BlockedError:
    machines = counted(len(users), "running virtual machine")
    return BlockedError(
        "",
        f"{machines} of other hosts {why.value}: {some(users)}.",
        "Run Compare-VM on the host where the virtual machine is, with this host as its "
        "destination: it compares the processors, and moves nothing.",
    )
