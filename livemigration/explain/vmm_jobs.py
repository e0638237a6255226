"""Job errors and rating messages of Virtual Machine Manager, and the articles about them."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind

_ADMINISTRATOR = "Check that VMM's account for the host is a local administrator there."
_INNER = "Explain the code in the details of the job."


def _unknown(number: int) -> Entry:
    return Entry(
        Kind.VMM,
        number,
        (),
        "This suite knows no source that says what this VMM job error means.",
        steps=("Read the text and the recommended action of the job in VMM.",),
        sources=(sources.NONE_FOUND,),
        confidence=Confidence.UNVERIFIED,
    )


_RATINGS = (
    Entry(
        Kind.ARTICLE,
        2853203,
        ("zero rating, 0x8007274D",),
        "VMM 2012 SP1 rates a host zero, because it cannot stage a planned virtual machine there.",
        "The host accepts live migration on selected networks only, and VMM does not use one of "
        "them. The listener on port 6600 is elsewhere, so the connection is refused. That it is "
        "this port is inferred from the text of the error.",
        (
            (
                "Make sure that it is this: VMM is 2012 SP1 (3.1.*, LM001), and LM102, LM203 or "
                "LM304 fails and names this KB."
            ),
            (
                "Then, in the VMM console, host properties, Migration settings, Incoming live "
                "migration settings: Use any available network. VM memory may then travel "
                "unencrypted on every network."
            ),
            (
                "Or upgrade: from VMM 2012 R2 (3.2.7510) on it is resolved, and selected networks "
                "are right."
            ),
        ),
        ("LM102", "LM203", "LM304", "LM202", "LM001", "LM306"),
        (sources.KB_2853203,),
        caution="The same code 0x8007274D has other causes: a stopped vmms, live migration "
        "disabled, a listener that was lost. With VMM 2012 R2 or later it is never this bug.",
        phrases=("failed to create a planned virtual machine in the target host",),
    ),
    Entry(
        Kind.ARTICLE,
        2865716,
        ("zero rating of all hosts",),
        "VMM 2012 SP1 finds no connection to the selected VM network.",
        "A bug with VLANs of network sites.",
        ("Add VLAN 0 to the network site.",),
        (),
        (sources.ALL_ZERO,),
        phrases=("no available connection to selected vm network can be found",),
    ),
    Entry(
        Kind.MESSAGE,
        None,
        ("No storage of the requested classification",),
        "The host has not enough storage of the classification that the virtual machine asks for.",
        "The virtual machine moves from remote to local storage. Before VMM 2012 SP1 this blocks; "
        "from SP1 on it only warns.",
        ("From VMM 2012 SP1 on, go on. Before, change the classification or upgrade.",),
        (),
        (sources.STORAGE_CLASS,),
        phrases=("sufficient storage of the requested classification",),
    ),
)

_JOBS = (
    Entry(
        Kind.VMM,
        23007,
        (),
        "The migration waited too long: the limit of simultaneous migrations was reached.",
        steps=(
            "Move fewer virtual machines at once.",
            (
                "Or raise LiveMigrationQueueTimeoutSecs in the VMM server's registry (15 minutes "
                "if not set)."
            ),
        ),
        checks=("LM106",),
        sources=(sources.QUEUE_TIMEOUT,),
    ),
    *(
        Entry(
            Kind.VMM,
            number,
            (),
            meaning,
            "The guest has a static IP address; the migration succeeds all the same.",
            ("Check the network adapter of the virtual machine after the migration.",),
            (),
            (sources.VM_NETWORKS,),
        )
        for number, meaning in (
            (23801, "No connection to the VM network was found."),
            (23753, "No IP pool was found for the VM network."),
        )
    ),
    Entry(
        Kind.VMM,
        11028,
        (),
        "The virtual machine uses a shared ISO file.",
        steps=("Remove the ISO file from its DVD drive.",),
        checks=("LM701",),
        sources=(sources.SHARED_ISO,),
    ),
    Entry(
        Kind.VMM,
        12711,
        (),
        "A cluster operation failed; with 0x138F, a cluster resource was not found.",
        "Storage was presented to the cluster again.",
        ("Run Update-ClusterVirtualMachineConfiguration for the virtual machine.",),
        (),
        (sources.STORAGE_12711,),
    ),
    Entry(
        Kind.VMM,
        12710,
        (),
        "VMM has no permission to the WinRM resources of the host (0x80338104).",
        steps=(_ADMINISTRATOR,),
        checks=("LM301",),
        sources=(sources.HOST_STATUS,),
        caution="The suite uses an account of its own: that its checks pass proves nothing about "
        "VMM's account.",
    ),
    Entry(
        Kind.VMM,
        13926,
        (),
        "The cluster was not refreshed completely.",
        "A node does not answer; while Start Maintenance Mode runs it is by design.",
        ("Refresh the cluster in VMM after that job; follow the job that fails.",),
        (),
        (sources.HOST_STATUS, sources.REFRESH_LOCKED),
    ),
    Entry(
        Kind.VMM,
        2911,
        (),
        "The host has not enough resources for the operation (0x8007000E).",
        "Too little memory; also an antivirus program that blocks WMI, or Windows Management "
        "Framework 3.0 on Server 2008 R2.",
        ("Free memory on the host, then refresh it in VMM.",),
        (),
        (sources.HOST_STATUS, sources.HOST_2911),
    ),
    Entry(
        Kind.VMM,
        2912,
        (),
        "An internal error while VMM talked to the agent of the host.",
        "The code inside tells the cause: 0x800700A4 and 0x800007D0, corrupt performance counters; "
        "0x80041001, suspended BITS jobs; 0x80190193, a library share on a hot-added VMware disk; "
        "0x80072F06, another service on the port of BITS (TCP 443).",
        (_INNER,),
        ("LM302", "LM204"),
        (sources.CLUSTER_2912, sources.AGENT_2912, sources.DEPLOYING_2912, sources.BITS_443),
    ),
    Entry(
        Kind.VMM,
        2915,
        (),
        "An object was not found on the host (0x80041002, 0x80338000).",
        "WMI classes are missing.",
        (_INNER,),
        ("LM302",),
        (sources.NEEDS_ATTENTION,),
    ),
    Entry(
        Kind.VMM,
        2916,
        (),
        "The connection to the agent of the host was lost (0x80338126, 0x80338012).",
        "Also a WinHTTP proxy on the VMM server that takes the host's full name.",
        ("On the VMM server: netsh winhttp show proxy; add the domain to the bypass.",),
        ("LM301", "LM204", "LM201", "LM302"),
        (sources.ADDING_HOST,),
    ),
    Entry(
        Kind.VMM,
        2927,
        (),
        "A hardware management error: WS-Management of the host refused VMM.",
        "The code inside tells the cause: 0x8033809D, a duplicate SPN; 0x8033803B, Windows "
        "Management Framework 3.0 on Server 2008 R2; 0x803381A6, a quota that is used up; "
        "0x80338029, WinRM or the cluster is slow, or an antivirus program stands in the way; "
        "0x8033811E, another service on the port of BITS (TCP 443).",
        (_INNER,),
        ("LM301", "LM302", "LM204"),
        (sources.HOST_2927, sources.HOST_0X8033803B, sources.NODE_2927, sources.BITS_443),
    ),
    Entry(
        Kind.VMM,
        406,
        (),
        "Access to the host is denied.",
        steps=(_ADMINISTRATOR,),
        checks=("LM301",),
        sources=(sources.ADDING_HOST,),
    ),
    Entry(
        Kind.VMM,
        415,
        (),
        "The agent could not be copied to the host.",
        steps=("Check ADMIN$ of the host, and its firewall (TCP 445).",),
        checks=("LM204",),
        sources=(sources.HOST_415,),
    ),
    Entry(
        Kind.VMM,
        421,
        (),
        "The WS-Management configuration of the host is in error.",
        steps=("Check WinRM on the host: winrm get winrm/config.",),
        checks=("LM301", "LM302"),
        sources=(sources.ADDING_HOST,),
    ),
    Entry(
        Kind.VMM,
        20506,
        (),
        "A WinRM request could not be completed.",
        steps=(_INNER,),
        checks=("LM107", "LM301", "LM302"),
        sources=(sources.ADDING_HOST,),
    ),
    Entry(
        Kind.VMM,
        10698,
        (),
        "The virtual machine could not be migrated.",
        "A documented cause: its virtual TPM, whose key protector cannot be used at the "
        "destination. As a Hyper-V event Microsoft lists the number under a configuration version "
        "that does not fit.",
        (
            "Explain the codes in the details of the job.",
            "With a virtual TPM: bring its certificates to the destination (LM704).",
            "Else compare the configuration version with the destination's versions (LM503).",
        ),
        ("LM704", "LM503"),
        (sources.VTPM_10698, sources.MIGRATION_2026),
    ),
    _unknown(26260),
)

ENTRIES = (*_RATINGS, *_JOBS)
