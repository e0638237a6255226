"""Which virtual machines are domain controllers, as far as a directory and their names tell.

No fact of a host says what runs inside a machine: only the directory knows its controllers, and
only by their names. A machine of another name may be one all the same.
"""

from __future__ import annotations

from livemigration.facts.directory import DIRECTORY_ACCOUNT, DIRECTORY_CONTROLLERS
from livemigration.facts.model import Gathered, Inapplicable
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.views import FactsView


class Controllers:
    """The names of domain controllers, of every domain that was read: once for all hosts."""

    def __init__(self, facts: RunFacts) -> None:
        outcomes = (each.outcome(DIRECTORY_CONTROLLERS) for each in facts.hosts.values())
        # Hosts of one domain share what was said of it.
        said = {each.value for each in outcomes if isinstance(each, Gathered)}
        self._labels = frozenset(label_of(each.name) for own in said for each in own) - {""}

    def is_one(self, name: str) -> bool:
        """Whether a virtual machine of this name is called like a domain controller."""
        return label_of(name) in self._labels


def label_of(name: str) -> str:
    """Return what two spellings of a machine's name have in common, with a domain or without."""
    return name.casefold().partition(".")[0]


def unread(host: FactsView) -> str:
    """Return why the controllers of the domain of a host are not known; empty: they are."""
    outcome = host.outcome(DIRECTORY_CONTROLLERS)
    if isinstance(outcome, Gathered):
        return ""
    # Of facts that were gathered without a drain, what else a directory was asked says why.
    other = host.outcome(DIRECTORY_ACCOUNT)
    if isinstance(other, Inapplicable):
        return other.reason
    return outcome.reason if isinstance(outcome, Inapplicable) else outcome.failure.sentence
