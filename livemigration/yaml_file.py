"""YAML files whose errors name file, line and key."""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from livemigration.errors import UsageError
from livemigration.yaml_problems import first_problem, line_in

Model = TypeVar("Model", bound=BaseModel)

_MAXIMUM_BYTES = 4 << 20
_DUPLICATE = re.compile(r'duplicate key "([^"]*)"')
_DEEPEST = 64
_BRACKET = re.compile(r"[\[\]{}]")
_OPENING = (FlowSequenceStartToken, FlowMappingStartToken)
_CLOSING = (FlowSequenceEndToken, FlowMappingEndToken)


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
        line, key, sentence = first_problem(error, document, model)
        raise UsageError(f"{label}, line {line}: {key}: {sentence}") from None


def line_of(text: str, location: tuple[int | str, ...]) -> int:
    """Return the line of a place in a YAML text that `load_model` has read, from 1."""
    return line_in(_parse(text, ""), location)


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
            _refuse_deep_nesting(text, label)
            document = YAML(typ="rt").load(text)
    except UsageError:
        raise
    except RecursionError:
        raise _too_deep(label, 1) from None
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


def _refuse_deep_nesting(text: str, label: str) -> None:
    """Refuse brackets that lie too deep in each other, before the parser takes minutes for them.

    ruamel.yaml's time grows with the square of their depth, and people write six levels.
    Most files are through with the count of all brackets; where that is too deep, the scanner tells
    those of texts and comments apart, and is stopped in time.
    """
    suspected = _too_deep_from(text)
    if suspected is None:
        return
    # Cut behind the bracket, a text may end in the middle of a quotation: that says nothing yet.
    with suppress(MarkedYAMLError):
        _scan(text[:suspected], label)
    _scan(text, label)


def _scan(text: str, label: str) -> None:
    depth = 0
    for token in YAML().scan(text):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > _DEEPEST:
            raise _too_deep(label, token.start_mark.line + 1)


def _too_deep_from(text: str) -> int | None:
    """Return the place behind the first bracket that is too deep, wherever brackets stand."""
    depth = 0
    for found in _BRACKET.finditer(text):
        depth = max(0, depth + (1 if found[0] in "[{" else -1))
        if depth > _DEEPEST:
            return found.end()
    return None


def _too_deep(label: str, line: int) -> UsageError:
    return UsageError(
        f"{label}, line {line}: parts lie more than {_DEEPEST} deep in each other. Close the "
        "brackets that are open."
    )
