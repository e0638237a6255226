"""What a host leaves out of all rows is asked for row by row: its own, and no more than so many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from livemigration.facts.cim import EmbeddedObject, WmiQuery, WmiRow
from livemigration.facts.cluster_groups import (
    CLUSTER_RESOURCES,
    MOST_ASKED_SINGLY,
    ClusterResource,
)
from livemigration.facts.model import FailureKind, Singly
from livemigration.gather.singly import RowByRow
from livemigration.wsman.errors import WsmanError, WsmanFault

assert CLUSTER_RESOURCES.singly is not None
SINGLY: Singly = CLUSTER_RESOURCES.singly


def row(name: str, owner: str | None = "HV01", vm: str | None = None, **more: Any) -> WmiRow:
    values: dict[str, Any] = {
        "IsClusterSharedVolume": False,
        "Name": name,
        "OwnerGroup": name,
        "OwnerNode": owner,
        "PrivateProperties": None if vm is None else EmbeddedObject((("VmId", vm),)),
        "State": 2,
        "Type": "Virtual Machine",
    }
    return WmiRow("MSCluster_Resource", values | more)


class Cluster:
    """A node of 2012 R2: private properties come with a Get only."""

    def __init__(self, *rows: WmiRow, refuses: WsmanError | None = None) -> None:
        self.rows, self.refuses = rows, refuses
        self.asked: list[str] = []

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        if not query.key:
            return self.rows
        ((_, name),) = query.key
        self.asked.append(name)
        if self.refuses is not None:
            raise self.refuses
        return (row(name, vm=f"id of {name}"),)

    def call(self, *_: Any) -> Any:
        raise NotImplementedError


def read(cluster: Cluster, host: str = "HV01") -> dict[str, ClusterResource]:
    found = CLUSTER_RESOURCES.read(RowByRow(cluster, SINGLY, host))
    return {each.name: each for each in found}


def test_what_is_there_costs_no_question_more() -> None:
    cluster = Cluster(row("web01", vm="id"), row("disk", Type="Physical Disk"))
    assert read(cluster)["web01"].vm == "id"
    assert cluster.asked == []


def test_an_object_that_holds_nothing_is_asked_for_too() -> None:
    cluster = Cluster(row("web01", PrivateProperties=EmbeddedObject(())))
    assert read(cluster)["web01"].vm == "id of web01"


def test_only_the_machines_of_the_host_itself_are_asked_for() -> None:
    cluster = Cluster(row("web01"), row("web02", "hv02"), row("web03", None), row("web04", "hv01"))
    found = read(cluster)
    assert cluster.asked == ["web01", "web03", "web04"]
    assert (found["web01"].vm, found["web02"].vm) == ("id of web01", None)


@pytest.mark.parametrize("host", ["127.0.0.1", "fd00::1"])
def test_of_a_host_that_is_known_by_an_address_every_machine_is_asked_for(host: str) -> None:
    cluster = Cluster(row("web01"), row("web02", "hv02"))
    read(cluster, host)
    assert cluster.asked == ["web01", "web02"]


def test_two_hundred_machines_are_counted_and_capped() -> None:
    cluster = Cluster(*(row(f"vm{number}") for number in range(200)))
    found = read(cluster)
    assert len(cluster.asked) == MOST_ASKED_SINGLY
    assert sum(each.vm is None for each in found.values()) == 200 - MOST_ASKED_SINGLY


def test_a_machine_that_has_gone_since_keeps_nothing_from_the_others() -> None:
    gone = WsmanFault(FailureKind.FAULT, "no such instance")
    cluster = Cluster(*(row(f"vm{number}") for number in range(9)), refuses=gone)
    assert {each.vm for each in read(cluster).values()} == {None}
    assert len(cluster.asked) == 3, "who refuses so many refuses all"


def test_a_session_that_ends_ends_the_reading() -> None:
    lost = WsmanError(FailureKind.UNREACHABLE, "lost")
    with pytest.raises(WsmanError, match="lost"):
        read(Cluster(row("web01"), refuses=lost))
