"""Fleets: what each simulated machine has, read from YAML.

Addresses are written as the last octets below the lab's own 127.x network: `1.11` is 127.x.1.11.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from livemigration.errors import UsageError
from livemigration.yaml_file import load_model, read_text

LISTENER_PORT = 6600
CONTROL_PORT = 5985
MOST_HOSTS = 250


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Network(_Model):
    """A subnet. `dropped`: connections to port 6600 in it get no answer."""

    subnet: str
    dropped: bool = False


class FleetVmm(_Model):
    """The VMM server. `error`: what its cmdlets answer instead of working."""

    name: str
    address: str
    registry: str | None = None
    server: str | None = None
    error: str | None = None


class System(_Model):
    """The operating system of the hosts."""

    build: int
    version: str
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
    addresses: dict[str, str]
    networks: Literal["any", "none"] | tuple[str, ...] = "any"
    enabled: bool = True
    authentication: int = 1
    services: dict[str, str] = Field(
        default_factory=lambda: {"vmms": "Running", "SCVMMAgent": "Running"}
    )
    dns: tuple[str, ...] | None = None
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


def shipped_fleets() -> tuple[str, ...]:
    """Return the names of the fleets that come with the suite."""
    folder = resources.files(__package__).joinpath("fleets")
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir()))


def load_fleet(name: str) -> Fleet:
    """Return a shipped fleet by its name, or a fleet of the user's by its path, `*.yaml`.

    Raises:
        LabError: there is no such fleet, or its file is not a fleet.
    """
    try:
        if name.endswith((".yaml", ".yml")):
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
