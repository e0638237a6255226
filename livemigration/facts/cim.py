"""How WMI classes are declared: once, for the client's queries, its parser and the lab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, cached_property, lru_cache


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
    OBJECT = "object"

    # There is one of each: Enum's own is a call of Python's for every look into a table.
    __hash__ = object.__hash__

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers."""
        return self.value.startswith(("uint", "sint"))

    @property
    def is_compound(self) -> bool:
        """Whether a value has values in it."""
        return self in {CimType.REFERENCE, CimType.OBJECT}

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest value of an integer type."""
        return _bounds(self.value)


@cache
def _bounds(kind: str) -> tuple[int, int]:
    bits = int(kind[4:])
    if kind.startswith("uint"):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


@dataclass(frozen=True)
class WmiProperty:
    """One property: its name, type, and whether it is an array.

    Args:
        optional: some releases of Windows do not have it. WMI refuses a query that names a
            property which the class lacks, so which are absent is found out by asking.
        by_patch: it is optional, and a patch brings it: hosts of one build differ.
        since: the first build that has it. No query goes by it; the lab does.
        sample: what a host of the lab has, where the lab has no value of its own; None: a value
            that follows from the type.
        members: of an embedded object or a reference: the texts in it that are read.
    """

    name: str
    type: CimType
    array: bool = False
    optional: bool = False
    by_patch: bool = False
    since: int = 0
    sample: CimValue = None
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.by_patch and not self.optional:
            raise ValueError(f"{self.name}: what a patch brings is optional")
        if self.members and not self.type.is_compound:
            raise ValueError(f"{self.name}: members are those of an object or a reference")


@dataclass(frozen=True)
class WmiClass:
    """A class in a namespace, with the properties that the suite reads."""

    namespace: str
    name: str
    properties: tuple[WmiProperty, ...]
    _by_name: dict[str, WmiProperty] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {each.name.casefold(): each for each in self.properties}
        object.__setattr__(self, "_by_name", table)
        object.__setattr__(self, "_hash", hash((self.namespace, self.name, self.properties)))

    def __hash__(self) -> int:
        # Of all its properties, and asked for with every question.
        return self._hash

    def __reduce__(self) -> tuple[type[WmiClass], tuple[str, str, tuple[WmiProperty, ...]]]:
        # In another process, the same texts have other hashes.
        return WmiClass, (self.namespace, self.name, self.properties)

    def find(self, name: str) -> WmiProperty | None:
        """Return the property of that name in any case, or None."""
        return self._by_name.get(name.casefold())

    @cached_property
    def optional(self) -> tuple[WmiProperty, ...]:
        """The properties that a host may lack."""
        return tuple(each for each in self.properties if each.optional)

    @property
    def resource_uri(self) -> str:
        """The class's resource URI (WS-Management as Windows speaks it)."""
        return f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{self.namespace}/{self.name}"

    @cached_property
    def query_uri(self) -> str:
        """The resource URI for WQL, which must end in `/*` (windows-facts.md section 5.3)."""
        return f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{self.namespace}/*"


@dataclass(frozen=True)
class WmiQuery:
    """A WQL query over one class, which names the properties that it asks for.

    Args:
        where: a constant of ours, never a host's text. It names no optional property.
        absent: the optional properties that are not asked for: the host's class lacks them.
        instances: the InstanceIDs of the rows that are asked for, which may be a host's text; none:
            of every row.
        key: the names and values by which one row is known, which may be a host's text: asked for
            by Get, not by WQL.
        options: what the class's provider is told besides, in WMI's context; constants of ours.

    Raises:
        ValueError: every property is optional, one that is not is said to be absent, or the class
            has no InstanceID.
    """

    wmi_class: WmiClass
    where: str | None = None
    absent: frozenset[str] = frozenset()
    instances: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    key: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        optional = {each.name for each in self.wmi_class.optional}
        if optional and len(optional) == len(self.wmi_class.properties):
            raise ValueError(f"{self.wmi_class.name}: name a property that every release has")
        if not self.absent <= optional:
            raise ValueError(f"{self.wmi_class.name}: only optional properties can be absent")
        if self.instances and self.wmi_class.find(INSTANCE_ID) is None:
            raise ValueError(f"{self.wmi_class.name}: it has no {INSTANCE_ID} to choose by")

    def without(self, names: Iterable[str]) -> WmiQuery:
        """Return the query that asks for all properties but these optional ones."""
        absent = frozenset(names)
        return self if absent == self.absent else replace(self, absent=absent)

    def of(self, instances: Iterable[str]) -> WmiQuery:
        """Return the query for these rows of it."""
        return replace(self, instances=tuple(instances))

    def one(self, **key: str) -> WmiQuery:
        """Return the question for the one row of this key, whatever the condition says of it."""
        return replace(self, key=tuple(key.items()))

    @cached_property
    def whole(self) -> WmiQuery:
        """The query for all properties, and for all rows that its condition wants."""
        if not self.absent and not self.instances and not self.key:
            return self
        return replace(self, absent=frozenset(), instances=(), key=())

    @cached_property
    def wql(self) -> str:
        """The query's text."""
        asked = (each.name for each in self.wmi_class.properties if each.name not in self.absent)
        chosen = " OR ".join(f"{INSTANCE_ID} = {wql_text(each)}" for each in self.instances)
        both = (f"({self.where})", f"({chosen})") if self.where and chosen else ()
        where = " AND ".join(both) or self.where or chosen
        tail = f" WHERE {where}" if where else ""
        return f"SELECT {', '.join(asked)} FROM {self.wmi_class.name}{tail}"  # noqa: S608 - constants, and texts that are escaped


INSTANCE_ID = "InstanceID"


def wql_text(text: str) -> str:
    """Return a text as WQL writes it: with a backslash before a backslash and a single quote."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@dataclass(frozen=True)
class ObjectReference:
    """A reference to an instance: its resource URI and its keys."""

    resource_uri: str
    selectors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EmbeddedObject:
    """An object in a property: the texts in it that are read. Names count in any case."""

    texts: tuple[tuple[str, str], ...]

    def text(self, name: str) -> str | None:
        """Return a text, or None where it is null or absent."""
        wanted = name.casefold()
        return next((text for each, text in self.texts if each.casefold() == wanted), None)


CimScalar = str | bool | int | datetime | timedelta | ObjectReference | EmbeddedObject
CimValue = CimScalar | tuple[CimScalar, ...] | None


# The rows of one reply have the same names, and are read by the same ones.
@lru_cache(1024)
def _spelt(names: tuple[str, ...], name: str) -> str:
    """Return which of the names is this one in another case; none: the name itself."""
    wanted = name.casefold()
    return next((each for each in reversed(names) if each.casefold() == wanted), name)


class WmiRow(Mapping[str, CimValue]):
    """One instance, typed by its class. Names are looked up in any case.

    A property that the reply lacks is absent; a property that is null is None (an array: None).
    The typed readers raise `WmiRowError` when the value is absent, null, or of another type.
    """

    __slots__ = ("_class_name", "_values")

    def __init__(self, class_name: str, values: Mapping[str, CimValue]) -> None:
        self._class_name = class_name
        self._values = dict(values)

    def __getitem__(self, name: str) -> CimValue:
        return self._values[self._name(name)]

    def __contains__(self, name: object) -> bool:
        return name in self._values or (isinstance(name, str) and self._name(name) in self._values)

    def get(self, name: str, default: CimValue = None) -> CimValue:  # type: ignore[override]  # names and values alone
        """Return a value; Mapping's own raises and catches for it, for each value of each row."""
        found = self._values.get(name)
        return found if found is not None else self._values.get(self._name(name), default)

    def _name(self, name: str) -> str:
        """Return how a name came; one that did not is returned as it is."""
        return name if name in self._values else _spelt(tuple(self._values), name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"WmiRow({self._class_name!r}, {dict(self)!r})"

    def text(self, name: str) -> str:
        """Return a string."""
        value = self._values.get(name)
        if isinstance(value, str):
            return value
        if (other := self.text_or_none(name)) is None:
            raise self._unusable(name, "a string", other)
        return other

    def text_or_none(self, name: str) -> str | None:
        """Return a string, or None where it is null or absent."""
        value = self.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._unusable(name, "a string", value)

    def integer(self, name: str) -> int:
        """Return a whole number."""
        value = self._values.get(name)
        if type(value) is int:
            return value
        if (other := self.integer_or_none(name)) is None:
            raise self._unusable(name, "a whole number", other)
        return other

    def integer_or_none(self, name: str) -> int | None:
        """Return a whole number, or None where it is null or absent."""
        value = self.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._unusable(name, "a whole number", value)

    def boolean(self, name: str) -> bool:
        """Return a truth value."""
        if (value := self.boolean_or_none(name)) is None:
            raise self._unusable(name, "true or false", value)
        return value

    def boolean_or_none(self, name: str) -> bool | None:
        """Return a truth value, or None where it is null or absent."""
        value = self.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._unusable(name, "true or false", value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an array of strings; null and absent arrays are empty."""
        return tuple(each for each in self._array(name) if isinstance(each, str))

    def integers(self, name: str) -> tuple[int, ...]:
        """Return an array of whole numbers; null and absent arrays are empty."""
        return tuple(each for each in self._array(name) if isinstance(each, int))

    def embedded_text(self, name: str, member: str) -> str | None:
        """Return a text in an embedded object, or None where either is null or absent."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, EmbeddedObject):
            raise self._unusable(name, "an object", value)
        return value.text(member)

    def referred(self, name: str, key: str) -> str:
        """Return a key, named in any case, of the instance that a reference is to."""
        value = self.get(name)
        if isinstance(value, ObjectReference):
            for each, text in value.selectors:
                if each.casefold() == key.casefold():
                    return text
        raise self._unusable(name, f"a reference with {key}", value)

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
