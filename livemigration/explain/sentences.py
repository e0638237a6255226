"""Sentences of Hyper-V, clusters and VMM that carry no number."""

from __future__ import annotations

from livemigration.explain import sources, translations
from livemigration.explain.entry import Confidence, Entry, Kind


def _entry(
    name: str,
    meaning: str,
    cause: str,
    steps: tuple[str, ...],
    checks: tuple[str, ...],
    found_in: tuple[str, ...],
    phrases: tuple[str, ...],
) -> Entry:
    return Entry(
        Kind.MESSAGE, None, (name,), meaning, cause, steps, checks, found_in, phrases=phrases
    )


_HOSTS_DIFFER = (
    _entry(
        "The virtual machine uses processor features that the other host lacks",
        "The processors of the two hosts differ in what they offer to virtual machines.",
        "Another processor generation or manufacturer, other firmware settings, another microcode, "
        "or other protections against Spectre and Meltdown: with these even a virtual machine in "
        "processor compatibility mode is refused.",
        (
            "Compare the hosts: firmware, microcode, and Get-SpeculationControlSettings on both.",
            (
                "Shut the virtual machine down, set Set-VMProcessor NAME "
                "-CompatibilityForMigrationEnabled $true, and start it on the older host."
            ),
            "It can always move while it is off.",
        ),
        ("LM501",),
        (sources.TROUBLESHOOT_MIGRATION, sources.MIGRATION_2026, sources.CPU_MITIGATIONS),
        (
            "processor-specific features not supported",
            "hardware on the destination computer is not compatible with the hardware requirements",
            "compatibility check failed at the destination host",
            *translations.PROCESSOR,
        ),
    ),
    _entry(
        "The virtual switch of the virtual machine is missing on the other host",
        "The other host has no virtual switch of that name.",
        "Switches are found by name. Compare-VM reports it as message 33012.",
        (
            "Create the switch on the other host with the same name.",
            (
                "Or choose one for the move: $report = Compare-VM NAME HOST, connect the adapters "
                "that it lists to a switch of HOST, then Move-VM -CompatibilityReport $report."
            ),
        ),
        ("LM502",),
        (sources.COMPARE_VM, sources.TROUBLESHOOT_MIGRATION),
        (
            *("could not find ethernet switch", "could not find the ethernet switch"),
            *("messageid : 33012", "messageid: 33012", "messageid 33012", "message id 33012"),
        ),
    ),
    _entry(
        "The configuration version of the virtual machine does not fit the other host",
        "The other host's Windows does not run this configuration version.",
        "An older host knows no newer versions; Windows Server 2022 and later no longer run 5.0.",
        ("Compare Get-VM NAME with Get-VMHostSupportedVersion of the other host.",),
        ("LM503",),
        (sources.MIGRATION_2026,),
        (
            "configuration version is not supported",
            "not supported by the version of the server on which",
            "version of the virtual machine is not supported",
        ),
    ),
)

_RIGHTS = (
    _entry(
        "The hosts could not authenticate: no suitable credentials at the source host",
        "The source host has no credentials that the other host accepts.",
        "With CredSSP: the move was not started on the source host in a session that holds "
        "credentials, or Credential Guard holds them back (by itself from Windows Server 2025). "
        "With Kerberos: constrained delegation is missing or says Use Kerberos only.",
        (
            "With CredSSP: sign in to the source host and start the move there, or use Kerberos.",
            (
                "With Kerberos: delegate cifs and Microsoft Virtual System Migration Service on "
                "both computer accounts, with Use any authentication protocol."
            ),
        ),
        ("LM104", "LM401", "LM504"),
        (sources.TROUBLESHOOT_MIGRATION, sources.SET_UP_HOSTS, sources.KERBEROS_POST),
        ("at the source host: no suitable credentials available",),
    ),
    _entry(
        "The hosts could not authenticate at the destination host",
        "The destination host did not accept the source host's authentication.",
        "The two hosts use different kinds of authentication, or delegation and SPNs are wrong.",
        (
            "Compare VirtualMachineMigrationAuthenticationType of both hosts (Get-VMHost).",
            "With Kerberos, check delegation and SPNs on both computer accounts.",
        ),
        ("LM504", "LM104", "LM401"),
        (sources.MIGRATION_GUIDANCE,),
        (
            "failed to authenticate the connection at the destination host",
            "authenticate the connection for a virtual machine migration at the destination host",
        ),
    ),
    _entry(
        "The key protector of the virtual machine could not be unwrapped",
        "The other host lacks the certificates of the virtual machine's virtual TPM.",
        "Without a Host Guardian Service each host has certificates of its own (store Shielded VM "
        "Local Certificates).",
        ("Export both certificates of the owner with their keys, and import them on the host.",),
        ("LM704",),
        (sources.MIGRATION_2026, sources.INTEGRATION),
        ("key protector for the virtual machine could not be unwrapped",),
    ),
)

