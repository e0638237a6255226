"""One VMM server of a gathering: what it is asked, phase by phase, and what it said so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FactSheet, Gathered, NotGathered, Subject
from livemigration.facts.registry import VMM_SERVER_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RATING,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_WSMAN_TEST,
)
from livemigration.facts.vmm_disks import VMM_DISKS
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Connector, Target
from livemigration.gather.jobs import Job
from livemigration.gather.missing import missing
from livemigration.gather.probing import plan_probes, probe_from_vmm
from livemigration.gather.rating import not_rated, rate_hosts
from livemigration.gather.vmm import ACCESS_CHECK, VmmView, gather_vmm
from livemigration.gather.vmm_disks import read_disks, rounds_of, unasked

# In its time limit a server sees so many of its hosts, even with one of each batch that is silent.
_HOSTS_OF_A_LIMIT = 1_000
VIEW_NAMES = frozenset(group.name for group in VMM_VIEW_GROUPS)
PROBE_NAMES = frozenset({VMM_PROBES.name, VMM_DATA_PORTS.name, VMM_WSMAN_TEST.name})


@dataclass
class Server:
    """A VMM server and the hosts that it manages; `wanted` are the groups of each by its name.

    `unseen` are the hosts that it has still to be asked about; None: all of them.
    """

    target: Target
    hosts: Mapping[str, Target]
    wanted: Mapping[str, frozenset[str]]
    connect: Connector
    view: VmmView = field(default_factory=VmmView)
    error: BaseException | None = None
    unseen: frozenset[str] | None = None

    @property
    def _to_see(self) -> dict[str, Target]:
        if self.unseen is None:
            return dict(self.hosts)
        return {name: each for name, each in self.hosts.items() if name in self.unseen}

    @property
    def _seconds(self) -> float:
        """How long one phase may take: names and listeners come in batches, one after the other."""
        return self.target.limits.host * max(1, -(-len(self._to_see) // _HOSTS_OF_A_LIMIT))

    @property
    def label(self) -> str:
        """The name of its jobs, which no host has."""
        return f"VMM server {self.target.name}"

    def asking(self) -> Job:
        """Return the job that asks for the release, the records and the addresses."""
        hosts = {
            name: target.address
            for name, target in self._to_see.items()
            if self.wanted[name] & VIEW_NAMES
        }

        def run(deadline: Deadline) -> None:
            gather_vmm(
                self.target,
                hosts,
                connect=self.connect,
                milliseconds=round(self.target.limits.probe * 1000),
                deadline=deadline,
                into=self.view,
            )

        return Job(self.label, self._seconds, run)

    def settle(self, error: BaseException | None) -> None:
        """End a phase: an abandoned worker may still write into its view, so go on in a copy."""
        self.error = error or self.error
        hosts = {name: dict(each) for name, each in list(self.view.hosts.items())}
        self.view = VmmView(dict(self.view.own), hosts)

    def probing(self, sheets: Mapping[str, Outcomes]) -> Job | None:
        """Return the job that connects from this server to its hosts; None: there is nothing to."""
        plans = [
            plan
            for name, target in self._to_see.items()
            if self.wanted[name] & PROBE_NAMES
            and (plan := plan_probes(target, self.wanted[name], {**sheets[name], **self._of(name)}))
        ]
        if not plans:
            return None
        view = self.view

        def run(deadline: Deadline) -> None:
            probe_from_vmm(
                self.target,
                plans,
                connect=self.connect,
                deadline=deadline,
                into=view,
            )

        return Job(self.label, self._seconds, run)

    def disks(self, sheets: Mapping[str, Outcomes]) -> Job | None:
        """Return the job that reads VMM's record of disks, of the hosts whose machines have any."""
        names = {}
        for host in self._to_see:
            if VMM_DISKS.name not in self.wanted[host]:
                continue
            own = self.view.hosts.setdefault(host, {})
            record = own.get(VMM_RECORD.name)
            outcome = unasked(host, sheets[host], record)
            if outcome is not None:
                own.setdefault(VMM_DISKS.name, outcome)
            elif isinstance(record, Gathered):
                names[host] = record.value.name
        if not names:
            return None
        view = self.view

        def run(deadline: Deadline) -> None:
            read_disks(self.target, names, connect=self.connect, deadline=deadline, into=view)

        return Job(self.label, self.target.limits.host * rounds_of(len(names)), run)

    def rating(self, vm: str) -> Job | None:
        """Return the job that lets VMM rate its hosts; what keeps it from that is the outcome."""
        names, seconds = {}, 0.0
        for host, target in self._to_see.items():
            if VMM_RATING.name not in self.wanted[host]:
                continue
            record = self._of(host).get(VMM_RECORD.name)
            own = self.view.hosts.setdefault(host, {})
            if not vm:
                own[VMM_RATING.name] = NotGathered(not_rated(host, ""))
            elif isinstance(record, Gathered) and record.value.known:
                names[host] = record.value.name
                seconds += target.limits.rating
            elif isinstance(record, Gathered):
                own[VMM_RATING.name] = NotGathered(not_rated(host, vm))
        if not names:
            return None
        view = self.view

        def run(deadline: Deadline) -> None:
            rate_hosts(self.target, names, vm, connect=self.connect, deadline=deadline, into=view)

        return Job(self.label, seconds, run)

    def _of(self, host: str) -> Outcomes:
        return self.view.hosts.get(host, {})

    @property
    def failure(self) -> NotGathered | None:
        """Why nothing can be known of its hosts from it, where that is so."""
        for group in (VMM_ACCESS, VMM_RELEASE):
            outcome = self.view.own.get(group.name)
            if isinstance(outcome, NotGathered):
                return outcome
        return None

    def sheet(self) -> FactSheet:
        """Return the facts of the server itself; what it did not answer gets its reason."""
        own = self.view.own
        access = own.setdefault(
            VMM_ACCESS.name,
            missing(
                f"Connecting to the VMM server {self.target.endpoint}", self.error, ACCESS_CHECK
            ),
        )
        for group in VMM_SERVER_GROUPS:
            if isinstance(access, NotGathered):
                own.setdefault(group.name, access)
            else:
                tried = f"Reading {group.title} of {self.target.name}"
                own.setdefault(group.name, missing(tried, self.error, ACCESS_CHECK))
        return FactSheet(Subject.VMM, self.target.name, own)
