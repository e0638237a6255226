"""winrm/config by WS-Transfer's Get: the settings of a WinRM service (windows-facts.md 5.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from livemigration.base.text import one_line
from livemigration.wsman.document import local_name, text_of
from livemigration.wsman.envelope import Message, expect
from livemigration.wsman.exchange import Exchange
from livemigration.wsman.namespaces import TRANSFER

CONFIGURATION = "http://schemas.microsoft.com/wbem/wsman/1/config"

_MOST_SETTINGS = 200
_LONGEST = 500


@dataclass(frozen=True)
class ServiceSettings:
    """The settings by their paths below winrm/config, such as `Winrs/MaxShellsPerUser`.

    Their values are the host's own words, on one line and bounded.
    """

    values: Mapping[str, str]

    def number(self, path: str) -> int | None:
        """Return a setting that is a whole number; None: it is not there, or is none."""
        text = self.values.get(path, "")
        return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else None

    def truth(self, path: str) -> bool | None:
        """Return a setting that is true or false; None: it is not there, or is neither."""
        return {"true": True, "false": False}.get(self.values.get(path, "").casefold())


def read_configuration(exchange: Exchange) -> ServiceSettings:
    """Return the settings of a machine's WinRM service.

    Raises:
        WsmanError: the host refused, as it does to those who are no administrators of it (not
            documented, and not tried), or what came back is no configuration.
    """
    reply = exchange.send(Message(f"{TRANSFER}/Get", CONFIGURATION, ""))
    found = expect(reply.body, f"{{{CONFIGURATION}}}Config")
    return ServiceSettings(dict(_settings(found)))


def _settings(config: Element) -> Iterator[tuple[str, str]]:
    waiting = [(local_name(each), each) for each in config]
    told = 0
    while waiting and told < _MOST_SETTINGS:
        path, element = waiting.pop(0)
        if len(element):
            waiting += [(f"{path}/{local_name(each)}", each) for each in element]
            continue
        told += 1
        yield one_line(path, 100), one_line(text_of(element), _LONGEST)
