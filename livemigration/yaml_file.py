"""YAML files whose errors name file, line and key."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning

from livemigration.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)

_MAXIMUM_BYTES = 4 << 20
_DUPLICATE = re.compile(r'duplicate key "([^"]*)"')

# What pydantic says in Python's words, in words of the file.
_SENTENCES = {
    "missing": "is missing. Add it.",
    "extra_forbidden": "is not a known key. Remove it or correct its spelling.",
    "tuple_type": "expected a list, such as [a, b].",
    "dict_type": "expected keys and values.",
    "model_type": "expected keys and values.",
    "model_attributes_type": "expected keys and values.",
    "string_type": "expected a text; put it in quotes.",
}


def load_model(text: str, label: str, model: type[Model]) -> Model:
    """Return the model that a YAML text holds.

    Args:
        text: the YAML text.
        label: the file's name for error texts.
        model: the pydantic model to validate with.

    Raises:
        UsageError: with file, line and key of the first problem.
    """
    document = _parse(text, label)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        # A misspelt key is both unknown and missing: the unknown one is what was typed.
        first = min(problems, key=lambda each: each["type"] != "extra_forbidden")
        line = _line_of(document, first["loc"])
        key = _key(first["loc"], document)
        raise UsageError(f"{label}, line {line}: {key}: {_sentence(dict(first))}") from None


def line_of(text: str, location: tuple[int | str, ...]) -> int:
    """Return the line of a place in a YAML text that `load_model` has read, from 1."""
    return _line_of(_parse(text, ""), location)


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        UsageError: it cannot be read, is not UTF-8, or is unreasonably large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAXIMUM_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}.") from None
    if len(data) > _MAXIMUM_BYTES:
        raise UsageError(f"{path}: larger than {_MAXIMUM_BYTES >> 20} MiB; that is no inventory.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8."
        ) from None


def _parse(text: str, label: str) -> Any:
    try:
        with warnings.catch_warnings():
            # YAML allows an anchor's name to be used again.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            document = YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found = _DUPLICATE.search(error.problem or "")
        key = f"{found.group(1)[:60]}: " if found else ""
        raise UsageError(
            f"{label}, line {line}: {key}the key is given twice. Keep one of the two."
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UsageError(f"{label}, line {line}: not valid YAML: {error.problem}.") from None
    except Exception as error:  # noqa: BLE001 - wrong tags and merges make ruamel.yaml fail anyhow
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{label}: not valid YAML: {reason}.") from None
    if not isinstance(document, dict):
        raise UsageError(f"{label}, line 1: expected keys and values, such as 'schema: 1'.")
    return document


def _line_of(document: Any, location: tuple[int | str, ...]) -> int:
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


def _key(location: tuple[int | str, ...], document: Any) -> str:
    parts: list[str] = []
    node = document
    for part in location:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            if (
                not (isinstance(node, dict) and part in node)
                and parts
                and part.startswith("tagged")
            ):
                continue
            parts.append(f".{part}" if parts else part)
        node = node[part] if _has(node, part) else None
    return "".join(parts) or "the file"


def _has(node: Any, part: int | str) -> bool:
    try:
        node[part]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _sentence(error: dict[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error":
        return message
    value = error.get("input")
    secret = error["loc"][:1] == ("credentials",)
    shown = isinstance(value, str | int | float) and not secret
    found = f" Found {str(value)[:60]!r}." if shown and error["type"] != "extra_forbidden" else ""
    return f"{_SENTENCES.get(error['type'], f'{message}.')}{found}"
