"""Enumerate, Pull and Release of one simulated host (windows-facts.md 5.3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from livemigration.lab import associations, instances, soap, wql
from livemigration.lab.associations import Associators
from livemigration.lab.faults import LabFault, bad_context, bad_filter, bad_uri, needs_star
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.resources import WmiUri, key_selectors, select_row
from livemigration.lab.rows import Row, Rows
from livemigration.lab.world import World
from livemigration.lab.wql_rows import Prepared, prepared, whole
from livemigration.wsman import namespaces as ns

_MOST_CONTEXTS = 100


class Enumerations:
    """The open enumerations of one host."""

    def __init__(self, world: World, host: FleetHost) -> None:
        self._world = world
        self._host = host
        self._open: dict[str, list[str]] = {}

    def answer(self, request: soap.Request) -> bytes:
        """Return the reply to Enumerate, Pull or Release.

        Raises:
            LabFault: the request is one that Windows refuses.
        """
        if request.action == ns.ENUMERATE:
            request.demand(f"{{{ns.ENUMERATION}}}Enumerate")
            return self._enumerate(request)
        request.demand("*", f"{{{ns.ENUMERATION}}}EnumerationContext")
        if request.action == ns.PULL:
            return self._pull(request)
        self._open.pop(_context_of(request), None)
        return soap.reply(request, f"{ns.ENUMERATION}/ReleaseResponse", "")

    def _enumerate(self, request: soap.Request) -> bytes:
        items = self._items(request)
        action = f"{ns.ENUMERATION}/EnumerateResponse"
        at_once = _how_many(items, request)
        if request.first(f"{{{ns.WSMAN}}}OptimizeEnumeration") is None:
            body = f"<n:EnumerationContext>{self._keep(items)}</n:EnumerationContext>"
        elif len(items) <= at_once:
            body = (
                "<n:EnumerationContext></n:EnumerationContext>"
                f"{_container('w', items)}<w:EndOfSequence/>"
            )
        else:
            # Where not everything fits, the captured first reply holds one item.
            context = self._keep(items[1:])
            body = (
                f"<n:EnumerationContext>{context}</n:EnumerationContext>"
                f"<w:Items>{items[0]}</w:Items>"
            )
        return soap.reply(request, action, f"<n:EnumerateResponse>{body}</n:EnumerateResponse>")

    def _items(self, request: soap.Request) -> list[str]:
        uri = WmiUri.parse(request.resource)
        query = request.text(f"{{{ns.WSMAN}}}Filter")
        try:
            return self._found(request, uri)
        except LabFault as fault:
            if not query:
                raise
            raise fault.about(query, uri.namespace) from None

    def _found(self, request: soap.Request, uri: WmiUri) -> list[str]:
        if (tied := self._associators(request)) is not None:
            return self._tied(uri, tied)
        asked = self._query(request, uri)
        query = asked.select
        rows = instances.rows(
            self._world,
            self._host,
            uri.namespace,
            query.class_name,
            active_store=request.option("PolicyStore").casefold() == "activestore",
        )
        if rows is None:
            text = "The specified class does not exist in the given namespace."
            raise bad_filter(text)
        strange = instances.strange(self._world, self._host, query.class_name, rows, asked.names)
        if strange:
            # WMI refuses such a query; which code WS-Management gives then is not known.
            text = f"The query names properties that the class lacks: {', '.join(sorted(strange))}."
            raise bad_filter(text)
        of_class = uri.of(instances.class_name(query.class_name))
        by_keys = request.text(f"{{{ns.WSMAN}}}EnumerationMode") == "EnumerateEPR"
        return _written(rows, asked, of_class, by_keys=by_keys)

    def _associators(self, request: soap.Request) -> Associators | None:
        try:
            return associations.parse(request.text(f"{{{ns.WSMAN}}}Filter"))
        except wql.WqlError as error:
            text = f"The query is not valid: {error}."
            raise bad_filter(text) from None

    def _tied(self, uri: WmiUri, tied: Associators) -> list[str]:
        # The instance must be there; what Windows answers where it is not is not documented.
        select_row(self._world, self._host, uri.of(tied.class_name), tied.keys)
        return [
            soap.instance(row, name, uri.of(name).text)
            for name in map(instances.class_name, tied.classes())
            for row in instances.rows(self._world, self._host, uri.namespace, name) or ()
        ]

    def _query(self, request: soap.Request, uri: WmiUri) -> Prepared:
        filter_ = request.first(f"{{{ns.WSMAN}}}Filter")
        if filter_ is None:
            if uri.is_any_class:
                raise bad_uri("The resource URI names no class.")
            return whole(uri.class_name)
        if not uri.is_any_class:
            raise needs_star()
        try:
            return prepared(filter_.text or "")
        except wql.WqlError as error:
            text = f"The query is not valid: {error}."
            raise bad_filter(text) from None

    def _keep(self, items: list[str]) -> str:
        if len(self._open) >= _MOST_CONTEXTS:
            del self._open[next(iter(self._open))]
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        self._open[context] = items
        return context

    def _pull(self, request: soap.Request) -> bytes:
        items = self._open.pop(_context_of(request), None)
        if items is None:
            raise bad_context()
        at_once = max(_how_many(items, request), 1)
        now, later = items[:at_once], items[at_once:]
        inner = _container("n", now)
        if later:
            # The context changes with every reply, as in the captured ones.
            context = self._keep(later)
            inner = f"<n:EnumerationContext>{context}</n:EnumerationContext>{inner}"
        else:
            inner += "<n:EndOfSequence/>"
        body = f"<n:PullResponse>{inner}</n:PullResponse>"
        return soap.reply(request, f"{ns.ENUMERATION}/PullResponse", body)


def _written(rows: Rows, asked: Prepared, uri: WmiUri, *, by_keys: bool) -> list[str]:
    """Return the items of a query: references to the rows where it goes by keys."""
    columns = asked.select.columns

    def written(row: Row) -> str | None:
        if not asked.wanted(row):
            return None
        if by_keys:
            return soap.endpoint(uri.text, key_selectors(uri, row))
        if columns:
            return soap.fragment(row, columns)
        return soap.instance(row, uri.class_name, uri.text)

    found = [text for row in rows.own if (text := written(row)) is not None]
    if rows.alike is None:
        return found
    return [*found, *rows.alike.written((asked, uri, by_keys), written)]


def _container(prefix: str, items: list[str]) -> str:
    """Return the element that holds items; captured replies without an item have none."""
    return f"<{prefix}:Items>{''.join(items)}</{prefix}:Items>" if items else ""


def _context_of(request: soap.Request) -> str:
    return request.text(f"{{{ns.ENUMERATION}}}EnumerationContext")


def _how_many(items: Sequence[str], request: soap.Request) -> int:
    """Return how many of the items one reply holds."""
    left = request.room
    most = min(_maximum(request), len(items))
    if most == len(items) and sum(map(len, items)) <= left:
        return most
    for number, item in enumerate(items[:most]):
        left -= len(item)
        if left < 0:
            return number
    return most


def _maximum(request: soap.Request) -> int:
    """Return MaxElements, of which WS-Enumeration says that 1 is meant where it is absent."""
    text = request.text(f"{{{ns.WSMAN}}}MaxElements") or request.text(
        f"{{{ns.ENUMERATION}}}MaxElements"
    )
    return max(1, int(text)) if text.isdecimal() else 1
