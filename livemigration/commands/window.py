"""`livemigration window`: an order in which hosts can be taken down one after the other."""

from __future__ import annotations

import argparse
import json
import sys

from livemigration.base import codec
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, nothing
from livemigration.commands.described import say
from livemigration.commands.planning import FACTS_OF, add_facts, known, requested
from livemigration.facts.registry import simulated
from livemigration.placement.model import Verdict
from livemigration.placement.rolling import Way
from livemigration.report.drain.order_document import asked_order, order_document
from livemigration.report.drain.order_text import is_too_long, order_lines
from livemigration.run.exit_code import ExitCode
from livemigration.verdict.drain_order import Orders, orders_of


def _fill(parser: argparse.ArgumentParser) -> None:
    hosts = parser.add_argument(
        "hosts",
        metavar="HOST",
        nargs="+",
        help="a host to take down: a name, 'hv0*' or group:NAME; their order is kept where it can "
        "be",
    )
    completed(hosts, nothing)
    add_facts(parser)
    parser.add_argument(
        "--bring-back",
        action="store_true",
        help="bring all machines of a host back before the next one (default: leave them where "
        "they are, as long as the next host can be emptied all the same)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, as docs/schemas says")


def _window(chosen: argparse.Namespace) -> int:
    among = known(chosen)
    request = requested(chosen, among, chosen.hosts)
    way = Way.BRING_BACK if chosen.bring_back else Way.LEAVE
    orders = orders_of(among.facts, among.demands, request, way)
    lab = simulated(among.facts)
    if chosen.json:
        asked = asked_order(request, way, among.facts.gathered, simulated=lab)
        document = order_document(orders, asked)
        say(f"{json.dumps(codec.to_json(document), indent=2)}\n")
    else:
        say("".join(f"{e}\n" for e in order_lines(orders, request.window, simulated=lab)))
    if orders.unasked:
        sys.stderr.write(f"{FACTS_OF}\n")
    return _code(orders, request.window)


def _code(orders: Orders, window: int | None) -> ExitCode:
    left_out = [each.answer.verdict for order in orders.orders for each in order.rolling.left_out]
    if Verdict.DOES_NOT_FIT in left_out or is_too_long(orders, window):
        return ExitCode.NOT_READY
    return ExitCode.NO_VERDICT if left_out or orders.unasked else ExitCode.READY


COMMAND = Command(
    "plan in which order hosts can be taken down; move nothing",
    _fill,
    _window,
    examples=(
        "livemigration window hv01 hv02 hv03 --window 4h",
        "livemigration window group:ams --bring-back",
        "livemigration window hv01 hv02 --facts facts.json --json",
    ),
    exits={
        ExitCode.READY: "each host has its place; this is no verdict on the hosts",
        ExitCode.NOT_READY: "a host cannot be emptied, or not all within the window",
        ExitCode.NO_VERDICT: "not decided, or something that decides is not known",
    },
    group=Group.BEFORE,
)
