"""What protected virtual machines need on the hosts to which they are moved."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.vm_references import (
    GUARDED_HOSTS,
)

_STORE = "Cert:\\LocalMachine\\Shielded VM Local Certificates"


def copy_certificates(machine: FixTarget, names: Sequence[str], hosts: str) -> Fix:
    """Return how to give other hosts the certificates of a host's virtual TPMs.

    Args:
        machine: the host of the machines.
        names: the machines with a virtual TPM.
        hosts: where certificates are missing, or may be, for a sentence.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Give the other hosts the certificates of the virtual TPMs of {HOSTS}",
        wrong="Other hosts may lack the certificates of virtual TPMs",
        word="certificates",
        why="Without them the move fails with VMM's error 10698, or the virtual machine does not "
        "start there.",
        values=(("Virtual machines", some(names)), ("To compare on", hosts)),
    )
    return by_hand(
        machine,
        cause,
        key="virtual-tpm-certificates",
        console=(
            (
                f"On {name} and on {hosts}, see which there are: Get-ChildItem -Path '{_STORE}' | "
                "Select-Object Thumbprint, HasPrivateKey, Subject. What must be on all of them, "
                "with private keys, are the two of the guardian that made the virtual TPM: named "
                f"(UntrustedGuardian) ({name.partition('.')[0]}) where it was made on this host."
            ),
            (
                f"On {name}, for each THUMBPRINT that is missing elsewhere: Export-PfxCertificate "
                f"-Cert '{_STORE}\\THUMBPRINT' -FilePath 'THUMBPRINT.pfx' -Password (Read-Host "
                "-AsSecureString)."
            ),
            (
                f"On {hosts}: Import-PfxCertificate -FilePath 'THUMBPRINT.pfx' -CertStoreLocation "
                f"'{_STORE}' -Exportable -Password (Read-Host -AsSecureString). It changes nothing "
                "for running virtual machines, and needs no restart."
            ),
            (
                "Keep the files where only those who may start these virtual machines reach them. "
                "To undo it, take the imported certificates out of that store again, on the hosts "
                "that got them."
            ),
        ),
        cost="Whoever has such a file and the disks can start the virtual machine.",
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )


def share_guardian(machine: FixTarget, names: Sequence[str], hosts: str, servers: str) -> Fix:
    """Return how to make other hosts guarded hosts of the same Host Guardian Service.

    Args:
        machine: the host of the machines.
        names: the shielded machines.
        hosts: the hosts that are not, or of which it is not known, for a sentence.
        servers: the addresses of the key protection of the host, for a sentence.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Move shielded virtual machines of {HOSTS} only where the same guardian service is",
        wrong="Other hosts are not guarded by the same Host Guardian Service",
        word="not guarded",
        why="A shielded virtual machine starts only where the Host Guardian Service hands out its "
        "keys.",
        values=(("Virtual machines", some(names)), ("Not on", hosts)),
    )
    return by_hand(
        machine,
        cause,
        key="host-guardian",
        console=(
            (
                f"On {name} and on {hosts}, compare Get-HgsClientConfiguration: IsHostGuarded must "
                f"be True, and KeyProtectionServerUrl the same ({servers})."
            ),
            (
                "Where it is not, have the host registered with that service by who runs it, write "
                "down what Get-HgsClientConfiguration shows, then: Set-HgsClientConfiguration "
                "-KeyProtectionServerUrl URL -AttestationServerUrl URL, with the values of "
                f"{name}. Get-HgsTrace -RunDiagnostics says why an attestation fails."
            ),
            (
                "To undo it, set what was written down, or where there was no address: "
                "Set-HgsClientConfiguration -EnableLocalMode."
            ),
            "Until then, choose a destination that is guarded.",
        ),
        cost="A host that attests by its TPM may have to be restarted for that.",
        source=GUARDED_HOSTS,
    )
