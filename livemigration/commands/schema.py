"""`livemigration schema`: the JSON Schemas that the suite publishes under docs/schemas/."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from livemigration.base import codec
from livemigration.collector.document import Collected
from livemigration.collector.snapshot import Snapshot
from livemigration.commands import Command, Group
from livemigration.commands.parsing import chosen_from
from livemigration.discovery.document import DiscoveryDocument
from livemigration.doctor.model import Examination
from livemigration.inventory.file import InventoryFile
from livemigration.lab.fleet import Fleet
from livemigration.placement.plan_document import PlanDocument
from livemigration.report.drain.order_document import OrderDocument
from livemigration.report.matrix_document import HostMatrixDocument, MatrixDocument
from livemigration.run.exit_code import ExitCode
from livemigration.run.layout.schema import results_schema
from livemigration.run.waivers.file import WaiversFile
from livemigration.vmm.scripts import SCRIPTS, Script

_BASE = "https://livemigration.invalid/schemas"


def _inventory() -> codec.JsonSchema:
    schema = InventoryFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}/inventory.schema.json",
        **schema,
        "title": "Inventory of the live-migration suite, schema 1",
    }


def _fleet() -> codec.JsonSchema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}/fleet.schema.json",
        **Fleet.model_json_schema(),
        "title": "Fleet file of the lab",
    }


def _waivers() -> codec.JsonSchema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}/waivers.schema.json",
        **WaiversFile.model_json_schema(by_alias=True),
        "title": "Waivers of the live-migration suite, schema 1",
    }


def _results() -> codec.JsonSchema:
    return results_schema(f"{_BASE}/results.schema.json")


def _facts() -> codec.JsonSchema:
    return codec.json_schema(
        Snapshot, title="Facts file, schema 1", identifier=f"{_BASE}/facts.schema.json"
    )


def _printed(kind: Any, command: str, name: str) -> codec.JsonSchema:
    return codec.json_schema(
        kind,
        title=f"What livemigration {command} --json prints, schema 1",
        identifier=f"{_BASE}/{name}.schema.json",
    )


def _collected() -> codec.JsonSchema:
    return codec.json_schema(
        Collected,
        title="What collect.ps1 writes, schema 1",
        identifier=f"{_BASE}/collected.schema.json",
    )


def _of_script(script: Script[Any, Any], part: str, kind: type) -> codec.JsonSchema:
    stem = script.name.removesuffix(".ps1")
    return codec.json_schema(
        kind, title=f"The {part} of {script.name}", identifier=f"{_BASE}/{stem}-{part}.schema.json"
    )


def _scripts() -> dict[str, Callable[[], codec.JsonSchema]]:
    return {
        f"{script.name.removesuffix('.ps1')}-{part}": partial(_of_script, script, part, kind)
        for script in SCRIPTS
        for part, kind in (("request", script.request_type), ("reply", script.reply_type))
    }


SCHEMAS: dict[str, Callable[[], codec.JsonSchema]] = {
    "inventory": _inventory,
    "fleet": _fleet,
    "waivers": _waivers,
    "results": _results,
    "facts": _facts,
    "collected": _collected,
    "doctor": partial(_printed, Examination, "doctor", "doctor"),
    "plan": partial(_printed, PlanDocument, "drain", "plan"),
    "order": partial(_printed, OrderDocument, "window", "order"),
    "matrix": partial(_printed, MatrixDocument, "matrix", "matrix"),
    "host-matrix": partial(_printed, HostMatrixDocument, "matrix --host", "host-matrix"),
    "discovery": partial(_printed, DiscoveryDocument, "discover", "discovery"),
    **_scripts(),
}


def schema_text(name: str) -> str:
    """Return a schema as it is published. `name` is a key of SCHEMAS."""
    return json.dumps(SCHEMAS[name](), indent=2, sort_keys=False) + "\n"


def _fill(schema: argparse.ArgumentParser) -> None:
    names = sorted(SCHEMAS)
    schema.add_argument(
        "name",
        metavar="NAME",
        choices=names,
        type=chosen_from("schema", names),
        help=f"one of {', '.join(names)}",
    )


def _schema(chosen: argparse.Namespace) -> int:
    sys.stdout.write(schema_text(chosen.name))
    return ExitCode.READY


COMMAND = Command(
    "print a published JSON Schema",
    _fill,
    _schema,
    examples=("livemigration schema inventory",),
    group=Group.SUITE,
    order=3,
)
