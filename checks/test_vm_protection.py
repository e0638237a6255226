"""Whether other hosts can open the protected virtual machines of a host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from livemigration.base.text import counted, one_line, some
from livemigration.facts.host_guardian import GUARDIAN_CERTIFICATES, HOST_GUARDIAN
from livemigration.facts.virtual_security import VIRTUAL_SECURITY
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.exchange import EXCHANGE, Peers, exchange_of
from livemigration.verdict.findings import Finding, Level, not_applicable, ok
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.vm_protection import copy_certificates, share_guardian
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.views import FactsView, GroupView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    NO_MACHINE,
    machines_of,
)
from livemigration.verdict.vm_destinations import compared
from livemigration.verdict.vm_groups import MachineGroup, grouped
from livemigration.verdict.vm_keys import (
    Keeper,
    Opening,
    keeper_of,
    opens_shielded,
    opens_with_certificates,
)
from livemigration.verdict.vm_references import (
    GUARDED_HOSTS,
)

_KEEPERS = (HOST_GUARDIAN, GUARDIAN_CERTIFICATES)


@check(
    "LM704",
    needs=(*MACHINE_FACTS, VIRTUAL_SECURITY),
    may_need=(*MACHINE_EVIDENCE, *EXCHANGE, *_KEEPERS),
    refs=(TROUBLESHOOT_LIVE_MIGRATION, GUARDED_HOSTS),
)
def test_other_hosts_can_open_protected_virtual_machines(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The other hosts can open the protected virtual machines of this host.

    Why: the state of a virtual TPM is encrypted. Who opens it needs the certificates of the host
    that made it, or a Host Guardian Service that hands out the keys: without them a move fails with
    VMM's error 10698, or the machine does not start where it was moved to.

    Fails: a machine is shielded, and another host is not guarded by the same Host Guardian Service.

    Warns: a machine has a virtual TPM, and another host lacks certificates of this host, or it is
    not known whether it does. Which certificates a machine uses is not stated, and no document
    confirms where Windows lists them; so this fails no host. Also where hosts are only assumed to
    exchange virtual machines.

    Does not apply: the host has no virtual machine. Machines that are off or saved are noted.
    """
    machines = machines_of(host)
    if not machines:
        yield not_applicable(NO_MACHINE)
        return
    security = host[VIRTUAL_SECURITY]
    shielded = frozenset(each.owner for each in security if each.shielded)
    with_tpm = frozenset(each.owner for each in security if each.tpm)
    protected = grouped(machines, shielded | with_tpm)
    if not protected.live:
        number = counted(len(machines), "virtual machine")
        yield ok(f"{number}, and none that may run has a virtual TPM.")
    else:
        scene = _Scene(
            machine_of(host, vmm),
            keeper_of(host),
            grouped(machines, shielded),
            grouped(machines, with_tpm - shielded),
        )
        exchange = exchange_of(host, policy, group, *_KEEPERS)
        found = list(compared(exchange, keeper_of, _KEEPERS, scene.towards, "certificates", policy))
        if not any(each.level in {Level.WARNING, Level.FAIL} for each in found):
            yield ok(
                f"Nothing was seen that keeps other hosts from opening {some(protected.live)}."
            )
        yield from found
    yield from protected.notes("is protected", "are protected")


@dataclass(frozen=True)
class _Scene:
    """A host, who keeps its keys, and its protected machines."""

    target: FixTarget
    own: Keeper
    shielded: MachineGroup
    with_tpm: MachineGroup

    def towards(self, peers: Peers) -> Iterator[Finding]:
        """Yield what is said of the peers of one kind."""
        if self.own.by_service:
            by_service = self._by(peers, opens_shielded)
            yield from self._shielded(peers, by_service)
            yield from self._by_service(peers, by_service)
        else:
            yield from self._by_certificates(peers, self._by(peers, opens_with_certificates))

    def _by(self, peers: Peers, opens: Callable[[Keeper, Keeper], Opening]) -> dict[Opening, Names]:
        found: dict[Opening, list[Names]] = {}
        for keeper, names in peers.others(keeper_of):
            found.setdefault(opens(self.own, keeper), []).append(names)
        return {opening: Joined(names) for opening, names in found.items()}

    def _shielded(self, peers: Peers, found: dict[Opening, Names]) -> Iterator[Finding]:
        servers = self._servers
        for who in self.shielded.each:
            if cannot := found.get(Opening.NO):
                yield peers.judged(
                    cannot,
                    f"{who} is shielded, and {some(cannot)} {_are(cannot)} not guarded by the same "
                    "Host Guardian Service.",
                    f"IsHostGuarded there, with the key protection of this host ({servers}).",
                    share_guardian(self.target, self.shielded.live, some(cannot), servers),
                )
            if unknown := found.get(Opening.UNKNOWN):
                yield peers.warned(
                    unknown,
                    f"{who} is shielded, and whether {some(unknown)} {_are(unknown)} guarded by "
                    "the same Host Guardian Service is not known.",
                    f"IsHostGuarded there, with the key protection of this host ({servers}).",
                    share_guardian(self.target, self.shielded.live, some(unknown), servers),
                )

    def _by_service(self, peers: Peers, found: dict[Opening, Names]) -> Iterator[Finding]:
        others = Joined(found[each] for each in (Opening.NO, Opening.UNKNOWN) if each in found)
        for who in self.with_tpm.each if others else ():
            yield peers.warned(
                others,
                f"{who} has a virtual TPM, whose keys the Host Guardian Service of this host "
                f"keeps; whether {some(others)} can open it is not known.",
                "The same Host Guardian Service there, or the certificates of its owner.",
                share_guardian(self.target, self.with_tpm.live, some(others), self._servers),
            )

    def _by_certificates(self, peers: Peers, found: dict[Opening, Names]) -> Iterator[Finding]:
        both = MachineGroup((*self.shielded.live, *self.with_tpm.live), ())
        lacking, unknown = found.get(Opening.LACKS), found.get(Opening.UNKNOWN)
        for who in both.each:
            if lacking:
                yield peers.warned(
                    lacking,
                    f"{who} has a virtual TPM, and {some(lacking)} {_lack(lacking)} certificates "
                    "that this host has for virtual TPMs.",
                    "The certificates of this host there, with their private keys. Which a machine "
                    "uses is not stated, and where Windows lists them is not documented.",
                    copy_certificates(self.target, both.live, some(lacking)),
                )
            if unknown:
                yield peers.warned(
                    unknown,
                    f"{who} has a virtual TPM, and whether {some(unknown)} {_have(unknown)} the "
                    "certificates of this host is not known.",
                    "The certificates of this host there, with their private keys.",
                    copy_certificates(self.target, both.live, some(unknown)),
                )

    @property
    def _servers(self) -> str:
        return one_line(some(sorted(self.own.servers))) if self.own.servers else "not stated"


def _are(names: Names) -> str:
    return "is" if len(names) == 1 else "are"


def _have(names: Names) -> str:
    return "has" if len(names) == 1 else "have"


def _lack(names: Names) -> str:
    return "lacks" if len(names) == 1 else "lack"
