"""Each script runs alone, so what two of them need stands in both, and is kept the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

from in_turn import in_turn

from livemigration.vmm.scripts import SCRIPTS

TEXTS = {each.name: each.text for each in SCRIPTS}
COLLECTOR = resources.files("livemigration.collector")
EVERY = TEXTS | {
    name: COLLECTOR.joinpath(name).read_text(encoding="utf-8")
    for name in ("collect.ps1", "redact.ps1")
}
HEAD = "param([string]$Document)\nSet-StrictMode -Version 2\n$ErrorActionPreference = 'Stop'\n"
_FUNCTION = re.compile(
    r"(?P<text>(?:^#[^\n]*\n)*^function (?P<name>[\w-]+) \{\n.*?^\}$)", re.MULTILINE | re.DOTALL
)


def functions(text: str) -> dict[str, str]:
    """Return each function's text by its name, with the comment above it."""
    return {found["name"]: found["text"] for found in _FUNCTION.finditer(text)}


def differing(texts: Mapping[str, str]) -> set[str]:
    """Return the functions that two scripts have under one name, and that are not the same."""
    first: dict[str, str] = {}
    return {
        name
        for text in texts.values()
        for name, body in functions(text).items()
        if first.setdefault(name, body) != body
    }


def test_a_function_of_two_scripts_is_the_same_in_both() -> None:
    assert differing(EVERY) == set()


def test_every_script_that_asks_vmm_connects_alike() -> None:
    having = {name for name, text in EVERY.items() if "Connect-Vmm" in functions(text)}
    assert having == {"read-vmm.ps1", "rate-host.ps1", "list-hosts.ps1", "read-disks.ps1"}
    assert (
        "Get-SCVMMServer -ComputerName localhost" in functions(TEXTS["read-vmm.ps1"])["Connect-Vmm"]
    )


@in_turn("name", TEXTS)
def test_every_script_begins_alike(name: str) -> None:
    code = "".join(
        line for line in TEXTS[name].splitlines(keepends=True) if not line.startswith("#")
    )
    assert code.startswith(HEAD)


@in_turn("name", ["read-vmm.ps1", "rate-host.ps1", "list-hosts.ps1", "read-disks.ps1"])
@in_turn("change", ["a word", "a comment"])
def test_a_change_in_one_of_two_is_found(name: str, change: str) -> None:
    old, new = {
        "a word": ("if (-not $Name) { throw }", "if (-not $Name) { return }"),
        "a comment": ("# VMM answers as localhost", "# VMM answers as itself"),
    }[change]
    assert old in EVERY[name]
    assert differing({**EVERY, name: EVERY[name].replace(old, new)}) == {"Connect-Vmm"}
