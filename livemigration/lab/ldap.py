"""LDAP as a simulated domain controller speaks it: NTLM with sealing, and searches.

Its messages are made by the library that the client reads them with; Samba's directory, in the
tests, is a peer that has neither.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import sansldap
import spnego
import spnego.exceptions

from livemigration.lab.directory import DirectoryObjects, Item

# MaxPageSize and MaxValRange of a domain controller.
_MOST_OBJECTS = 1_000
_MOST_VALUES = 1_500
_AT_ONCE = 65_536
_LENGTH_BYTES = 4
# Of what is sealed at once: a message may be in several frames, and several in one.
_MOST_OF_A_FRAME = 60_000
_MOST_BYTES = 10 * 1024 * 1024
_RANGE = re.compile(r"([^;]+);range=([0-9]+)-(?:[0-9]+|\*)", re.IGNORECASE)
_UNBOUND = (
    "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful "
    "bind must be completed on the connection., data 0, v4f7c"
)
_REFUSED = "8009030C: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 52e, v4f7c"
_Code = sansldap.LDAPResultCode


class Service:
    """Answers the connections to a directory.

    Args:
        objects: what it holds.
        refuses: whether it takes nobody.
    """

    def __init__(self, objects: DirectoryObjects, *, refuses: bool = False) -> None:
        self._objects = objects
        self._refuses = refuses

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, catalogue: bool
    ) -> None:
        """Serve one connection; `catalogue`: to the global catalogue."""
        conversation = _Conversation(self._objects, catalogue, self._refuses)
        try:
            while data := await reader.read(_AT_ONCE):
                writer.write(conversation.take(data))
                await writer.drain()
        except (OSError, ValueError, sansldap.LDAPError, spnego.exceptions.SpnegoError):
            pass
        finally:
            writer.close()


class _Conversation:
    def __init__(self, objects: DirectoryObjects, catalogue: bool, refuses: bool) -> None:
        self._objects = objects
        self._catalogue = catalogue
        self._refuses = refuses
        self._session = sansldap.LDAPServer()
        self._context: Any = None
        self._sealed = False
        self._frames = bytearray()

    def take(self, data: bytes) -> bytes:
        """Take what came, and return what is answered."""
        answers = b""
        for plain in self._opened(data):
            sealed = self._sealed
            for message in self._session.receive(plain):
                self._answer(message)
            said = self._session.data_to_send()
            answers += self._sealed_up(said) if sealed else said
        return answers

    def _sealed_up(self, said: bytes) -> bytes:
        frames = []
        for first in range(0, len(said), _MOST_OF_A_FRAME):
            part = said[first : first + _MOST_OF_A_FRAME]
            hidden = self._context.wrap(part, encrypt=True).data
            frames.append(len(hidden).to_bytes(_LENGTH_BYTES, "big") + hidden)
        return b"".join(frames)

    def _opened(self, data: bytes) -> list[bytes]:
        if not self._sealed:
            return [data]
        self._frames += data
        found = []
        while len(self._frames) >= _LENGTH_BYTES:
            length = int.from_bytes(self._frames[:_LENGTH_BYTES], "big")
            if length > _MOST_BYTES:
                raise ValueError("a frame is too long")
            if len(self._frames) < _LENGTH_BYTES + length:
                break
            frame = bytes(self._frames[_LENGTH_BYTES : _LENGTH_BYTES + length])
            del self._frames[: _LENGTH_BYTES + length]
            found.append(self._context.unwrap(frame).data)
        return found

    def _answer(self, message: sansldap.LDAPMessage) -> None:
        if isinstance(message, sansldap.BindRequest):
            self._bind(message)
        elif isinstance(message, sansldap.SearchRequest):
            self._search(message)

    def _bind(self, asked: sansldap.BindRequest) -> None:
        own = asked.authentication
        if not isinstance(own, sansldap.SaslCredential) or own.mechanism != "GSS-SPNEGO":
            code = _Code.STRONG_AUTH_REQUIRED
            self._session.bind_response(asked.message_id, result_code=code)
            return
        try:
            if self._context is None:
                self._context = spnego.server(
                    protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
                )
            token = self._context.step(own.credentials)
        except spnego.exceptions.SpnegoError:
            self._refuse(asked)
            return
        if self._context.complete and self._refuses:
            self._refuse(asked)
            return
        self._sealed = self._context.complete
        code = _Code.SUCCESS if self._sealed else _Code.SASL_BIND_IN_PROGRESS
        self._session.bind_response(asked.message_id, token, result_code=code)

    def _refuse(self, asked: sansldap.BindRequest) -> None:
        self._context = None
        self._session.bind_response(
            asked.message_id,
            result_code=_Code.INVALID_CREDENTIALS,
            diagnostics_message=_REFUSED,
        )

    def _search(self, asked: sansldap.SearchRequest) -> None:
        alone = asked.scope == sansldap.SearchScope.BASE
        if not asked.base_object and alone:
            self._found(asked, [self._objects.root])
            self._session.search_result_done(asked.message_id)
            return
        if not self._sealed:
            self._done(asked, _Code.OPERATIONS_ERROR, _UNBOUND)
            return
        whole = self._objects.base.casefold()
        if not asked.base_object.casefold().endswith(whole) and not self._catalogue:
            self._done(asked, _Code.REFERRAL, "0000202B: RefErr: DSID-0310082F, data 0, 1 access")
            return
        items = list(
            self._objects.found(
                asked.base_object, asked.filter, catalogue=self._catalogue, alone=alone
            )
        )
        self._paged(asked, items)

    def _paged(self, asked: sansldap.SearchRequest, items: Sequence[Item]) -> None:
        paged = (e for e in asked.controls if isinstance(e, sansldap.PagedResultControl))
        control = next(paged, None)
        if control is None:
            self._found(asked, items[:_MOST_OBJECTS])
            cut = len(items) > _MOST_OBJECTS
            self._done(asked, _Code.SIZE_LIMIT_EXCEEDED if cut else _Code.SUCCESS, "")
            return
        first = int(control.cookie or b"0")
        beyond = first + min(control.size, _MOST_OBJECTS)
        self._found(asked, items[first:beyond])
        cookie = str(beyond).encode() if beyond < len(items) else b""
        self._session.search_result_done(
            asked.message_id, controls=[sansldap.PagedResultControl(False, 0, cookie)]
        )

    def _done(
        self, asked: sansldap.SearchRequest, code: sansldap.LDAPResultCode, said: str
    ) -> None:
        self._session.search_result_done(
            asked.message_id, result_code=code, diagnostics_message=said
        )

    def _found(self, asked: sansldap.SearchRequest, items: Sequence[Item]) -> None:
        for each in items:
            attributes = [
                sansldap.PartialAttribute(name, list(values))
                for name, values in _asked_for(asked.attributes, each)
            ]
            self._session.search_result_entry(asked.message_id, each.name, attributes)


def _asked_for(names: Sequence[str], item: Item) -> list[tuple[str, Sequence[bytes]]]:
    """Return the attributes of an object that were asked for; of many values a part."""
    found: list[tuple[str, Sequence[bytes]]] = []
    for each in item.values if not names or "*" in names else names:
        part = _RANGE.fullmatch(each)
        attribute, first = (part.group(1), int(part.group(2))) if part else (each, 0)
        own = item.get(attribute)
        values = own[first : first + _MOST_VALUES]
        if not values:
            continue
        rest = len(own) > first + _MOST_VALUES
        if part is not None or rest:
            last = str(first + len(values) - 1) if rest else "*"
            found.append((f"{attribute};range={first}-{last}", values))
        else:
            found.append((attribute, values))
    return found
