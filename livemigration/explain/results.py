"""Result codes of virtualization, HTTP and WMI."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind
from livemigration.wsman.codes import NAMES, NEXT_STEPS

_VIRTUALIZATION = (
    Entry(
        Kind.RESULT,
        0xC03A0014,
        ("ERROR_VIRTDISK_PROVIDER_NOT_FOUND",),
        "A disk or ISO file of the virtual machine is not available at the destination.",
        steps=("Remove the ISO file from the virtual machine's DVD drive.",),
        checks=("LM701",),
        sources=(sources.TROUBLESHOOT_MIGRATION,),
        phrases=("a virtual disk support provider for the specified file was not found",),
    ),
    Entry(
        Kind.RESULT,
        0x80042001,
        (),
        "With 0x8007000D: migration over SMB fails on Server 2019.",
        "ComputerName in HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName is "
        "not in upper case.",
        ("Compare that value with the host's name, and write it in upper case.",),
        (),
        (sources.TROUBLESHOOT_MIGRATION,),
    ),
    Entry(
        Kind.RESULT,
        0x80048054,
        (),
        "A migration failed, and Windows has no text for the code. Two sources name two causes.",
        "KB 4558514, together with error 59 and a file on NetApp storage: opportunistic locks. "
        "Microsoft Japan (2025), under a sentence about processor features: the processors of the "
        "two hosts differ, in their protections against Spectre and Meltdown too.",
        (
            (
                "Read the sentences before it. Processor features: compare the hosts (LM501), and "
                "Get-SpeculationControlSettings on both."
            ),
            "A path on NetApp storage and error 59: look at the oplocks of the qtree.",
            "Neither: look in Hyper-V-VMMS-Admin of both hosts at that time.",
        ),
        ("LM501",),
        (sources.TROUBLESHOOT_MIGRATION, sources.CPU_MITIGATIONS),
        "Alone it shows neither cause.",
    ),
    Entry(
        Kind.RESULT,
        0xC0370027,
        ("ERROR_VID_SAVED_STATE_CORRUPT",),
        "The saved state of the virtual machine cannot be read.",
        steps=("Delete the saved state: what was not written to disk in the guest is lost.",),
        sources=(sources.MIGRATION_2026, sources.HEADER),
        phrases=("because the saved state data cannot be read",),
    ),
    Entry(
        Kind.RESULT,
        0x80190193,
        ("HTTP 403, forbidden",),
        "A transfer over HTTP was forbidden.",
        "Inside VMM 2912: the library share is on a hot-added VMware disk.",
        ("Disable HotAdd for the machine that holds the library share.",),
        (),
        (sources.DEPLOYING_2912,),
    ),
    Entry(
        Kind.RESULT,
        0x800007D0,
        (),
        "Inside VMM 2912: the agent failed.",
        "The performance counters of the host are corrupt.",
        ("Rebuild the performance counters of the host, as the article says.",),
        (),
        (sources.CLUSTER_2912,),
    ),
)

_WMI = (
    Entry(
        Kind.RESULT,
        0x80041001,
        ("WBEM_E_FAILED",),
        "A WMI call failed.",
        "Inside VMM 2912 (HostAgentFail): BITS jobs are suspended.",
        ("List the jobs: bitsadmin /list /allusers. Resume or cancel those that are suspended.",),
        (),
        (sources.AGENT_2912,),
    ),
    Entry(
        Kind.RESULT,
        0x80041002,
        (NAMES[0x80041002],),
        "A WMI object was not found.",
        "With VMM 2915: the WMI repository was rebuilt with files that uninstall classes.",
        (
            NEXT_STEPS[0x80041002],
            "Compile the MOF files again, without those whose name contains uninstall.",
        ),
        ("LM302",),
        (sources.NEEDS_ATTENTION, sources.WMI_CODES),
    ),
    Entry(
        Kind.RESULT,
        0x80041003,
        (NAMES[0x80041003],),
        "WMI denies access to the namespace.",
        steps=(NEXT_STEPS[0x80041003],),
        checks=("LM302", "LM303"),
        sources=(sources.WMI_CODES,),
    ),
    Entry(
        Kind.RESULT,
        0x8004100E,
        (NAMES[0x8004100E],),
        "The WMI namespace does not exist.",
        "For root/virtualization/v2: Hyper-V is missing, or the host is older than Server 2012 "
        "and cannot take part.",
        (NEXT_STEPS[0x8004100E],),
        ("LM302",),
        (sources.OS_WIN, sources.WMI_CODES),
        confidence=Confidence.COMMUNITY,
    ),
    Entry(
        Kind.RESULT,
        0x80041010,
        (NAMES[0x80041010],),
        "The WMI class does not exist.",
        steps=(NEXT_STEPS[0x80041010],),
        checks=("LM302",),
        sources=(sources.WMI_CODES,),
    ),
)

_MORE_WMI = tuple(
    Entry(
        Kind.RESULT,
        number,
        (name,),
        meaning,
        steps=(step,),
        checks=("LM302",),
        sources=(sources.WMI_CODES,),
    )
    for number, name, meaning, step in (
        (
            0x80041004,
            "WBEM_E_PROVIDER_FAILURE",
            "A WMI provider failed after it had started.",
            "See the host's log Microsoft-Windows-WMI-Activity/Operational at this moment.",
        ),
        (
            0x80041006,
            "WBEM_E_OUT_OF_MEMORY",
            "WMI has too little memory for the operation.",
            "Check the memory of the host, and of its process WmiPrvSE.",
        ),
        (
            0x80041011,
            "WBEM_E_PROVIDER_NOT_FOUND",
            "The WMI provider of the class is not there.",
            "Check that the role or program that brings the class is installed.",
        ),
        (
            0x80041013,
            "WBEM_E_PROVIDER_LOAD_FAILURE",
            "The WMI provider could not be started.",
            "See the host's log Microsoft-Windows-WMI-Activity/Operational at this moment.",
        ),
        (
            0x80041033,
            "WBEM_E_SHUTTING_DOWN",
            "WMI, or the service of the provider, is being stopped.",
            "Wait until the host has started, then try again.",
        ),
        (
            0x80041069,
            "WBEM_E_TIMED_OUT",
            "A WMI call took longer than its time limit.",
            "Check whether WMI of the host is overloaded, then try again.",
        ),
    )
)

ENTRIES = (*_VIRTUALIZATION, *_WMI, *_MORE_WMI)
