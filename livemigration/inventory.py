"""Who is checked, how to connect, and what the site demands."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from livemigration.demands import Demands, demands_of
from livemigration.errors import NothingToCheckError, UsageError
from livemigration.identity import Listed
from livemigration.lab.fleet import LabError, is_fleet_file, load_fleet
from livemigration.names import GroupName, MachineName, composed
from livemigration.nearest import did_you_mean
from livemigration.one_machine import twins
from livemigration.policy import GroupPolicy, Policy, PolicyConflictError, policy_for
from livemigration.yaml_file import line_of, load_model, read_text

# In capitals and of several words, as such names are: a password in its place is told by that.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_NOT_YET = {"kerberos", "negotiate", "credssp", "certificate", "ssl", "https", "basic"}


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(
            "this does not look like the name of an environment variable: capitals and "
            "underscores, such as SITE_PASSWORD. If it is a user name or a password, remove it "
            "from this file, and change the password."
        )
    return text


VariableName = Annotated[str, AfterValidator(_variable)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Machine(_Model):
    """The VMM server."""

    name: MachineName = Field(description="Fully qualified name.")
    address: MachineName | None = Field(
        default=None, description="What to connect to, where it is not the name."
    )
    answers_as: MachineName | None = Field(
        default=None,
        description="The name that the machine gives itself, where that is not its name here: "
        "behind an alias, or in a domain that is not the suffix of its name.",
    )

    @property
    def listed(self) -> Listed:
        """The machine as the inventory lists it."""
        return Listed(self.name, self.address, self.answers_as)


class Host(Machine):
    """A Hyper-V host."""

    groups: tuple[GroupName, ...] = Field(default=(), description="For --limit and for policies.")
    vmm: MachineName | None = Field(
        default=None, description="The VMM server that manages it, where there are several."
    )
    vmm_uses_ssl: bool | None = Field(
        default=None,
        description="Whether VMM manages this host over SSL on port 5986. Left out: only where "
        "VMM lists it as a perimeter host.",
    )


class TimeLimits(_Model):
    """Seconds after which waiting ends."""

    connect: float = Field(default=5, strict=True, gt=0, le=120)
    message: float = Field(default=30, strict=True, gt=0, le=600)
    probe: float = Field(
        default=4, strict=True, gt=0, le=120, description="All connections from VMM, at once."
    )
    rating: float = Field(
        default=120,
        strict=True,
        gt=0,
        le=3600,
        description="VMM's rating of one host, with --stage-vm only.",
    )
    host: float = Field(default=120, strict=True, gt=0, le=3600)
    run: float = Field(default=1200, strict=True, gt=0, le=86400)


class Connection(_Model):
    """How the suite and VMM reach WS-Management on the hosts."""

    transport: Literal["ntlm"] = "ntlm"
    port: int = Field(default=5985, strict=True, ge=1, le=65535)
    concurrent_hosts: int = Field(default=64, strict=True, ge=1, le=512)
    time_limits: TimeLimits = TimeLimits()

    @field_validator("transport", mode="before")
    @classmethod
    def _only_ntlm_yet(cls, value: object) -> object:
        if isinstance(value, str) and value.casefold() in _NOT_YET:
            raise ValueError(f"{value} is not yet supported. Use ntlm.")
        return value


class CredentialSource(_Model):
    """Where user name and password come from; never the values themselves."""

    source: Literal["environment", "prompt"] = Field(default="environment", alias="from")
    username_variable: VariableName = "LIVEMIGRATION_USERNAME"
    password_variable: VariableName = "LIVEMIGRATION_PASSWORD"  # noqa: S105 - a variable's name


class Group(_Model):
    """What is different for one group of hosts."""

    policy: GroupPolicy = GroupPolicy()
    exchanges_vms: bool = Field(
        default=False,
        description="Whether the hosts of this group exchange VMs with each other only. Hosts that "
        "are in no such group exchange them with every host of their domain.",
    )


class LabReference(_Model):
    """A simulated fleet instead of machines."""

    fleet: str = Field(
        min_length=1, description="A shipped fleet's name, or the path of a fleet file (*.yaml)."
    )


class InventoryFile(_Model):
    """An inventory: either `vmm` and `hosts`, or `lab`."""

    schema_version: Literal[1] = Field(alias="schema")
    vmm: Machine | tuple[Machine, ...] | None = Field(
        default=None,
        description="The VMM server, a highly available one by its clustered name; or a list of "
        "servers, of which each host names one.",
    )
    hosts: tuple[Host, ...] | None = None
    lab: LabReference | None = None
    connection: Connection = Connection()
    credentials: CredentialSource = CredentialSource()
    policy: Policy = Policy()
    groups: dict[GroupName, Group] = Field(default_factory=dict)

    @field_validator("hosts")
    @classmethod
    def _each_host_once(
        cls, hosts: tuple[Host, ...] | None, _info: ValidationInfo
    ) -> tuple[Host, ...] | None:
        seen: set[str] = set()
        for host in hosts or ():
            if host.name.casefold() in seen:
                raise ValueError(f"{host.name} is listed twice. Remove one of the two.")
            seen.add(host.name.casefold())
        return hosts

    @model_validator(mode="after")
    def _machines_or_lab(self) -> InventoryFile:
        if self.lab is not None and (self.vmm is not None or self.hosts is not None):
            raise ValueError("lab stands beside vmm or hosts. Keep either lab, or vmm and hosts.")
        if self.lab is None and (not self.vmm or self.hosts is None):
            raise ValueError("vmm and hosts are both needed. Add the one that is missing.")
        return self

    @property
    def vmms(self) -> tuple[Machine, ...]:
        """The VMM servers."""
        return self.vmm if isinstance(self.vmm, tuple) else (self.vmm,) if self.vmm else ()


@dataclass(frozen=True)
class Inventory:
    """A validated inventory with the policy of each host worked out.

    `label` is how texts name it; `digest` is the SHA-256 of its text; `lab_fleet` is set where the
    machines are simulated and get their addresses only when the lab runs. `peers` are the hosts
    with which a host exchanges VMs, where its groups say so; `managers` names the VMM server of
    each host. `policy_digest` is the SHA-256 of everything that the inventory demands.
    `gate` names the gate of a run that has no VMM server.
    """

    label: str
    digest: str
    vmms: tuple[Machine, ...]
    hosts: tuple[Host, ...]
    connection: Connection
    credentials: CredentialSource
    site_policy: Policy
    policies: dict[str, Policy]
    lab_fleet: str | None = None
    peers: dict[str, frozenset[str]] = field(default_factory=dict)
    managers: dict[str, str] = field(default_factory=dict)
    policy_digest: str = ""
    gate: str = ""

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

    def servers_of(self, hosts: Collection[str]) -> tuple[Machine, ...]:
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


def load(reference: str, base: Path) -> Inventory:
    """Return the inventory that `--inventory` names: a file, or `lab:FLEET`.

    Raises:
        UsageError: the file or the fleet is not usable.
        NothingToCheckError: it names no host.
    """
    if reference.startswith(LAB_PREFIX):
        fleet = json.dumps(reference.removeprefix(LAB_PREFIX))
        return parse(_LAB_INVENTORY.format(fleet=fleet), reference, base)
    path = base / reference
    return parse(read_text(path), reference, path.parent)


def parse(text: str, label: str, folder: Path = Path()) -> Inventory:
    """Return the inventory that a YAML text holds; raises as `load` does.

    A fleet file is looked for in `folder`, and its text is part of the digest.
    """
    file = load_model(text, label, InventoryFile)
    fleet = _fleet_of(file, folder)
    vmms, hosts = _machines(file, fleet, label)
    if fleet is None:
        _refuse_twins(text, label, file)
    if not hosts:
        raise NothingToCheckError(f"{label} names no host. Add hosts under 'hosts:'.")
    used = {group for host in hosts for group in host.groups}
    if unused := sorted(set(file.groups) - used):
        raise UsageError(
            f"{label}, line {line_of(text, ('groups', unused[0]))}: groups.{unused[0]}: no host is "
            f"in this group."
            f"{did_you_mean(unused[0], used)} Add it to a host's groups, or remove it."
        )
    return Inventory(
        label=label,
        digest=_digest(text, fleet),
        vmms=vmms,
        hosts=hosts,
        connection=file.connection,
        credentials=file.credentials,
        site_policy=file.policy,
        policies={host.name: _policy(file, host, label) for host in hosts},
        lab_fleet=fleet,
        peers=_peers(file, hosts),
        managers=_managers(vmms, hosts, label),
        policy_digest=_policy_digest(file),
    )


def _refuse_twins(text: str, label: str, file: InventoryFile) -> None:
    servers = file.vmm if isinstance(file.vmm, tuple) else ()
    for key, machines in (("hosts", file.hosts or ()), ("vmm", servers)):
        if (found := twins(machines)) is not None:
            line, first = (line_of(text, (key, each)) for each in (found.place, found.first))
            raise UsageError(
                f"{label}, line {line}: {key}[{found.place}]: {machines[found.place].name} is "
                f"listed twice: it is the same machine as {machines[found.first].name} in line "
                f"{first}, because {found.why}. Keep one of the two."
            )


def _fleet_of(file: InventoryFile, folder: Path) -> str | None:
    if file.lab is None:
        return None
    return str(folder / file.lab.fleet) if is_fleet_file(file.lab.fleet) else file.lab.fleet


def _digest(text: str, fleet: str | None) -> str:
    content = text.encode()
    if fleet is not None and is_fleet_file(fleet):
        content += read_text(Path(fleet)).encode()
    return hashlib.sha256(content).hexdigest()


def _policy_digest(file: InventoryFile) -> str:
    demands = file.model_dump(mode="json", include={"policy", "groups"})
    return hashlib.sha256(json.dumps(demands, sort_keys=True).encode()).hexdigest()


def _machines(
    file: InventoryFile, fleet_name: str | None, label: str
) -> tuple[tuple[Machine, ...], tuple[Host, ...]]:
    if fleet_name is None:
        return file.vmms, file.hosts or ()
    try:
        fleet = load_fleet(fleet_name)
    except LabError as error:
        raise UsageError(f"{label}: lab.fleet: {error}") from None
    hosts = tuple(
        Host(name=each.name, groups=tuple(each.groups), vmm=fleet.manager(each).name)
        for each in fleet.hosts
    )
    return tuple(Machine(name=each.name) for each in fleet.vmms), hosts


def _managers(vmms: tuple[Machine, ...], hosts: Sequence[Host], label: str) -> dict[str, str]:
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
    exchanging = {name for name, group in file.groups.items() if group.exchanges_vms}
    peers: dict[str, frozenset[str]] = {}
    for host in hosts:
        shared = exchanging.intersection(host.groups)
        if shared:
            names = {each.name for each in hosts if shared.intersection(each.groups)}
            peers[host.name] = frozenset(names - {host.name})
    return peers


def _policy(file: InventoryFile, host: Host, label: str) -> Policy:
    own = {name: file.groups[name].policy for name in host.groups if name in file.groups}
    try:
        return policy_for(file.policy, own)
    except PolicyConflictError as error:
        raise UsageError(
            f"{label}: hosts: {host.name}: {error}. Take the host out of one, or make them agree."
        ) from None


def limit(hosts: Sequence[Host], patterns: Sequence[str]) -> tuple[Host, ...]:
    """Return the hosts that match any pattern: `hv03*` by name or address, `group:ams` by group.

    Names match in any case, whole or by their first label. No patterns: every host.

    Raises:
        NothingToCheckError: a pattern matches no host.
    """
    if not patterns:
        return tuple(hosts)
    chosen: set[str] = set()
    for pattern in patterns:
        matched = {host.name for host in hosts if matches(host, pattern)}
        if not matched:
            raise NothingToCheckError(
                f"--limit {pattern}: no host of the inventory matches."
                f"{did_you_mean(pattern, _matchable(hosts))} Nothing was checked."
            )
        chosen |= matched
    return tuple(host for host in hosts if host.name in chosen)


def _matchable(hosts: Sequence[Host]) -> Iterator[str]:
    for host in hosts:
        yield host.name
        yield from (f"group:{group}" for group in host.groups)


def matches(machine: Machine, pattern: str) -> bool:
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
