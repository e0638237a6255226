"""Where migration traffic goes inside clusters: in words, drawn, and equal clusters once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import report_runs
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from path_builders import (
    NAMES,
    NODES,
    kind,
    management,
    network,
    of_forty_clusters,
    path,
)
from report_pages import assert_safe, assert_whole, parsed
from report_runs import PWNED

from livemigration.report.html.ladders import ladder_of
from livemigration.report.html.page import REPORT, pages
from livemigration.report.markdown import markdown_text
from livemigration.report.paths import PathKind, kinds_of
from livemigration.run.paths import Use

HV01, HV02, HV03 = NODES
FAILED = "its interface is failed"
BY_CLUSTER = "networks managed by a cluster, VMM or Network ATC"


@in_turn(
    "found, sentence, tells",
    [
        (
            kind(network(), management()),
            "Over Migration; where that is down, over Management: no documented event tells of it.",
            False,
        ),
        (
            kind(management(), network()),
            (
                "Over Management, which has the default gateway; where that is down, over "
                "Migration: no documented event tells of it."
            ),
            True,
        ),
        (
            kind(network("Clients", clients=True), network()),
            (
                "Over Clients, which carries clients; where that is down, over Migration: no "
                "documented event tells of it."
            ),
            True,
        ),
        # The only network there is may be that of management.
        (
            kind(management()),
            "Over Management; where that is down, a move is refused (0x13AB).",
            False,
        ),
        (
            kind(network(unusable=((HV03, FAILED),)), management()),
            (
                "Over Migration: 1 of 3 pairs of nodes; fallen back to Management: 2 of 3 pairs of "
                "nodes (with hv03), no documented event tells of it."
            ),
            True,
        ),
        (
            kind(network(unusable=((HV03, FAILED),))),
            (
                "Over Migration: 1 of 3 pairs of nodes; 2 of 3 pairs of nodes (with hv03) have no "
                "network in common: refused (0x13AB)."
            ),
            True,
        ),
        (
            kind(network(unusable=((HV03, FAILED),)), bridged=True),
            (
                "Over Migration: 1 of 3 pairs of nodes; 2 of 3 pairs of nodes (with hv03) have no "
                "network in common: led by rules that are not documented."
            ),
            True,
        ),
        (
            kind(network(unusable=tuple((each, FAILED) for each in NODES))),
            "Nowhere: no two nodes have a network in common, and a move is refused (0x13AB).",
            True,
        ),
        (
            kind(network(use=Use.EXCLUDED), management(use=Use.EXCLUDED)),
            "Nowhere: every network is excluded, and a move is refused (0x13AB).",
            True,
        ),
        (
            kind(network(use=Use.EXCLUDED), management(use=Use.NOT_OFFERED)),
            (
                "Probably nowhere: Management is not for the cluster's use, and no other "
                "network is left."
            ),
            True,
        ),
        (
            kind(network(), management(), doubt=", in an order that is not known"),
            "Over Migration or Management, in an order that is not known.",
            True,
        ),
        (
            kind(network(), management(), nodes=(HV01,), away=(HV02,)),
            "Over Migration; no two nodes take part.",
            False,
        ),
    ],
)
def test_a_sentence_says_where_the_traffic_goes(
    found: PathKind, sentence: str, *, tells: bool
) -> None:
    assert (found.sentence, found.tells) == (sentence, tells)


def test_what_a_network_is_for_and_whose_it_is_stands_in_its_row() -> None:
    found = kind(
        network(unusable=((HV02, FAILED),), silent=(HV03,)),
        management(own_traffic=True),
        network("Storage", Use.EXCLUDED),
    )
    assert [found.order_of(each) for each in range(3)] == ["first", "2.", "excluded"]
    assert found.purpose_of(1) == "default gateway, clients and the cluster's own traffic"
    assert [found.nodes_of(each) for each in range(3)] == [
        f"not hv02: {FAILED}; no listener: hv03",
        "all of them",
        "",
    ]
    assert replace(found, path=replace(found.path, doubt=", so")).order_of(0) == "not known"


def test_what_else_is_known_is_remarked() -> None:
    found = kind(network(silent=(HV01,)), away=("HV09",), unread=("HV04",), unlisted=(HV02,))
    assert found.remarks == (
        (
            "A node without a listener on a network refuses moves over it; whether they then "
            "take the next network is not documented."
        ),
        "The listeners of HV04 were not read.",
        "No listener is listed on hv02.",
        "Taking no part in the cluster: HV09.",
        (
            f"The nodes' own lists ({BY_CLUSTER} on hv01, hv02 and hv03) count for moves out "
            "of the cluster and into it, not inside it."
        ),
    )


def test_clusters_with_the_same_networks_are_told_once_with_all_their_subnets() -> None:
    some = kinds_of(of_forty_clusters(), NAMES)
    # What tells something comes first.
    assert [len(each.clusters) for each in some] == [1] * 10 + [30]
    assert some[-1].subnets_of(0) == "10.0.100.0/24, 10.0.101.0/24, 10.0.102.0/24 and 27 more"


@in_turn(
    "other",
    [
        path(network("Live"), management()),
        path(management(), network()),
        path(network(), management(use=Use.EXCLUDED)),
        path(network(), management(), doubt=", so"),
        path(network(), management(), away=("HV04",)),
        path(network(), management(), unread=(HV03,)),
        path(network(), management(), unlisted=NODES),
        path(network(), management(), lists=()),
        path(network(), management(), bridged=True),
    ],
)
def test_clusters_that_differ_are_told_apart(other: object) -> None:
    first = path(network(), management())
    assert len(kinds_of((first, first), NAMES)) == 1
    assert len(kinds_of((first, other), NAMES)) == 2  # type: ignore[arg-type]  # a path each


down = st.lists(st.sets(st.sampled_from(range(6)), max_size=6), min_size=1, max_size=4)


@given(down, st.integers(2, 6))
def test_each_pair_takes_the_first_network_that_both_can_use(
    sets: list[set[int]], number: int
) -> None:
    nodes = tuple(f"n{each}" for each in range(number))
    networks = [
        network(
            f"N{at}",
            unusable=tuple((each, FAILED) for each in nodes if int(each[1:]) in out),
        )
        for at, out in enumerate(sets)
    ]
    expected: Counter[int | None] = Counter()
    for one, other in combinations(range(number), 2):
        fit = [at for at, out in enumerate(sets) if one not in out and other not in out]
        expected[fit[0] if fit else None] += 1
    found = kind(*networks, nodes=nodes)
    assert {each.network: each.pairs for each in found.ways} == dict(expected)
    for way in found.ways:
        # Nobody is named for a way that is the first, and somebody for each other one.
        assert bool(way.because) == (way.network != 0)


def test_the_picture_has_a_line_for_each_network_and_what_happens_below_it() -> None:
    found = kind(
        network(unusable=((HV03, FAILED),)), management(), network("Storage", Use.EXCLUDED)
    )
    drawn = ladder_of(found).rungs
    assert [(each.name, each.style, each.below, each.bold) for each in drawn] == [
        ("1 Migration", "first", "\u2193 falls back now: hv03", True),
        ("2 Management", "taken", "\u2193 then refused (0x13AB)", False),
        ("Storage: excluded", "out", "", False),
    ]
    calm = ladder_of(kind(network(), management())).rungs
    assert [(each.style, each.below) for each in calm] == [
        ("first", "\u2193 falls back, no event is documented"),
        ("later", "\u2193 then refused (0x13AB)"),
    ]
    alone = ladder_of(kind(network(unusable=((HV03, FAILED),)))).rungs
    assert (alone[0].below, alone[0].bold) == ("\u2193 refused now: hv03", True)
    unknown = ladder_of(kind(network(), management(), doubt=", so")).rungs
    assert [(each.name, each.style) for each in unknown] == [
        ("Migration", "later"),
        ("Management", "later"),
    ]
    new = ladder_of(kind(network(), bridged=True)).rungs
    assert new[0].below == "\u2193 then: not documented"
    assert len(ladder_of(kind(network("N" * 90))).rungs[0].name) <= 32


def test_the_page_draws_each_kind_with_a_table_and_what_hosts_call_things_is_harmless() -> None:
    hostile = path(network(PWNED, unusable=((PWNED, PWNED),)), management(), cluster=PWNED)
    run = replace(report_runs.broken_fleet(), paths=(*of_forty_clusters(), hostile))
    html = pages(run)[REPORT]
    page = assert_safe(html)
    assert_whole(page)
    kinds = [each for each in page.all("details") if "pth" in each.attributes.get("class", "")]
    assert len(kinds) == 12
    assert sum("open" in each.attributes for each in kinds) == 4
    drawn = [each for each in page.all("svg") if "aria-label" in each.attributes]
    assert len(drawn) >= 12
    assert "CL00, CL01, CL02, CL03 and 26 more" in page.text
    assert "30 clusters" not in page.text
    assert page.all("a", href="#paths")


def test_a_page_without_clusters_has_no_such_section() -> None:
    page = parsed("broken_fleet")
    assert "paths" not in page.ids


def test_on_a_ready_page_nothing_is_unfolded() -> None:
    run = replace(report_runs.green_fleet(), paths=(path(management(), network()),))
    page = parsed(run)
    assert [each for each in page.all("details") if "open" in each.attributes] == []
    assert "which has the default gateway" in page.text


def test_markdown_has_a_line_for_each_kind() -> None:
    run = replace(report_runs.green_fleet(), paths=(path(network(), management()),) * 2)
    text = markdown_text(run)
    assert "## Where clusters move virtual machines" in text
    assert "CL01 and CL01: Over Migration; where that is down" in text
    apart = tuple(path(network(f"N{at}"), cluster=f"CL{at}") for at in range(25))
    assert "and 5 more paths" in markdown_text(replace(run, paths=apart))
    assert "Where clusters" not in markdown_text(replace(run, paths=()))
