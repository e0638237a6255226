"""Fixes of devices and protection of virtual machines: their parts, and the causes they tell."""

from __future__ import annotations

from cause_told import Told
from fix_rows import HOST, MACHINE, Row

from livemigration.verdict.fixes import vm_devices, vm_protection
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.vm_references import (
    ASSIGN_DEVICES,
    GPU_PARTITIONING,
    GUARDED_HOSTS,
    HIGH_AVAILABILITY_GUIDANCE,
    VIRTUAL_FIBRE_CHANNEL,
)

NAMES = ("web01", "o'db")
BOTH = "web01 and o'db"
EACH = "Get-VM | Where-Object { @('web01', 'o''db') -contains $_.Name } | "
STOP, START = f"{EACH}Stop-VM", f"{EACH}Start-VM"
DOWN = "2 virtual machines are down"
OFF = (f"on {HOST}: {STOP}", "while they are off", f"on {HOST}: {START}")

OF_DEVICES = (
    Row(
        lambda: vm_devices.take_devices_away(MACHINE, NAMES),
        (HOST,),
        (
            f"on {HOST}: {STOP}",
            f"{EACH}Get-VMAssignableDevice",
            "Remove-VMAssignableDevice -VMName NAME -LocationPath PATH",
            "Add-VMAssignableDevice -VMName NAME",
            f"PATH on {HOST}, then Start-VM",
        ),
        ASSIGN_DEVICES,
        cost=DOWN,
    ),
    Row(
        lambda: vm_devices.take_devices_away(MACHINE, ("web01",)),
        (HOST,),
        ("@('web01')", "@('web01')", "Remove-VM", "Add-VM", "To undo it"),
        ASSIGN_DEVICES,
        cost="It is down",
    ),
    Row(
        lambda: vm_devices.partition_cannot_move(MACHINE, NAMES),
        (HOST,),
        OFF,
        GPU_PARTITIONING,
        cost=DOWN,
    ),
    Row(
        lambda: vm_devices.partition_may_not_move(MACHINE, NAMES),
        (HOST,),
        (f"on {HOST}: {EACH}Get-VMGpuPartitionAdapter | Select-Object ", "shut them down"),
        GPU_PARTITIONING,
    ),
    Row(
        lambda: vm_devices.offer_gpu(MACHINE, NAMES, "hv08 and hv09"),
        (HOST, BOTH),
        ("On hv08 and hv09: Get-VMHostPartitionableGpu", "choose another destination"),
        GPU_PARTITIONING,
    ),
    Row(
        lambda: vm_devices.add_virtual_sans(MACHINE, {"Fabric A": "hv08", "B'": "hv08 and hv09"}),
        (HOST,),
        (
            "Get-InitiatorPort",
            "On hv08: New-VMSan -Name 'Fabric A' -WorldWideNodeName NODE -WorldWidePortName PORT",
            "On hv08 and hv09: New-VMSan -Name 'B''' ",
            f"Get-VMFibreChannelHba on {HOST}",
            "To undo it, remove the virtual SAN",
        ),
        VIRTUAL_FIBRE_CHANNEL,
        cost="NPIV",
    ),
    Row(
        lambda: vm_devices.connect_outside(MACHINE, {"Lab": ("web01",), "Dev": ("o'db",)}),
        (HOST,),
        (
            "external switch",
            (
                f"On {HOST}: Get-VM | Where-Object {{ @('web01') -contains $_.Name }} | "
                "Get-VMNetworkAdapter | Where-Object { $_.SwitchName -eq 'Lab' } | "
                "Disconnect-VMNetworkAdapter"
            ),
            "{ @('o''db') -contains $_.Name } | Get-VMNetworkAdapter",
            "Connect-VMNetworkAdapter -VMName NAME -Name ADAPTER -SwitchName 'Lab'",
            "-SwitchName 'Dev'",
        ),
        HIGH_AVAILABILITY_GUIDANCE,
        cost="over that switch",
    ),
    *(
        Row(make, (HOST,), OFF, TROUBLESHOOT_LIVE_MIGRATION, cost=DOWN)
        for make in (
            lambda: vm_devices.isolated(MACHINE, NAMES),
            lambda: vm_devices.with_persistent_memory(MACHINE, NAMES),
            lambda: vm_devices.bound_to_tpm(MACHINE, NAMES),
            lambda: vm_devices.not_migratable(MACHINE, NAMES),
        )
    ),
    Row(
        lambda: vm_protection.copy_certificates(MACHINE, NAMES, "hv08"),
        (HOST,),
        (
            (
                f"On {HOST} and on hv08, see which there are: Get-ChildItem -Path "
                "'Cert:\\LocalMachine\\Shielded VM Local Certificates'"
            ),
            f"On {HOST}, for each THUMBPRINT",
            "On hv08: Import-PfxCertificate",
            "To undo it",
        ),
        TROUBLESHOOT_LIVE_MIGRATION,
        cost="can start the virtual machine",
    ),
    Row(
        lambda: vm_protection.share_guardian(MACHINE, NAMES, "hv08", "https://hgs"),
        (HOST,),
        (
            f"On {HOST} and on hv08, compare Get-HgsClientConfiguration",
            f"with the values of {HOST}",
            "-EnableLocalMode",
            "choose a destination",
        ),
        GUARDED_HOSTS,
        cost="restarted",
    ),
)

