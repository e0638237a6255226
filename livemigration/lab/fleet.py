"""Fleets: what each simulated machine has, read from YAML.

Addresses are written as the last octets below the lab's own 127.x network: `1.11` is 127.x.1.11.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Collection
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from livemigration.errors import UsageError
from livemigration.yaml_file import load_model, read_text

LISTENER_PORT = 6600
CONTROL_PORT = 5985
MOST_HOSTS = 250
# Of 127.x.y.z the lab chooses x: a fleet has what is below.
_SHORTEST_PREFIX = 16


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _address(text: str) -> str:
    if not _is_network(f"{text}/32"):
        raise ValueError(f"{text[:40]!r} is no address. Write its last two numbers, such as 1.11.")
    return text


def _subnet(text: str) -> str:
    if not _is_network(text):
        raise ValueError(
            f"{text[:40]!r} is no subnet. Write its last two numbers and its length, such as "
            "1.0/24."
        )
    return text


def _is_network(text: str) -> bool:
    try:
        return ipaddress.IPv4Network(f"127.0.{text}").prefixlen >= _SHORTEST_PREFIX
    except ValueError:
        return False


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,6}", text):
        raise ValueError(f"{text[:40]!r} is no version. Write one such as 10.0.20348.")
    return text


FleetAddress = Annotated[str, AfterValidator(_address)]
FleetSubnet = Annotated[str, AfterValidator(_subnet)]
FleetVersion = Annotated[str, AfterValidator(_version)]


class Network(_Model):
    """A subnet. `dropped`: connections to port 6600 in it get no answer."""

    subnet: FleetSubnet
    dropped: bool = False


class FleetVmm(_Model):
    """The VMM server. `error`: what its cmdlets answer instead of working."""

    name: str
    address: FleetAddress
    registry: str | None = None
    server: str | None = None
    error: str | None = None


class System(_Model):
    """The operating system of the hosts."""

    build: int
    version: FleetVersion
    caption: str


class FleetHost(_Model):
    """One host. `shows` says why it is in the fleet.

    `networks` is `any`, `none`, or the subnets that migration is restricted to. `dns` is what VMM
    resolves its name to (default: its management address). `closed` lists networks whose listener
    is in the host's list though no socket is open. `down`: `silent` drops everything, `refused`
    has no socket.
    """

    name: str
    shows: str
    groups: tuple[str, ...] = ()
    addresses: dict[str, FleetAddress]
    networks: Literal["any", "none"] | tuple[str, ...] = "any"
    enabled: bool = True
    authentication: int = 1
    services: dict[str, str] = Field(
        default_factory=lambda: {"vmms": "Running", "SCVMMAgent": "Running"}
    )
    dns: tuple[FleetAddress, ...] | None = None
    closed: tuple[str, ...] = ()
    down: Literal["silent", "refused"] | None = None

    @property
    def management(self) -> str:
        """The address that the host's name stands for."""
        return self.addresses["management"]


class Fleet(_Model):
    """A whole fleet.

    `allow_unencrypted` and `allow_basic`: the services take plain messages and Basic authentication
    as well, for clients that can do no better. On Windows both are off until someone allows them.
    """

    name: str
    title: str
    domain: str
    networks: dict[str, Network]
    system: System
    vmm: FleetVmm
    hosts: tuple[FleetHost, ...] = Field(max_length=MOST_HOSTS)
    allow_unencrypted: bool = False
    allow_basic: bool = False

    @model_validator(mode="after")
    def _hangs_together(self) -> Fleet:
        machines = [self.vmm.name.casefold(), *(each.name.casefold() for each in self.hosts)]
        _once("machine", machines)
        taken = [each for host in self.hosts for each in host.addresses.values()]
        _once("address", [self.vmm.address, *taken])
        if "management" not in self.networks:
            raise ValueError("networks has no management. Add it: the hosts' names stand for it.")
        for host in self.hosts:
            _check(host, self.networks)
        return self

    def of_size(self, hosts: int | None) -> Fleet:
        """Return this fleet with so many hosts: its own first, then healthy ones; None: as it is.

        Raises:
            LabError: the number is not one that the lab can run.
        """
        if hosts is None:
            return self
        if not 1 <= hosts <= MOST_HOSTS:
            raise LabError(f"{hosts} hosts: choose 1 to {MOST_HOSTS}.")
        own = self.hosts[:hosts]
        taken = {address for host in own for address in host.addresses.values()}
        taken.add(self.vmm.address)
        free = (n for n in range(1, 255) if f"200.{n}" not in taken)
        more = tuple(
            FleetHost(
                name=f"more{number:03}.{self.domain}",
                shows="healthy",
                addresses={"management": f"200.{next(free)}"},
            )
            for number in range(1, hosts - len(own) + 1)
        )
        return self.model_copy(update={"hosts": (*own, *more)})


def _once(what: str, values: list[str]) -> None:
    twice = next((each for each, times in Counter(values).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"the {what} {twice} is given twice. Keep one of the two.")


def _check(host: FleetHost, networks: Collection[str]) -> None:
    if "management" not in host.addresses:
        raise ValueError(f"{host.name} has no address in management. Add it.")
    for name in host.addresses:
        if name not in networks:
            raise ValueError(f"{host.name} has an address in {name}, which is not in networks.")
    for name in host.closed:
        if name not in host.addresses:
            raise ValueError(f"{host.name} has no address in {name}, which closed names.")
    for name in () if isinstance(host.networks, str) else host.networks:
        if name not in networks and not _is_network(name):
            raise ValueError(
                f"{host.name} is restricted to {name}, which is neither a network nor a subnet."
            )


def shipped_fleets() -> tuple[str, ...]:
    """Return the names of the fleets that come with the suite."""
    folder = resources.files(__package__).joinpath("fleets")
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir()))


def is_fleet_file(name: str) -> bool:
    """Whether a fleet's name is the path of a file."""
    return name.endswith((".yaml", ".yml"))


def load_fleet(name: str) -> Fleet:
    """Return a shipped fleet by its name, or a fleet of the user's by its path, `*.yaml`.

    Raises:
        LabError: there is no such fleet, or its file is not a fleet.
    """
    try:
        if is_fleet_file(name):
            return load_model(read_text(Path(name)), name, Fleet)
        if name not in shipped_fleets():
            raise LabError(
                f"{name}: no such fleet. Choose one of {', '.join(shipped_fleets())}, or name a "
                "fleet file that ends in .yaml."
            )
        file = resources.files(__package__).joinpath("fleets", f"{name}.yaml")
        return load_model(file.read_text(encoding="utf-8"), f"{name}.yaml", Fleet)
    except UsageError as error:
        raise LabError(str(error)) from None
