"""A host held against machines of others: what comes first, what is named, and what blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest
from test_exchange import _host, fleet, name_of, seen_from

from livemigration.facts.identity import Listed
from livemigration.facts.processor import PROCESSORS
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.verdict.exchange import Peers
from livemigration.verdict.exchange_machines import Compared, Comparison, compared_machines
from livemigration.verdict.findings import Finding, Fix, fail, note, ok, warn
from livemigration.verdict.views import BlockedError

COMPARED = Compared(name_of, "processors", "processors or machines", (PROCESSORS,))
NOTE = note("Another microcode.")
WARN = warn("Older.", "As new.")
FAIL = fail("Of another maker.", "Of one maker.", Fix("maker", "Exchange it."))


class Told(Comparison):
    """Finds of each part of the peers what it was given."""

    well = "All equal."

    def __init__(self, *found: Finding, open_: str = "", hides: bool = False) -> None:
        super().__init__("Not known")
        self.found, self.hides = found, hides
        if open_:
            self.open.append(BlockedError("", open_, "Look."))

    def with_peers(self, peers: Peers) -> Iterator[Finding]:
        for number, (_, names) in enumerate(peers.others(name_of)):
            self.hidden.look_at(names, hides=self.hides and number == 0)
        yield from self.found


def compared(
    facts: RunFacts, *found: Finding, fail_on: Literal["fail", "warning"] = "fail", **more: Any
) -> list[Finding]:
    exchange = seen_from(facts, "hv01")
    told = Told(*found, **more)
    return list(compared_machines(exchange, COMPARED, Policy(fail_on=fail_on), lambda: told))


EQUAL = fleet(hv01=_host(), hv02=_host())
UNREAD = fleet(hv01=_host(), hv02=_host(None))
AND_UNSEEN = replace(UNREAD, listed=tuple(map(Listed, ("hv01", "hv02", "hv03"))))


def test_where_nothing_speaks_against_it_that_comes_first_and_notes_behind_it() -> None:
    assert compared(EQUAL, NOTE) == [ok("All equal."), NOTE]
    assert compared(EQUAL, NOTE, WARN) == [NOTE, WARN]


def test_peers_of_which_something_is_not_known_are_named_beside_what_was_compared() -> None:
    some = fleet(hv01=_host(), hv02=_host(None), hv03=_host("A"), hv04=_host("B"))
    said = "Not judged, because their processors or machines could not be read: "
    assert compared(some) == [ok("All equal."), note(f"{said}hv02.")]
    assert compared(some, hides=True) == [ok("All equal."), note(f"{said}hv02 and hv03.")]


def test_what_is_open_blocks_unless_something_fails() -> None:
    for found in ((), (NOTE,), (WARN,)):
        with pytest.raises(BlockedError, match="Its machines hide"):
            compared(EQUAL, *found, open_="Its machines hide.")
    assert compared(EQUAL, FAIL, open_="Its machines hide.") == [FAIL]


def test_where_no_peer_could_be_read_it_is_said_why() -> None:
    with pytest.raises(BlockedError, match=r"hv02 could not be read: LM302 of hv02 says why"):
        compared(UNREAD)
    _, unread, unseen = compared(AND_UNSEEN)
    assert unread == note("Not judged, because their processors could not be read: hv02.")
    assert unseen.observed.endswith("not looked at: hv03.")
    with pytest.raises(BlockedError, match="hv03"):
        compared(AND_UNSEEN, fail_on="warning")