_MACHINES = ("Virtual machines", BOTH)

CAUSES_OF_DEVICES = (
    Told(
        lambda: vm_devices.take_devices_away(MACHINE, NAMES),
        "Take the PCI Express devices",
        "have PCI Express devices of their host",
        "device of host",
        "drains none",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.partition_cannot_move(MACHINE, NAMES),
        "with a GPU partition while they are off",
        "cannot be moved live",
        "GPU partition",
        "needs Windows Server 2025",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.partition_may_not_move(MACHINE, NAMES),
        "See whether the GPU partitions",
        "does not state",
        "GPU partition",
        "the move fails",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.offer_gpu(MACHINE, NAMES, "hv08"),
        "only to hosts with a GPU",
        "no GPU that takes",
        "no such GPU",
        "to a GPU of the same kind",
        (_MACHINES, ("Without a GPU", "hv08")),
    ),
    Told(
        lambda: vm_devices.add_virtual_sans(MACHINE, {"A": "hv08", "B": "hv08", "C": "hv09"}),
        "the virtual SANs that virtual machines",
        "lack a virtual SAN",
        "no virtual SAN",
        "of the same name there",
        (("Virtual SAN", "A, B and C"), ("Missing on", "hv08; hv09")),
    ),
    Told(
        lambda: vm_devices.connect_outside(MACHINE, {"Lab": NAMES, "Dev": ("web01",)}),
        "off internal and private switches",
        "on an internal or private switch",
        "inner switch",
        "event 21502",
        (("Switch", "Lab and Dev"), _MACHINES),
    ),
    Told(
        lambda: vm_devices.isolated(MACHINE, NAMES),
        "the isolated virtual machines",
        "The processor isolates",
        "isolated",
        "No document of Windows Server",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.with_persistent_memory(MACHINE, NAMES),
        "with persistent memory while they are off",
        "have persistent memory",
        "persistent memory",
        "No document",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.bound_to_tpm(MACHINE, NAMES),
        "bound to the TPM",
        "bound to the TPM of their host",
        "bound to TPM",
        "By its name, BindToHostTpm",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_devices.not_migratable(MACHINE, NAMES),
        "Ask who keeps",
        "MigratablePolicy",
        "kept by policy",
        "By its name",
        (_MACHINES,),
    ),
    Told(
        lambda: vm_protection.copy_certificates(MACHINE, NAMES, "hv08"),
        "the certificates of the virtual TPMs",
        "may lack the certificates",
        "certificates",
        "10698",
        (_MACHINES, ("To compare on", "hv08")),
    ),
    Told(
        lambda: vm_protection.share_guardian(MACHINE, NAMES, "hv08", "https://hgs"),
        "only where the same guardian service is",
        "not guarded by the same",
        "not guarded",
        "hands out its keys",
        (_MACHINES, ("Not on", "hv08")),
    ),
)
