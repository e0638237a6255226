"""How one reply of the service is changed, and which replies are."""

from __future__ import annotations

import re
from collections.abc import Callable

from fault_plays import Answered, Asked, Change, Trap

from livemigration.lab import soap
from livemigration.lab.faults import LabFault

DROPPED: Answered = (-1, b"")

Edit = Callable[[str, Asked, Trap], str | bytes]


def edited(edit: Edit, when: Callable[[Asked], bool] = lambda _: True) -> Change:
    """Return a change of what the machine would answer."""

    async def change(asked: Asked, trap: Trap) -> Answered:
        status, reply = await asked.answer()
        if not when(asked):
            return status, reply
        return status, _edited(reply, edit, asked, trap)

    return change


def _edited(reply: bytes, edit: Edit, asked: Asked, trap: Trap) -> bytes:
    found = edit(reply.decode(), asked, trap)
    return found if isinstance(found, bytes) else found.encode()


def queried(edit: Edit) -> Change:
    """Return a change of the replies to queries alone."""
    return edited(edit, lambda asked: asked.is_query)


def always(reply: bytes) -> Change:
    """Return a change that answers every message alike."""
    return edited(lambda _text, _asked, _trap: reply)


def faulted(
    fault: LabFault, when: Callable[[Asked], bool], status: int = 500, *, edit: Edit | None = None
) -> Change:
    """Return a change that answers some messages with a fault."""

    async def change(asked: Asked, trap: Trap) -> Answered:
        if not when(asked):
            return await asked.answer()
        said = soap.fault(soap.Request(asked.text.encode()), fault, "hv")
        return status, _edited(said, edit, asked, trap) if edit is not None else said

    return change


def once(change: Change, number: int = 1) -> Change:
    """Return a change that plays on its message of that number alone, of those to this machine."""

    async def found(asked: Asked, trap: Trap) -> Answered:
        if not (asked.is_query or asked.action == "Create"):
            return await asked.answer()
        asked.seen["questions"] += 1
        return await (change(asked, trap) if asked.seen["questions"] == number else asked.answer())

    return found


def is_query(asked: Asked) -> bool:
    return asked.is_query


def is_first(asked: Asked) -> bool:
    """Whether it is the first question, or Identify, which follows where that says too little."""
    asked.seen["first"] += asked.is_query
    return asked.action == "Identify" or (asked.is_query and asked.seen["first"] == 1)


def with_dtd(dtd: str, use: str) -> Edit:
    """Return an edit that puts a document type and a use of it into a reply."""

    def edit(text: str, _asked: Asked, trap: Trap) -> str:
        head = f"<!DOCTYPE x [{dtd.replace('{trap}', trap.address)}]>"
        return head + re.sub(r"(<s:Body[^>]*>)", rf"\1<y>{use}</y>", text, count=1)

    return edit


def in_body(more: Callable[[], str]) -> Edit:
    """Return an edit that begins the body with something, which is made when it is played."""
    return lambda text, _asked, _trap: re.sub(
        "(<s:Body[^>]*>)", lambda found: found[1] + more(), text
    )
