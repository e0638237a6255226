"""The pipelines of docs/ci.md: their text, their shell, and what is wrong with them."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_groovy
from check_jsonschema import main as check_schema
from click.testing import CliRunner
from ruamel.yaml import YAML

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"
_BLOCK = re.compile(
    r"^`([^`\n]+)`[^`\n]*:\n\n```(yaml|groovy)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_GROOVY = tree_sitter.Parser(tree_sitter.Language(tree_sitter_groovy.language()))
_SHELL = re.compile(r"\bsh (?:'''(.*?)'''|'([^'\n]*)')", re.DOTALL)
# https://www.jenkins.io/doc/book/pipeline/syntax/, "Declarative Pipeline".
_DIRECTIVES = {"agent", "environment", "options", "parameters", "post", "stages", "tools"}
_DIRECTIVES |= {"triggers"}
_NEEDED = {"agent", "stages"}
# What these two schemas are written for, as their keepers run them.
_MORE = {
    "azure-pipelines": ["--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"],
    "gitlab-ci": ["--data-transform", "gitlab-ci"],
    "github-workflows": [],
}


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of the page, by the name of its file."""

    name: str
    text: str

    @property
    def document(self) -> Any:
        """The document of YAML."""
        return YAML(typ="safe", pure=True).load(io.StringIO(self.text))

    @property
    def system(self) -> str:
        """The system that runs it: `check-jsonschema` calls its schema so, but for Jenkins."""
        if "Jenkinsfile" in self.name:
            return "jenkins"
        if self.name.startswith(".github/"):
            return "github-workflows"
        return "gitlab-ci" if self.name.startswith(".gitlab") else "azure-pipelines"


def pipelines(page: str) -> list[Pipeline]:
    """Return the pipelines of a page."""
    found = [Pipeline(name, text) for name, _, text in _BLOCK.findall(page)]
    assert len(found) == page.count("```") // 2, "a block has no file's name above it"
    return found


def complaints(pipeline: Pipeline, folder: Path) -> str:
    """Return what the schema, or the parser of Jenkins' language, has against a pipeline."""
    if pipeline.system == "jenkins":
        return " ".join(_jenkins_complaints(pipeline.text))
    path = folder / "pipeline.json"
    path.write_text(json.dumps(_as_its_system_reads(pipeline)), encoding="utf-8")
    given = ["--builtin-schema", f"vendor.{pipeline.system}", *_MORE[pipeline.system], str(path)]
    ended = CliRunner().invoke(check_schema, given)
    return "" if ended.exit_code == 0 else ended.output or repr(ended.exception)


def _as_its_system_reads(pipeline: Pipeline) -> Any:
    if pipeline.system == "azure-pipelines":
        # Its schema takes every scalar for text.
        return YAML(typ="base", pure=True).load(io.StringIO(pipeline.text))
    if pipeline.system == "gitlab-ci":
        return _extended(pipeline.document)
    return pipeline.document


def _extended(document: dict[str, Any]) -> dict[str, Any]:
    """Return jobs with what they extend: of a hidden job the schema takes anything."""
    return {
        name: {**document[part["extends"]], **part} if "extends" in part else part
        for name, part in document.items()
    }


def _jenkins_complaints(text: str) -> Iterator[str]:
    """Yield what is wrong with the syntax and with the directives.

    That steps exist and take these arguments only a Jenkins with its plugins can tell.
    """
    root = _GROOVY.parse(text.encode()).root_node
    if root.has_error:
        yield "This is not Groovy."
        return
    if [name for name, _ in _calls(root)] != ["pipeline"]:
        yield "A declarative file is one block called pipeline."
        return
    parts = dict(_calls(_only(root)))
    if strange := set(parts) - _DIRECTIVES:
        yield f"There is no directive {strange}."
    if missing := _NEEDED - set(parts):
        yield f"The directive {missing} is missing."
        return
    for name, stage in _calls(parts["stages"]):
        if name != "stage" or "steps" not in dict(_calls(stage)):
            yield f"In stages there is {name}, or one has no steps."


def _only(node: tree_sitter.Node) -> tree_sitter.Node:
    ((_, inside),) = _calls(node)
    return inside


def _calls(node: tree_sitter.Node) -> Iterator[tuple[str, tree_sitter.Node]]:
    """Yield the names of the calls in a block, and what is in the braces of each."""
    for child in node.named_children:
        call = child.named_children[0] if child.type == "expression_statement" else child
        name = call.child_by_field_name("name") or call.child_by_field_name("function")
        if name is not None and name.text is not None:
            yield name.text.decode(), call.child_by_field_name("body") or call


def shell(pipeline: Pipeline) -> list[str]:
    """Return the scripts that a pipeline gives to the shell."""
    if pipeline.system == "jenkins":
        # In Groovy, too, a backslash joins two lines.
        found = ("".join(parts) for parts in _SHELL.findall(pipeline.text))
        return [each.replace("\\\n", "") for each in found]
    return list(_scripts(pipeline.document))


def _scripts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _scripts(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in {"run", "bash", "script", "before_script"}:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _scripts(value)


def broken_shell(script: str) -> str:
    """Return what bash has against a script's syntax."""
    command = [shutil.which("bash") or "bash", "-n"]
    return subprocess.run(command, input=script, capture_output=True, text=True, check=False).stderr


def runs(pipeline: Pipeline) -> list[list[str]]:
    """Return the arguments of each run of pytest."""
    words = (shlex.split(script) for script in shell(pipeline))
    return [each[1:] for each in words if each and each[0].endswith("/pytest")]
