"""Who is checked, how to connect, and what the site demands."""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.demands import Demands, demands_of
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.file import Host, InventoryFile, InventoryMachine
from livemigration.inventory.listing import Listing, listing_of
from livemigration.inventory.names import composed
from livemigration.inventory.nearest import did_you_mean
from livemigration.inventory.one_machine import Twins, twins
from livemigration.inventory.policy import Policy, PolicyConflictError, policy_for
from livemigration.inventory.reach import Reach, purposes_of, reaches_of
from livemigration.inventory.sources import names_a_source, not_at_once
from livemigration.inventory.yaml_file import line_of, load_model, read_text


@dataclass(frozen=True)
class Inventory:
    """A validated inventory with the policy of each host worked out.

    `label` is how texts name it; `digest` is the SHA-256 of its text; `lab_fleet` is set where the
    machines are simulated and get their addresses only when the lab runs. `peers` are the hosts
    with which a host exchanges VMs, where its groups say so; `managers` names the VMM server of
    each host. `policy_digest` is the SHA-256 of everything that the inventory demands.
    `gate` names the gate of a run that has no VMM server. `reach` is how its machines are reached,
    and `reaches` how those are that differ, by name. `purposes` says for a sentence whose account a
    source holds, where there are several. `directories` are asked about the hosts' accounts; none:
    no directory is asked.
    """

    label: str
    digest: str
    vmms: tuple[InventoryMachine, ...]
    hosts: tuple[Host, ...]
    reach: Reach
    site_policy: Policy
    policies: dict[str, Policy]
    lab_fleet: str | None = None
    peers: dict[str, frozenset[str]] = field(default_factory=dict)
    managers: dict[str, str] = field(default_factory=dict)
    policy_digest: str = ""
    gate: str = ""
    reaches: dict[str, Reach] = field(default_factory=dict)
    purposes: dict[CredentialSource, str] = field(default_factory=dict)
    directories: tuple[DirectoryServer, ...] = ()

    def reach_of(self, machine: str) -> Reach:
        """Return how a machine is reached."""
        return self.reaches.get(machine, self.reach)

    @property
    def sources(self) -> tuple[CredentialSource, ...]:
        """Where the accounts come from, each once."""
        own = (each.credentials for each in (self.reach, *self.reaches.values()))
        return tuple(dict.fromkeys((*own, *self.purposes)))

    def demands_on(self, hosts: Sequence[str]) -> Demands:
        """Return what these hosts are judged by."""
        return demands_of(
            hosts,
            digest=self.policy_digest,
            site=self.site_policy,
            policies=self.policies,
            peers=self.peers,
            managers=self.managers,
        )

    def servers_of(self, hosts: Collection[str]) -> tuple[InventoryMachine, ...]:
        """Return the VMM servers that manage these hosts."""
        needed = {self.managers[host] for host in hosts if host in self.managers}
        return tuple(each for each in self.vmms if each.name in needed)


LAB_PREFIX = "lab:"
# The lab answers at once, or never: there is nothing to wait for.
_LAB_INVENTORY = """\
schema: 1
lab: {{fleet: {fleet}}}
connection: {{time_limits: {{connect: 2, probe: 2}}}}
"""


@dataclass(frozen=True)
class PlayedFleet:
    """The VMM servers and the hosts of a simulated fleet, and the directory that it plays."""

    vmms: tuple[InventoryMachine, ...]
    hosts: tuple[Host, ...]
    directories: tuple[DirectoryServer, ...] = ()


# Returns what there is of a simulated fleet; UsageError: there is no such fleet.
FleetMachines = Callable[[str], PlayedFleet]


def no_fleets(name: str) -> PlayedFleet:
    """Refuse every fleet: for those who read inventories of machines only."""
    raise UsageError(f"{name}: simulated fleets are not read here.")


def load(reference: str, base: Path, fleets: FleetMachines = no_fleets) -> Inventory:
    """Return the inventory that `--inventory` names: a file, or `lab:FLEET`.

    Args:
        reference: the file, or the fleet.
        base: the folder that a file's path is relative to.
        fleets: returns the machines of a simulated fleet.

    Raises:
        UsageError: the file or the fleet is not usable.
        NothingToCheckError: it names no host.
    """
    if reference.startswith(LAB_PREFIX):
        fleet = json.dumps(reference.removeprefix(LAB_PREFIX))
        return parse(_LAB_INVENTORY.format(fleet=fleet), reference, base, fleets)
    path = base / reference
    if names_a_source(reference) and not path.exists():
        raise UsageError(not_at_once(reference))
    return parse(read_text(path), reference, path.parent, fleets)


