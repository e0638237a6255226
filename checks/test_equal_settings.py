"""Settings that are the same on hosts that exchange virtual machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livemigration.base.text import listed, some
from livemigration.facts.migration import CREDSSP, KERBEROS, MIGRATION_SETTINGS
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.compared_settings import ComparedSettings, compared_settings
from livemigration.verdict.exchange import EXCHANGE, Exchange, Peers, exchange_of
from livemigration.verdict.findings import Finding, note, ok
from livemigration.verdict.fixes.equal_settings import one_protocol
from livemigration.verdict.fixes.options import SHOWN
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import PROTOCOLS
from livemigration.verdict.links import (
    OF_LINKS,
    links_of,
    together,
    unlike_mtus,
    unlike_rdma,
)
from livemigration.verdict.names import Joined, Names, united
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import BlockedError, FactsView, GroupView

_GROUPS = (MIGRATION_SETTINGS,)


@check(
    "LM504",
    needs=_GROUPS,
    may_need=(*EXCHANGE, *OF_LINKS),
    refs=(TROUBLESHOOT_LIVE_MIGRATION, SET_UP_HOSTS),
)
def test_settings_are_the_same_on_hosts_that_exchange_machines(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """Authentication, performance option and MTU are those of the hosts that send machines here.

    Why: Microsoft wants one authentication protocol on both ends of a live migration; with
    different performance options, that of the host that sends decides; and where one end of a
    subnet has jumbo frames alone, large packets are lost and a move stands still.

    Fails: another authentication protocol than a host of its migration group, where the inventory
    declares one. Inside a cluster it does not matter.

    Warns: the same between hosts of one domain for which the inventory declares no group; another
    performance option; another MTU on a subnet that both listen on. Where SMB is used and one end
    alone has RDMA, a note says so.

    Does not apply: no other host exchanges virtual machines with this one. It is blocked where
    a host that the inventory or the cluster puts into its group was not looked at; others that
    were not are named.
    """
    own = compared_settings(host)
    exchange = exchange_of(host, policy, group, *_GROUPS)
    if not exchange.compares(compared_settings):
        yield from exchange.nobody(compared_settings, "settings", policy, *_GROUPS)
        return
    compared = _Compared(host, own, machine_of(host, vmm), policy, exchange)
    found = [*compared.authentication(), *compared.performance()]
    blocked: BlockedError | None = None
    try:
        found += _links(host, policy, group)
    except BlockedError as error:
        # What the settings show is said all the same.
        blocked = error
    if not any(each.expected for each in found):
        same = f": {listed(compared.same)}" if compared.same else ""
        found.insert(0, ok(f"The same as on {some(compared.others)}{same}."))
    yield from exchange.concluded(found, exchange.unread(compared_settings), "settings", policy)
    compared.block_if_doubtful()
    if blocked is not None:
        raise blocked


def _links(host: FactsView, policy: Policy, group: GroupView) -> Iterator[Finding]:
    """Yield what is said of the adapters on subnets that hosts share."""
    own, exchange = links_of(host), exchange_of(host, policy, group, *OF_LINKS)
    for part in exchange.parts:
        mtus = list(together(unlike_mtus(own, part)))
        if mtus:
            told = [
                f"{listed(each.own.mtus)} here and {listed(each.other.mtus)} on "
                f"{some(each.names)}, on {each.own.subnet}"
                for each in mtus
            ]
            yield part.warned(
                united(each.names for each in mtus),
                f"The MTU is {listed(told)}.",
                "One MTU on both ends, and on the switches between them: jumbo frames of one end "
                "alone are lost, and a move stands still. Compare Get-NetIPInterface, and the "
                "adapters' property Jumbo Packet.",
            )
        for each in together(unlike_rdma(own, part)):
            both = f"on here and not on {some(each.names)}"
            if not each.own.rdma:
                both = f"not on here, and on {some(each.names)} it is"
            yield note(
                f"On {each.own.subnet}, RDMA is {both}: SMB then sends without it, at the cost of "
                "processor time."
            )
    unread, known = exchange.unread(links_of), exchange.unread(compared_settings)
    if len(unread) > len(known):
        names = [each for each in unread if each not in known]
        yield note(f"MTU not compared, because their adapters could not be read: {some(names)}.")


@dataclass(frozen=True)
class _Compared:
    """A host, and with whom it is compared."""

    host: FactsView
    own: ComparedSettings
    machine: FixTarget
    policy: Policy
    exchange: Exchange

    @property
    def others(self) -> Names:
        """The hosts that it is compared with."""
        return Joined(
            names for part in self.exchange.parts for _, names in part.others(compared_settings)
        )

    @property
    def same(self) -> Sequence[str]:
        """What was compared, where nothing differs."""
        own = self.own
        said = []
        if any(own.is_mate_of(each) is False for each in self._classes()):
            said.append(f"authentication {_protocol(own.authentication)}")
        if own.option is not None and any(each.option is not None for each in self._classes()):
            said.append(f"performance option {SHOWN[own.option]}")
        return said

    def _classes(self) -> Iterator[ComparedSettings]:
        for part in self.exchange.parts:
            yield from (each for each, _ in part.others(compared_settings))

    def authentication(self) -> Iterator[Finding]:
        """Yield what is said of the authentication protocol, which counts across clusters."""
        for part in self.exchange.parts:
            yield from self._authentication(part)

    def _authentication(self, part: Peers) -> Iterator[Finding]:
        own, joined = self.own, self.own.joined
        differing: dict[int, list[Names]] = {}
        for each, names in part.others(compared_settings):
            if not own.authenticates_otherwise(each) or own.is_mate_of(each) is not False:
                continue
            differing.setdefault(each.authentication, []).append(names)
            joined = joined and each.joined
        if differing:
            told = [f"{some(Joined(n))} with {_protocol(p)}" for p, n in differing.items()]
            others = Joined(names for each in differing.values() for names in each)
            asked = {"kerberos": KERBEROS, "credssp": CREDSSP}.get(self.policy.authentication)
            wanted = asked if asked is not None else KERBEROS if joined else CREDSSP
            yield part.judged(
                others,
                f"This host authenticates with {_protocol(own.authentication)}, {listed(told)}.",
                "The same protocol on both ends of a live migration.",
                one_protocol(self.machine, own.authentication, wanted, others),
            )

    def block_if_doubtful(self) -> None:
        """Raise where a difference matters unless two hosts are nodes of one cluster.

        Raises:
            BlockedError: that could not be read of this host, or of the other ones.
        """
        doubtful = Joined(
            names
            for part in self.exchange.parts
            for each, names in part.others(compared_settings)
            if self.own.authenticates_otherwise(each) and self.own.is_mate_of(each) is None
        )
        if doubtful:
            for group in EXCHANGE:
                self.host[group]
            raise unread_peers(self.exchange.group, doubtful, *EXCHANGE)

    def performance(self) -> Iterator[Finding]:
        """Yield what is said of the performance option."""
        own = self.own.option
        for part in self.exchange.parts if own is not None else ():
            differing: dict[str, list[Names]] = {}
            for each, names in part.others(compared_settings):
                if self.own.has_another_option(each):
                    differing.setdefault(str(each.option), []).append(names)
            if differing:
                told = [f"{SHOWN[o]} on {some(Joined(n))}" for o, n in differing.items()]
                yield part.warned(
                    Joined(names for each in differing.values() for names in each),
                    f"The performance option is {SHOWN[str(own)]} here, {listed(told)}.",
                    "One option on all of them; else that of the host that sends decides. Choose "
                    "it as performance in the policy, and LM105 has the commands.",
                )


def _protocol(number: int) -> str:
    return PROTOCOLS.get(number, f"AuthenticationType {number}")
