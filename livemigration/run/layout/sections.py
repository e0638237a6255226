"""The parts of results.json that a run is laid out in, beside those that it has as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import WithJsonSchema

from livemigration.facts.model import Subject
from livemigration.run.plan import PlanEntry
from livemigration.run.run import HostSummary
from livemigration.verdict.findings import Reference

# What a run is asked for as it is, and what stands in sections of its own.
LAID_OUT = ("plan", "results", "hosts")

Cell = Annotated[
    list[Any],
    WithJsonSchema(
        {
            "description": "The number of a template, and the values of its places {#1}, {#2} …",
            "type": "array",
            "prefixItems": [{"type": "integer", "minimum": 0}],
            "items": {"type": ["string", "number"]},
            "minItems": 1,
        }
    ),
]
ResultCell = Annotated[
    list[Any],
    WithJsonSchema(
        {
            "description": "The state; which of the check's outcomes; and the values of its places "
            "{#1}, {#2} …",
            "type": "array",
            "prefixItems": [{"$ref": "#/$defs/State"}, {"type": "integer", "minimum": 0}],
            "items": {"type": ["string", "number"]},
            "minItems": 2,
        }
    ),
]
Seconds = Annotated[
    list[Any],
    WithJsonSchema(
        {
            "description": "A target, and how long each of its results took, in their order.",
            "type": "array",
            "prefixItems": [{"type": "string"}],
            "items": {"type": "number"},
            "minItems": 1,
        }
    ),
]


def template_of(name: str) -> dict[str, Any]:
    """Return the schema of a template of a class: its definition is made of that of the class."""
    return {"$ref": f"#/$defs/{name}Template"}


@dataclass(frozen=True)
class CheckOfRun(PlanEntry):
    """What all entries of a check have in common, and what it came to on any target.

    `node_id` has a place for the target, and is empty where each entry says its own. `refs` are the
    references of every result whose outcome names none.
    """

    target: str = ""
    refs: tuple[Reference, ...] = ()
    outcomes: tuple[Annotated[dict[str, Any], WithJsonSchema(template_of("Outcome"))], ...] = ()


@dataclass(frozen=True)
class HostLine(HostSummary):
    """A host, and what each check came to on it.

    `results` has a key of `checks` for each. `planned` are the checks that were planned for it,
    where these are not exactly those that have a result. `node_ids` are those of its entries that
    do not follow from the check's.
    """

    results: dict[str, ResultCell] = field(default_factory=dict)
    planned: tuple[str, ...] | None = None
    node_ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OtherLine:
    """A target that is none of the hosts, such as a VMM server; else as the line of a host."""

    kind: Subject
    name: str
    results: dict[str, ResultCell] = field(default_factory=dict)
    planned: tuple[str, ...] | None = None
    node_ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """The order of plan and results, where it is not that of the checks, and their targets in turn.

    Each number is a place in the order of the checks, with the hosts and then the others in turn.
    Results are in the order of the plan where nothing else is said.
    """

    plan: tuple[int, ...] | None = None
    results: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Sections:
    """The parts of results.json that stand for plan, results and hosts of a run."""

    checks: dict[str, CheckOfRun]
    fixes: tuple[Annotated[dict[str, Any], WithJsonSchema(template_of("Fix"))], ...]
    hosts: tuple[HostLine, ...]
    others: tuple[OtherLine, ...] = ()
    seconds: tuple[Seconds, ...] = ()
    order: Order = field(default_factory=Order)


@dataclass(frozen=True)
class NetworkLine:
    """A host in the picture of the network: a template, and its values."""

    name: str
    shown: Cell


@dataclass(frozen=True)
class NetworkSection:
    """The network, each kind of host once."""

    templates: tuple[Annotated[dict[str, Any], WithJsonSchema(template_of("NetworkHost"))], ...]
    hosts: tuple[NetworkLine, ...]


@dataclass(frozen=True)
class FactsLine:
    """The facts of one machine, each a template and its values."""

    kind: Subject
    target: str
    facts: tuple[Cell, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactsSection:
    """The facts behind the findings, each kind of them once, and a line for each machine."""

    facts: tuple[Annotated[dict[str, Any], WithJsonSchema(template_of("Fact"))], ...]
    targets: tuple[FactsLine, ...]


@dataclass(frozen=True)
class ExchangesSection:
    """With whom hosts exchange VMs: [host, number of a group that it is in], or [host, hosts]."""

    groups: tuple[tuple[str, ...], ...]
    hosts: tuple[tuple[str, int | tuple[str, ...]], ...]
