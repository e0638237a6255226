"""JSON that a command printed, held against the schema that is published of it."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from livemigration.commands.schema import schema_text


def held_against(name: str, text: str) -> dict[str, Any]:
    """Return the document of a text that fits a schema, and has nothing that it does not tell of.

    Args:
        name: of the schema.
        text: as it was printed.
    """
    schema: dict[str, Any] = json.loads(schema_text(name))
    for each in (schema, *schema.get("$defs", {}).values()):
        if each.get("type") == "object":
            each["additionalProperties"] = False
    document: dict[str, Any] = json.loads(text)
    Draft202012Validator(schema).validate(document)
    return document
