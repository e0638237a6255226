"""Fixes of what keeps the machines of other hosts from a host, part by part, and their causes."""

from __future__ import annotations

from cause_told import Told
from fix_rows import HOST, MACHINE, Row

from livemigration.verdict.configuration_versions import Stand
from livemigration.verdict.fixes import pairs, processors
from livemigration.verdict.references import (
    PROCESSOR_COMPATIBILITY,
    TROUBLESHOOT_LIVE_MIGRATION,
    VM_VERSIONS,
)

USERS = ("db01 of hv08", "web01 of hv09")
OTHERS = ("hv08.contoso.com",)
OLDER = pairs.Strange(Stand.OLDER, ("5.0",), USERS)

OF_PAIRS = (
    Row(
        lambda: pairs.have_switches(MACHINE, ("Green", "O'Hara"), USERS, ("Blue",)),
        (HOST, "Green and O'Hara"),
        (
            "virtual machines stay connected. It has Blue.",
            "Virtual Switches: Green and O'Hara, with the teaming",
        ),
        TROUBLESHOOT_LIVE_MIGRATION,
        cost="interrupts its adapter",
        commands=(
            f"# The switches of {HOST}, and the adapters that may carry a new one:",
            f"Get-VMSwitch -ComputerName '{HOST}'",
            f"Get-NetAdapter -CimSession '{HOST}' -Physical",
            "# Then, for each switch, one of two lines, completed by hand: rename, or add.",
            f"# Rename-VMSwitch -ComputerName '{HOST}' -Name '<its name>' -NewName 'Green'",
            (
                f"# New-VMSwitch -ComputerName '{HOST}' -Name 'Green' -NetAdapterName '<adapter>' "
                "-AllowManagementOS $true"
            ),
            f"# Rename-VMSwitch -ComputerName '{HOST}' -Name '<its name>' -NewName 'O''Hara'",
            (
                f"# New-VMSwitch -ComputerName '{HOST}' -Name 'O''Hara' -NetAdapterName "
                "'<adapter>' -AllowManagementOS $true"
            ),
        ),
        undo=(
            "# A switch that was renamed gets its name back; one that was added is removed in the",
            "# same console, while nothing is connected to it.",
            f"Get-VMSwitch -ComputerName '{HOST}'",
            f"# Rename-VMSwitch -ComputerName '{HOST}' -Name 'Green' -NewName '<its name before>'",
            (
                f"# Rename-VMSwitch -ComputerName '{HOST}' -Name 'O''Hara' -NewName "
                "'<its name before>'"
            ),
        ),
    ),
    Row(
        lambda: pairs.same_versions(MACHINE, (OLDER,), "8.0 to 10.0"),
        (HOST,),
        (
            "shut down db01 of hv08 and web01 of hv09, and upgrade each with Update-VMVersion",
            "groups of their own",
        ),
        VM_VERSIONS,
        cost="no way back",
    ),
    Row(
        lambda: processors.one_manufacturer(MACHINE, "AMD", OTHERS),
        (HOST, OTHERS[0]),
        (f"put {HOST} and {OTHERS[0]} into groups of their own", f"move it to {HOST}"),
        PROCESSOR_COMPATIBILITY,
        cost="Downtime",
    ),
    Row(
        lambda: processors.move_while_off(MACHINE, USERS),
        (HOST, "db01 of hv08 and web01 of hv09"),
        (
            f"shut down db01 of hv08 and web01 of hv09, then move to {HOST}, then start there",
            "Set-VMProcessor -VMName <name> -CompatibilityForMigrationEnabled $true",
            "Get-SpeculationControlSettings",
        ),
        TROUBLESHOOT_LIVE_MIGRATION,
        cost="set it to $false",
    ),
)

CAUSES_OF_PAIRS = (
    Told(
        lambda: pairs.have_switches(MACHINE, ("Green",), USERS, ()),
        "the virtual switches that machines of other hosts use",
        "is missing",
        "switch missing",
        "by its name",
        (("Missing", "Green"), ("Used by", "db01 of hv08 and web01 of hv09")),
    ),
    Told(
        lambda: pairs.same_versions(MACHINE, (OLDER,), "8.0 to 10.0"),
        "whose version does not run on",
        "a version that does not run here",
        "version",
        "does not start",
        (("Version", "5.0"), ("Runs here", "8.0 to 10.0")),
    ),
    Told(
        lambda: processors.one_manufacturer(MACHINE, "AMD", OTHERS),
        "apart from hosts with processors of another manufacturer",
        "processors of another manufacturer",
        "manufacturers",
        "with processor compatibility neither",
        (("Processor", "AMD"), ("Others", OTHERS[0])),
    ),
    Told(
        lambda: processors.move_while_off(MACHINE, USERS),
        "while they are off",
        "have taken more than its processor has",
        "processor",
        "until it is started anew",
        (("Machines", "db01 of hv08 and web01 of hv09"),),
    ),
)
