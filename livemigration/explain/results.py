"""Result codes of security, virtualization, HTTP and WMI."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind
from livemigration.wsman.codes import NAMES, NEXT_STEPS

_DELEGATION = (
    (
        "Use Kerberos; delegate cifs and Microsoft Virtual System Migration Service on both "
        "computer accounts."
    ),
    "From Windows Server 2016 select Use any authentication protocol in the delegation.",
    "Wait up to 15 minutes, or purge the machine's tickets: klist purge -li 0x3e7.",
)

_SECURITY = (
    Entry(
        Kind.RESULT,
        0x8009030E,
        ("SEC_E_NO_CREDENTIALS",),
        "The security package holds no credentials for the other host.",
        "With CredSSP: the migration was not started on the source host in a session that holds "
        "credentials. With Kerberos: constrained delegation is wrong; Use Kerberos only is no "
        "longer enough from Windows Server 2016.",
        _DELEGATION,
        ("LM104", "LM401"),
        (sources.TROUBLESHOOT_MIGRATION, sources.SET_UP_HOSTS, sources.KERBEROS_POST),
    ),
    Entry(
        Kind.RESULT,
        0x8009030D,
        ("SEC_E_UNKNOWN_CREDENTIALS",),
        "The credentials are not known to the security package.",
        "Delegation is not set.",
        _DELEGATION,
        ("LM401",),
        (sources.TROUBLESHOOT_MIGRATION,),
    ),
    Entry(
        Kind.RESULT,
        0x80090322,
        ("SEC_E_WRONG_PRINCIPAL",),
        "The name of the target does not fit its account.",
        "An SPN is wrong or exists twice; between clusters, a private network was chosen for live "
        "migration.",
        (
            "List the SPNs with setspn -L HOST, and duplicates with setspn -x.",
            "Between clusters, change the order of the live-migration networks.",
        ),
        ("LM403", "LM401"),
        (sources.TROUBLESHOOT_MIGRATION,),
    ),
)

_VIRTUALIZATION = (
    Entry(
        Kind.RESULT,
        0xC03A0014,
        ("ERROR_VIRTDISK_PROVIDER_NOT_FOUND",),
        "A disk or ISO file of the virtual machine is not available at the destination.",
        steps=("Remove the ISO file from the virtual machine's DVD drive.",),
        sources=(sources.TROUBLESHOOT_MIGRATION,),
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
        "With error 59: storage on NetApp refused an operation.",
        "Opportunistic locks of the volume.",
        ("Check the setting of opportunistic locks (oplocks) on the qtree.",),
        (),
        (sources.TROUBLESHOOT_MIGRATION,),
    ),
    Entry(
        Kind.RESULT,
        0xC0370027,
        ("ERROR_VID_SAVED_STATE_CORRUPT",),
        "The saved state of the virtual machine cannot be read.",
        steps=("Delete the saved state: what was not written to disk in the guest is lost.",),
        sources=(sources.MIGRATION_2026, sources.HEADER),
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

ENTRIES = (*_SECURITY, *_VIRTUALIZATION, *_WMI)
