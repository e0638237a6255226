"""Fixes whose commands change a host or show what somebody must see, part by part."""

from __future__ import annotations

from fix_rows import ADDRESSES, BOTH, HOST, MACHINE, SERVER, SETTINGS, Row

from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.verdict.fixes import (
    options,
    reach,
    settings,
    wsman,
)
from livemigration.verdict.fixes.script import (
    PRECONDITION,
    opening,
    refuse,
    set_host,
    setting_unchanged,
)
from livemigration.verdict.references import (
    LIVE_MIGRATION_LIMIT,
    SET_UP_HOSTS,
    TROUBLESHOOT_HOST_STATUS,
    TROUBLESHOOT_LIVE_MIGRATION,
)


def setting(name: str, was: str, becomes: str) -> tuple[str, ...]:
    return (*opening(MACHINE), *setting_unchanged(MACHINE, name, was), set_host(becomes))


def protocol(was: int, becomes: str) -> tuple[str, ...]:
    return setting("AuthenticationType", str(was), f"-MigrationAuthProtocol '{becomes}'")


def protocol_is(wanted: int) -> tuple[str, ...]:
    return (*opening(MACHINE), *setting_unchanged(MACHINE, "AuthenticationType", str(wanted)))


def flags(compression: str, smb: str, becomes: str) -> tuple[str, ...]:
    return (
        *opening(MACHINE),
        *setting_unchanged(MACHINE, "EnableCompression", compression),
        *setting_unchanged(MACHINE, "EnableSmbTransport", smb),
        set_host(f"-MigrationPerformanceOption '{becomes}'"),
    )


def limit(was: int, becomes: int) -> tuple[str, ...]:
    return (
        *opening(MACHINE),
        "Import-Module -Name 'FailoverClusters'",
        "$cluster = Get-Cluster -Name 'cl01'",
        refuse(
            MACHINE,
            f"$cluster.MaximumParallelMigrations -ne {was}",
            "MaximumParallelMigrations of its cluster is no longer as observed",
        ),
        f"$cluster.MaximumParallelMigrations = {becomes}",
    )


MIGRATIONS = "MaximumActiveVirtualSystemMigration"
TWO_FLAGS = "# Before the change, both flags were set. VMM has no name for that."
READY = (
    "Delegation is set on both computer accounts and has replicated, and old tickets have expired. "
    "Type yes to go on"
)

