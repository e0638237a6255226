"""WQL queries by WS-Enumeration (windows-facts.md 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.wsman import codes, document
from livemigration.wsman.envelope import Message, expect, xml_text
from livemigration.wsman.errors import WsmanError, WsmanFault, unusable
from livemigration.wsman.exchange import Exchange, Reply
from livemigration.wsman.fragments import rows_of
from livemigration.wsman.namespaces import (
    ENUMERATE,
    ENUMERATION,
    PULL,
    RELEASE,
    WQL_DIALECT,
    WSMAN,
)

# MaxBatchItems of every WinRM (windows-facts.md 5.7); the envelope's size is the real limit.
_ITEMS_AT_ONCE = 32_000

MAXIMUM_PULLS = 1_000
MAXIMUM_ROWS = 50_000
MAXIMUM_BYTES = 64 << 20
_RELEASE_SECONDS = 3.0


@dataclass(frozen=True)
class Page:
    """One reply's items as they came, the context to go on with, and whether that was the end."""

    items: tuple[Element, ...]
    context: str
    ended: bool


def read_page(body: Element) -> Page:
    """Return the page in the body of an EnumerateResponse or a PullResponse.

    Windows puts items and end marker into either namespace.

    Raises:
        WsmanError: PROTOCOL: the body is neither.
    """
    response = body.find(_RESPONSE)
    if response is None:
        response = expect(body, _PULLED)
    return Page(
        tuple(each for container in response if container.tag in _ITEMS for each in container),
        document.text_of(response.find(_CONTEXT)),
        any(each.tag in _ENDS for each in response),
    )


_ITEMS, _ENDS = (
    {f"{{{each}}}{name}" for each in (WSMAN, ENUMERATION)} for name in ("Items", "EndOfSequence")
)
_RESPONSE, _PULLED, _CONTEXT = (
    f"{{{ENUMERATION}}}{each}"
    for each in ("EnumerateResponse", "PullResponse", "EnumerationContext")
)


def enumerate_rows(exchange: Exchange, query: WmiQuery) -> tuple[WmiRow, ...]:
    """Return every instance that a query finds.

    Raises:
        WsmanError: the host refused, an instance does not fit its class, or there is no end.
    """
    try:
        return _Enumeration(exchange, query).run()
    except WsmanFault as fault:
        if not _says_lost(fault):
            raise
    # Once more from the start: the host forgot it while it was busy, or restarted its service.
    return _Enumeration(exchange, query).run()


def _says_lost(fault: WsmanFault) -> bool:
    """Whether the host no longer knows an enumeration that it began."""
    if fault.code is None:
        return fault.subcode == "InvalidEnumerationContext"
    return fault.code == codes.INVALID_CONTEXT


class _Enumeration:
    def __init__(self, exchange: Exchange, query: WmiQuery) -> None:
        self._exchange = exchange
        self._query = query
        self._rows: list[WmiRow] = []
        self._bytes = 0
        self._context = ""
        self._contexts: set[str] = set()
        self._empty = False

    def run(self) -> tuple[WmiRow, ...]:
        if self._take(self._exchange.send(self._message(ENUMERATE, _enumerate(self._query)))):
            return tuple(self._rows)
        for _ in range(MAXIMUM_PULLS):
            if not self._context:
                raise unusable("the reply has neither an end marker nor a context to go on with")
            if self._take(self._pull(), pulled=True):
                return tuple(self._rows)
        raise self._endless(f"did not end after {MAXIMUM_PULLS} pulls")

    def _pull(self) -> Reply:
        try:
            return self._exchange.send(self._message(PULL, _pull(self._context)))
        except WsmanFault as fault:
            # What stays open counts against the account's quota on the host, which VMM may share.
            if not _says_lost(fault):
                self._release()
            raise

    def _take(self, reply: Reply, *, pulled: bool = False) -> bool:
        """Take in a page; return whether it was the last."""
        page = read_page(reply.body)
        if not page.ended:
            self._refuse_to_run_in_circles(page, pulled=pulled)
        # The context changes with every reply; one that carries none keeps the last.
        self._context = "" if page.ended else page.context or self._context
        self._bytes += reply.size
        try:
            self._rows += rows_of(page.items, self._query.wmi_class)
            if len(self._rows) > MAXIMUM_ROWS or self._bytes > MAXIMUM_BYTES:
                raise unusable(f"{self._query.wmi_class.name} has more instances than are read")
        except WsmanError:
            self._release()
            raise
        return page.ended

    def _refuse_to_run_in_circles(self, page: Page, *, pulled: bool) -> None:
        """Raise where a page leads nowhere.

        Windows gives each reply a context of its own. Whether it ever gives a page without items
        before the last, but in reply to Enumerate, is not known: one is borne, and no second one.
        """
        if page.context in self._contexts:
            raise self._endless("gives a context again that it gave before")
        if pulled and not page.items and self._empty:
            raise self._endless("gives pages without items, and no end")
        self._empty = pulled and not page.items
        if page.context:
            self._contexts.add(page.context)

    def _endless(self, how: str) -> WsmanError:
        self._release()
        # The same words whatever the class: one fault of a host reads as one.
        return unusable(f"the enumeration {how}")

    def _release(self) -> None:
        if self._context:
            message = self._message(RELEASE, _release(self._context))
            self._exchange.clean_up(message, _RELEASE_SECONDS)

    def _message(self, action: str, body: str) -> Message:
        # The provider is told when it begins.
        options = self._query.options if action == ENUMERATE else ()
        uri = self._query.wmi_class.query_uri
        return Message(action, uri, body, options=options, safe=action != RELEASE)


def _enumerate(query: WmiQuery) -> str:
    return (
        f'<n:Enumerate xmlns:n="{ENUMERATION}"><w:OptimizeEnumeration/>'
        f"<w:MaxElements>{_ITEMS_AT_ONCE}</w:MaxElements>"
        f'<w:Filter Dialect="{WQL_DIALECT}">{xml_text(query.wql)}</w:Filter></n:Enumerate>'
    )


def _pull(context: str) -> str:
    return (
        f'<n:Pull xmlns:n="{ENUMERATION}">'
        f"<n:EnumerationContext>{xml_text(context)}</n:EnumerationContext>"
        f"<n:MaxElements>{_ITEMS_AT_ONCE}</n:MaxElements></n:Pull>"
    )


def _release(context: str) -> str:
    return (
        f'<n:Release xmlns:n="{ENUMERATION}">'
        f"<n:EnumerationContext>{xml_text(context)}</n:EnumerationContext></n:Release>"
    )