def parse(
    text: str, label: str, folder: Path = Path(), fleets: FleetMachines = no_fleets
) -> Inventory:
    """Return the inventory that a YAML text holds; raises as `load` does.

    A fleet file is looked for in `folder`, and its text is part of the digest.
    """
    file = load_model(text, label, InventoryFile)
    fleet = _fleet_of(file, folder)
    listing = listing_of(file, folder)
    played = _machines(fleet, fleets, label) if fleet else None
    vmms, hosts = (played.vmms, played.hosts) if played else (file.vmms, listing.hosts)
    if fleet is None:
        _refuse_twins(text, label, file, listing)
    if not hosts:
        raise NothingToCheckError(f"{label} names no host. Add hosts under 'hosts:'.")
    used = {group for host in hosts for group in host.groups}
    if unused := sorted(set(file.groups) - used):
        raise UsageError(
            f"{label}, line {line_of(text, ('groups', unused[0]))}: groups.{unused[0]}: no host is "
            f"in this group."
            f"{did_you_mean(unused[0], used)} Add it to a host's groups, or remove it."
        )
    reach, reaches = reaches_of(file, hosts, label=label, text=text, folder=folder)
    return Inventory(
        label=label,
        digest=_digest(text, listing.more, fleet),
        vmms=vmms,
        hosts=hosts,
        reach=reach,
        site_policy=file.policy,
        policies=_policies(file, hosts, label),
        lab_fleet=fleet,
        peers=_peers(file, hosts),
        managers=_managers(vmms, hosts, label),
        policy_digest=_policy_digest(file),
        reaches=reaches,
        purposes=purposes_of(file),
        directories=file.directories if played is None else played.directories,
    )


def _refuse_twins(text: str, label: str, file: InventoryFile, listing: Listing) -> None:
    if (found := twins(listing.hosts)) is not None:
        place, first = (listing.place(each, label, text) for each in (found.place, found.first))
        _refuse(found, listing.hosts, place, first)
    if isinstance(file.vmm, tuple) and (found := twins(file.vmm)) is not None:
        place, first = (
            (label, line_of(text, ("vmm", each)), f"vmm[{each}]")
            for each in (found.place, found.first)
        )
        _refuse(found, file.vmm, place, first)


def _refuse(
    found: Twins,
    machines: Sequence[InventoryMachine],
    place: tuple[str, int, str],
    first: tuple[str, int, str],
) -> NoReturn:
    (label, line, key), (other, other_line, _) = place, first
    where = f"line {other_line}" if other == label else f"{other}, line {other_line}"
    name = machines[found.place].name
    raise UsageError(
        f"{label}, line {line}: {key}: {name} is listed twice: it is the same machine as "
        f"{machines[found.first].name} in {where}, because {found.why}. Keep one of the two."
    )


def is_fleet_file(name: str) -> bool:
    """Whether a fleet's name is the path of a file."""
    return name.endswith((".yaml", ".yml"))


def _fleet_of(file: InventoryFile, folder: Path) -> str | None:
    if file.lab is None:
        return None
    return str(folder / file.lab.fleet) if is_fleet_file(file.lab.fleet) else file.lab.fleet


def _digest(text: str, more: str, fleet: str | None) -> str:
    content = text.encode() + more.encode()
    if fleet is not None and is_fleet_file(fleet):
        content += read_text(Path(fleet)).encode()
    return hashlib.sha256(content).hexdigest()


def _policy_digest(file: InventoryFile) -> str:
    of_groups = {"__all__": {"policy", "exchanges_vms"}}
    demands = file.model_dump(mode="json", include={"policy": True, "groups": of_groups})
    return hashlib.sha256(json.dumps(demands, sort_keys=True).encode()).hexdigest()


def _machines(fleet: str, fleets: FleetMachines, label: str) -> PlayedFleet:
    try:
        return fleets(fleet)
    except UsageError as error:
        raise UsageError(f"{label}: lab.fleet: {error}") from None


