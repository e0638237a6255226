"""What the tests of the client share: credentials, a query, and answers in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import wsman_replies as soap
from ntlm_server import message_id

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery
from livemigration.facts.reader import WmiMethod
from livemigration.vmm.scripts import Script
from livemigration.wsman.clients import Client
from livemigration.wsman.compat import nt_hash
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.register import Register
from livemigration.wsman.session import WsmanSession

PASSWORD = "Pä55wörd-never-shown"
USER = r"LAB\admin"

Connect = Callable[..., WsmanSession]

SERVICE = WmiClass(
    "root/cimv2",
    "Win32_Service",
    (WmiProperty("Name", CimType.STRING), WmiProperty("ProcessId", CimType.UINT32)),
)
QUERY = WmiQuery(SERVICE, "Name = 'vmms' OR Name > '<&>'")


class _Anything(Register):
    """Lets pass whatever a test of the client asks for."""

    def check_query(self, query: WmiQuery) -> None:
        del query

    def check_method(self, method: WmiMethod) -> None:
        del method

    def check_script(self, script: Script[Any, Any]) -> None:
        del script


ANYTHING = _Anything(frozenset(), frozenset(), (), programs=True)


def fragment(name: str, process: object = 4) -> str:
    return f"<w:XmlFragment><Name>{name}</Name><ProcessId>{process}</ProcessId></w:XmlFragment>"


def script(*bodies: str | bytes) -> Callable[[bytes], tuple[int, bytes]]:
    """Answer with these bodies in turn; faults with 500."""
    waiting = list(bodies)

    def answer(request: bytes) -> tuple[int, bytes]:
        body = waiting.pop(0)
        if isinstance(body, bytes):
            return 200, body
        status = 500 if "<s:Fault>" in body else 200
        return status, soap.envelope(body, message_id(request))

    return answer


@contextmanager
def known_users(folder: Path) -> Iterator[None]:
    """Let the test server know USER with PASSWORD."""
    users = folder / "users"
    users.write_text(f"{USER}:1000:{'1' * 32}:{nt_hash(PASSWORD)}:[U]:LCT-0\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NTLM_USER_FILE", str(users))
        yield


def carried(how: str, client: Client) -> str:
    """Return how a session says that it signed in, with what carried it."""
    return how if client is Client.PYWINRM else f"{how}, client {client.value}"


def failure(call: Callable[[], object]) -> WsmanError:
    with pytest.raises(WsmanError) as caught:
        call()
    assert caught.value.came_back
    assert caught.value.next_step.endswith(".")
    return caught.value
