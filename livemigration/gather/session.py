"""What gathering needs of a session to a machine: seven methods, whatever carries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.reader import MethodArgument, WmiMethod
from livemigration.vmm.scripts import Script
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.session import Identity
from livemigration.wsman.traffic import Counted

Req = TypeVar("Req")
Rep = TypeVar("Rep")


class Session(Protocol):
    """One session to one machine, for one thread at a time.

    Every failure is a `WsmanError`. After one that is not the machine's own fault or a script's the
    session has `ended`, and a new one is needed.
    """

    @property
    def ended(self) -> bool:
        """Whether the session can no longer be used."""

    def identify(self) -> Identity:
        """Return what the service of the machine says of itself."""

    def heard(self) -> Identity | None:
        """Return what is known of the service without asking; None: it must be asked."""

    def counted(self) -> Counted:
        """Return what it took to ask over this session so far; of one that counts nothing: 0."""
        return Counted()

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        """Return every instance that a query finds."""

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        """Call a method of a class, or of the instance that the selectors name."""

    def run_script(self, script: Script[Req, Rep], request: Req) -> Rep:
        """Run one of the suite's scripts on the machine and return its typed reply."""

    def close(self) -> None:
        """End the session."""
