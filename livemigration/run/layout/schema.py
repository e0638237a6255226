"""The JSON Schema of results.json: that of a run, and of the sections that it is laid out in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livemigration.base import codec
from livemigration.run.evidence.model import Fact, NetworkHost
from livemigration.run.layout.sections import (
    LAID_OUT,
    ExchangesSection,
    FactsSection,
    NetworkSection,
    Sections,
)
from livemigration.run.result import Result
from livemigration.run.run import SCHEMA_VERSION, Run

_DESCRIPTION = """\
One run, whole. Everything that a run says once stands here as it is. What each check came to on \
each host is in `hosts`, a line for each host, and in `others` for a VMM server: `results` has for \
each check its state, a number and values. The number is that of an outcome in `checks`, under \
the same key: `.checks.LM102.outcomes[3]`. Where the texts of an outcome have {#1}, the first \
value stands there, and so on; {#target} is the name of the host. A text that has such a thing in \
it itself has one more # there. `fix` in a finding is again a number, of a fix in `fixes`, and \
values, which may be places of the outcome. What a finding, a fix or a fact does not have is \
empty. `network` and `evidence` have templates and lines in the same way. The failing checks of \
all hosts: \
jq -r '.hosts[] | .name as $host | .results | to_entries[] | select(.value[0] == "fail") | \
"\\($host) \\(.key)"' results.json
"""
_FIELDS_OF_A_LINE = ("entry", "state", "seconds")
_TEMPLATES = ("Fix", "Fact", "NetworkHost", "Outcome")
_PLACE = {"type": "string", "pattern": "^\\{#[0-9]+\\}$"}

_Definitions = dict[str, Any]


def results_schema(identifier: str) -> codec.JsonSchema:
    """Return the schema of what `document_of` returns."""
    title = f"results.json, schema {SCHEMA_VERSION}"
    schema = codec.json_schema(Run, title=title, identifier=identifier)
    definitions: _Definitions = schema.pop("$defs")
    sections = codec.brief_schemas(
        Sections, NetworkSection, FactsSection, ExchangesSection, Result, Fact, NetworkHost
    )
    definitions |= {
        name: each for name, each in sections.items() if name not in definitions
    } | _templates(sections)
    own = sections["Sections"]
    _replace(schema, dict.fromkeys(LAID_OUT) | own["properties"])
    _replace(definitions["Demands"], {"exchanges": {"$ref": "#/$defs/ExchangesSection"}})
    _replace(definitions["Evidence"], definitions.pop("FactsSection")["properties"])
    definitions["NetworkEvidence"] = definitions.pop("NetworkSection")
    return {
        **schema,
        "description": _DESCRIPTION,
        "$defs": {name: definitions[name] for name in sorted(_used(schema, definitions))},
    }


def _replace(schema: dict[str, Any], properties: dict[str, Any]) -> None:
    """Give an object these properties, all of which it has; None: it has none of that name."""
    known, required = schema["properties"], schema.get("required", ())
    for name, each in properties.items():
        known.pop(name, None)
        if each is not None:
            known[name] = each
    schema["required"] = [
        *(name for name in required if name not in properties),
        *(name for name, each in properties.items() if each is not None),
    ]


def _templates(sections: _Definitions) -> _Definitions:
    """Return the definitions of templates, in which each text and each number may be a place."""
    outcome = {**sections["Result"], "title": "Outcome"}
    outcome["properties"] = {
        name: each for name, each in outcome["properties"].items() if name not in _FIELDS_OF_A_LINE
    }
    outcome["description"] = "What a check came to, on every target of which a line says so."
    known = {**sections, "Outcome": outcome}
    found: _Definitions = {}
    wanted = list(_TEMPLATES)
    while wanted:
        name = wanted.pop()
        if f"{name}Template" in found:
            continue
        found[f"{name}Template"] = _loose(known[name], known)
        wanted += _objects_in(known[name], known)
    finding = found["FindingTemplate"]["properties"]
    finding["fix"] = {
        "description": "The number of a fix in `fixes`, and the values of its places.",
        "type": "array",
        "prefixItems": [{"type": "integer", "minimum": 0}],
        "items": {"type": ["string", "number"]},
        "minItems": 1,
    }
    return found


def _objects_in(schema: Any, known: _Definitions) -> Iterator[str]:
    for name in _references(schema):
        if known[name].get("type") == "object":
            yield name


def _loose(schema: Any, known: _Definitions) -> Any:
    """Return a schema that takes what the other does, with places for texts and numbers."""
    if isinstance(schema, list):
        return [_loose(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        is_object = known[name].get("type") == "object"
        return {"$ref": f"#/$defs/{name}Template"} if is_object else dict(schema)
    if schema.get("type") in {"integer", "number"}:
        return {"anyOf": [{"type": schema["type"]}, _PLACE]}
    # Neither an address nor a time has its form while there is a place in it.
    kept = {name: each for name, each in schema.items() if name not in {"format", "required"}}
    return {name: _loose(each, known) for name, each in kept.items()}


def _used(schema: dict[str, Any], definitions: _Definitions) -> set[str]:
    used: set[str] = set()
    wanted = list(_references(schema))
    while wanted:
        name = wanted.pop()
        if name not in used:
            used.add(name)
            wanted += _references(definitions[name])
    return used


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _references(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for each in schema.values():
            yield from _references(each)
