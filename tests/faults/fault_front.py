"""The lab's process, in which some machines show a fault: a hook in the front of the lab.

Started as the lab itself is. The environment names a file that says who shows which kind, and one
for what the front saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h11
import trustme
from fault_kinds import BY_NAME
from fault_plays import Answered, Asked, Kind, Moment, Trap

from livemigration.lab import __main__ as lab
from livemigration.lab import binding, front
from livemigration.lab.framing import ServerFraming
from livemigration.lab.sockets import Sockets
from livemigration.lab.world import World

# A file: {"played": {machine: kind}, "addresses": {machine: machine}, "seen": path}.
PLAN = "FAULTS_OF_THE_LAB"

_SEALED = "multipart/encrypted"
_ORIGINAL = front.serve


@dataclass
class _Playing:
    """One machine that shows a fault, over all its connections."""

    kind: Kind
    seen: Counter[str] = field(default_factory=Counter)


class _FaultyMachine:
    """A machine whose replies are changed before they are sealed."""

    def __init__(self, machine: Any, playing: _Playing, trap: Trap) -> None:
        self._machine = machine
        self._playing = playing
        self._trap = trap

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)

    async def handle(self, data: bytes) -> Answered:
        change = self._playing.kind.change
        if change is None:
            reply: Answered = await self._machine.handle(data)
            return reply
        asked = Asked(data.decode(), lambda: self._machine.handle(data), self._playing.seen)
        return await change(asked, self._trap)


class _FaultyConversation(front.ClientConnection):
    """The state of one connection whose sealed replies are changed."""

    def __init__(self, playing: _Playing, *given: Any) -> None:
        super().__init__(*given)
        self._playing = playing
        self._first: bytes | None = None

    def _sealed(self, plain: bytes, protocol: str) -> tuple[front.Headers, bytes]:
        headers, sealed = super()._sealed(plain, protocol)
        kind = self._playing.kind
        if kind.replays:
            self._first = self._first or sealed
            return headers, self._first
        return headers, kind.wrap(sealed) if kind.wrap is not None else sealed

    async def handle(self, headers: dict[str, str], body: bytes) -> front.Answer:
        status, more, reply = await super().handle(headers, body)
        if self._playing.kind.plain and _SEALED in headers.get("content-type", ""):
            # What the client would have got, readable.
            request = self._unsealed_last
            plain = (await self._machine.handle(request))[1]
            return status, [front._PLAIN], plain
        return self._playing.kind.offer(status, more, reply)

    def _unseal(self, body: bytes) -> bytes:
        self._unsealed_last = super()._unseal(body)
        return self._unsealed_last


class Front:
    """Serves connections of a fleet in which some machines show a fault."""

    def __init__(self, played: dict[str, Kind]) -> None:
        self._playing = {name: _Playing(kind) for name, kind in played.items()}
        self.trap = Trap()
        self.open = 0
        self.met: Counter[str] = Counter()

    def playing(self, name: str) -> _Playing | None:
        return self._playing.get(name)

    def impostors(self, tls: ssl.SSLObject, name: str | None, _given: ssl.SSLContext) -> None:
        """Show another authority's certificate from the second connection of a machine on."""
        playing = self._playing.get(name or "")
        if playing is None or not playing.kind.impostor:
            return
        playing.seen["connections"] += 1
        if playing.seen["connections"] > 1:
            tls.context = _another_authority(name or "")

    async def serve(
        self,
        machine: Any,
        taken: front.Taken,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        binding: bytes = b"",
    ) -> None:
        """Serve one connection, with the fault of its machine."""
        self.open += 1
        try:
            playing = self.playing(machine.name)
            if playing is None:
                await _ORIGINAL(machine, taken, reader, writer, binding=binding)
            else:
                self.met[machine.name] += 1
                await self._play(playing, machine, taken, reader, writer, binding)
        except (h11.ProtocolError, OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _play(
        self,
        playing: _Playing,
        machine: Any,
        taken: front.Taken,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        binding: bytes,
    ) -> None:
        kind = playing.kind
        secure = writer.get_extra_info("ssl_object")
        greet = kind.greet or (kind.tls if secure is None else None)
        if greet is not None:
            await greet(reader, writer, self.trap)
            return
        hidden = front.Hidden(binding, bool(secure.getpeercert())) if secure is not None else None
        faulty = _FaultyMachine(machine, playing, self.trap)
        conversation = _FaultyConversation(playing, faulty, taken, hidden)
        http = ServerFraming(reader)
        sealed = 0
        while (request := await http.request()) is not None:
            # Over HTTPS a message may need no seal of its own.
            hidden_body = secure is not None and b"Envelope" in request[1]
            sealed += hidden_body or _SEALED in request[0].get("content-type", "")
            if kind.wire is not None and _has_come(kind.moment, sealed):
                await kind.wire(reader, writer, self.trap)
                return
            status, headers, body = await conversation.handle(*request)
            if status < 0:
                return
            said = http.reply(status, headers, body)
            writer.write(said.replace(b"HTTP/1.1", kind.version, 1) if kind.version else said)
            await writer.drain()
            if kind.closes or not http.goes_on():
                return


def _another_authority(name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(name).configure_cert(context)
    return context


def _has_come(moment: Moment, sealed: int) -> bool:
    return sealed >= moment.value


@contextlib.contextmanager
def _in_front(plan: dict[str, Any]) -> Iterator[Front]:
    """Put the faults into the lab of this process."""
    found = Front({name: BY_NAME[kind] for name, kind in plan["played"].items()})
    say, bind = lab._say, binding.bind
    traps: list[socket.socket] = []

    def told(document: dict[str, Any]) -> None:
        for each in traps:
            asyncio.get_running_loop().create_task(
                asyncio.start_server(found.trap.caught, sock=each)
            )
        places = {each["name"]: each for each in (*document["hosts"], *document["vmms"])}
        for name, other in plan["addresses"].items():
            places[name]["address"] = places[other]["address"]
            for which in ("port", "https_port"):
                places[name][which] = places[other][which]
        say(document)

    def bound(*given: Any, **more: Any) -> Any:
        made = bind(*given, **more)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind((made.world.address("9.9"), 0))
        listener.listen(8)
        listener.setblocking(False)
        found.trap.address = "{}:{}".format(*listener.getsockname())
        traps.append(listener)
        return made

    answers = World.is_silent

    def is_silent(world: World, address: str, port: int) -> bool:
        owner = world._owners.get(address)
        return answers(world, address, port) or (owner is not None and owner.name in plan["played"])

    original = lab._serve_https

    async def secured(sockets: Sockets, service: lab.Service, folder: Path) -> Any:
        bare = {
            name: each
            for name, each in sockets.secure.items()
            if (playing := found.playing(name)) is not None and playing.kind.tls is not None
        }
        secure = sockets.secure
        sockets.secure = {name: each for name, each in secure.items() if name not in bare}
        made = await original(sockets, service, folder)
        sockets.secure = secure
        made.context.sni_callback = found.impostors
        for name, listener in bare.items():
            await asyncio.start_server(partial(service.answer, name), sock=listener)
        return made

    with (
        patch.object(lab, "_say", told),
        patch.object(binding, "bind", bound),
        patch.object(lab, "_serve_https", secured),
        patch.object(lab, "serve", found.serve),
        patch.object(World, "is_silent", is_silent),
    ):
        yield found


def main() -> int:
    """Run the lab until its standard input ends; write down what was seen."""
    plan = json.loads(Path(os.environ[PLAN]).read_text(encoding="utf-8"))
    with _in_front(plan) as found:
        code = lab.main()
    seen = {"trapped": found.trap.count, "open": found.open, "met": dict(found.met)}
    Path(plan["seen"]).write_text(json.dumps(seen), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
