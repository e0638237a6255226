"""Firewall rules from the active store: what the local rules and Group Policy's come to.

That a firewall's provider hears of a WMI context over WS-Management is inferred (scale-wire.md 3).
A host that refuses the option is asked without it, and so is every other one of its build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.firewall_stores import in_active_store
from livemigration.facts.reader import MethodArgument, MethodOutput, WmiMethod, WmiReader
from livemigration.gather.narrow import may_mean_more_than_it
from livemigration.gather.properties import AbsentProperties
from livemigration.wsman.errors import WsmanFault

# Under which a build's refusal is remembered, beside those of filters.
_OPTION = "PolicyStore"

Within = Callable[[WmiReader], WmiReader]


def as_it_is(reader: WmiReader) -> WmiReader:
    """Return what reads the store that a host has by default."""
    return reader


class _InActiveStore:
    """Reads what another reader does, in the active store."""

    def __init__(self, reader: WmiReader) -> None:
        self._reader = reader

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        return self._reader.enumerate(in_active_store(query))

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> MethodOutput:
        return self._reader.call(method, selectors, arguments)


class Stores:
    """From which store one host's rules are; `active` is None before the active one was wanted."""

    def __init__(self) -> None:
        self.active: bool | None = None

    def read(self, ask: Callable[[Within], Any], run: AbsentProperties, build: int | None) -> Any:
        """Return a value of the active store; of the other one where that is refused.

        Args:
            ask: reads the value with a reader.
            run: what hosts of the same run refused.
            build: the host's operating-system build; None: not known, so nothing is shared.
        """
        if self.active is False or run.refuses(build, _OPTION):
            self.active = False
            return ask(as_it_is)
        try:
            found = ask(_InActiveStore)
        except WsmanFault as refusal:
            if not may_mean_more_than_it(refusal):
                raise
        else:
            self.active = True
            return found
        found = ask(as_it_is)
        # Only a host that takes the question without it refused the option.
        self.active = False
        run.refuse(build, _OPTION)
        return found
