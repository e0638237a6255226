"""One instance by its key, by WS-Transfer's Get (windows-facts.md 5.4)."""

from __future__ import annotations

from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.wsman.envelope import Message
from livemigration.wsman.errors import unusable
from livemigration.wsman.exchange import Exchange
from livemigration.wsman.items import read_item, to_row
from livemigration.wsman.namespaces import TRANSFER


def get_row(exchange: Exchange, query: WmiQuery) -> WmiRow:
    """Return the one row that a query's key names, with what its class declares.

    Raises:
        WsmanError: the host refused, there is no such row, or it does not fit its class.
    """
    uri = query.wmi_class.resource_uri
    body = exchange.send(Message(f"{TRANSFER}/Get", uri, "", selectors=query.key, safe=True)).body
    if len(body) != 1:
        raise unusable("the reply to Get holds no instance")
    return to_row(read_item(body[0]), query.wmi_class)
