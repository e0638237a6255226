"""Two machines are asked before all, so that a wrong password does not lock the account.

Asked on every host at once, it would count as one failed logon for each.
"""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import listed
from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import failure_of
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.wsman.errors import WsmanError

ASKED_FIRST = 2


def refused_by_the_first(
    machines: Sequence[Target], connect: Connector, seconds: float, deadline: Deadline
) -> tuple[str, GatherFailure] | None:
    """Return who refused the credentials and how, where the first machines all did.

    A machine that does not answer says nothing about the credentials. Fleets of two machines are
    not asked twice.

    Args:
        machines: the VMM server first, where it is asked at all.
        connect: opens a session.
        seconds: how long one machine has.
        deadline: when everything ends.
    """
    if len(machines) <= ASKED_FIRST:
        return None
    first = machines[:ASKED_FIRST]
    refusals: dict[str, GatherFailure] = {}

    def job(target: Target) -> Job:
        def run(limit: Deadline) -> None:
            try:
                with connect(target, limit) as session:
                    session.identify()
            except WsmanError as error:
                if error.kind is FailureKind.AUTHENTICATION:
                    tried = f"Connecting to {target.endpoint}"
                    refusals[target.name] = failure_of(error, tried, "")

        return Job(target.name, seconds, run)

    def quiet(_progress: Progress) -> None:
        """Say nothing: this takes as long as one connection."""

    jobs = [job(target) for target in first]
    run_jobs(jobs, concurrency=ASKED_FIRST, deadline=deadline, watch=quiet)
    if len(refusals) < len(first):
        return None
    names = [target.name for target in first]
    return listed(names), refusals[names[0]]


def not_tried(target: Target, who: str, refusal: GatherFailure, root: str) -> GatherFailure:
    """Return the failure of a machine that was spared another wrong logon."""
    return GatherFailure(
        FailureKind.AUTHENTICATION,
        f"Connecting to {target.endpoint}",
        f"{who} refused these credentials ({refusal.came_back}), so they were not tried on the "
        "rest: repeated wrong logons can lock the account",
        "Check the user name and the password, then run the suite again.",
        root,
        refusal.code,
    )
