"""The hosts that a VMM server manages and the inventory does not list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from livemigration.facts.identity import Listed, address_of


def outside(
    managed: Iterable[str], inventory: Iterable[Listed], known: Collection[str]
) -> tuple[str, ...]:
    """Return the hosts that VMM manages outside the inventory, by VMM's names and in its order.

    As for VMM's record of a host, a first label counts where one of the two is no full name.

    Args:
        managed: every host that VMM lists, by the name by which it addresses it.
        inventory: the hosts of the inventory.
        known: VMM's names of hosts whose record is already known to be that of a listed host.
    """
    names = {name for each in inventory for name in _names(each)}
    names |= {name.casefold() for name in known}
    labels = {_label(name) for name in names}
    short = {name for name in names if _label(name) == name}
    return tuple(each for each in managed if not _is_listed(each.casefold(), names, labels, short))


def _names(listed: Listed) -> Iterator[str]:
    for name in (listed.name, listed.address, listed.answers_as):
        if name:
            yield name.casefold()


def _label(name: str) -> str:
    return name if address_of(name) is not None else name.partition(".")[0]


def _is_listed(
    name: str, names: Collection[str], labels: Collection[str], short: Collection[str]
) -> bool:
    label = _label(name)
    return name in names or label in short or (label == name and label in labels)
