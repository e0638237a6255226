"""One host, asked over real sockets, and what became of each group of its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ntlm_server import Answer, NtlmServer, Tamper
from windows_host import (
    SERVER_2022,
    Instances,
    answering,
)
from wsman_support import PASSWORD, USER

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import (
    FactGroup,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
)
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.gather.beside import Connections
from livemigration.gather.connect import Access, Target
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.inventory.connection import Connection
from livemigration.wsman.clients import chosen
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.security import Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

BY_DEFAULT = Connection()
EVERYTHING = tuple(group.name for group in HOST_WMI_GROUPS)


class Asked:
    """What a host was asked in one gathering, and the outcomes."""

    def __init__(
        self,
        table: Mapping[str, Instances | str] = SERVER_2022,
        wanted: tuple[str, ...] = EVERYTHING,
        tamper: Tamper | None = None,
        password: str = PASSWORD,
        message: float = 5.0,
        seconds: float = 30.0,
        ending: Callable[[], None] = lambda: None,
        *,
        answer: Answer | None = None,
        connections: Connections | None = None,
        connection: Connection = BY_DEFAULT,
    ) -> None:
        self.manners = Manners(Pace(lambda _: False, lambda: 1.0))
        credentials = Credentials(USER, Secret(password))

        def connect(target: Target, deadline: Deadline) -> WsmanSession:
            endpoint = Endpoint(target.name, target.address, target.port)
            return WsmanSession(
                endpoint,
                credentials,
                Timeouts(5, message),
                deadline,
                Security(client=chosen(connection.client, 1)),
                manners=self.manners,
            )

        self.outcomes: dict[str, Outcome[Any]] = {}
        with NtlmServer(answer or answering(table), tamper) as server:
            access = Access(connection)
            target = Target("hv01.contoso.com", "127.0.0.1", server.port, access=access)
            gather_host(
                target,
                wanted,
                connect,
                Deadline.after(seconds),
                self.outcomes,
                AbsentProperties(),
                connections,
            )
            ending()
            self.requests = list(server.requests)
            self.connections = server.connections

    def value(self, group: FactGroup[Any]) -> Any:
        outcome = self.outcomes[group.name]
        assert isinstance(outcome, Gathered), outcome
        return outcome.value

    def failure(self, group: FactGroup[Any]) -> GatherFailure:
        outcome = self.outcomes[group.name]
        assert isinstance(outcome, NotGathered), outcome
        return outcome.failure


@cache
def healthy() -> Asked:
    """Return what came of a host that is well, asked once for all tests that only look at it."""
    return Asked()
