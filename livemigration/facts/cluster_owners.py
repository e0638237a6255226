"""Which nodes may own a resource of the cluster, and how a drain moves its virtual machines.

Windows-facts-2.md 12.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE, CLUSTER_PARAMETERS, REGISTRY_METHOD
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import MethodGroup, Subject, Vantage, WmiGroup
from livemigration.facts.reader import MethodOutput, WmiMethod, WmiReader


@dataclass(frozen=True)
class PossibleOwners:
    """MSCluster_ResourceToPossibleOwner: the nodes on which one resource may come online.

    `owner_nodes` are NetBIOS names. A resource that may be nowhere has no row, as one of which the
    account sees none.
    """

    name: str
    owner_nodes: tuple[str, ...]


def _possible_owners(rows: Sequence[WmiRow]) -> tuple[PossibleOwners, ...]:
    nodes: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        nodes[row.referred("GroupComponent", "Name")].append(row.referred("PartComponent", "Name"))
    return tuple(PossibleOwners(name, tuple(each)) for name, each in nodes.items())


_NO_OWNERS: tuple[PossibleOwners, ...] = ()

CLUSTER_POSSIBLE_OWNERS = WmiGroup(
    "cluster-possible-owners",
    "the possible owners of the cluster's resources",
    Subject.HOST,
    Vantage.HOST,
    tuple[PossibleOwners, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_ResourceToPossibleOwner",
            (
                WmiProperty("GroupComponent", CimType.REFERENCE, members=("Name",)),
                WmiProperty("PartComponent", CimType.REFERENCE, members=("Name",)),
            ),
        )
    ),
    parse=_possible_owners,
    may_be_empty="the host is in no cluster",
    when_absent=_NO_OWNERS,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)


@dataclass(frozen=True)
class MoveType:
    """MoveTypeThreshold of the resource type "Virtual Machine".

    When a node is drained, a virtual machine whose group has this priority or a higher one is moved
    live, and any other is saved, moved and resumed. None: it is not set, which means 2000.
    """

    threshold: int | None


MOVE_TYPE_THRESHOLD = "MoveTypeThreshold"
NUMBER_METHOD = WmiMethod(REGISTRY_METHOD.wmi_class, "GetDWORDValue")
_LOCAL_MACHINE = "2147483650"
_NOT_FOUND = 2
_LARGEST = 0xFFFFFFFF
NOT_SET = MoveType(None)


def _move_type(machine: WmiReader) -> MoveType:
    """Return the threshold: a number in the registry, or one that somebody wrote as a text."""
    arguments = {
        "hDefKey": _LOCAL_MACHINE,
        "sSubKeyName": CLUSTER_PARAMETERS,
        "sValueName": MOVE_TYPE_THRESHOLD,
    }
    output = machine.call(NUMBER_METHOD, {}, arguments)
    found = _number(output, "uValue")
    if found is not None:
        return MoveType(found)
    # What a number says of a text is not documented.
    text = machine.call(REGISTRY_METHOD, {}, arguments)
    found = _number(text, "sValue")
    if found is not None:
        return MoveType(found)
    if text.return_value == _NOT_FOUND:
        return NOT_SET
    raise ValueError(
        f"{MOVE_TYPE_THRESHOLD} could not be read as a number: {NUMBER_METHOD.name} returned "
        f"{output.return_value}, {REGISTRY_METHOD.name} {text.return_value}"
    )


def _number(output: MethodOutput, name: str) -> int | None:
    """Return a number as it travels: in decimals or, with 0x, in hexadecimal digits."""
    if output.return_value not in {None, 0}:
        return None
    for text in output.texts(name):
        try:
            return int(text.strip(), 0) & _LARGEST
        except ValueError:
            return None
    return None


CLUSTER_MOVE_TYPE = MethodGroup(
    "cluster-move-type",
    "how a drain moves the cluster's virtual machines",
    Subject.HOST,
    Vantage.HOST,
    MoveType,
    method=NUMBER_METHOD,
    call=_move_type,
    when_absent=NOT_SET,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)
