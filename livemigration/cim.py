"""How WMI classes are declared: once, for the client's queries, its parser and the lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol


class CimType(Enum):
    """The CIM types that the suite reads."""

    STRING = "string"
    BOOLEAN = "boolean"
    UINT8 = "uint8"
    UINT16 = "uint16"
    UINT32 = "uint32"
    UINT64 = "uint64"
    SINT32 = "sint32"
    SINT64 = "sint64"
    DATETIME = "datetime"
    REFERENCE = "reference"

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers."""
        return self.value.startswith(("uint", "sint"))

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest value of an integer type."""
        bits = int(self.value[4:])
        if self.value.startswith("uint"):
            return 0, 2**bits - 1
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


@dataclass(frozen=True)
class WmiProperty:
    """One property: its name, type, and whether it is an array.

    `optional` says that some releases of Windows do not have it. WMI refuses a query whose
    property list names a property that the class lacks, so such a class is read with `SELECT *`.
    """

    name: str
    type: CimType
    array: bool = False
    optional: bool = False


@dataclass(frozen=True)
class WmiClass:
    """A class in a namespace, with the properties that the suite reads."""

    namespace: str
    name: str
    properties: tuple[WmiProperty, ...]
    _by_name: dict[str, WmiProperty] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {each.name.casefold(): each for each in self.properties}
        object.__setattr__(self, "_by_name", table)

    def find(self, name: str) -> WmiProperty | None:
        """Return the property of that name in any case, or None."""
        return self._by_name.get(name.casefold())

    @property
    def resource_uri(self) -> str:
        """The class's resource URI (WS-Management as Windows speaks it)."""
        return f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{self.namespace}/{self.name}"

    @property
    def query_uri(self) -> str:
        """The resource URI for WQL, which must end in `/*` (windows-facts.md section 5.3)."""
        return f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{self.namespace}/*"


@dataclass(frozen=True)
class WmiQuery:
    """A WQL query over one class. `where` is a constant of ours, never a host's text."""

    wmi_class: WmiClass
    where: str | None = None

    @property
    def wql(self) -> str:
        """The query's text: a property list, or `*` where a property is optional."""
        properties = self.wmi_class.properties
        if any(each.optional for each in properties):
            columns = "*"
        else:
            columns = ", ".join(each.name for each in properties)
        tail = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {columns} FROM {self.wmi_class.name}{tail}"  # noqa: S608 - constants only


@dataclass(frozen=True)
class ObjectReference:
    """A reference to an instance: its resource URI and its keys."""

    resource_uri: str
    selectors: tuple[tuple[str, str], ...]


CimScalar = str | bool | int | datetime | timedelta | ObjectReference
CimValue = CimScalar | tuple[CimScalar, ...] | None


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
        """Return the texts of an out parameter; none where it is null or absent."""


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


class WmiRow(Mapping[str, CimValue]):
    """One instance, typed by its class. Names are looked up in any case.

    A property that the reply lacks is absent; a property that is null is None (an array: None).
    The typed readers raise `WmiRowError` when the value is absent, null, or of another type.
    """

    __slots__ = ("_class_name", "_values")

    def __init__(self, class_name: str, values: Mapping[str, CimValue]) -> None:
        self._class_name = class_name
        self._values = {name.casefold(): (name, value) for name, value in values.items()}

    def __getitem__(self, name: str) -> CimValue:
        return self._values[name.casefold()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"WmiRow({self._class_name!r}, {dict(self)!r})"

    def text(self, name: str) -> str:
        """Return a string."""
        value = self.get(name)
        if not isinstance(value, str):
            raise self._unusable(name, "a string", value)
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a string, or None where it is null or absent."""
        return None if self.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """Return a whole number."""
        value = self.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._unusable(name, "a whole number", value)
        return value

    def integer_or_none(self, name: str) -> int | None:
        """Return a whole number, or None where it is null or absent."""
        return None if self.get(name) is None else self.integer(name)

    def boolean(self, name: str) -> bool:
        """Return a truth value."""
        value = self.get(name)
        if not isinstance(value, bool):
            raise self._unusable(name, "true or false", value)
        return value

    def boolean_or_none(self, name: str) -> bool | None:
        """Return a truth value, or None where it is null or absent."""
        return None if self.get(name) is None else self.boolean(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an array of strings; null and absent arrays are empty."""
        return tuple(each for each in self._array(name) if isinstance(each, str))

    def integers(self, name: str) -> tuple[int, ...]:
        """Return an array of whole numbers; null and absent arrays are empty."""
        return tuple(each for each in self._array(name) if isinstance(each, int))

    def _array(self, name: str) -> tuple[CimScalar, ...]:
        value = self.get(name)
        if value is None:
            return ()
        if not isinstance(value, tuple):
            raise self._unusable(name, "an array", value)
        return value

    def _unusable(self, name: str, wanted: str, value: CimValue) -> WmiRowError:
        found = "nothing" if value is None else repr(value)[:80]
        return WmiRowError(f"{self._class_name}.{name} should be {wanted}; the host sent {found}")


class WmiRowError(Exception):
    """A property has no value of the expected type."""
