"""A plan as a PowerShell script, which moves nothing unless it is told to.

Windows PowerShell 3.0 or later. It has never been run on Windows.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from livemigration.base.text import counted, listed
from livemigration.placement.plan_document import Means, PlanDocument, PlannedMove
from livemigration.report.drain.script_frame import CLOSING, MEANS, MOVING, OPENING, READING
from livemigration.report.drain.text import names_of
from livemigration.report.drain.words import answer_of
from livemigration.report.moments import utc
from livemigration.report.wording import SIMULATED
from livemigration.verdict.fixes.quoting import comment, quote

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NETBIOS = 15


def script(plan: PlanDocument) -> str:
    """Return the script of a plan; one without moves says so and does nothing."""
    lines = [
        *_heading(plan),
        *OPENING,
        *_refusals(plan),
        *MEANS,
        *READING,
        *MOVING,
        "",
        f"$cluster = {quote(plan.asked.cluster)}",
        "$moves = @()",
        *(line for each in plan.moves for line in _move(each, plan.asked.vmm)),
        *CLOSING,
    ]
    return "\n".join(lines) + "\n"


def script_bytes(plan: PlanDocument) -> bytes:
    """Return the script as a file of Windows: with a byte order mark, and lines that end as there.

    Windows PowerShell reads UTF-8 only behind the mark.
    """
    return codecs.BOM_UTF8 + script(plan).replace("\n", "\r\n").encode("utf-8")


def _heading(plan: PlanDocument) -> Iterator[str]:
    asked = plan.asked
    if asked.simulated:
        yield comment(SIMULATED)
    yield comment(answer_of(plan, names_of(plan)))
    gathered = utc(asked.facts) if asked.facts is not None else "an unknown time"
    yield comment(f"{counted(len(plan.moves), 'move')}, by facts of {gathered}.")
    yield "#"
    yield comment(
        "It moves nothing unless -Execute is given: without it, it says what it would do."
    )
    yield comment(
        "Before each move it reads the hosts again, and waits for a free slot at both ends."
    )
    yield comment("It stops at the first failure. -Back moves everything back, in reverse.")
    if plan.stays:
        yield comment(f"It shuts nothing down. Do that first: {listed(plan.stays)}.")
    yield from map(comment, _where(plan))
    if any(each.disk for each in plan.moves):
        yield comment(
            "Disks move along, into the folder that the other host has for machines: see that its "
            "volume has room."
        )
    yield comment("Pause what moves machines by itself, such as VMM's Dynamic Optimization.")
    yield comment("Scripts like this one have never been run on Windows: read it first.")


def _where(plan: PlanDocument) -> Iterator[str]:
    means = {each.by for each in plan.moves}
    if Means.CLUSTER in means:
        yield (
            f"Run it on a node of {plan.asked.cluster}, signed in there: a cluster's own cmdlet "
            "does not move remotely without CredSSP, and on a node it needs none."
        )
    if Means.VMM in means:
        yield "It needs the VMM console where it runs, and an administrator of VMM and the hosts."
    if {Means.HYPER_V, None} & means:
        yield (
            "Moves by Hyper-V: run it on the host that they leave, or delegate as LM401 says, else "
            "a move started from elsewhere is refused (0x8009030E)."
        )


def _refusals(plan: PlanDocument) -> Iterator[str]:
    if plan.asked.simulated:
        yield f"throw {quote('This script was made from a simulated fleet. It moves nothing.')}"
    if not plan.fits:
        yield f"throw {quote('There is no plan, so that there is nothing to move.')}"
    unknown = [each.vm for each in plan.moves if not _GUID.fullmatch(each.id)]
    if unknown:
        text = f"The GUID is not known of {listed(unknown)}. Nothing was moved."
        yield f"throw {quote(text)}"


def _move(move: PlannedMove, vmm: str) -> Iterator[str]:
    values = (
        ("N", str(move.n)),
        ("Stage", str(move.stage)),
        ("Vm", quote(move.vm)),
        ("Id", quote(move.id)),
        ("From", quote(move.source)),
        ("To", quote(move.to)),
        ("Node", quote(_node(move.to))),
        ("FromNode", quote(_node(move.source))),
        ("By", quote((move.by or Means.HYPER_V).value)),
        ("Vmm", quote(vmm)),
        ("Disks", "$true" if move.disk else "$false"),
    )
    yield "$moves += New-Object PSObject -Property @{"
    yield from (f"    {name} = {value}" for name, value in values)
    yield "}"


def _node(name: str) -> str:
    """Return the name by which a cluster lists a host."""
    return name.partition(".")[0][:_NETBIOS]
