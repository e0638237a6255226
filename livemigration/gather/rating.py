"""VMM's own rating of each host for one virtual machine: only where --stage-vm names it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind, GatherFailure, NotGathered, Vantage, gathered
from livemigration.facts.vmm import VMM_RATING, HostRating
from livemigration.gather.asking import failure_of
from livemigration.gather.connect import Connector, Target
from livemigration.gather.vmm import VmmView
from livemigration.vmm.scripts import RATE_HOST, RateReply, RateRequest
from livemigration.wsman.errors import WsmanError

# The code is the last word of a reason: that of KB 2853203 has 340 characters.
_LONGEST_REASON = 1000


def rate_hosts(
    target: Target,
    names: Mapping[str, str],
    vm: str,
    *,
    connect: Connector,
    deadline: Deadline,
    into: VmmView,
) -> None:
    """Fill `into` with the rating of each host, one host for each call.

    Rated together, hosts are rated from VMM's database, which "does not guarantee migration
    compatibility" (Get-SCVMHostRating, 2016). A call that fails takes no other with it.

    Args:
        target: the VMM server.
        names: VMM's name of each host of the inventory.
        vm: the virtual machine's name in VMM.
        connect: opens a session for each host, so that one that broke is not used again.
        deadline: when to stop.
        into: filled as answers come.
    """
    for host, name in names.items():
        if deadline.passed:
            return
        started = time.monotonic()
        own = into.hosts.setdefault(host, {})
        try:
            with closing(connect(target, deadline)) as session:
                milliseconds = max(1000, round(deadline.remaining * 1000))
                request = RateRequest(target.name, vm, name, milliseconds)
                reply = session.run_script(RATE_HOST, request)
        except WsmanError as error:
            tried = f"Rating {host} for {vm} on the VMM server {target.name}"
            own[VMM_RATING.name] = NotGathered(failure_of(error, tried, ""))
            continue
        own[VMM_RATING.name] = gathered(_rating(vm, reply), Vantage.VMM, started)


def _rating(vm: str, reply: RateReply) -> HostRating:
    return HostRating(
        vm=vm,
        found=reply.found,
        current_host=reply.current,
        rating=reply.rating,
        reasons=tuple(one_line(each, _LONGEST_REASON) for each in reply.reasons),
        warnings=tuple(one_line(each, _LONGEST_REASON) for each in reply.warnings),
    )


def not_rated(host: str, vm: str) -> GatherFailure:
    """Return why VMM was not asked: no virtual machine to rate it for, or no record of it."""
    if not vm:
        return GatherFailure(
            FailureKind.NOT_GATHERED,
            f"Rating {host} on the VMM server",
            "no virtual machine was named",
            "Run the suite again with --stage-vm NAME.",
            "",
        )
    return GatherFailure(
        FailureKind.MISSING,
        f"Rating {host} for {vm} on the VMM server",
        "VMM does not know this host",
        "Mend LM107 first.",
        "LM107",
    )
