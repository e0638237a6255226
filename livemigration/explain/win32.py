"""Win32 errors, alone or inside an HRESULT 0x8007nnnn."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind
from livemigration.wsman.codes import NAMES, NEXT_STEPS

_RIGHT = (
    (
        'Give NT VIRTUAL MACHINE\\Virtual Machines "Log on as a service" (and the right to create '
        "symbolic links) in the Group Policy that sets these rights."
    ),
    "gpupdate /force on the host helps until the policy is applied again.",
)

ENTRIES = (
    Entry(
        Kind.WIN32,
        0,
        ("ERROR_SUCCESS",),
        "No error.",
        steps=("Look for another code in the same message.",),
        sources=(sources.WIN32_CODES,),
    ),
    Entry(
        Kind.WIN32,
        2,
        (NAMES[0x80070002],),
        "A file or an object was not found.",
        steps=("Read which one the message names.", NEXT_STEPS[0x80070002]),
        sources=(sources.WIN32_CODES, sources.CAPTURES),
    ),
    Entry(
        Kind.WIN32,
        5,
        (NAMES[5], NAMES[0x80070005]),
        "Access is denied.",
        "The account lacks a right on the host, or, during a migration, delegation or SPNs of the "
        "two hosts are wrong.",
        (
            NEXT_STEPS[5],
            "From a migration: check delegation on both computer accounts, and their SPNs.",
        ),
        ("LM302", "LM001", "LM303", "LM301", "LM401"),
        (sources.MIGRATION_2026, sources.WIN32_CODES),
        phrases=("general access denied error",),
    ),
    Entry(
        Kind.WIN32,
        13,
        ("ERROR_INVALID_DATA",),
        "The data is invalid.",
        "With 0x80042001, migration over SMB on Server 2019: ComputerName in HKLM\\SYSTEM\\"
        "CurrentControlSet\\Control\\ComputerName\\ComputerName is not in upper case.",
        ("Compare that value with the host's name, and write it in upper case.",),
        (),
        (sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        14,
        ("ERROR_OUTOFMEMORY", "E_OUTOFMEMORY"),
        "Not enough memory.",
        "The destination host has too little free memory, or VMM's job error 2911 carries it.",
        ("Free memory on the destination host, or choose another one.",),
        ("LM503",),
        (sources.TROUBLESHOOT_MIGRATION, sources.HOST_STATUS),
        phrases=(
            "could not initialize memory",
            "not enough storage is available to complete this operation",
        ),
    ),
    Entry(
        Kind.WIN32,
        59,
        ("ERROR_UNEXP_NET_ERR",),
        "An unexpected network error.",
        "With 0x80048054 and a path on NetApp storage: opportunistic locks of the volume.",
        (
            "Read which file the message names, and check the network to its server.",
            "Where it lies on NetApp storage: look at the oplocks of the qtree.",
        ),
        (),
        (sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        87,
        (NAMES[87],),
        "A parameter is wrong.",
        steps=(NEXT_STEPS[87],),
        sources=(sources.WIN32_CODES, sources.CAPTURES),
    ),
    Entry(
        Kind.WIN32,
        164,
        ("ERROR_MAX_THRDS_REACHED",),
        "No more threads can be created.",
        "Inside VMM 2912: the VMM agent could not be reached properly.",
        ("Follow VMM 2912.",),
        (),
        (sources.CLUSTER_2912, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        206,
        (NAMES[0x800700CE],),
        "The file name or extension is too long; from WinRS: the command line is too long.",
        steps=(NEXT_STEPS[0x800700CE],),
        sources=(sources.WIN32_CODES, sources.CAPTURES),
    ),
    Entry(
        Kind.WIN32,
        1311,
        ("ERROR_NO_LOGON_SERVERS",),
        "No logon server is available.",
        "What it means for live migration is not known to this suite.",
        ("Check that the host reaches a domain controller.",),
        (),
        (sources.WIN32_CODES, sources.NONE_FOUND),
        confidence=Confidence.UNVERIFIED,
    ),
    Entry(
        Kind.WIN32,
        1327,
        ("ERROR_ACCOUNT_RESTRICTION",),
        "A policy restricts the account.",
        "The rights of NT VIRTUAL MACHINE\\Virtual Machines, for example when a recovery "
        "checkpoint is converted.",
        _RIGHT,
        ("LM402",),
        (sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
        phrases=("account restrictions are preventing this user from signing in",),
    ),
    Entry(
        Kind.WIN32,
        1385,
        ("ERROR_LOGON_TYPE_NOT_GRANTED",),
        "The account lacks the logon right: the planned virtual machine cannot be created at the "
        "destination.",
        "Group Policy took away the right to log on as a service from NT VIRTUAL MACHINE\\Virtual "
        "Machines.",
        _RIGHT,
        ("LM402",),
        (sources.LOGON_RIGHT, sources.WIN32_CODES),
        phrases=("user has not been granted the requested logon type",),
    ),
    Entry(
        Kind.WIN32,
        1450,
        ("ERROR_NO_SYSTEM_RESOURCES",),
        "The destination host has too few resources; the migration stops before 10 percent.",
        "Not enough memory at the destination.",
        ("Free memory on the destination host, or choose another one.",),
        ("LM503",),
        (sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
        phrases=("insufficient system resources exist to complete the requested service",),
    ),
    Entry(
        Kind.WIN32,
        1722,
        ("RPC_S_SERVER_UNAVAILABLE",),
        "RPC does not answer: the target host of the migration is unreachable.",
        steps=("Check that the host is on, its name resolves, and its firewall lets RPC in.",),
        checks=("LM302", "LM201"),
        sources=(sources.OS_WIN, sources.WIN32_CODES),
        confidence=Confidence.COMMUNITY,
        phrases=("the rpc server is unavailable",),
    ),
    Entry(
        Kind.WIN32,
        5007,
        ("ERROR_RESOURCE_NOT_FOUND",),
        "The cluster resource was not found.",
        "With VMM 12711, after storage was presented to the cluster again.",
        ("Run Update-ClusterVirtualMachineConfiguration for the virtual machine.",),
        (),
        (sources.STORAGE_12711, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        5016,
        ("ERROR_HOST_NODE_NOT_GROUP_OWNER",),
        "The node cannot own the virtual machine's cluster group.",
        "The node is not among the possible owners, or a virtual switch is missing on it.",
        (
            "Add the node to the possible owners of the virtual machine.",
            "Check that each node has the same virtual switches.",
        ),
        ("LM502", "LM605"),
        (sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
        phrases=("the node is not a possible owner of the group",),
    ),
    Entry(
        Kind.WIN32,
        5023,
        ("ERROR_INVALID_STATE",),
        "The group or resource is not in the state that the operation needs.",
        "VMM 2016 reports it wrongly when virtual machines start in an order of their own.",
        ("With VMM 2016 and a start order, ignore it. Otherwise read the cluster's events.",),
        (),
        (sources.VMM_2016_NOTES, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        5035,
        ("ERROR_NETWORK_NOT_AVAILABLE",),
        "No cluster network is available for live migration.",
        steps=("Run Get-ClusterNetwork, and allow a network that is up for live migration.",),
        checks=("LM601",),
        sources=(sources.TROUBLESHOOT_MIGRATION, sources.WIN32_CODES),
        phrases=("a cluster network is not available for this operation",),
    ),
)
