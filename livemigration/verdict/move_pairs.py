"""What two hosts must have in common, or one of them have for the machines of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.base.text import one_line
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.verdict.classes import ClassesBy
from livemigration.verdict.compared_settings import ComparedSettings, compared_settings
from livemigration.verdict.configuration_versions import Runs
from livemigration.verdict.exchange import EXCHANGE
from livemigration.verdict.links import OF_LINKS, Links, links_of, mtus_differ_on
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    MachineQuestion,
    Moving,
    Pair,
    PairQuestion,
    Said,
    Standing,
    missing_of,
)
from livemigration.verdict.processor_offer import Offer, Told, offer_of
from livemigration.verdict.switch_use import (
    CONNECTION_FACTS,
    Connection,
    connections_of,
    pools_of,
    switch_names,
    switches_of,
)
from livemigration.verdict.system_versions import SYSTEM_FACTS, System, system_of, versions_of
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
from livemigration.verdict.views import BlockedError
from livemigration.verdict.virtual_machines import machines_of


@dataclass(frozen=True)
class _Receiver:
    """What a host offers, and towards whom machines are looked at one by one.

    `differs`: of declared peers (true), of assumed ones (false), or both, any has a processor that
    may differ. `sees`: its own machines could be read.
    """

    offer: Offer
    differs: frozenset[bool]
    sees: bool


@dataclass(frozen=True)
class _Running:
    """A running machine: what it has taken, where that is known, and whether it was not limited."""

    seen: Seen
    taken: Taken | None
    unlimited: bool


_FEATURES = frozenset(each.name for each in FEATURE_FACTS)


class Processors(PairQuestion, MachineQuestion):
    """Whether the destination's processor has what machines have taken of the source's."""

    check = "LM501"
    groups: tuple[FactGroup[object], ...] = (*FEATURE_FACTS, *EXCHANGE)

    def source(self, end: End) -> Seen:
        """Return the processors, and whether machines and what they have taken could be read."""
        compared_of(end.host)
        return seen_of(end.host)

    def destination(self, end: End) -> _Receiver:
        """Return what the host offers."""
        compared_of(end.host)
        offer, differs = offer_of(end.host), set()
        for part in end.exchange(*COMPARED_FACTS).parts:
            classes = part.seen.circle.once(ClassesBy(seen_of, _FEATURES))
            for seen, _ in classes.seen_by(end.host.name):
                if offer.may_differ(seen, declared=part.declared):
                    differs.add(part.declared)
        return _Receiver(offer, frozenset(differs), _sees_machines(end))

    def between(self, pair: Pair[Seen, _Receiver]) -> Said:
        """Return what holds of all machines: another manufacturer, or nobody can say."""
        offer = pair.destination.offer
        if offer.own.is_of_another_maker(pair.source.processors):
            cause = f"{pair.source.processors.maker} to {offer.own.maker}: another manufacturer"
            return self.said(Standing.REFUSED, cause)
        if offer.hides(pair.source, declared=pair.link.declared):
            return self.said(Standing.UNKNOWN, "what its machines have taken could not be read")
        if offer.may_differ(pair.source, declared=pair.link.declared) and not pair.destination.sees:
            return self.said(Standing.UNKNOWN, "the destination's machines could not be read")
        return NOTHING_SAID

    def needs(self, end: End) -> Mapping[str, _Running]:
        """Return what each running machine has taken."""
        seen = self.source(end)
        taken = {e.identifier: each for each, e in taken_by(end.host)} if seen.speaks else {}
        free = {e.identifier for _, e in unlimited(end.host)} if seen.told else set()
        running = dict.fromkeys(e.identifier for e in machines_of(end.host) if e.runs)
        return {
            each: _Running(seen, taken.get(each), each in free)
            for each in (*running, *(each for each in taken if each not in running))
        }

    def of_machine(self, moving: Moving[_Running, _Receiver]) -> Said:
        """Return whether the destination has what a machine has taken."""
        offer, seen = moving.destination.offer, moving.need.seen
        if offer.own.is_of_another_maker(seen.processors) or not moving.destination.sees:
            return NOTHING_SAID
        vectors = offer.offered is not None and moving.link.declared in moving.destination.differs
        if vectors and moving.need.taken is not None:
            told = offer.told(moving.need.taken)
            if told is Told.LACKS:
                cause = "the destination's processor lacks what machines have taken"
                return self.said(Standing.REFUSED, cause)
            if told is not Told.FITS:
                return self.said(Standing.UNKNOWN, "what machines have taken is not known")
        refuses = offer.own.may_refuse(seen.processors) and not offer.decides(seen)
        if refuses and moving.need.unlimited and offer.weighs(seen, declared=moving.link.declared):
            return self.said(Standing.WARNED, "another processor, without compatibility mode")
        return NOTHING_SAID


def _sees_machines(end: End) -> bool:
    try:
        machines_of(end.host)
    except BlockedError:
        return False
    return True


@dataclass(frozen=True)
class _Connects:
    """What a destination connects machines to: names in one case. `pools` None: not known."""

    switches: frozenset[str]
    pools: frozenset[str] | None


class Switches(PairQuestion, MachineQuestion):
    """Whether the destination has the virtual switches that machines are connected to."""

    check = "LM502"
    groups = (*CONNECTION_FACTS, CONNECTION_POOLS)

    def source(self, end: End) -> bool:
        """Return whether it could be read to what its machines are connected."""
        return switch_names(end.host).told

    def destination(self, end: End) -> _Connects:
        """Return the names of its switches and of its pools."""
        found = _Connects(frozenset(switches_of(end.host)), pools_of(end.host))
        machines_of(end.host)
        end.host[VIRTUAL_PORTS]
        return found

    def between(self, pair: Pair[bool, _Connects]) -> Said:
        """Return that nobody can say to what its machines are connected."""
        cause = "to which virtual switches its machines are connected could not be read"
        return NOTHING_SAID if pair.source else self.said(Standing.UNKNOWN, cause)

    def needs(self, end: End) -> Mapping[str, frozenset[Connection]]:
        """Return the switches and pools of each machine that is not off."""
        found: dict[str, set[Connection]] = {}
        for each, machine in connections_of(end.host):
            if each.live:
                found.setdefault(machine.identifier, set()).add(each)
        return {machine: frozenset(each) for machine, each in found.items()}

    def of_machine(self, moving: Moving[frozenset[Connection], _Connects]) -> Said:
        """Return which switch of a machine the destination lacks, or else which pool."""
        has = moving.destination
        lacking = [e.name for e in moving.need if e.is_missing_among(has.switches)]
        pools = [e.name for e in moving.need if e.is_pool_missing_among(has.pools)]
        if lacking or not pools:
            return self.refused_if(missing_of(lacking, "virtual switch", "virtual switches"))
        return self.said(Standing.WARNED, missing_of(pools, "resource pool", "resource pools"))


class Versions(PairQuestion, MachineQuestion):
    """Whether the destination runs the configuration versions of machines."""

    check = "LM503"
    groups = SYSTEM_FACTS

    def source(self, end: End) -> System:
        """Return its build and its product."""
        return system_of(end.host)

    def destination(self, end: End) -> System:
        """Return its build and its product."""
        found = system_of(end.host)
        machines_of(end.host)
        return found

    def between(self, pair: Pair[System, System]) -> Said:
        """Return what the builds and the products come to."""
        if pair.destination.may_not_run(pair.source):
            return self.said(Standing.UNKNOWN, "the versions of its machines could not be read")
        if pair.destination.is_another_product(pair.source):
            return self.said(Standing.WARNED, "between Windows Server and Azure Local")
        if pair.link.declared and not pair.destination.release.is_neighbour(pair.source.release):
            return self.said(Standing.WARNED, "other releases of Windows lie between the two")
        return NOTHING_SAID

    def needs(self, end: End) -> Mapping[str, str]:
        """Return the version of each machine that is not off."""
        return {
            machine.identifier: need.version for need, machine in versions_of(end.host) if need.live
        }

    def of_machine(self, moving: Moving[str, System]) -> Said:
        """Return whether the destination runs a version."""
        runs, shown = (
            moving.destination.runs(moving.need),
            one_line(moving.need, limit=20) or "that is not stated",
        )
        if runs is Runs.NO:
            return self.said(Standing.REFUSED, f"configuration version {shown} does not run there")
        cause = f"whether configuration version {shown} runs there is not published"
        return NOTHING_SAID if runs is Runs.YES else self.said(Standing.WARNED, cause)


class Settings(PairQuestion):
    """Whether authentication and performance option are the same on both ends."""

    check = "LM504"
    groups = (MIGRATION_SETTINGS, *EXCHANGE)

    def source(self, end: End) -> ComparedSettings:
        """Return the settings; where the host stands is what the link says."""
        return compared_settings(end.host)

    def destination(self, end: End) -> ComparedSettings:
        """Return the settings."""
        return compared_settings(end.host)

    def between(self, pair: Pair[ComparedSettings, ComparedSettings]) -> Said:
        """Return in what the two differ."""
        if pair.source.authenticates_otherwise(pair.destination) and not pair.link.mates:
            cause = "the two authenticate with different protocols"
            standing = Standing.REFUSED if pair.link.mates is False else Standing.UNKNOWN
            return self.said(standing, cause)
        if pair.source.has_another_option(pair.destination):
            return self.said(Standing.WARNED, "the two have different performance options")
        return NOTHING_SAID


class Mtus(PairQuestion):
    """Whether both ends have one MTU on the subnets on which both listen."""

    check = "LM504"
    groups = OF_LINKS

    def source(self, end: End) -> Links | None:
        """Return the links; None: they could not be read, so that nothing is compared."""
        try:
            return _without_rdma(links_of(end.host))
        except BlockedError:
            return None

    def destination(self, end: End) -> Links:
        """Return the links."""
        return _without_rdma(links_of(end.host))

    def between(self, pair: Pair[Links | None, Links]) -> Said:
        """Return the subnet on which the MTUs differ."""
        differ = mtus_differ_on(pair.destination, pair.source) if pair.source is not None else ()
        cause = f"the MTUs differ on {differ[0]}" if differ else ""
        return self.said(Standing.WARNED, cause) if cause else NOTHING_SAID


def _without_rdma(found: Links) -> Links:
    return Links(frozenset(each._replace(rdma=False) for each in found.links), smb=False)
