"""Frozen data classes to JSON and back, and their JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

JsonSchema = dict[str, Any]


@cache
def _cached_adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", kind))


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return _cached_adapter(kind)


# As json.dumps, which makes an encoder for each text that is asked for in this form.
_ENCODER = json.JSONEncoder(separators=(",", ":"))
# The text of a document of plain JSON types, without blanks between its parts.
compact = _ENCODER.encode


def to_json(value: object, kind: Any = None) -> Any:
    """Return a value of plain JSON types. `kind` is the declared type, where not its class."""
    adapter = _adapter(kind if kind is not None else type(value))
    # Under the names that `from_json` reads, where a field has one that Python keeps for itself.
    return adapter.dump_python(value, mode="json", by_alias=True)


def to_brief_json(value: object, without: AbstractSet[str] = frozenset()) -> Any:
    """Return what `to_json` does, less what a value has by default, and less these of its fields.

    `from_json` reads it to the same value, where it is given the fields that are left out.
    """
    return _adapter(type(value)).dump_python(
        value, mode="json", exclude=set(without), exclude_defaults=True, by_alias=True
    )


def from_json(kind: type[T] | Any, document: Any) -> T:
    """Return the value of type `kind` that a JSON document holds.

    Raises:
        ValueError: the document does not fit; the message names the first place that does not.
    """
    try:
        return cast("T", _adapter(kind).validate_python(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        said = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{place}: {said}") from None


def brief_schemas(*kinds: Any) -> JsonSchema:
    """Return the definitions, by their names, of what `to_brief_json` writes of these classes."""
    adapters = [(kind, "validation", _adapter(kind)) for kind in kinds]
    found: JsonSchema = TypeAdapter.json_schemas(adapters)[1]["$defs"]  # type: ignore[arg-type]  # a literal
    return found


def json_schema(kind: Any, *, title: str, identifier: str) -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of what `to_json` writes."""
    schema = _adapter(kind).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        **schema,
        "title": title,
    }
