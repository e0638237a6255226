"""The JSON Schemas that the suite publishes under docs/schemas/."""

from __future__ import annotations

import json
from collections.abc import Callable

from livemigration import codec
from livemigration.facts.snapshot import Snapshot
from livemigration.inventory import InventoryFile
from livemigration.results import Run

_BASE = "https://livemigration.invalid/schemas"


def _inventory() -> codec.JsonSchema:
    schema = InventoryFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}/inventory.schema.json",
        **schema,
        "title": "Inventory of the live-migration suite, schema 1",
    }


def _results() -> codec.JsonSchema:
    return codec.json_schema(
        Run, title="results.json, schema 1", identifier=f"{_BASE}/results.schema.json"
    )


def _facts() -> codec.JsonSchema:
    return codec.json_schema(
        Snapshot, title="Facts file, schema 1", identifier=f"{_BASE}/facts.schema.json"
    )


SCHEMAS: dict[str, Callable[[], codec.JsonSchema]] = {
    "inventory": _inventory,
    "results": _results,
    "facts": _facts,
}


def schema_text(name: str) -> str:
    """Return a schema as it is published. `name` is a key of SCHEMAS."""
    return json.dumps(SCHEMAS[name](), indent=2, sort_keys=False) + "\n"
