"""Whether the VMM server that answered is the one that the inventory names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from livemigration.facts.host import DomainMembership
from livemigration.facts.identity import Listed, names_another
from livemigration.facts.model import FactSheet, Gathered
from livemigration.facts.vmm import VMM_RELEASE, VmmRelease


class Answered(Enum):
    """Which computer answered under the name of the VMM server."""

    AS_LISTED = "the computer of that name, or one that did not say its name"
    AS_ACTIVE_NODE = "the active node of a highly available VMM"
    BESIDE_ACTIVE_NODE = "another node than VMM says is active"
    UNSURE = "another computer, and VMM does not say whether it is highly available"
    ANOTHER = "another computer"


def answered(listed: Listed, stated: VmmRelease) -> Answered:
    """Return which computer answered, by what it says of itself.

    A highly available VMM answers as the node on which it runs. What FailoverVMMNodes and
    ActiveVMMNode hold there is not confirmed (windows-facts-2.md 9.1), so first labels are compared
    and another node never is a failure.
    """
    computer = stated.answered_by
    if not computer or not _is_another(listed.own_name, computer):
        return Answered.AS_LISTED
    if stated.is_highly_available is None:
        return Answered.UNSURE
    if not stated.is_highly_available:
        return Answered.ANOTHER
    node = (stated.active_node or "").partition(".")[0].casefold()
    if node and node != computer.partition(".")[0].casefold():
        return Answered.BESIDE_ACTIVE_NODE
    return Answered.AS_ACTIVE_NODE


def _is_another(listed: str, computer: str) -> bool:
    label, _, domain = computer.partition(".")
    said = DomainMembership(label, domain, joined=bool(domain), dns_name=label)
    return names_another(listed, said)


def other_servers(sheets: Mapping[str, FactSheet], listed: Iterable[Listed]) -> dict[str, str]:
    """Return the VMM servers under whose names another computer answered, and its name."""
    inventory = {each.name: each for each in listed}
    found = {}
    for name, sheet in sheets.items():
        outcome = sheet.outcome(VMM_RELEASE)
        if not isinstance(outcome, Gathered):
            continue
        if answered(inventory.get(name, Listed(name)), outcome.value) is Answered.ANOTHER:
            found[name] = outcome.value.answered_by or ""
    return found