_STATE = (
    _entry(
        "The planned virtual machine could not be created at the destination",
        "The destination did not accept the virtual machine before anything was copied.",
        "Group Policy took rights from NT VIRTUAL MACHINE\\Virtual Machines (0x80070569), or a "
        "planned virtual machine of the same id was left there by an earlier move.",
        (
            "Explain the code behind the sentence.",
            "Look for the rights (LM402), and for left-overs at the destination (LM707).",
        ),
        ("LM402", "LM707"),
        (sources.LOGON_RIGHT, sources.TROUBLESHOOT_MIGRATION),
        ("failed to create planned virtual machine at migration destination",),
    ),
    _entry(
        "The virtual machine is being backed up, or another operation holds it",
        "The virtual machine is in a state in which it cannot be moved.",
        "A backup, a checkpoint or a merge runs, or did not end.",
        ("Wait for it. Where it does not end, look at the backup program.",),
        ("LM705", "LM702"),
        (sources.MIGRATION_2026,),
        (
            "is not in a valid state to perform the operation",
            "cannot be migrated while it is being",
        ),
    ),
    _entry(
        "WinRM does not answer as it should",
        "The machine was reached, and no WS-Management service answered.",
        "WinRM is not set up, or a proxy answers in its place.",
        (
            "On the host: winrm quickconfig.",
            "On the machine that asked: netsh winhttp show proxy; add the domain to the bypass.",
        ),
        ("LM301", "LM302"),
        (sources.MIGRATION_2026, sources.ADDING_HOST),
        ("does not support ws-management identify operations",),
    ),
)

_GENERAL = (
    Entry(
        Kind.MESSAGE,
        None,
        ("A migration failed; the text does not say why",),
        "The move failed: this sentence closes every failed move, and names no cause.",
        steps=(
            "Paste the sentences that follow it too: the cause stands there, often with a code.",
            (
                "Look in Hyper-V-VMMS-Admin of both hosts, and on cluster nodes in "
                "Hyper-V-High-Availability-Admin, at that time."
            ),
        ),
        sources=(sources.TROUBLESHOOT_MIGRATION, sources.AZURE_LOCAL_SID),
        phrases=(
            "failed at migration source",
            "failed at migration destination",
            "live migration of 'virtual machine",
            "live migration did not succeed",
            "failed to live migrate",
        ),
        general=True,
    ),
    Entry(
        Kind.MESSAGE,
        None,
        ("A host could not be connected to for a migration; the text does not say why",),
        "The source host did not get a connection to the other host.",
        "Its listener, the network, or authentication: the code behind the sentence says which.",
        (
            "Paste the rest of the sentence: after the host's name stands the reason.",
            "Meanwhile run LM101, LM103 and LM302 for both hosts.",
        ),
        ("LM103", "LM302", "LM205"),
        (sources.TROUBLESHOOT_MIGRATION,),
        confidence=Confidence.INFERRED,
        phrases=("failed to establish a connection",),
        general=True,
    ),
)

_DISABLED = Entry(
    Kind.MESSAGE,
    None,
    ("Live migration is not enabled on a host",),
    "The host that the sentence names as source or destination does not take part.",
    steps=(
        "Run LM101. Before enabling, see the networks that it would use (LM102).",
        "On that host: Enable-VMMigration. Undo: Disable-VMMigration.",
    ),
    checks=("LM101", "LM102"),
    sources=(sources.COMMUNITY,),
    confidence=Confidence.COMMUNITY,
    phrases=(
        "host is not configured for live migration",
        "computer is not configured for live migration",
    ),
)

ENTRIES = (*_HOSTS_DIFFER, *_RIGHTS, *_STATE, _DISABLED, *_GENERAL)
