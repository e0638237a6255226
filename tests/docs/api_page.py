"""The names of livemigration.api, with their signatures.

python tests/docs/api_page.py > docs/api.md
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import types
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any, get_args

from pydantic import BaseModel

from livemigration import api
from livemigration.facts.model import FactGroup

_MODULE = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)*\.(?=[A-Z])")
_HEAD = """\
# livemigration.api

What the checks of a site, and the tests of them, are written against. These names and signatures
are kept, and a change of them is told in the CHANGELOG; everything else of the package may move.
How they are used: [own-checks.md](own-checks.md).
"""


def page() -> str:
    """Return the page."""
    sections = (
        ("Checks and what they say", _is_function, _function),
        ("Fact groups", _is_group, _group),
        ("Classes", inspect.isclass, _class),
        ("Other names", _is_other, _other),
    )
    lines = [_HEAD]
    for title, belongs, describe in sections:
        lines += [f"## {title}", ""]
        for name in api.__all__:
            if belongs(value := getattr(api, name)):
                lines += describe(name, value)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _is_function(value: object) -> bool:
    return inspect.isfunction(value)


def _is_group(value: object) -> bool:
    return isinstance(value, FactGroup)


def _is_other(value: object) -> bool:
    return not (_is_function(value) or _is_group(value) or inspect.isclass(value))


def _function(name: str, value: Any) -> Iterator[str]:
    yield f"- `{name}{_signature(value)}`: {_first_line(value)}"


def _group(name: str, value: FactGroup[Any]) -> Iterator[str]:
    yield f"- `{name}`: {value.title}, read as `{_type_name(value.type)}` ({value.subject.value})."


def _class(name: str, value: type) -> Iterator[str]:
    yield f"- `{name}`: {_first_line(value)}"
    if issubclass(value, Enum):
        yield f"  `{'`, `'.join(each.name for each in value)}`"
    elif fields := _fields(value):
        yield f"  `{name}({', '.join(fields)})`"
    for member in sorted(vars(value)):
        if not member.startswith("_") and (shown := _member(member, vars(value)[member])):
            yield f"    - `{shown}`"


def _fields(value: type) -> list[str]:
    if issubclass(value, BaseModel):
        return [f"{name}={field.default!r}" for name, field in value.model_fields.items()]
    if dataclasses.is_dataclass(value):
        return [_parameter(each) for each in inspect.signature(value).parameters.values()]
    return []


def _member(name: str, value: object) -> str:
    if isinstance(value, (property, cached_property)):
        return name
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    return f"{name}{_signature(value)}" if inspect.isfunction(value) else ""


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    parts: list[str] = []
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(_parameter(each))
    return (
        f"({', '.join(part for part in parts if part != 'self')}) -> {signature.return_annotation}"
    )


def _parameter(parameter: inspect.Parameter) -> str:
    if parameter.annotation is parameter.empty:
        return parameter.name
    star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    text = f"{star}{parameter.name}: {parameter.annotation}"
    if parameter.default is parameter.empty:
        return text
    default = parameter.default
    # What a factory makes has no text of its own.
    made = "…" if type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS" else repr(default)
    return f"{text} = {default if isinstance(default, Enum) else made}"


def _other(name: str, value: object) -> Iterator[str]:
    if isinstance(value, types.UnionType):
        yield f"- `{name}`: `{' | '.join(each.__name__ for each in get_args(value))}`"
    elif isinstance(value, tuple):
        yield f"- `{name}`: all of `{'`, `'.join(each.title for each in value)}`"
    else:
        yield f"- `{name}`: `{value}`"


def _first_line(value: object) -> str:
    return (inspect.getdoc(value) or "").splitlines()[0]


def _type_name(value: Any) -> str:
    if inspect.isclass(value) and not get_args(value):
        return value.__name__
    return _MODULE.sub("", str(value))


if __name__ == "__main__":
    sys.stdout.write(page())
