"""Names of hosts and machines in a question of placement: numbers, in the order of the facts.

What is chosen among equals follows from names. In replaced facts they are others, and the same plan
must come of both. So placement sees numbers, and its answer is given the names back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")

_TOKEN = re.compile("#([hkm][0-9]{6})#")


class Numbered:
    """Hosts and machines by number, and back.

    Args:
        hosts: their names, in the order of the facts.
        machines: from their keys to their names, in the order of the facts.
    """

    def __init__(self, hosts: Iterable[str], machines: Mapping[str, str]) -> None:
        self._hosts = {name: f"#h{number:06}#" for number, name in enumerate(hosts)}
        self._numbers = {key: f"{number:06}" for number, key in enumerate(machines)}
        self._names = {token: name for name, token in self._hosts.items()}
        for key, number in self._numbers.items():
            self._names[f"#k{number}#"] = key
            self._names[f"#m{number}#"] = machines[key]

    def host(self, name: str) -> str:
        """Return what stands for a host."""
        return self._hosts[name]

    def hosts(self, names: Iterable[str]) -> frozenset[str]:
        """Return what stands for hosts."""
        return frozenset(self._hosts[each] for each in names)

    def key(self, machine: str) -> str:
        """Return what stands for the key of a machine."""
        return f"#k{self._numbers[machine]}#"

    def machine(self, key: str) -> str:
        """Return what stands for the name of the machine with this key."""
        return f"#m{self._numbers[key]}#"

    def named(self, value: T) -> T:
        """Return a value of placement, or a sentence, with the names themselves."""
        return cast("T", self._named(value))

    def _named(self, value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Enum):
            return _TOKEN.sub(lambda found: self._names[found[0]], value)
        if isinstance(value, tuple):
            return tuple(self._named(each) for each in value)
        if isinstance(value, frozenset):
            return frozenset(self._named(each) for each in value)
        if isinstance(value, Mapping):
            return {self._named(key): self._named(each) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            found = {each.name: self._named(getattr(value, each.name)) for each in fields(value)}
            return replace(value, **found)
        return value
