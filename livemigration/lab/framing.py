"""HTTP as a simulated listener reads and writes it: by h11, and the usual request without its help.

What clients of WinRM send has one Content-Length and a plain head. Of such a request, and of its
reply, h11 would compute most of what a message costs; it reads every other one, and whatever comes
after that on the same connection.
"""

from __future__ import annotations

import asyncio
import re

import h11

MAXIMUM_BODY = 4 << 20
_PIECE = 65536
_IDLE_SECONDS = 60
# A head that leaves nothing to be decided: printable ASCII, each name once.
_USUAL = re.compile(
    rb"POST [!-~]+ HTTP/1\.1(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t ]*(?:[!-~][\t -~]*)?)+"
)
# Headers by which a message may have another end, or its sender waits for another answer.
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade"})

Fields = list[tuple[str, str]]
Request = tuple[dict[str, str], bytes]


class ServerFraming:
    """The requests of one connection, one after the other, and the replies to them."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = b""
        self._http: h11.Connection | None = None

    async def request(self) -> Request | None:
        """Return the next request's headers, in lower case, and its body; None: there is none.

        Raises:
            h11.ProtocolError: what came is no HTTP.
            OSError: what the system says of the connection, or that nothing came over it for long.
        """
        if self._http is None:
            data = self._rest or await self._read()
            begun = _usual(data)
            if begun is not None:
                return await self._whole(*begun)
            self._http = h11.Connection(h11.SERVER)
            self._http.receive_data(data)
        return await self._by_h11(self._http)

    async def _read(self) -> bytes:
        async with asyncio.timeout(_IDLE_SECONDS):
            return await self._reader.read(_PIECE)

    async def _whole(self, headers: dict[str, str], length: int, body: bytes) -> Request | None:
        """Return a usual request, of whose body some has come."""
        parts, missing = [body], length - len(body)
        while missing > 0:
            data = await self._read()
            if not data:
                return None
            parts.append(data)
            missing -= len(data)
        whole = b"".join(parts)
        self._rest = whole[length:]
        return headers, whole[:length]

    async def _by_h11(self, http: h11.Connection) -> Request | None:
        headers: dict[str, str] = {}
        body = b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(await self._read())
            elif isinstance(event, h11.Request):
                headers = {name.decode().lower(): value.decode() for name, value in event.headers}
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
                if len(body) > MAXIMUM_BODY:
                    return None
            elif isinstance(event, h11.EndOfMessage):
                return headers, body
            else:
                return None

    def reply(self, status: int, fields: Fields, body: bytes) -> bytes:
        """Return the reply to the request that was read last."""
        fields = [*fields, ("Content-Length", str(len(body)))]
        if self._http is None:
            head = "".join(f"{name}: {value}\r\n" for name, value in fields)
            return f"HTTP/1.1 {status} \r\n{head}\r\n".encode("ascii") + body
        response = h11.Response(status_code=status, headers=fields, reason="")
        events = (response, h11.Data(data=body), h11.EndOfMessage())
        return b"".join(self._http.send(each) or b"" for each in events)

    def goes_on(self) -> bool:
        """Whether the connection carries another request, now that the last one has its reply."""
        if self._http is None:
            return True
        if self._http.our_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True


def _usual(data: bytes) -> tuple[dict[str, str], int, bytes] | None:
    """Return the headers of a usual request, the length of its body, and what came of that."""
    head, ended, body = data.partition(b"\r\n\r\n")
    if not ended or not _USUAL.fullmatch(head):
        return None
    lines = head.decode("ascii").split("\r\n")[1:]
    split = (each.partition(":") for each in lines)
    headers = {name.lower(): value.strip(" \t") for name, _, value in split}
    length = headers.get("content-length", "")
    plain = length.isdecimal() and len(length) <= len(str(MAXIMUM_BODY)) and "host" in headers
    kept = headers.get("connection", "keep-alive").lower() == "keep-alive"
    once = len(headers) == len(lines) and not _UNUSUAL & headers.keys()
    if not (plain and kept and once) or int(length) > MAXIMUM_BODY:
        return None
    return headers, int(length), body
