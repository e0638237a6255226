"""Whatever rules a host has: the verdict of the rows that are asked for is that of every row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from narrow_host import GROUPS, Host, Rows, asked, firewall, whole
from properties import examples
from test_narrow_rows import INVALID_QUERY, VMMS, refused, told

from livemigration.facts.cim import CimValue
from livemigration.facts.firewall import ALLOW, BLOCK
from livemigration.gather.properties import AbsentProperties
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.wsman.register import SUITE

NAMES = (
    MIGRATION_RULE,
    "virt-migl-in-tcp-noscope",
    "VIRT-MIGL-Out",
    "Agent-OUT-TCP",
    "Block-Live-Migration",
    "{6B7B3B4E-0000-4000-8000-00000000000A}",
    "O'Brien's rule",
    "C:\\agents\\x.exe",
    'A "quoted" one',
    "% [a] _",
    "ünïcode ☺",
)
PROTOCOLS = st.sampled_from(
    ["TCP", "TCP", "TCP", "tcp", "6", "UDP", "udp", "17", "Any", None, "ICMPv4", "ICMPv6", "41",
     "Odd", "*", "", "UDP or ICMP"]
)  # fmt: skip
PORTS = st.sampled_from(
    [("6600",), ("6600",), ("6500-6700",), ("Any",), ("RPC",), ("445",), ("1-6599",), ("Odd",), (),
     None, ("80", "6600"), ("IPHTTPS", "*"), ("70000",)]
)  # fmt: skip
SCOPES = st.sampled_from(
    [("Any",), ("Any",), None, (), ("10.1.1.0/24",), ("LocalSubnet",), ("10.1.9.9",), ("Intranet",)]
)
PROGRAMS = st.sampled_from([VMMS, VMMS, "Any", None, "System", r"C:\x\vmms.exe", "", r"C:\y.exe"])
SERVICES = st.sampled_from(["vmms", "Any", None, "*", "BITS", ""])


@st.composite
def hosts(draw: st.DrawFn) -> Rows:
    names = draw(st.lists(st.sampled_from(NAMES), unique_by=str.casefold, max_size=8))
    rules, ports, addresses, programs, services = ([] for _ in range(5))
    for name in names:
        key: dict[str, CimValue] = {"InstanceID": name}
        rules.append(
            {
                **key,
                "Action": draw(st.sampled_from([ALLOW, ALLOW, BLOCK, 3])),
                "Direction": draw(st.sampled_from([1, 1, 1, 2])),
                "Enabled": draw(st.sampled_from([1, 1, 2])),
                "Profiles": draw(st.sampled_from([0, 1, 4, 7, None])),
            }
        )
        ports.append({**key, "Protocol": draw(PROTOCOLS), "LocalPort": draw(PORTS)})
        local, remote = draw(SCOPES), draw(SCOPES)
        # Of the other filters a row may be withheld.
        if draw(st.integers(0, 9)):
            addresses.append({**key, "LocalAddress": local, "RemoteAddress": remote})
        if draw(st.integers(0, 9)):
            programs.append({**key, "AppPath": draw(PROGRAMS)})
        if draw(st.integers(0, 9)):
            services.append({**key, "ServiceName": draw(SERVICES)})
    tables = (rules, ports, addresses, programs, services)
    return {
        group.source: draw(st.permutations(rows))
        for group, rows in zip(GROUPS, tables, strict=True)
    }


@pytest.mark.long
@examples(1_200)
@given(hosts(), st.booleans())
def test_the_verdict_is_that_of_every_row(rows: Rows, few_bytes: bool) -> None:
    host = Host(rows)
    found = asked(host, AbsentProperties(), few_bytes=few_bytes)
    assert told(firewall(found)) == told(firewall(whole(Host(rows))))


@pytest.mark.long
@examples(400)
@given(
    hosts(),
    st.sets(st.sampled_from([group.source for group in GROUPS])),
    st.booleans(),
    st.booleans(),
)
def test_a_host_that_takes_no_filter_gets_the_verdict_of_every_row(
    rows: Rows, refusing: set[str], hides: bool, few_bytes: bool
) -> None:
    host = Host(rows, {name: refused(INVALID_QUERY) for name in refusing}, hides)
    found = asked(host, AbsentProperties(), few_bytes=few_bytes)
    assert told(firewall(found)) == told(firewall(whole(Host(rows))))


@examples(400)
@given(hosts(), st.booleans())
def test_everything_that_is_asked_is_in_the_register(rows: Rows, few_bytes: bool) -> None:
    class Registered(Host):
        def enumerate(self, query: Any) -> Any:
            SUITE.check_query(query)
            return super().enumerate(query)

    asked(Registered(rows), AbsentProperties(), few_bytes=few_bytes)
