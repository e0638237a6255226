"""`livemigration drain`: the plan by which a host is emptied, from facts that are there already."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.files import words_beside, write_bytes
from livemigration.base.text import listed
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, nothing
from livemigration.commands.described import say
from livemigration.commands.paths import not_written
from livemigration.commands.planning import FACTS_OF, Known, add_facts, known, requested
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.model import Gathered
from livemigration.facts.registry import simulated
from livemigration.inventory.drain import DrainRequest
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Asked, PlanDocument
from livemigration.report.drain.document import document_of_plan
from livemigration.report.drain.gantt import gantt
from livemigration.report.drain.script import script_bytes
from livemigration.report.drain.text import lines_of
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode
from livemigration.verdict.drain_movers import means_of
from livemigration.verdict.drain_plan import plan_of
from livemigration.verdict.views import BlockedError, InapplicableError

_CODES = {
    Verdict.FITS: ExitCode.READY,
    Verdict.FITS_WITH_SWAPS: ExitCode.READY,
    Verdict.DOES_NOT_FIT: ExitCode.NOT_READY,
}


def _fill(parser: argparse.ArgumentParser) -> None:
    host = parser.add_argument("host", metavar="HOST", help="the host that is to be emptied")
    completed(host, nothing)
    add_facts(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, as docs/schemas says")
    parser.add_argument(
        "--powershell",
        metavar="FILE",
        help="write a script that carries the plan out; it moves nothing unless -Execute is given",
    )
    parser.add_argument("--svg", metavar="FILE", help="write the plan as a chart over time")


def _drain(chosen: argparse.Namespace) -> int:
    among = known(chosen)
    request = requested(chosen, among, (chosen.host,))
    if len(request.hosts) != 1:
        raise UsageError(
            f"{chosen.host} names several hosts: {listed(request.hosts)}. Name one, or ask for an "
            f"order of all: livemigration window {' '.join(request.hosts)}"
        )
    (host,) = request.hosts
    try:
        plan = _planned(among, host, request)
    except (BlockedError, InapplicableError) as error:
        sys.stderr.write(f"{plain(f'{host}: no plan can be made: {error.reason}')}\n{FACTS_OF}\n")
        return ExitCode.NO_VERDICT
    if chosen.json:
        say(f"{json.dumps(codec.to_json(plan), indent=2)}\n")
    else:
        say("".join(f"{each}\n" for each in lines_of(plan)))
    _write(chosen, plan)
    return _code(plan)


def _planned(among: Known, host: str, request: DrainRequest) -> PlanDocument:
    facts, demands = among.facts, among.demands
    plan = plan_of(facts, host, demands.policy_of(host), demands.exchanges_of(host), request)
    cluster = facts.hosts[host].outcome(CLUSTER)
    asked = Asked(
        hosts=request.hosts,
        without=request.without,
        to=request.to,
        window=request.window,
        facts=facts.gathered,
        simulated=simulated(facts),
        cluster=(cluster.value.name or "") if isinstance(cluster, Gathered) else "",
        vmm=facts.vmm_of(host).name,
    )
    return document_of_plan(plan, asked, lambda *each: means_of(facts, *each))


def _write(chosen: argparse.Namespace, plan: PlanDocument) -> None:
    for text, option, made in (
        (chosen.powershell, "--powershell", script_bytes),
        (chosen.svg, "--svg", lambda found: gantt(found, alone=True).encode()),
    ):
        if text is None:
            continue
        path = Path(text)
        if not plan.moves:
            sys.stderr.write(f"{option}: nothing was written, as there is nothing to move.\n")
            continue
        try:
            write_bytes(path, made(plan))
        except OSError as error:
            raise not_written(path, error, f"name another file with {option}") from None
        to = sys.stderr if chosen.json else words_beside(path)
        to.write(f"Wrote {path}.\n")


def _code(plan: PlanDocument) -> ExitCode:
    takes, window = plan.takes, plan.asked.window
    if takes is not None and window is not None and takes.low > window:
        return ExitCode.NOT_READY
    return _CODES.get(plan.verdict, ExitCode.NO_VERDICT)


COMMAND = Command(
    "plan how a host is emptied, from the facts of a run; move nothing",
    _fill,
    _drain,
    examples=(
        "livemigration drain hv03.contoso.com",
        "livemigration drain hv03 --without hv05 --window 2h --powershell hv03.ps1",
        "livemigration drain hv03 --facts facts.json --json",
    ),
    exits={
        ExitCode.READY: "there is a plan; this is no verdict on the hosts",
        ExitCode.NOT_READY: "the host cannot be emptied, or not within the window",
        ExitCode.NO_VERDICT: "not decided, or something that decides is not known",
    },
    group=Group.BEFORE,
)
