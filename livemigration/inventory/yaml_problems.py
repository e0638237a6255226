"""The first problem of a YAML document, in words of the file: line, key, what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from livemigration.inventory.nearest import did_you_mean

_Location = Sequence[int | str]

_SENTENCES = {
    "missing": "is missing. Add it.",
    "tuple_type": "expected a list, such as [a, b].",
    "list_type": "expected a list, such as [a, b].",
    "dict_type": "expected keys and values.",
    "model_type": "expected keys and values.",
    "model_attributes_type": "expected keys and values.",
    "string_type": "expected a text; put it in quotes.",
    "string_too_short": "is empty. Write a text.",
    "string_pattern_mismatch": "is not of the form that is asked for here.",
    "bool_type": "expected true or false.",
    "bool_parsing": "expected true or false.",
    "invalid_key": "a key must be a text; put it in quotes.",
}
# Whatever of these pydantic reports, the value is the same: one kind of number, or of network.
_BY_START = (
    ("int_", "expected a whole number, such as 1."),
    ("float_", "expected a number, such as 1 or 0.5."),
    ("ip_v4_network", "expected a subnet, such as 10.0.50.0/24, without bits behind its mask."),
    ("ip_v6_network", "expected a subnet, such as 10.0.50.0/24, without bits behind its mask."),
    ("ip_", "expected an IP address, such as 10.0.50.11."),
    ("datetime_", "expected a date and a time with its offset, such as 2026-11-24T22:00+01:00."),
    ("date_", "expected a date, such as 2026-11-24."),
)
_COMPARED = {
    "too_short": ("min_length", "must have {} entries at least."),
    "too_long": ("max_length", "must have {} entries at most."),
    "string_too_long": ("max_length", "must have {} characters at most."),
    "less_than_equal": ("le", "must be {} at most."),
    "less_than": ("lt", "must be less than {}."),
    "greater_than_equal": ("ge", "must be {} at least."),
    "greater_than": ("gt", "must be more than {}."),
}
# How to write an entry that people write as a mere name.
_FORMS = {"hosts": "- name: {}", "vmm": "vmm: {{name: {}}}", "lab": "lab: {{fleet: {}}}"}


def first_problem(
    error: ValidationError, document: Any, model: type[BaseModel]
) -> tuple[int, str, str]:
    """Return line, key and sentence of the problem to name first.

    A misspelt key is both unknown and missing: the unknown one is what was typed. Of the kinds that
    a value may have, the one that it comes nearest to is told.
    """
    problems = error.errors(include_url=False)
    first = max(problems, key=lambda each: _rank(each, document))
    location = _in_document(first["loc"], document)
    shown = location if first["type"] != "missing" else (*location, first["loc"][-1])
    return line_in(document, location), key_of(shown), _sentence(first, location, model)


def key_of(location: _Location) -> str:
    """Return a place in a document as people write it: `hosts[0].name`."""
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            shown = part if part.isprintable() else repr(part[:60])
            parts.append(f".{shown}" if parts else shown)
    return "".join(parts) or "the file"


def _rank(problem: ErrorDetails, document: Any) -> tuple[bool, int, bool]:
    depth = len(_in_document(problem["loc"], document))
    whole = problem["type"] in {"tuple_type", "model_type", "dict_type"}
    return problem["type"] == "extra_forbidden", depth, not whole


def _in_document(location: _Location, document: Any) -> tuple[int | str, ...]:
    """Return the parts of a place that the document has; the others name kinds of values."""
    found: list[int | str] = []
    node = document
    for part in location:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            continue
        found.append(part)
    return tuple(found)


def line_in(document: Any, location: _Location) -> int:
    """Return the line of a place in a document, from 1; of the last part of it that is there."""
    line = 1
    node = document
    for part in location:
        try:
            place = node.lc
            position = place.key(part) if isinstance(part, str) else place.item(part)
            # An empty mapping has no positions at all.
            line = int(position[0]) + 1
            node = node[part]
        except (AttributeError, KeyError, TypeError, IndexError):
            break
    return line


def _sentence(problem: ErrorDetails, location: _Location, model: type[BaseModel]) -> str:
    kind, value = problem["type"], problem.get("input")
    if kind == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return _strange_key(problem["loc"], model)
    if value is None and kind != "missing":
        return "is empty. Write a value, or remove the key."
    if form := _form(value, location):
        return f"expected keys and values. Write {form}"
    secret = _of_credentials(problem["loc"])
    shown = isinstance(value, str | int | float) and not secret
    text = str(value).lower() if isinstance(value, bool) else str(value)
    found = f" Found {text[:60]!r}." if shown else ""
    return f"{_what_is_right(problem)}{found}"


def _strange_key(location: _Location, model: type[BaseModel]) -> str:
    if _of_credentials(location[:-1]):
        return (
            "is not a known key. No password stands here: from: says where it comes from, such as "
            "an environment variable that password_variable names."
        )
    if said := _elsewhere(model, location):
        return said
    meant = did_you_mean(str(location[-1]), _keys_at(model, location[:-1]))
    return f"is not a known key.{meant or ' Remove it or correct its spelling.'}"


def _of_credentials(location: _Location) -> bool:
    """Whether a place is one where people write passwords: what stands there is never shown."""
    # The second part of such a place is a name of the file's own choosing.
    within = location[2:] if location[:1] == ("groups",) else location
    return "credentials" in within


def _form(value: Any, location: _Location) -> str:
    """Return how to write what was written as a name alone, or as a key; else nothing."""
    entry = len(location) == 1 or (len(location) == 2 and isinstance(location[1], int))
    name = next(iter(value), None) if isinstance(value, Mapping) else value
    if not entry or not isinstance(name, str) or location[0] not in _FORMS:
        return ""
    return _FORMS[str(location[0])].format(name[:60])


def _what_is_right(problem: ErrorDetails) -> str:
    kind, context = problem["type"], problem.get("ctx") or {}
    if kind in _COMPARED:
        name, words = _COMPARED[kind]
        return words.format(f"{context[name]:g}")
    if kind in {"literal_error", "enum"}:
        return f"expected {str(context['expected']).replace(chr(39), '')}."
    starting = (words for start, words in _BY_START if kind.startswith(start))
    return _SENTENCES.get(kind) or next(starting, "is not what belongs here.")


def _elsewhere(model: type[BaseModel], location: _Location) -> str:
    """Return what is said of a key that stands elsewhere; empty where it is not known at all."""
    told = (getattr(each, "elsewhere", {}) for each in _models_at(model, location[:-1]))
    return next((each[location[-1]] for each in told if location[-1] in each), "")


def _keys_at(model: type[BaseModel], location: _Location) -> tuple[str, ...]:
    """Return the keys that may stand at a place."""
    return tuple(name for each in _models_at(model, location) for name in _names(each))


def _models_at(model: type[BaseModel], location: _Location) -> set[type[BaseModel]]:
    models: set[type[BaseModel]] = {model}
    for part in location:
        if isinstance(part, int):
            continue
        inner = {found for each in models for found in _models_under(each, part)}
        # A part that is no key names a kind of value, or a key of the file's own choosing.
        models = inner or models
    return models


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _models_under(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    fields: Mapping[str, FieldInfo] = model.model_fields
    for name, field in fields.items():
        if key in {name, field.alias}:
            yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
