"""The machines that a policy says are to stay, in facts whose names are replaced.

A pattern of names fits no replaced name. So the replay has, in its place, the replaced names of the
machines that it fits. Which these are, the replaced facts alone cannot say: the results vouch for
the patterns, and the replay for the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.verdict.virtual_machines import is_named


def policies_of(demands: Demands) -> Iterator[Policy]:
    """Yield the site's policy, then those of hosts."""
    yield demands.site
    yield from (each.policy for each in demands.policies)


def machine_names(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of all machines in the document of facts.json, each once."""
    outcomes = (each["outcomes"].get(VIRTUAL_MACHINES.name) for each in facts.get("hosts", ()))
    values = (each.get("value") or () for each in outcomes if each is not None)
    return tuple(
        dict.fromkeys(row["name"] for rows in values for row in rows if row["name"].strip())
    )


def staying(policy: Policy, names: Sequence[str]) -> list[str]:
    """Return those of these names that are to stay."""
    return [each for each in names if is_named(each, policy.stays)] if policy.stays else []


def with_patterns(said: Demands | None, replayed: Demands) -> Demands:
    """Return replayed demands with the patterns that a run names, where it names any."""
    if said is None or len(said.policies) != len(replayed.policies):
        return replayed
    pairs = zip(said.policies, replayed.policies, strict=True)
    return replace(
        replayed,
        site=_as_said(said.site, replayed.site),
        policies=tuple(
            replace(other, policy=_as_said(own.policy, other.policy)) for own, other in pairs
        ),
    )


def _as_said(said: Policy, replayed: Policy) -> Policy:
    return replayed.model_copy(update={"stays": said.stays}) if said.stays else replayed


def unfounded(facts: RunFacts, replayed: Demands) -> Iterator[str]:
    """Yield a sentence where a replay has names to stay that no machine of the facts has."""
    stays = {name for policy in policies_of(replayed) for name in policy.stays}
    if stays:
        found = (each.outcome(VIRTUAL_MACHINES) for each in facts.hosts.values())
        stays -= {row.name for each in found if isinstance(each, Gathered) for row in each.value}
    if stays:
        yield f"replay.json has machines that stay, and that no host has: {len(stays)}."
