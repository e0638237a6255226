"""Additions put into an inventory's own text, of which no other character changes.

Where something goes is taken from the marks of the YAML reader: a rewritten document would lose
the places of comments, and with them what they are about.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.tokens import BlockEntryToken

from livemigration.base.errors import UsageError
from livemigration.discovery.additions import Additions
from livemigration.discovery.existing import Beginning
from livemigration.discovery.yaml_values import (
    STEP,
    block,
    in_brackets,
    indented,
    items,
    json_items,
    json_text,
    scalar,
)
from livemigration.inventory.yaml_file import load_model

# What stands between a key and the next line where nothing is there yet, and no comment.
_NOTHING = re.compile(r"[ \t]*:[ \t]*(?:\[[ \t]*\]|\{[ \t]*\}|~|null|Null|NULL)")
# Behind the last item in brackets, where the closing one is not on its line.
_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=\r?\n)")
# An anchor or a tag of a collection, which stands before it.
_PROPERTIES = ("&", "!")


def added_to(text: str, label: str, additions: Additions) -> str:
    """Return the text of an inventory with additions.

    Args:
        text: the inventory, which `load_model` has read.
        label: its name for sentences.
        additions: what is added.

    Raises:
        UsageError: it is written in a way that nothing can be added to; nothing is changed.
    """
    parts: list[tuple[str, Any]] = []
    if additions.vmm is not None:
        parts.append(("vmm", additions.vmm_values))
    if additions.hosts:
        parts.append(("hosts", [each.values for each in additions.hosts]))
    if additions.groups:
        parts.append(("groups", additions.group_values))
    made = text
    try:
        for key, values in parts:
            made = _with(made, key, values)
    except YAMLError:
        # What was added so far broke it; it is said below.
        made = text
    if not _is_right(text, made, label, additions):
        raise UsageError(
            f"{label}: nothing can be added to it as it is written, such as where hosts or groups "
            "are an alias (*name). Write them out, or name a new file."
        )
    return made


def _is_right(before: str, after: str, label: str, additions: Additions) -> bool:
    """Whether a text says what it said before, and the additions, and nothing else."""
    old = load_model(before, label, Beginning)
    try:
        new = load_model(after, label, Beginning)
    except UsageError:
        return False
    expected = old.model_copy(
        update={
            "hosts": (*(old.hosts or ()), *(each.entry for each in additions.hosts))
            if additions.hosts
            else old.hosts,
            "groups": {**old.groups, **additions.group_models},
            "vmm": additions.vmm if additions.vmm is not None else old.vmm,
        }
    )
    return new == expected


def _with(text: str, key: str, values: Any) -> str:
    """Return a text in which the list or the mapping under a key of the document has more."""
    root = _root(text)
    found = next(((name, each) for name, each in root.value if name.value == key), None)
    if root.flow_style:
        return _in_flow(text, root, key, found, values)
    column = _column(text, root)
    if found is None:
        lines = [f"{scalar(key)}:", *indented(block(values))]
        return _put(text, _behind(text, _end_of(root), column), column * " ", lines)
    name, node = found
    if not isinstance(node, (SequenceNode, MappingNode)) or node.flow_style:
        return _beside(text, name, node, column * " " + STEP, values)
    column = _column(text, node)
    lines = block(values, flow=_items_are_flow(node))
    return _put(text, _behind(text, _end_of(node), column), column * " ", lines)


def _root(text: str) -> MappingNode:
    with warnings.catch_warnings():
        # YAML allows an anchor's name to be used again.
        warnings.simplefilter("ignore", ReusedAnchorWarning)
        root = YAML(typ="rt").compose(text)
    if not isinstance(root, MappingNode):
        raise TypeError("an inventory that was read is a mapping")
    return root


def _beside(text: str, name: Node, node: Node, margin: str, values: Any) -> str:
    """Return a text in which a key has more that has nothing yet, or what stands in brackets.

    `hosts:` and `hosts: []` get a block. Where a comment is between the two, it stays: what is on
    a line of its own is filled where it stands.
    """
    key, end = int(name.end_mark.index), int(node.end_mark.index)
    if _NOTHING.fullmatch(text, key, end):
        text, end = f"{text[:key]}:{text[end:]}", key
    elif isinstance(node, (SequenceNode, MappingNode)):
        return _inserted(text, node, items(values))
    elif node.value:
        return f"{text[: end - len(node.value)]}{in_brackets(values)}{text[end:]}"
    return _put(text, _next_line(text, key), margin, block(values))


def _in_flow(
    text: str, root: MappingNode, key: str, found: tuple[Node, Node] | None, values: Any
) -> str:
    # As JSON has it: such an inventory may be a document of JSON.
    if found is None:
        return _inserted(text, root, [f"{json_text(key)}: {json_text(values)}"])
    node = found[1]
    if isinstance(node, (SequenceNode, MappingNode)):
        return _inserted(text, node, json_items(values))
    end = int(node.end_mark.index)
    start = end - len(node.value)
    return f"{text[:start].rstrip(' ')} {json_text(values)}{text[end:]}"


def _inserted(text: str, node: SequenceNode | MappingNode, more: Sequence[str]) -> str:
    """Return a text with more items in a collection in brackets, behind those that it has.

    Where the last of them has a line of its own, each of these has one: a comment beside the last
    stays beside it.
    """
    if not node.value:
        # Behind the anchor and the tag that it may have.
        bracket = "[" if isinstance(node, SequenceNode) else "{"
        place = text.index(bracket, node.start_mark.index) + 1
        return f"{text[:place]}{', '.join(more)}{text[place:]}"
    begin, place = _last_item(node)
    margin = text[:begin].rpartition("\n")[2]
    rest = _REST_OF_LINE.match(text, place)
    if rest is None or margin.strip():
        return f"{text[:place]}, {', '.join(more)}{text[place:]}"
    comma = rest[1]
    if not comma:
        text = f"{text[:place]},{text[place:]}"
    lines = [*(f"{each}," for each in more[:-1]), f"{more[-1]}{comma}"]
    return _put(text, _behind(text, place, len(margin)), margin, lines)


def _last_item(node: SequenceNode | MappingNode) -> tuple[int, int]:
    """Return where the last item of a collection begins, and where it ends."""
    last = node.value[-1]
    parts = last if isinstance(last, tuple) else (last,)
    return int(parts[0].start_mark.index), int(max(each.end_mark.index for each in parts))


def _items_are_flow(node: SequenceNode | MappingNode) -> bool:
    first = node.value[0]
    return isinstance(first, MappingNode) and bool(first.flow_style)


def _column(text: str, node: SequenceNode | MappingNode) -> int:
    """Return the column of what a block holds: of its keys, or of the dashes before its items."""
    if isinstance(node, MappingNode):
        return int(node.value[0][0].start_mark.column)
    start = node.start_mark
    if not text.startswith(_PROPERTIES, start.index):
        return int(start.column)
    dashes = (each.start_mark for each in YAML().scan(text) if isinstance(each, BlockEntryToken))
    return next(int(each.column) for each in dashes if each.index > start.index)


def _end_of(node: Node) -> int:
    """Return where what is written of a node ends, without the blanks and comments behind it.

    An alias has the marks of what it stands for, which lies before it; its key stands beside it.
    """
    inner = list(_inner(node))
    return max((_end_of(each) for each in inner), default=int(node.end_mark.index))


def _inner(node: Node) -> Iterator[Node]:
    """Yield what lies in a block; what stands in brackets ends with them."""
    if isinstance(node, MappingNode) and not node.flow_style:
        for name, value in node.value:
            yield name
            yield value
    elif isinstance(node, SequenceNode) and not node.flow_style:
        yield from node.value


def _behind(text: str, place: int, column: int) -> int:
    """Return where the line begins that follows a place and the comments that belong to it.

    Those are the ones that are indented deeper than a column, that of what comes next.
    """
    # A text of several lines ends where the next line begins.
    found = line = _next_line(text, len(text[:place].rstrip()))
    while line < len(text):
        following = _next_line(text, line)
        words = text[line:following].lstrip(" ")
        if words.startswith("#") and following - line - len(words) > column:
            found = following
        elif words.strip():
            break
        line = following
    return found


def _next_line(text: str, place: int) -> int:
    return text.find("\n", place) + 1 or len(text)


def _put(text: str, place: int, margin: str, lines: Sequence[str]) -> str:
    """Return a text with more lines where one begins, or at its end."""
    before, after = text[:place], text[place:]
    ended = before.rpartition("\n")[0]
    end = "\r\n" if ended.endswith("\r") else "\n"
    if not before.endswith("\n"):
        before += end
    return before + "".join(f"{margin}{each}{end}" for each in lines) + after
