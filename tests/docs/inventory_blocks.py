"""What the handbook says of the inventory's keys, from their published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reference_blocks import cell

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "inventory.schema.json"
# What a key of the top holds, in the order of a file; "" is the top itself.
_SECTIONS = {
    "": "The file",
    "VmmServer": "vmm",
    "HostEntry": "hosts",
    "LabReference": "lab",
    "Connection": "connection",
    "TimeLimits": "connection: time_limits",
    "CredentialSource": "credentials",
    "DirectoryServer": "directory",
    "Policy": "policy",
    "Group": "groups: one group",
    "GroupPolicy": "groups: the policy of one group",
    "OwnConnection": "the connection of one group, or of a VMM server",
    "OwnTimeLimits": "its time_limits",
}
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "keys",
}

Schema = Mapping[str, Any]


def inventory_sections(schema: Schema) -> str:
    """Return a section for each part of a schema.

    Raises:
        ValueError: a part of the schema has no section here, or a key says nothing of itself.
    """
    parts: dict[str, Schema] = {"": schema, **schema["$defs"]}
    if strange := set(parts) ^ set(_SECTIONS):
        raise ValueError(f"give these parts of the schema a section, or drop theirs: {strange}")
    lines: list[str] = []
    for name, title in _SECTIONS.items():
        lines += ["", f"## {title}", ""]
        if name:
            lines += [parts[name]["description"], ""]
        lines += ["| key | takes | left out | meaning |", "|---|---|---|---|"]
        lines += _rows(parts[name], title, parts)
    return "\n".join(lines[1:])


def _rows(part: Schema, title: str, parts: Mapping[str, Schema]) -> Iterator[str]:
    needed = set(part.get("required", ()))
    for key, value in part["properties"].items():
        # Of a part that says the same of itself, the schema says it there alone.
        inside = parts.get(value.get("$ref", "-").rpartition("/")[2], {})
        said = value.get("description") or inside.get("description")
        if not said:
            raise ValueError(f"{title}: {key} has no description")
        left_out = "**needed**" if key in needed else _default(value)
        yield f"| `{key}` | {_takes(value)} | {left_out} | {cell(said)} |"


def _takes(value: Schema) -> str:
    """Return what a key takes, in words."""
    if "anyOf" in value:
        found = [_takes(each) for each in value["anyOf"] if each.get("type") != "null"]
        return ", or ".join(dict.fromkeys(found))
    if "$ref" in value:
        return _link(value["$ref"])
    if words := value.get("enum", [value["const"]] if "const" in value else []):
        return ", ".join(f"`{each}`" for each in words)
    if value.get("type") == "array":
        return f"list of: {_takes(value['items'])}"
    if isinstance(inside := value.get("additionalProperties"), dict):
        return f"names, each with {_takes(inside)}"
    return _TYPES[value["type"]] + _bounds(value)


def _bounds(value: Schema) -> str:
    low = value.get("minimum", value.get("exclusiveMinimum"))
    high = value.get("maximum")
    if low is None or high is None:
        return ""
    over = "above " if "exclusiveMinimum" in value else ""
    return f", {over}{low:g} to {high:g}"


def _link(reference: str) -> str:
    title = _SECTIONS[reference.rpartition("/")[2]]
    anchor = "".join(each for each in title if each.isalnum() or each in " _-").replace(" ", "-")
    return f"[{title}](#{anchor.lower()})"


def _default(value: Schema) -> str:
    if value.get("default") is None or isinstance(value["default"], dict):
        return ""
    return f"`{json.dumps(value['default']).strip(chr(34))}`"


def published() -> str:
    """Return the sections of the published schema."""
    return inventory_sections(json.loads(SCHEMA.read_text(encoding="utf-8")))
