"""The form of an inventory file: what may stand in it, and what it means where left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from livemigration.facts.identity import Listed
from livemigration.inventory.connection import Connection
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.names import GroupName, MachineName
from livemigration.inventory.own_connection import OwnConnection
from livemigration.inventory.policy import GroupPolicy, Policy
from livemigration.inventory.ranges import HostNames, is_range, names_in


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InventoryMachine(_Model):
    """A machine."""

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


class VmmServer(InventoryMachine):
    """The VMM server."""

    connection: OwnConnection = Field(
        default=OwnConnection(),
        description="What is different from the inventory's own connection.",
    )
    credentials: CredentialSource | None = Field(
        default=None, description="Its own account. Left out: the inventory's."
    )


class Host(InventoryMachine):
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


class HostEntry(Host):
    """A Hyper-V host, or several whose names differ in a number."""

    name: HostNames = Field(
        description="Fully qualified name, or a range of them in quotes: "
        '"hv[01-20].contoso.com" or "hv[1-8,12].contoso.com".'
    )

    @model_validator(mode="after")
    def _one_address_for_one_host(self) -> HostEntry:
        for key in ("address", "answers_as"):
            if is_range(self.name) and getattr(self, key) is not None:
                raise ValueError(
                    f"{key} stands beside the range {self.name}, and belongs to one host. Write "
                    "an entry for each host that has one."
                )
        return self

    def hosts(self) -> Iterator[Host]:
        """Yield each host that it stands for."""
        for name in names_in(self.name):
            yield Host.model_construct(**{**dict(self), "name": name})


class Group(_Model):
    """What is different for one group of hosts."""

    policy: GroupPolicy = Field(
        default=GroupPolicy(),
        description="The demands that this group changes; what is left out is the site's.",
    )
    exchanges_vms: bool = Field(
        default=False,
        description="Whether the hosts of this group exchange VMs with each other only. Hosts that "
        "are in no such group exchange them with every other such host of their domain.",
    )
    connection: OwnConnection = Field(
        default=OwnConnection(),
        description="What is different from the inventory's own connection.",
    )
    credentials: CredentialSource | None = Field(
        default=None, description="The account of these hosts. Left out: the inventory's."
    )


class LabReference(_Model):
    """A simulated fleet instead of machines."""

    fleet: str = Field(
        min_length=1, description="A shipped fleet's name, or the path of a fleet file (*.yaml)."
    )


class InventoryFile(_Model):
    """An inventory: either `vmm` and hosts, or `lab`."""

    schema_version: Literal[1] = Field(
        alias="schema", description="The version of this form of file."
    )
    vmm: VmmServer | tuple[VmmServer, ...] | None = Field(
        default=None,
        description="The VMM server, a highly available one by its clustered name; or a list of "
        "servers, of which each host names one.",
    )
    hosts: tuple[HostEntry, ...] | None = Field(
        default=None, description="The Hyper-V hosts, by the names under which VMM knows them."
    )
    hosts_from: str | None = Field(
        default=None,
        min_length=1,
        pattern=r"\.[Cc][Ss][Vv]$",
        description="A CSV file (*.csv) with more hosts, relative to the inventory's folder: its "
        "first line has keys of a host, of which name is needed; several groups stand in one cell.",
    )
    lab: LabReference | None = Field(
        default=None, description="A simulated fleet, in place of vmm and hosts."
    )
    connection: Connection = Field(
        default=Connection(), description="How the suite and VMM reach WS-Management on the hosts."
    )
    credentials: CredentialSource = Field(
        default=CredentialSource(),
        description="Where user name and password come from; never the values themselves.",
    )
    directory: DirectoryServer | tuple[DirectoryServer, ...] | None = Field(
        default=None,
        description="Active Directory, which is asked about delegation, service principal names "
        "and the hosts' accounts; or a list, one for each domain. Left out: none is asked.",
    )
    policy: Policy = Field(
        default=Policy(),
        description="What the site demands of its hosts beyond what migration needs.",
    )
    groups: dict[GroupName, Group] = Field(
        default_factory=dict, description="What is different for the hosts of a group, by its name."
    )

    @field_validator("hosts")
    @classmethod
    def _each_host_once(
        cls, hosts: tuple[HostEntry, ...] | None, _info: ValidationInfo
    ) -> tuple[HostEntry, ...] | None:
        seen: set[str] = set()
        for host in hosts or ():
            if host.name.casefold() in seen:
                raise ValueError(f"{host.name} is listed twice. Remove one of the two.")
            seen.add(host.name.casefold())
        return hosts

    @model_validator(mode="after")
    def _machines_or_lab(self) -> InventoryFile:
        listed = self.hosts is not None or self.hosts_from is not None
        if self.lab is not None and (self.vmm is not None or listed):
            raise ValueError("lab stands beside vmm or hosts. Keep either lab, or vmm and hosts.")
        if self.lab is not None and self.directory is not None:
            raise ValueError("directory stands beside lab, whose fleet says whether it has one.")
        domains = [(each.domain or "").casefold() for each in self.directories]
        if len(set(domains)) < len(domains):
            raise ValueError("directory: two entries are of one domain. Keep one of the two.")
        if self.lab is None and (not self.vmm or not listed):
            raise ValueError("vmm and hosts are both needed. Add the one that is missing.")
        return self

    @property
    def vmms(self) -> tuple[VmmServer, ...]:
        """The VMM servers."""
        return self.vmm if isinstance(self.vmm, tuple) else (self.vmm,) if self.vmm else ()

    @property
    def directories(self) -> tuple[DirectoryServer, ...]:
        """The directories, one for each domain or one for all."""
        own = self.directory
        return own if isinstance(own, tuple) else (own,) if own is not None else ()
