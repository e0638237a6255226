"""The documents that checks and fixes of virtual machines rest on."""

from __future__ import annotations

from livemigration.verdict.findings import Reference

ASSIGN_DEVICES = Reference(
    "Plan for deploying devices by using Discrete Device Assignment",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/"
    "plan-for-deploying-devices-using-discrete-device-assignment",
)
GPU_PARTITIONING = Reference(
    "GPU partitioning in Windows Server",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/gpu-partitioning",
)
VIRTUAL_FIBRE_CHANNEL = Reference(
    "Hyper-V virtual Fibre Channel overview",
    "https://learn.microsoft.com/previous-versions/windows/it-pro/"
    "windows-server-2012-R2-and-2012/hh831413(v=ws.11)",
)
HIGH_AVAILABILITY_GUIDANCE = Reference(
    "High availability virtual machine troubleshooting guidance",
    "https://learn.microsoft.com/troubleshoot/windows-server/virtualization/"
    "high-availability-virtual-machine-troubleshooting-guidance",
)
GUARDED_HOSTS = Reference(
    "Troubleshoot guarded hosts",
    "https://learn.microsoft.com/windows-server/security/guarded-fabric-shielded-vm/"
    "guarded-fabric-troubleshoot-hosts",
)
