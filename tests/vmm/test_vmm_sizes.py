"""What VMM says of as many hosts as a run may have fits in what is read of one program."""

from __future__ import annotations

import json

from livemigration.base import codec
from livemigration.facts.vmm import VmmHostSettings
from livemigration.vmm.properties import (
    AgentReply,
    ClusterReply,
    HealthMonitorReply,
    HostStateReply,
)
from livemigration.vmm.scripts import HostReply, ReadVmmReply, ReleaseReply
from livemigration.wsman.shell import MAXIMUM_OUTPUT

HOSTS = 10_000
LABEL = "a" * 63
# Long names, eight subnets, and each of VMM's monitors with something to say.
ILL = HostReply(
    name=f"{LABEL}.branch.contoso.example",
    fqdn=f"{LABEL}.branch.contoso.example",
    cluster=f"{LABEL[:15]}.branch.contoso.example",
    perimeter=False,
    settings=VmmHostSettings(
        enabled=True,
        maximum_migrations=10,
        maximum_storage_migrations=10,
        any_subnet=False,
        subnets=("192.168.100.0/24",) * 8,
        authentication="Kerberos",
        performance="UseSmbTransport",
    ),
    state=HostStateReply(
        CommunicationState="NotResponding",
        OverallState="NeedsAttention",
        HealthMonitors=(
            HealthMonitorReply(
                "Host Agent Service", "Critical", "HMComputerUnreachableByPing (20503); 0"
            ),
        )
        * 5,
        MaintenanceHost=False,
        NonTrustedDomainHost=False,
        SslTcpPort=5985,
        MigrationSubnetUserManaged=(True,) * 8,
        Agent=AgentReply("10.22.1287.0", "UpgradeAvailable"),
        MemoryReserveMB=1_048_576,
        OverrideHostGroupReserves=False,
        HostCluster=ClusterReply(10, "OverCommitted"),
    ),
)


def test_the_records_of_ten_thousand_ill_hosts_are_read() -> None:
    release = ReleaseReply("10.22.1287.0", "10.22.1287.0", "vmm01.contoso.example")
    reply = codec.to_json(ReadVmmReply(release, (ILL,), None))
    size = len(json.dumps(reply))
    assert size > 1_400
    assert size * HOSTS <= MAXIMUM_OUTPUT
