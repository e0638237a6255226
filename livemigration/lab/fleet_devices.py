"""Devices and protection of virtual machines, and what their host has for them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from livemigration.lab.fleet_values import FleetModel

# Whether a partition of a GPU may leave, or a GPU take one, while the machine runs.
Movable = Literal["movable", "fixed", "unsaid"]


class VmDevices(FleetModel):
    """What of its host a virtual machine has. What is left out is not there."""

    passed_through: bool = Field(
        default=False, description="A PCI Express device of the host is given to it (DDA)."
    )
    gpu: Movable | None = Field(
        default=None,
        description="It has a partition of a GPU, which from Server 2025 on says whether it can be "
        "moved live.",
    )
    virtual_san: str | None = Field(
        default=None,
        description='The virtual SAN of its Fibre Channel adapter; "": the adapter is on none.',
    )
    persistent_memory: bool = False
    nested: bool = Field(default=False, description="Virtualization is exposed to the guest.")


class VmProtection(FleetModel):
    """How a virtual machine is protected."""

    tpm: bool = Field(default=False, description="It has a virtual TPM.")
    shielded: bool = False
    bound_to_host_tpm: bool = False
    unmovable: bool = Field(
        default=False, description="MigratablePolicy: disabled, from build 28000 on."
    )
    isolation: Literal["trusted-launch", "vbs", "sev-snp", "tdx"] | None = Field(
        default=None, description="How its state is isolated from the host, from Server 2022 on."
    )


class HostDevices(FleetModel):
    """What a host has for virtual machines. What is left out is not there."""

    virtual_sans: tuple[str, ...] = ()
    network_pools: tuple[str, ...] = Field(
        default=(), description="Resource pools of network connections."
    )
    inner_switches: dict[str, Literal["internal", "private"]] = Field(
        default_factory=dict,
        description="Of its virtual switches those that lead to no network outside.",
    )
    gpus: tuple[Movable, ...] = Field(
        default=(),
        description="GPUs that can be partitioned, and whether each takes machines live.",
    )
    hides_pools: bool = Field(
        default=False, description="Hyper-V shows the account no resource pool."
    )


class HostProtection(FleetModel):
    """Who keeps the keys of a host's protected virtual machines."""

    guardian: str | None = Field(
        default=None, description="The address of its Host Guardian Service's key protection."
    )
    guarded: bool | None = Field(
        default=None, description="Whether it passed the attestation. Left out: with a guardian."
    )
    certificates: tuple[str, ...] | None = Field(
        default=("fleet",),
        description='Names of the certificates in the store "Shielded VM Local Certificates"; '
        "null: the registry has no such store.",
    )
