"""The documents that checks and fixes rest on."""

from __future__ import annotations

from livemigration.findings import Reference

KB_2853203 = Reference(
    "KB 2853203: a live migration fails with error 0x8007274D in VMM 2012 SP1",
    "https://learn.microsoft.com/troubleshoot/system-center/vmm/"
    "shared-nothing-live-migration-error-0x8007274d",
)
SET_UP_HOSTS = Reference(
    "Set up hosts for live migration without Failover Clustering",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/deploy/"
    "set-up-hosts-for-live-migration-without-failover-clustering",
)
VMM_PORTS = Reference(
    "Identify the ports and protocols that VMM uses",
    "https://learn.microsoft.com/system-center/vmm/plan-ports-protocols",
)
TROUBLESHOOT_LIVE_MIGRATION = Reference(
    "Troubleshoot live migration issues",
    "https://learn.microsoft.com/troubleshoot/windows-server/virtualization/"
    "troubleshoot-live-migration-issues",
)
TROUBLESHOOT_HOST_STATUS = Reference(
    "Troubleshoot VMM host status errors",
    "https://learn.microsoft.com/troubleshoot/system-center/vmm/troubleshoot-host-status-errors",
)
STEALTH_MODE = Reference(
    "KB 2586744: stealth mode in Windows Firewall with Advanced Security",
    "https://support.microsoft.com/help/2586744",
)
LIVE_MIGRATION_LIMIT = Reference(
    "Failover Clustering blog, article 3709680: the cluster property MaximumParallelMigrations",
    "https://techcommunity.microsoft.com/t5/failover-clustering/-/ba-p/3709680",
)
