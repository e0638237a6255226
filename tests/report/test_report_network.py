from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
import report_runs
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from report_networks import VMM, attempt, large_network, network_host, unread_host
from report_runs import PWNED, passed, run_of

from livemigration.evidence.model import Network, NetworkHost, Reached
from livemigration.report.drawing import DRAWN_LANES, drawing_of
from livemigration.report.html import summary_html
from livemigration.report.picture import (
    FOREIGN,
    MAX_LANES,
    MAX_NODES,
    MAX_SUBNETS,
    OTHER_SUBNETS,
    Picture,
    pictures_of,
)

READY = {f"hv{number}": "ready" for number in range(10)}
SVG = "{http://www.w3.org/2000/svg}"


def pictured(*hosts: NetworkHost, states: dict[str, str] | None = None) -> Picture:
    (picture,) = pictures_of(Network(hosts), READY if states is None else states)
    return picture


def svg_of(network: Network) -> Element:
    """Return the drawing of a page; fails where it is not well-formed."""
    html = summary_html(run_of(*passed("hv1"), network=network))
    start, end = html.index('<svg class="lm-net'), html.rindex("</svg>")
    return fromstring(html[start : end + 6].replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1))


def words(element: Element) -> str:
    return " | ".join(text.strip() for text in element.itertext() if text.strip())


def test_hosts_that_differ_in_their_addresses_only_are_one_node() -> None:
    picture = pictured(network_host("hv1", 1), network_host("hv2", 2))
    (node,) = picture.nodes
    assert node.names == ("hv1", "hv2")
    assert node.alike
    assert {lane.hosts for lane in node.lanes} == {2}
    assert {lane.addresses for lane in node.lanes} == {()}


@pytest.mark.parametrize(
    "other",
    [
        network_host("hv2", 2, Reached.REFUSED),
        replace(network_host("hv2", 2), cluster="hvcl01"),
        replace(network_host("hv2", 2), groups=("fra",)),
        unread_host("hv2", "Connecting to hv2: timed out."),
    ],
    ids=["refused", "cluster", "group", "unread"],
)
def test_hosts_that_differ_in_anything_else_stay_apart(other: NetworkHost) -> None:
    picture = pictured(network_host("hv1", 1), other)
    assert sorted(node.names for node in picture.nodes) == [("hv1",), ("hv2",)]


def test_a_host_that_is_not_ready_stands_apart_from_one_that_is() -> None:
    states = {"hv1": "ready", "hv2": "not ready"}
    picture = pictured(network_host("hv1", 1), network_host("hv2", 2), states=states)
    assert {node.names: node.state for node in picture.nodes} == {
        ("hv1",): "ready",
        ("hv2",): "not ready",
    }


def test_ports_of_one_outcome_share_a_lane_and_others_do_not() -> None:
    (open_node,) = pictured(network_host("hv1", 1)).nodes
    assert [(lane.ports, lane.outcome) for lane in open_node.lanes] == [
        ((5985, 6600), "open"),
        ((6600,), "timed out (10060)"),
    ]
    (refused,) = pictured(network_host("hv1", 1, Reached.REFUSED)).nodes
    assert [(lane.ports, lane.outcome) for lane in refused.lanes][:2] == [
        ((5985,), "open"),
        ((6600,), "refused (10061)"),
    ]


def test_an_address_that_is_not_the_hosts_own_is_said_to_be_so() -> None:
    host = replace(network_host("hv1", 1), attempts=(attempt("10.20.10.9", foreign=True),))
    (node,) = pictured(host).nodes
    foreign = [lane for lane in node.lanes if lane.foreign]
    assert [(lane.addresses, lane.roles) for lane in foreign] == [(("10.20.10.9",), (FOREIGN,))]
    # The host's own address in that subnet is shown all the same.
    assert ("10.20.10.1",) in {lane.addresses for lane in node.lanes}


def test_each_vmm_server_has_a_picture_of_its_own() -> None:
    second = replace(network_host("hv2", 2), vmm="vmm02.lab.test")
    pictures = pictures_of(Network((network_host("hv1", 1), second)), READY)
    shown = [(each.vmm, [node.names for node in each.nodes]) for each in pictures]
    assert shown == [(VMM, [("hv1",)]), ("vmm02.lab.test", [("hv2",)])]
    html = summary_html(run_of(*passed("hv1"), *passed("hv2"), network=Network((second,))))
    assert "vmm02.lab.test" in html


hosts = st.lists(
    st.builds(
        lambda number, group, cluster, third, reached: replace(
            network_host(f"hv{number}", number % 250 + 1, reached),
            groups=(group,),
            cluster=cluster,
            attempts=(attempt(f"10.{third}.10.1", 6600, reached),),
        ),
        st.integers(0, 5000),
        st.sampled_from([f"site{n}" for n in range(30)]),
        st.sampled_from(["", "hvcl01", "hvcl02"]),
        st.integers(0, 250),
        st.sampled_from(Reached),
    ),
    unique_by=lambda host: host.name,
    min_size=1,
    max_size=80,
)


