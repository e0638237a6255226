"""Events of Hyper-V, of clusters and of what live migration rests on."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind

VMMS_LOG = "Hyper-V-VMMS-Admin"
CLUSTER_LOG = "Hyper-V-High-Availability-Admin"
_INNER = ("Explain the code inside the event's text: it names the cause.",)
_SPN = ("List the SPNs with setspn -L HOST, and duplicates with setspn -x.",)


def _statistics(number: int, confidence: Confidence = Confidence.COMMUNITY) -> Entry:
    return Entry(
        Kind.EVENT,
        number,
        (VMMS_LOG,),
        "Success, or a figure about a migration that ran (brownout, blackout).",
        steps=("Nothing to do.",),
        sources=(sources.STATISTICS_BLOG,),
        confidence=confidence,
    )


def _unknown(number: int) -> Entry:
    return Entry(
        Kind.EVENT,
        number,
        (),
        "This suite knows no source that says what this event means.",
        steps=("Read the event's own text, and explain the codes in it.",),
        sources=(sources.NONE_FOUND,),
        confidence=Confidence.UNVERIFIED,
    )


ENTRIES = (
    Entry(
        Kind.EVENT,
        21502,
        (CLUSTER_LOG,),
        "The live migration of a clustered virtual machine failed.",
        steps=_INNER,
        checks=("LM501", "LM703"),
        sources=(sources.TROUBLESHOOT_MIGRATION, sources.MIGRATION_2026),
    ),
    Entry(
        Kind.EVENT,
        21501,
        (CLUSTER_LOG,),
        "The limit of simultaneous migrations was reached.",
        steps=("Try again later, or raise the limit (on a cluster: MaximumParallelMigrations).",),
        checks=("LM106",),
        sources=(sources.TROUBLESHOOT_MIGRATION,),
        caution="More migrations at once can starve storage that shares their network.",
        phrases=("virtual machine migration limit",),
    ),
    Entry(
        Kind.EVENT,
        21125,
        (CLUSTER_LOG,),
        "The configuration could not be set up at the destination.",
        "The two hosts name their virtual switches differently.",
        ("Give the virtual switch the same name on both hosts.",),
        ("LM502",),
        (sources.TROUBLESHOOT_MIGRATION, sources.HIGH_AVAILABILITY),
        phrases=("make sure that name of the virtual network is the same",),
    ),
    Entry(
        Kind.EVENT,
        21024,
        (VMMS_LOG,),
        "A migration failed at its source host: the mark of every such failure. Two sources "
        "describe the event differently.",
        "Azure Local supportability (2026), seen while a failure was reproduced: it closes each "
        "failed move, whatever the cause. KB 4558514: a move that succeeded, after which the "
        "virtual machine lost its network.",
        (
            "Read the events beside it at that time, and explain their codes: they name the cause.",
            "Only where the machine moved and lost its network: compare its switches (LM502).",
        ),
        ("LM502",),
        (sources.AZURE_LOCAL_SID, sources.TROUBLESHOOT_MIGRATION),
        "It names no cause of its own.",
    ),
    Entry(
        Kind.EVENT,
        20413,
        (VMMS_LOG,),
        "The configuration could not be registered; the migration stops at 90 to 100 percent.",
        "The drive letters of the system disks differ.",
        ("Compare the paths of the virtual machine with the drives of the destination.",),
        (),
        (sources.TROUBLESHOOT_MIGRATION,),
        phrases=("failed to register the configuration for the virtual machine",),
    ),
    Entry(
        Kind.EVENT,
        20417,
        (VMMS_LOG,),
        "Warning: the virtual machine stood still for long (blackout).",
        steps=("Check the bandwidth of the migration network.",),
        sources=(sources.TROUBLESHOOT_MIGRATION,),
        phrases=("with an unexpectedly long blackout time",),
    ),
    Entry(
        Kind.EVENT,
        20406,
        (VMMS_LOG,),
        "With event 280: problems of the network or of WinRM.",
        steps=_INNER,
        checks=("LM301", "LM302"),
        sources=(sources.MIGRATION_2026,),
    ),
    Entry(
        Kind.EVENT,
        280,
        (),
        "With event 20406: problems of the network or of WinRM.",
        steps=_INNER,
        checks=("LM301", "LM302"),
        sources=(sources.MIGRATION_2026,),
        providers=("hyper-v", "winrm", "20406"),
    ),
    Entry(
        Kind.EVENT,
        10698,
        (),
        "With event 21502. Two sources name two causes.",
        "Microsoft's guide (2026): the configuration version of the virtual machine does not fit "
        "the host. Microsoft Japan (2024): the key protector of its virtual TPM cannot be used at "
        "the destination.",
        (
            "Compare Get-VM NAME with Get-VMHostSupportedVersion of the destination (LM503).",
            "With a virtual TPM: bring its certificates to the destination (LM704).",
        ),
        ("LM503", "LM704"),
        (sources.MIGRATION_2026, sources.VTPM_10698),
    ),
    Entry(
        Kind.EVENT,
        20306,
        (VMMS_LOG,),
        "No credentials are available in the security package.",
        "As 0x8009030E.",
        ("Explain 0x8009030E.",),
        ("LM104", "LM401"),
        (sources.TEAMING_BLOG,),
        confidence=Confidence.COMMUNITY,
    ),
    *(_statistics(number) for number in (20415, 20418, 22507, 22508, 22509)),
    Entry(
        Kind.EVENT,
        22038,
        (VMMS_LOG,),
        "Authentication between the hosts failed; one report says so.",
        steps=_INNER,
        checks=("LM104", "LM401"),
        sources=(sources.COMMUNITY,),
        confidence=Confidence.COMMUNITY,
    ),
    Entry(
        Kind.EVENT,
        3012,
        ("LoadPerf",),
        "The performance counters of the host are corrupt; VMM then shows a wrong host status.",
        steps=("Rebuild the performance counters, then refresh the host in VMM.",),
        sources=(sources.CLUSTER_2912,),
        providers=("loadperf",),
    ),
    Entry(
        Kind.EVENT,
        4,
        ("Security-Kerberos", "KRB_AP_ERR_MODIFIED"),
        "A Kerberos ticket was made for another account than the one that got it.",
        steps=_SPN,
        checks=("LM403",),
        sources=(sources.SUPPORT_ARTICLES,),
        phrases=("krb_ap_err_modified",),
        providers=("security-kerberos", "krb_ap_err_modified"),
    ),
    Entry(
        Kind.EVENT,
        11,
        ("Kerberos key distribution center",),
        "An SPN is registered on two accounts.",
        steps=_SPN,
        checks=("LM403",),
        sources=(sources.SUPPORT_ARTICLES,),
        phrases=("the kdc encountered duplicate names",),
        providers=("kdc", "key-distribution", "key distribution"),
    ),
    Entry(
        Kind.MESSAGE,
        None,
        ("The listener for migration connections was disabled",),
        "The migration service of the host has closed port 6600.",
        "A local Group Policy that is corrupt or was not processed.",
        ("Run gpupdate /force on the host. Where that fails, restore its GroupPolicy folder.",),
        ("LM103", "LM101"),
        (sources.TROUBLESHOOT_MIGRATION,),
        phrases=("disabled the listener for virtual machine migration",),
    ),
    *(_unknown(number) for number in (20414, 21026, 22040, 22505)),
)