SCRIPTED = (
    Row(
        lambda: settings.enable_live_migration(MACHINE),
        (HOST,),
        (SETTINGS, "(LM102, LM104)"),
        SET_UP_HOSTS,
        precondition=PRECONDITION,
        commands=setting("EnableVirtualSystemMigration", "$false", "-EnableLiveMigration $true"),
        undo=setting("EnableVirtualSystemMigration", "$true", "-EnableLiveMigration $false"),
    ),
    Row(
        lambda: settings.use_credssp(MACHINE, KERBEROS),
        (HOST, "CredSSP"),
        (SETTINGS, "Select CredSSP"),
        SET_UP_HOSTS,
        cost="on the source host",
        precondition=PRECONDITION,
        commands=protocol(KERBEROS, "CredSSP"),
        undo=protocol(CREDSSP, "Kerberos"),
        done=protocol_is(CREDSSP),
    ),
    Row(
        lambda: settings.use_credssp(MACHINE, 7, guard_unread=True),
        (HOST, "CredSSP"),
        (SETTINGS, "Select CredSSP"),
        SET_UP_HOSTS,
        cost="on the source host",
        precondition="First check that Credential Guard does not run on the host (msinfo32). "
        + PRECONDITION,
        commands=protocol(7, "CredSSP"),
        undo=("# Before the change, AuthenticationType was 7, which has no name.",),
        done=protocol_is(CREDSSP),
    ),
    Row(
        lambda: settings.use_kerberos(MACHINE, CREDSSP),
        (HOST, "Kerberos"),
        (HOST, "replicated", SETTINGS, "Only then select Kerberos"),
        SET_UP_HOSTS,
        cost="until both are switched",
        precondition=f"Delegation comes first. {PRECONDITION}",
        commands=(
            *opening(MACHINE),
            refuse(MACHINE, f"(Read-Host '{READY}') -ne 'yes'", "delegation comes first"),
            *protocol(CREDSSP, "Kerberos")[len(opening(MACHINE)) :],
        ),
        undo=protocol(KERBEROS, "CredSSP"),
        done=protocol_is(KERBEROS),
    ),
    Row(
        lambda: options.performance_option(MACHINE, (True, False), "compression", "smb"),
        (HOST, "SMB"),
        (SETTINGS, "select SMB,"),
        SET_UP_HOSTS,
        cost="port 445",
        precondition=PRECONDITION,
        commands=flags("$true", "$false", "UseSmbTransport"),
        undo=flags("$false", "$true", "UseCompression"),
    ),
    Row(
        lambda: options.performance_option(MACHINE, (True, True), "smb", "tcpip"),
        (HOST, "TCP/IP"),
        (SETTINGS, "select TCP/IP,"),
        SET_UP_HOSTS,
        precondition=PRECONDITION,
        commands=flags("$true", "$true", "Standard"),
        undo=(TWO_FLAGS, *flags("$false", "$false", "UseSmbTransport")),
    ),
    Row(
        lambda: options.performance_option(MACHINE, (False, True), "smb", "compression"),
        (HOST, "Compression"),
        (SETTINGS, "select Compression,"),
        SET_UP_HOSTS,
        precondition=PRECONDITION,
        commands=flags("$false", "$true", "UseCompression"),
        undo=flags("$true", "$false", "UseSmbTransport"),
    ),
    Row(
        lambda: options.more_migrations(MACHINE, 1, 4),
        (HOST, "move 4 virtual machines at once"),
        (SETTINGS, "to 4."),
        SET_UP_HOSTS,
        cost="starve",
        precondition=PRECONDITION,
        commands=setting(MIGRATIONS, "1", "-LiveMigrationMaximum 4"),
        undo=setting(MIGRATIONS, "4", "-LiveMigrationMaximum 1"),
    ),
    Row(
        lambda: options.more_in_cluster(MACHINE, "cl01", 2, 4),
        ("cl01", HOST, "move 4 virtual machines at once"),
        (f"On {HOST} or another node", "Do not change the nodes"),
        LIVE_MIGRATION_LIMIT,
        cost="starve",
        precondition=f"{PRECONDITION} The failover clustering cmdlets must be installed as well.",
        commands=limit(2, 4),
        undo=limit(4, 2),
    ),
    Row(
        lambda: wsman.answer_vmm(MACHINE, 5986),
        (HOST, SERVER, "port 5986"),
        (f"On {HOST}, check that Windows Remote Management listens on port 5986", SERVER, "5986"),
        TROUBLESHOOT_HOST_STATUS,
        commands=("netsh winhttp show proxy",),
    ),
    Row(
        lambda: reach.prove_by_hand(MACHINE, ADDRESSES, "hv08 and hv09"),
        ("hv08 and hv09", HOST),
        (f"Connect from hv08 and hv09 to port 6600 of {BOTH}", HOST),
        TROUBLESHOOT_LIVE_MIGRATION,
        commands=(
            "# On hv08 and hv09. Windows Server 2012 R2 and later:",
            "Test-NetConnection -ComputerName '10.1.1.7' -Port 6600",
            "Test-NetConnection -ComputerName '10.1.2.7' -Port 6600",
            "# Windows Server 2012:",
            *(
                f"(New-Object -TypeName 'System.Net.Sockets.TcpClient').Connect('{each}', 6600)"
                for each in ADDRESSES
            ),
        ),
    ),
)
