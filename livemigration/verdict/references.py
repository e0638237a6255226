"""The documents that checks and fixes rest on."""

from __future__ import annotations

from livemigration.verdict.findings import Reference

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
VM_VERSIONS = Reference(
    "Upgrade virtual machine version in Hyper-V on Windows or Windows Server",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/deploy/"
    "upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server",
)
MIXED_EDITIONS = Reference(
    "KB 4580388, known issues: moves between differing Windows editions are not supported",
    "https://support.microsoft.com/help/4580388",
)
CLUSTER_MIGRATION_NETWORKS = Reference(
    "MigrationNetworkOrder: the networks of a cluster for live migration",
    "https://learn.microsoft.com/previous-versions/windows/desktop/mscs/virtual-machines-"
    "migrationnetworkorder",
)
START_CLUSTER_NODE = Reference(
    "Start-ClusterNode",
    "https://learn.microsoft.com/powershell/module/failoverclusters/start-clusternode",
)
RESUME_CLUSTER_NODE = Reference(
    "Resume-ClusterNode",
    "https://learn.microsoft.com/powershell/module/failoverclusters/resume-clusternode",
)
WORKGROUP_CLUSTER = Reference(
    "Live migration with workgroup clusters",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/manage/"
    "live-migration-workgroup-cluster",
)
DRAIN_MOVES = Reference(
    "Configuring how VMs are moved when a node is drained",
    "https://techcommunity.microsoft.com/t5/failover-clustering/"
    "configuring-how-vms-are-moved-when-a-node-is-drained/ba-p/371848",
)
LOCKED_GROUPS = Reference(
    "StatusInformation of a cluster's groups",
    "https://learn.microsoft.com/previous-versions/windows/desktop/mscs/groups-statusinformation",
)
OWNER_NODES = Reference(
    "Set-ClusterOwnerNode",
    "https://learn.microsoft.com/powershell/module/failoverclusters/set-clusterownernode",
)
CLUSTER_AFFINITY = Reference(
    "Cluster affinity",
    "https://learn.microsoft.com/windows-server/failover-clustering/cluster-affinity",
)
CLUSTER_QUORUM = Reference(
    "Understanding cluster and pool quorum",
    "https://learn.microsoft.com/windows-server/storage/storage-spaces/quorum",
)
SHARED_VOLUME_STATES = Reference(
    "Understanding the state of your Cluster Shared Volumes",
    "https://techcommunity.microsoft.com/t5/failover-clustering/"
    "understanding-the-state-of-your-cluster-shared-volumes/ba-p/371889",
)
STORAGE_MAINTENANCE = Reference(
    "Taking a Storage Spaces Direct server offline for maintenance",
    "https://learn.microsoft.com/windows-server/storage/storage-spaces/maintain-servers",
)
WINDOWS_TIME = Reference(
    "Windows Time service tools and settings",
    "https://learn.microsoft.com/windows-server/networking/windows-time-service/"
    "windows-time-service-tools-and-settings",
)
LOG_ON_AS_A_SERVICE = Reference(
    "KB 2779204: starting or live migrating virtual machines may fail with error 0x80070569",
    "https://support.microsoft.com/help/2779204",
)
PROCESSOR_COMPATIBILITY = Reference(
    "Dynamic processor compatibility mode",
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/manage/"
    "dynamic-processor-compatibility-mode",
)
MIGRATE_IN_VMM = Reference(
    "Migrate virtual machines in the VMM fabric",
    "https://learn.microsoft.com/system-center/vmm/migrate",
)
MIGRATE_VMS = Reference(
    "Run a live migration in VMM",
    "https://learn.microsoft.com/system-center/vmm/migrate-live",
)
MAINTENANCE_MODE = Reference(
    "Place a host in maintenance mode in VMM",
    "https://learn.microsoft.com/system-center/vmm/manage/"
    "how-to-place-a-host-in-maintenance-mode-in-vmm",
)
SPN_REGISTRATION = Reference(
    "KB 2761899: the Hyper-V VMM service fails with event 14050",
    "https://learn.microsoft.com/troubleshoot/windows-server/virtualization/"
    "hyper-v-vmm-service-fails-event-id-14050",
)
ENCRYPTION_TYPES = Reference(
    "KB 5021131: Kerberos protocol changes related to CVE-2022-37966",
    "https://support.microsoft.com/help/5021131",
)
