"""A conversation with a domain controller: who it is, a sign-in, and searches that only read."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import sansldap

from livemigration.base.deadline import Deadline
from livemigration.ldap.causes import REFERRAL, broken, code_of, of_directory, search_failure
from livemigration.ldap.wire import Wire
from livemigration.wsman.causes import failure_of
from livemigration.wsman.connecting import connect
from livemigration.wsman.errors import WsmanError

PAGE = 500
"""Entries of one page; a domain controller gives 1,000 at most (MaxPageSize)."""

MOST_ENTRIES = 50_000
"""Of one search: more is no answer to what the suite asks."""

# Of one entry, so many parts of an attribute with many values (MaxValRange: 1,500 of them each).
_MOST_PARTS = 100
# No entries of another partition, and no referrals to one (MS-ADTS 3.1.1.3.4.1.4).
_DOMAIN_SCOPE = "1.2.840.113556.1.4.1339"
_RANGE = re.compile(r"([^;]+);range=([0-9]+)-([0-9]+|\*)", re.IGNORECASE)
Values = Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True)
class Server:
    """A domain controller, or what answers under a domain's own name.

    `name` is whom a certificate must be for; `tls` is what LDAPS is spoken with, None: LDAP.
    `seconds`: how long one answer may take.
    """

    name: str
    address: str
    port: int
    tls: ssl.SSLContext | None = None
    seconds: float = 10.0

    @property
    def endpoint(self) -> str:
        """The endpoint for a sentence."""
        at = "" if self.address == self.name else f" at {self.address}"
        return f"{self.name}{at}, port {self.port}"


@dataclass(frozen=True)
class Entry:
    """An object of a directory: its name, and its attributes by their names in lower case."""

    name: str
    values: Values

    def all(self, attribute: str) -> tuple[bytes, ...]:
        """Return the values of an attribute; none where it has none, or they were not shown."""
        return self.values.get(attribute.casefold(), ())

    def one(self, attribute: str) -> bytes | None:
        """Return the value of an attribute; None where it has none, or it was not shown."""
        return next(iter(self.all(attribute)), None)

    def text(self, attribute: str) -> str:
        """Return the value of an attribute as text; empty where it has none."""
        return (self.one(attribute) or b"").decode("utf-8", "replace")

    def texts(self, attribute: str) -> tuple[str, ...]:
        """Return the values of an attribute as texts."""
        return tuple(each.decode("utf-8", "replace") for each in self.all(attribute))

    def number(self, attribute: str) -> int | None:
        """Return the value of an attribute as a number; None where it has none, or is none."""
        text = self.text(attribute)
        return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None


class Directory:
    """One connection to a directory; to be closed.

    Args:
        server: who is asked.
        until: when everything ends.

    Raises:
        WsmanError: there is no connection.
    """

    def __init__(self, server: Server, until: Deadline) -> None:
        self.server = server
        self._socket = _connected(server, until)
        self.wire = Wire(self._socket, server.seconds, until)
        self.signed_in = ""
        """How it was signed in to; empty: it was not yet."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, seconds: float) -> None:
        """Give each answer so much time from here on."""
        self.server = replace(self.server, seconds=seconds)
        self.wire.seconds = seconds

    @property
    def certificate(self) -> bytes | None:
        """The server's certificate, as it is in the handshake; None: there is no TLS."""
        own = self._socket
        return own.getpeercert(binary_form=True) if isinstance(own, ssl.SSLSocket) else None

    def close(self) -> None:
        """End the connection; what it says then is nobody's concern."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def root(self) -> Entry:
        """Return what the server says of itself, to everybody (MS-ADTS 3.1.1.3.2).

        Raises:
            WsmanError: it does not answer as a directory does.
        """
        scope, names = sansldap.SearchScope.BASE, ("*",)
        found = list(self._page("", scope, sansldap.FilterPresent("objectClass"), names, None)[0])
        if len(found) != 1:
            raise broken("it does not say what directory it is")
        return found[0]

    def search(
        self, base: str, condition: sansldap.LDAPFilter, attributes: Sequence[str]
    ) -> Iterator[Entry]:
        """Yield every object below a base that a condition holds for, page by page.

        Raises:
            WsmanError: it stopped before the end: what was yielded is not all there is.
        """
        cookie, number = b"", 0
        while True:
            entries, cookie = self._page(
                base, sansldap.SearchScope.SUBTREE, condition, attributes, cookie
            )
            number += len(entries)
            if number > MOST_ENTRIES:
                raise broken(f"it found more than {MOST_ENTRIES} objects")
            for each in entries:
                yield self._whole(each)
            if not cookie:
                return

    def _whole(self, entry: Entry) -> Entry:
        """Return an entry with all values of each attribute, also where it gave a part of them.

        MS-ADTS 3.1.1.3.1.3.3.
        """
        values = dict(entry.values)
        for name in list(values):
            part = _RANGE.fullmatch(name)
            if part is None:
                continue
            found = list(values.pop(name))
            attribute, last = part.group(1), part.group(3)
            for _ in range(_MOST_PARTS):
                if last == "*":
                    break
                more, last = self._part(entry.name, attribute, int(last) + 1)
                found += more
            else:
                raise broken("an attribute has no end")
            values[attribute] = tuple(found)
        return Entry(entry.name, values)

    def _part(self, name: str, attribute: str, first: int) -> tuple[tuple[bytes, ...], str]:
        asked = (f"{attribute};range={first}-*",)
        condition = sansldap.FilterPresent("objectClass")
        entries, _ = self._page(name, sansldap.SearchScope.BASE, condition, asked, None)
        for key, values in entries[0].values.items() if len(entries) == 1 else ():
            part = _RANGE.fullmatch(key)
            if part is not None and part.group(1) == attribute and int(part.group(2)) == first:
                return values, part.group(3)
        raise broken("the rest of an attribute did not come")

    def _page(
        self,
        base: str,
        scope: sansldap.SearchScope,
        condition: sansldap.LDAPFilter,
        attributes: Sequence[str],
        cookie: bytes | None,
    ) -> tuple[list[Entry], bytes]:
        """Return the objects of a page, and what to go on with; `cookie` None: not in pages."""
        controls: list[sansldap.LDAPControl] = []
        if cookie is not None:
            controls.append(sansldap.PagedResultControl(True, PAGE, cookie))
            controls.append(sansldap.LDAPControl(_DOMAIN_SCOPE, False, None))
        self.wire.session.search_request(
            base_object=base,
            scope=scope,
            time_limit=max(1, round(self.server.seconds)),
            filter=condition,
            attributes=list(attributes),
            controls=controls,
        )
        self.wire.ask()
        found: list[Entry] = []
        while True:
            message = self.wire.answer()
            if isinstance(message, sansldap.SearchResultEntry):
                found.append(Entry(message.object_name, _values(message.attributes)))
                if len(found) > MOST_ENTRIES:
                    raise broken(f"it found more than {MOST_ENTRIES} objects")
            elif isinstance(message, sansldap.SearchResultDone):
                return found, _ended(message)
            elif not isinstance(message, sansldap.SearchResultReference):
                # Referrals are to other servers, which are asked for what is theirs by name.
                raise broken("it answered something else than was asked")


def _ended(message: sansldap.SearchResultDone) -> bytes:
    """Return what to go on with; empty: that was all."""
    code = code_of(message.result)
    if code:
        said = "" if code == REFERRAL else message.result.diagnostics_message
        raise search_failure(code, said)
    paged = (each for each in message.controls if isinstance(each, sansldap.PagedResultControl))
    return next((each.cookie for each in paged), b"")


def _values(attributes: Iterable[sansldap.PartialAttribute]) -> Values:
    return {each.name.casefold(): tuple(each.values) for each in attributes if each.values}


def _connected(server: Server, until: Deadline) -> socket.socket:
    try:
        made = connect(server.address, server.port, server.seconds, until)
        if server.tls is None:
            return made
        try:
            return server.tls.wrap_socket(made, server_hostname=server.name.rstrip("."))
        except BaseException:
            made.close()
            raise
    except WsmanError as error:
        raise of_directory(error) from None
    except (OSError, UnicodeError) as error:
        raise of_directory(failure_of(error)) from None