def _managers(
    vmms: tuple[InventoryMachine, ...], hosts: Sequence[Host], label: str
) -> dict[str, str]:
    """Return the VMM server of each host.

    Raises:
        UsageError: a host names none of the servers, or a server has no host.
    """
    names = {each.name.casefold(): each.name for each in vmms}
    if len(names) < len(vmms):
        raise UsageError(f"{label}: vmm: a server is listed twice. Remove one of the two.")
    managers = {}
    for host in hosts:
        wanted = host.vmm or (vmms[0].name if len(vmms) == 1 else "")
        if wanted.casefold() not in names:
            raise UsageError(
                f"{label}: hosts: {host.name}: vmm is "
                f"{wanted or 'missing, and there are several servers'}."
                f"{did_you_mean(wanted, names.values())} Name one of {', '.join(names.values())}."
            )
        managers[host.name] = names[wanted.casefold()]
    idle = [each for each in names.values() if each not in managers.values()]
    if idle:
        raise UsageError(
            f"{label}: vmm: no host names {idle[0]}. Add it to the hosts that it manages, or "
            "remove it."
        )
    return managers


def _peers(file: InventoryFile, hosts: Sequence[Host]) -> dict[str, frozenset[str]]:
    """Return with whom hosts exchange VMs: one set for all that have the same, with themselves."""
    exchanging = {name for name, group in file.groups.items() if group.exchanges_vms}
    members: dict[str, list[str]] = {name: [] for name in exchanging}
    shared = {host.name: exchanging.intersection(host.groups) for host in hosts}
    for host, groups in shared.items():
        for group in groups:
            members[group].append(host)
    sets = {
        groups: frozenset(name for group in groups for name in members[group])
        for groups in map(frozenset, shared.values())
    }
    return {host: sets[frozenset(groups)] for host, groups in shared.items() if groups}


def _policies(file: InventoryFile, hosts: Sequence[Host], label: str) -> dict[str, Policy]:
    # One for all hosts of the same groups, so that nothing is made once for each host.
    known: dict[tuple[str, ...], Policy] = {}
    for host in hosts:
        if host.groups not in known:
            known[host.groups] = _policy(file, host, label)
    return {host.name: known[host.groups] for host in hosts}


def _policy(file: InventoryFile, host: Host, label: str) -> Policy:
    own = {name: file.groups[name].policy for name in host.groups if name in file.groups}
    try:
        return policy_for(file.policy, own)
    except PolicyConflictError as error:
        raise UsageError(
            f"{label}: hosts: {host.name}: {error}. Take the host out of one, or make them agree."
        ) from None


# A pattern may be longer than the name that it matches: some of its letters stand in brackets.
_LONGEST_PATTERN = 300


def limit(hosts: Sequence[Host], patterns: Sequence[str]) -> tuple[Host, ...]:
    """Return the hosts that match any pattern: `hv03*` by name or address, `group:ams` by group.

    Names match in any case, whole or by their first label. No patterns: every host.

    Raises:
        NothingToCheckError: a pattern matches no host.
        UsageError: one is longer than any name, so that to read it may take minutes.
    """
    if not patterns:
        return tuple(hosts)
    chosen: set[str] = set()
    for pattern in patterns:
        if len(pattern) > _LONGEST_PATTERN:
            raise UsageError(
                f"--limit {pattern[:60]}…: a pattern of {len(pattern)} characters. Write "
                f"{_LONGEST_PATTERN} at most: a name has 253."
            )
        matched = {host.name for host in hosts if matches(host, pattern)}
        if not matched:
            raise NothingToCheckError(
                f"--limit {pattern}: no host of the inventory matches."
                f"{did_you_mean(pattern, matchable(hosts))} Nothing was checked."
            )
        chosen |= matched
    return tuple(host for host in hosts if host.name in chosen)


def matchable(hosts: Sequence[Host]) -> Iterator[str]:
    """Yield what may be meant by a pattern that matches no host."""
    for host in hosts:
        yield host.name
        yield from (f"group:{group}" for group in host.groups)


def matches(machine: InventoryMachine, pattern: str) -> bool:
    """Whether a pattern, as `limit` takes it, matches a host or a VMM server."""
    wanted = composed(pattern).casefold()
    if wanted.startswith("group:"):
        group = wanted.removeprefix("group:")
        groups = machine.groups if isinstance(machine, Host) else ()
        return any(fnmatch.fnmatchcase(each.casefold(), group) for each in groups)
    if machine.address is not None and fnmatch.fnmatchcase(machine.address.casefold(), wanted):
        return True
    name = machine.name.casefold()
    return fnmatch.fnmatchcase(name, wanted) or fnmatch.fnmatchcase(name.split(".")[0], wanted)