@settings(max_examples=40, deadline=None)
@given(hosts)
def test_a_picture_is_bounded_and_loses_no_host(found: list[NetworkHost]) -> None:
    picture = pictured(*found)
    drawn = Counter(name for node in picture.nodes for name in node.names)
    assert drawn == Counter(host.name for host in found)
    assert len(picture.nodes) <= MAX_NODES
    assert len(picture.subnets) <= MAX_SUBNETS
    assert all(len(node.lanes) <= MAX_LANES for node in picture.nodes)
    drawing = drawing_of(picture)
    for box in drawing.boxes:
        assert len(box.lines) <= DRAWN_LANES
        assert all(box.y < line.y < box.y + box.height for line in box.lines)
    edges = [(box.y, box.y + box.height) for box in drawing.boxes]
    assert all(end < start for (_, end), (start, _) in pairwise(edges))
    assert edges[-1][1] < drawing.legend_y < drawing.height


def test_a_thousand_alike_hosts_are_one_box() -> None:
    names = [f"hv{number}" for number in range(1000, 2000)]
    network = Network(tuple(network_host(name, 1) for name in names))
    svg = svg_of(network)
    assert "1000 identical hosts" in words(svg)
    assert len(svg.findall(f".//{SVG}rect")) == 2


def test_many_different_hosts_are_drawn_by_place_with_their_counts() -> None:
    several = [
        replace(network_host(f"hv{n}", n + 1), attempts=(attempt("10.20.10.9", n + 1),))
        for n in range(60)
    ]
    picture = pictured(*several, states={})
    assert picture.merged
    assert [len(node.names) for node in picture.nodes] == [60]
    assert not picture.nodes[0].alike
    assert "60 hosts" in words(svg_of(Network(tuple(several))))


def spread(number: int) -> NetworkHost:
    """Return a host that is on a subnet of its own."""
    host = network_host(f"hv{number}", 1)
    subnet = ipaddress.ip_network(f"10.{number}.0.0/24")
    return replace(host, attempts=(), attachments=(replace(host.attachments[0], subnet=subnet),))


def test_more_subnets_than_bars_share_the_last_bar() -> None:
    as_many = pictured(*(spread(number) for number in range(MAX_SUBNETS)))
    assert OTHER_SUBNETS not in dict(as_many.subnets)
    picture = pictured(*(spread(number) for number in range(MAX_SUBNETS + 1)))
    assert picture.subnets[-1][0] == OTHER_SUBNETS
    bars = drawing_of(picture).bars
    assert len(bars) == MAX_SUBNETS
    # What has no bar of its own stands at the last one.
    lines = [line for box in drawing_of(picture).boxes for line in box.lines]
    assert sum(line.bar == bars[-1].x for line in lines) == 2


def test_outcomes_differ_by_line_mark_and_words_not_by_colour_alone() -> None:
    svg = svg_of(report_runs.broken_fleet().network or Network())
    seen: dict[str, set[str]] = {}
    for line in svg.iter(f"{SVG}line"):
        if (name := line.get("class", "")).startswith("lm-line-"):
            seen.setdefault(name, set()).add(line.get("stroke-dasharray", "solid"))
    dashes = [seen[f"lm-line-{each}"] for each in ("open", "refused", "timed-out", "failed")]
    assert all(len(each) == 1 for each in dashes)
    assert len(set.union(*dashes)) == 4
    said = words(svg)
    for each in ("5985, 6600 open", "6600 refused (10061)", "6600 timed out (10060)", "failed"):
        assert each in said


def test_the_picture_has_a_title_a_description_and_needs_no_style() -> None:
    svg = svg_of(report_runs.broken_fleet().network or Network())
    labels = (svg.get("aria-labelledby") or "").split()
    named = {each.get("id"): each.text for each in svg if each.get("id")}
    assert svg.get("role") == "img"
    assert [bool(named.get(label)) for label in labels] == [True, True]
    # Without the page's style a shape is filled with black unless it says otherwise.
    assert svg.get("fill") == "none"
    assert all(each.get("fill") == "none" for each in svg.iter(f"{SVG}rect"))


def test_the_table_says_what_the_picture_shows() -> None:
    html = summary_html(report_runs.broken_fleet())
    table = html[html.index('<table class="lm-matrix lm-lanes">') :].partition("</table>")[0]
    for said in (
        "hv03.lab.test",
        "10.20.10.13",
        "refused (10061)",
        "timed out (10060)",
        "Connecting to hv05.lab.test: timed out.",
        "Cluster hvcl01",
        FOREIGN.replace("'", "&#39;"),
    ):
        assert said in table, said


def test_a_simulated_picture_says_so_itself() -> None:
    network = Network((network_host("hv1", 1),))
    said = words(svg_of(network))
    assert "SIMULATED" not in said
    html = summary_html(run_of(*passed("hv1"), network=network, simulated=True))
    svg = html[html.index('<svg class="lm-net') :]
    assert svg.partition("</svg>")[0].count("SIMULATED") == 2


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_no_name_breaks_out_of_the_picture(name: str) -> None:
    host = replace(network_host(name, 1), vmm=name, cluster=name, groups=(name,))
    svg = svg_of(Network((host,)))
    assert {each.tag.removeprefix(SVG) for each in svg.iter()} <= {
        *("svg", "title", "desc", "g", "line", "rect", "text", "circle", "path")
    }
    assert not [key for each in svg.iter() for key in each.attrib if key.startswith("on")]


def test_hostile_names_are_shown_as_text() -> None:
    said = words(svg_of(Network((replace(network_host(PWNED, 1), vmm=PWNED),))))
    assert PWNED[:20] in said


def test_a_thousand_hosts_make_a_small_picture() -> None:
    names = [f"hv{number:04}.lab.test" for number in range(1000)]
    picture = pictured(*large_network(names).hosts, states={})
    assert len(picture.nodes) == 2
