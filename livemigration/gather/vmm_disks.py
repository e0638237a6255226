"""VMM's record of virtual machines' disks: of hosts whose machines have any, in batches.

What a machine has on record is perhaps fetched from VMM's database machine by machine, so that one
process reads few hosts, and a few processes run side by side.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.facts.virtual_disks import VIRTUAL_DISKS
from livemigration.facts.vmm import VmmRecord
from livemigration.facts.vmm_disks import VMM_DISKS, ParentDisk, VmmDisk
from livemigration.facts.windows import MEGABYTE
from livemigration.gather.asking import Outcomes
from livemigration.gather.batches import SIDE_BY_SIDE, VmmScripts, in_batches
from livemigration.gather.connect import Connector, Target
from livemigration.gather.vmm import ACCESS_CHECK, VmmView
from livemigration.vmm.scripts import (
    READ_DISKS,
    DiskReply,
    HostDisksReply,
    ReadDisksReply,
    ReadDisksRequest,
)

MOST_HOSTS = 25
"""How many hosts one process reads."""

_OF_ITS_TIME = 0.75
_NEXT_STEP = "Run Get-SCVirtualMachine for this host on the VMM server by hand and compare."


def rounds_of(hosts: int) -> int:
    """Return how many batches of hosts are read one after the other."""
    return -(-hosts // (MOST_HOSTS * SIDE_BY_SIDE))


def unasked(
    host: str, said: Outcomes, record: Outcome[VmmRecord] | None
) -> Outcome[tuple[VmmDisk, ...]] | None:
    """Return what becomes of a host about whose disks VMM is not asked; None: it is asked.

    Args:
        host: its name.
        said: what it said of itself.
        record: VMM's record of it; None: that was not read.
    """
    files = said.get(VIRTUAL_DISKS.name)
    if isinstance(files, Gathered) and all(each.is_disc for each in files.value):
        return Inapplicable("No virtual machine that the account sees has a disk that is a file.")
    access = said.get(HOST_ACCESS.name)
    for each in (files, access):
        if isinstance(each, NotGathered | Inapplicable):
            return each
    if isinstance(record, NotGathered | Inapplicable):
        return record
    if record is None or record.value.known:
        return None
    return NotGathered(
        GatherFailure(
            FailureKind.MISSING,
            f"Reading {VMM_DISKS.title} of {host}",
            "VMM does not know this host",
            "Mend LM107 first.",
            "LM107",
        )
    )


def read_disks(
    target: Target,
    names: Mapping[str, str],
    *,
    connect: Connector,
    deadline: Deadline,
    into: VmmView,
) -> None:
    """Fill `into` with VMM's record of the disks of each host's machines.

    Args:
        target: the VMM server.
        names: VMM's name of each host of the inventory that is asked about.
        connect: opens a session for each batch.
        deadline: when to stop.
        into: filled when all answers are there.
    """
    started = time.monotonic()
    batches = in_batches(sorted(set(names.values())), MOST_HOSTS)
    seconds = deadline.remaining / max(1, rounds_of(len(names)))
    # What is read by then is told before the batch's own time is over.
    milliseconds = max(1000, round(seconds * _OF_ITS_TIME * 1000))
    requests = [ReadDisksRequest(target.name, batch, milliseconds) for batch in batches]
    tried = f"Reading {VMM_DISKS.title} on the VMM server {target.name}"
    answers: dict[str, HostDisksReply | NotGathered] = {}
    scripts = VmmScripts(target, connect, deadline, ACCESS_CHECK)
    replies = scripts.run(READ_DISKS, requests, tried)
    for batch, reply in zip(batches, replies, strict=True):
        answers.update(_by_name(batch, reply, tried))
    for host, name in names.items():
        own = into.hosts.setdefault(host, {})
        own[VMM_DISKS.name] = _outcome(name, answers.get(name), started)


def _by_name(
    batch: tuple[str, ...], reply: ReadDisksReply | NotGathered, tried: str
) -> dict[str, HostDisksReply | NotGathered]:
    if isinstance(reply, NotGathered):
        return dict.fromkeys(batch, reply)
    if reply.hosts is None:
        return dict.fromkeys(batch, _failed(FailureKind.SCRIPT, tried, reply.error))
    return {each.name: each for each in reply.hosts}


def _outcome(
    name: str, answer: HostDisksReply | NotGathered | None, started: float
) -> Outcome[tuple[VmmDisk, ...]]:
    tried = f"Reading {VMM_DISKS.title} of {name}"
    if isinstance(answer, NotGathered):
        return answer
    if answer is None:
        return _failed(FailureKind.PROTOCOL, tried, "the answer for this host is missing")
    if answer.disks is None:
        return _failed(FailureKind.SCRIPT, tried, answer.error)
    return gathered(disks_of_reply(answer.disks), Vantage.VMM, started)


def _failed(kind: FailureKind, tried: str, why: str | None) -> NotGathered:
    came_back = one_line(why or "") or "PowerShell gave no reason"
    return NotGathered(GatherFailure(kind, tried, came_back, _NEXT_STEP, ""))


def disks_of_reply(reply: tuple[DiskReply, ...]) -> tuple[VmmDisk, ...]:
    """Return the facts of disks; one without a path cannot be told from others, and is left out."""
    return tuple(
        VmmDisk(
            each.file.strip(),
            _megabytes(each.size),
            _megabytes(each.maximum),
            each.differencing,
            tuple(
                ParentDisk((parent.file or "").strip() or None, _megabytes(parent.size))
                for parent in each.parents
            ),
        )
        for each in reply
        if each.file is not None and each.file.strip()
    )


def _megabytes(size: int | None) -> int | None:
    """Return bytes in MB, rounded up. VMM has 0 of a file that it has not measured."""
    return -(-size // MEGABYTE) if size is not None and size > 0 else None
