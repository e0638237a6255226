"""Additions put into an inventory's own text, of which no other character changes.

Where something goes is taken from the marks of the YAML reader: a rewritten document would lose
the places of comments, and with them what they are about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from livemigration.base.errors import UsageError
from livemigration.discovery.additions import Additions
from livemigration.discovery.existing import Beginning
from livemigration.inventory.yaml_file import load_model

# What no reader of YAML takes for a number, a date or a truth.
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z][A-Za-z0-9_-]*)+")
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*")
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_STEP = "  "


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
    for key, values in parts:
        made = _with(made, key, values)
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
    end = "\r\n" if "\r\n" in text else "\n"
    root = YAML(typ="rt").compose(text)
    if not isinstance(root, MappingNode):
        raise TypeError("an inventory that was read is a mapping")
    found = next(((name, each) for name, each in root.value if name.value == key), None)
    if root.flow_style:
        return _in_flow(text, root, key, found, values)
    if found is None:
        lines = [f"{_scalar(key)}:", *_block(values, _STEP)]
        return _after(text, _end_of(root), _indented(lines, root.start_mark.column), end)
    name, node = found
    inner = _STEP + " " * root.start_mark.column
    if not isinstance(node, (SequenceNode, MappingNode)) or (node.flow_style and not node.value):
        # Nothing is there yet, as in `hosts:` and `hosts: []`.
        emptied = text[: name.end_mark.index] + ":" + text[node.end_mark.index :]
        return _after(emptied, name.end_mark.index, _indented(_block(values, ""), len(inner)), end)
    if node.flow_style:
        return _inserted(text, node, _flow(values)[1:-1])
    lines = _block(values, "", flow=_items_are_flow(node))
    return _after(text, _end_of(node), _indented(lines, node.start_mark.column), end)


def _in_flow(
    text: str, root: MappingNode, key: str, found: tuple[Node, Node] | None, values: Any
) -> str:
    # As JSON has it: such an inventory may be a document of JSON.
    whole = json.dumps(values, ensure_ascii=False)
    if found is None:
        return _inserted(text, root, f"{json.dumps(key)}: {whole}")
    node = found[1]
    if isinstance(node, (SequenceNode, MappingNode)):
        return _inserted(text, node, whole[1:-1])
    return text[: node.start_mark.index] + whole + text[node.end_mark.index :]


def _inserted(text: str, node: SequenceNode | MappingNode, more: str) -> str:
    """Return a text with more items in a collection in brackets, behind those that it has."""
    place = _end_of_items(node)
    if not node.value:
        return text[: node.start_mark.index + 1] + more + text[node.start_mark.index + 1 :]
    return f"{text[:place]}, {more}{text[place:]}"


def _end_of_items(node: SequenceNode | MappingNode) -> int:
    last = node.value[-1] if node.value else node
    ends = [each.end_mark.index for each in (last if isinstance(last, tuple) else (last,))]
    return int(max(ends))


def _items_are_flow(node: SequenceNode | MappingNode) -> bool:
    first = node.value[0]
    return isinstance(first, MappingNode) and bool(first.flow_style)


def _end_of(node: Node) -> int:
    """Return where what is written of a node ends, without the blanks and comments behind it.

    An alias has the marks of what it stands for, which lies before it; its key stands beside it.
    """
    inner = list(_inner(node))
    return max((_end_of(each) for each in inner), default=int(node.end_mark.index))


def _inner(node: Node) -> Iterator[Node]:
    """Yield what lies in a block; what stands in brackets ends with them."""
    if getattr(node, "flow_style", False):
        return
    if isinstance(node, MappingNode):
        for name, value in node.value:
            yield name
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _after(text: str, place: int, lines: Iterable[str], end: str) -> str:
    """Return a text with more lines behind the one in which a place lies."""
    while place > 0 and text[place - 1].isspace():
        place -= 1
    line_end = text.find("\n", place)
    before, after = (text, "") if line_end < 0 else (text[: line_end + 1], text[line_end + 1 :])
    if not before.endswith("\n"):
        before += end
    return before + "".join(f"{each}{end}" for each in lines) + after


def _indented(lines: Iterable[str], by: int) -> list[str]:
    return [f"{' ' * by}{each}" for each in lines]


def _block(values: Any, indent: str, *, flow: bool = False) -> list[str]:
    """Return a list or a mapping as lines of a block."""
    if isinstance(values, Mapping):
        return [
            line
            for name, value in values.items()
            for line in _entry(f"{indent}{_scalar(name)}:", value, indent)
        ]
    lines: list[str] = []
    for each in values:
        if flow:
            lines.append(f"{indent}- {_flow(each)}")
            continue
        first, *rest = _block(each, "")
        lines += [f"{indent}- {first}", *(f"{indent}{_STEP}{line}" for line in rest)]
    return lines


def _entry(key: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping):
        return [key, *_block(value, indent + _STEP)]
    return [f"{key} {_flow(value)}"]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_scalar(name)}: {_flow(each)}" for name, each in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: str | int | bool) -> str:
    """Return a value as YAML has it; quoted where a reader could take it for another."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN_NAME.fullmatch(value) or _PLAIN_WORD.fullmatch(value)
    if plain and value.casefold() not in _WORDS_OF_YAML:
        return value
    return json.dumps(value, ensure_ascii=False)
