"""What a host leaves out of all rows of a query, asked for row by row: counted, and capped.

Private properties of a cluster's resources are null in an Enumerate on some builds, and are there
in a Get of the resource (windows-facts-2.md 12.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.model import Singly
from livemigration.facts.reader import MethodArgument, MethodOutput, WmiMethod, WmiReader
from livemigration.wsman.errors import WsmanFault

_NETBIOS_LENGTH = 15
# A host that refuses so many refuses all of them.
_MOST_REFUSALS = 3


class RowByRow:
    """Reads what another reader does, and asks once more for each row that lacks something.

    Args:
        reader: asks the host.
        singly: what rows may lack, and of how many it is asked for.
        host: the host's name; its own rows are asked for, and of a host known by an address all.
    """

    def __init__(self, reader: WmiReader, singly: Singly, host: str) -> None:
        self._reader = reader
        self._singly = singly
        label = host.partition(".")[0].casefold()
        self._own = "" if label.isdecimal() or ":" in host else label[:_NETBIOS_LENGTH]

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> MethodOutput:
        """Call a method, as the other reader does."""
        return self._reader.call(method, selectors, arguments)

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        """Return every row; those that are refused one by one stay as they came."""
        rows = list(self._reader.enumerate(query))
        refused = 0
        key = self._singly.key
        for place in islice(self._lacking(rows), self._singly.most):
            try:
                found = self._reader.enumerate(query.one(**{key: rows[place].text(key)}))
            except WsmanFault:
                # Such as of a row that has gone since.
                refused += 1
                if refused == _MOST_REFUSALS:
                    break
            else:
                rows[place] = found[0] if found else rows[place]
        return rows

    def _lacking(self, rows: Sequence[WmiRow]) -> Iterator[int]:
        """Yield the places of the host's own rows that lack it."""
        for place, row in enumerate(rows):
            owner = row.text_or_none(self._singly.owner)
            own = not self._own or owner is None or owner.casefold() == self._own
            if own and self._singly.lacks(row):
                yield place
