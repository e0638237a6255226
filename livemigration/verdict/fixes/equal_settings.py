"""Fixes of settings that must be, or should be, the same on hosts that exchange VMs."""

from __future__ import annotations

from collections.abc import Collection

from livemigration.base.text import one_line, some
from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.script import FixTarget, console
from livemigration.verdict.fixes.settings import PROTOCOLS, use_kerberos
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION


def one_protocol(machine: FixTarget, own: int, wanted: int, others: Collection[str]) -> Fix:
    """Return how to bring a host and others to one authentication protocol.

    Args:
        machine: the host.
        own: its AuthenticationType.
        wanted: the protocol that all of them can have.
        others: the hosts that have another than its own.
    """
    if wanted == KERBEROS and own != KERBEROS:
        return use_kerberos(machine, own, differs=True)
    name, protocol, theirs = one_line(machine.name), PROTOCOLS[wanted], some(others)
    cause = Cause(
        title=f"Set one authentication protocol on {HOSTS} and the hosts that differ",
        wrong=f"Hosts that exchange virtual machines with it do not have {PROTOCOLS[own]}"
        if own in PROTOCOLS
        else "Hosts that exchange virtual machines with it have another protocol",
        word="protocols differ",
        why="Microsoft wants the same protocol on both ends of a live migration.",
        values=(("Set to", PROTOCOLS.get(own, str(own))), ("Needed on all", protocol)),
    )
    keep = f"Keep {name} on {protocol}" if own == wanted else f"Set {name} to {protocol} (LM104)"
    steps = [f"{keep}, and set {theirs} to {protocol} as well."]
    if wanted == KERBEROS:
        steps.append(
            "Delegation comes first: both computer accounts, both directions; then replication, "
            "and new tickets. LM504 of those hosts has the commands."
        )
    else:
        steps.append("CredSSP does not work where Credential Guard runs (msinfo32): look first.")
    return Fix(
        key="one-protocol",
        summary=f"Set {name} and {theirs} to {protocol}.",
        console=console(machine, *steps),
        cost="A migration must be started on the source host, in a session that holds credentials."
        if wanted == CREDSSP
        else "",
        source=TROUBLESHOOT_LIVE_MIGRATION,
        cause=cause,
    )
