"""YAML files whose errors name file, line and key."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import SequenceNode

from livemigration.base.errors import UsageError, unreadable
from livemigration.inventory.alike_entries import alike_in
from livemigration.inventory.yaml_problems import first_problem, line_in

Model = TypeVar("Model", bound=BaseModel)

MAXIMUM_BYTES = 4 << 20
"""Of an inventory's file: what is larger is none."""

_DUPLICATE = re.compile(r'duplicate key "([^"]*)"')
# People write six levels.
_DEEPEST = 16
_MOST_REPEATED = 100_000
# Twenty thousand hosts that merge two dozen keys.
_MOST_MERGED = 500_000
_MERGE = "tag:yaml.org,2002:merge"
# Python refuses to write numbers of some thousands of digits, and to read them in base ten.
_LONGEST_NUMBER = 100


def load_model(text: str, label: str, model: type[Model]) -> Model:
    """Return the model that a YAML text holds.

    Args:
        text: the YAML text.
        label: the file's name for error texts.
        model: the pydantic model to validate with.

    Raises:
        UsageError: with file, line and key of the first problem.
    """
    if (found := _of_alike(text, model)) is not None:
        return found
    document = _parse(text, label)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        line, key, sentence = first_problem(error, document, model)
        raise UsageError(f"{label}, line {line}: {key}: {sentence}") from None


def _of_alike(text: str, model: type[Model]) -> Model | None:
    """Return the model of a text whose hosts are written alike; None: it has to be read whole."""
    if (alike := alike_in(text)) is None:
        return None
    try:
        document = alike.whole(_parse(alike.text, ""))
        return None if document is None else model.model_validate(document)
    except (UsageError, ValidationError):
        return None


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
            data = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(data) > MAXIMUM_BYTES:
        raise UsageError(f"{path}: larger than {MAXIMUM_BYTES >> 20} MiB; that is no inventory.")
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
            reader = YAML(typ="rt")
            reader.Composer = _BoundedComposer
            reader.Constructor = _Constructor
            document = reader.load(text)
    except _TooDeepError as error:
        raise _too_deep(label, error.line) from None
    except _TooMuchMergedError as error:
        raise UsageError(
            f"{label}, line {error.line}: the merges (<<) up to here bring in more than "
            f"{_MOST_MERGED} keys. Merge no merges, or write out what they stand for."
        ) from None
    except _TooLongNumberError as error:
        raise UsageError(
            f"{label}, line {error.line}: a number of {error.length} characters. Nothing here is "
            "as large; put it in quotes if it is a text."
        ) from None
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
    _refuse_much_repeated(document, label)
    return document


class _BoundedComposer(Composer):
    """Stops at what would take minutes to read.

    That is parts that lie too deep in each other, and merges (`<<`) of merges, which are copied in
    whole, each key by each of them.
    """

    _depth = 0
    _merged = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node with all that lies in it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeepError(self.parser.peek_event().start_mark.line + 1)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def compose_mapping_node(self, anchor: Any) -> Any:
        """Return the next mapping, with what its merges come to counted."""
        node = super().compose_mapping_node(anchor)
        brought = 0
        for key, value in node.value:
            if key.tag == _MERGE:
                sources = value.value if isinstance(value, SequenceNode) else [value]
                brought += sum(1 + self._keys.get(id(each), 0) for each in sources)
        self._merged += brought
        if self._merged > _MOST_MERGED:
            raise _TooMuchMergedError(node.start_mark.line + 1)
        self._keys[id(node)] = len(node.value) + brought
        return node

    @cached_property
    def _keys(self) -> dict[int, int]:
        """How many keys each mapping has, with those of its merges; all live to the end."""
        return {}


class _Constructor(RoundTripConstructor):
    """Makes mappings that do not know who merges them.

    ruamel.yaml looks each that does up in those that did, to tell them of changes: five thousand
    hosts that merged ten keys took a minute. Nobody changes what was read.
    """

    def construct_yaml_map(self, node: Any) -> Iterator[CommentedMap]:
        """Yield a mapping, then fill it."""
        for made in super().construct_yaml_map(node):
            made.add_referent = _forget  # type: ignore[assignment, method-assign]  # as above
            yield made

    def construct_yaml_int(self, node: Any) -> Any:
        """Return a whole number, in whatever base it is written."""
        if len(node.value) > _LONGEST_NUMBER:
            raise _TooLongNumberError(node.start_mark.line + 1, len(node.value))
        return super().construct_yaml_int(node)


def _forget(_: object) -> None:
    """Leave out who merges a mapping."""


_Constructor.add_constructor("tag:yaml.org,2002:map", _Constructor.construct_yaml_map)
_Constructor.add_constructor("tag:yaml.org,2002:int", _Constructor.construct_yaml_int)


class _TooDeepError(Exception):
    """Parts lie too deep in each other; `line` is where, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _TooLongNumberError(Exception):
    """A number is longer than any that belongs here; `line` is where, from 1."""

    def __init__(self, line: int, length: int) -> None:
        super().__init__(line, length)
        self.line = line
        self.length = length


class _TooMuchMergedError(Exception):
    """Merges come to too many keys; `line` is that of the mapping where they do, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _refuse_much_repeated(document: Any, label: str) -> None:
    """Refuse aliases that stand for more than anybody writes, or for what they lie in.

    Aliases of aliases double a text with every line, and whoever walks through it never ends.
    """
    written = _Written()
    size, depth = written.out(document)
    if depth > _DEEPEST or size - written.values > _MOST_REPEATED:
        raise UsageError(
            f"{label}: its aliases (*name) repeat more than {_MOST_REPEATED} values, or lie more "
            f"than {_DEEPEST} deep in each other. Write out what they stand for."
        )


class _Written:
    """Counts the values of a document, and what they come to where its aliases are written out."""

    def __init__(self) -> None:
        self.values = 0
        self._known: dict[int, tuple[int, int]] = {}

    def out(self, value: Any) -> tuple[int, int]:
        """Return how many values there are, and how deep they lie in each other."""
        if not isinstance(value, (dict, list)):
            self.values += 1
            return 1, 0
        if id(value) not in self._known:
            self.values += 1
            # What lies in itself is met again before it is known.
            self._known[id(value)] = 1, _DEEPEST + 1
            inner = value.values() if isinstance(value, dict) else value
            found = [self.out(each) for each in inner]
            size = 1 + sum(each for each, _ in found)
            self._known[id(value)] = size, 1 + max((depth for _, depth in found), default=0)
        return self._known[id(value)]


def _too_deep(label: str, line: int) -> UsageError:
    return UsageError(
        f"{label}, line {line}: parts lie more than {_DEEPEST} deep in each other. Close the "
        "brackets that are open."
    )
