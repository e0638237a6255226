"""How a machine's WMI is asked: what reads it, the methods that are called, and a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from livemigration.facts.cim import EmbeddedObject, ObjectReference, WmiClass, WmiQuery, WmiRow

MethodArgument = str | ObjectReference


@dataclass(frozen=True)
class WmiMethod:
    """A method of a class that the suite calls. It changes nothing."""

    wmi_class: WmiClass
    name: str

    @property
    def title(self) -> str:
        """The method as people write it."""
        return f"{self.wmi_class.name}.{self.name}"


class MethodOutput(Protocol):
    """What a method gave back."""

    @property
    def return_value(self) -> int | None:
        """The return value, where the reply has one."""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of an out parameter; none where it is null or absent.

        `outer.inner` is the property `inner` of the instance in the out parameter `outer`.
        """

    def objects(self, name: str, members: tuple[str, ...]) -> tuple[EmbeddedObject, ...]:
        """Return the objects of an out parameter, with the texts of these members."""


class WmiReader(Protocol):
    """A machine whose WMI can be read."""

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        """Return every instance that a query finds."""

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> MethodOutput:
        """Call a method of the class, or of the instance that the selectors name."""


class WmiRefusedError(Exception):
    """A machine understood one question and refused, or failed, to answer it."""
