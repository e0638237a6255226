"""A fleet in which each machine has one trouble, and how the doctor is asked about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from livemigration.commands.main import main

SYSTEM = {"build": 20348, "version": "10.0.20348", "caption": "Server 2022"}
OLD_SYSTEM = {"build": 7601, "version": "6.1.7601", "caption": "Server 2008 R2"}


def fleet(hosts: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a fleet of these hosts, by their short names; `vmm` changes the VMM server."""
    vmm = {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"}
    return {
        "name": "troubled",
        "title": "one trouble each",
        "domain": "contoso.com",
        "networks": {"management": {"subnet": "1.0/24"}},
        "system": SYSTEM,
        "vmm": {**vmm, **more.pop("vmm", {})},
        "clusters": {"cl": {}},
        "hosts": [
            {
                "name": f"{name}.contoso.com",
                "shows": "a trouble",
                "addresses": {"management": f"1.{number}"},
                **own,
            }
            for number, (name, own) in enumerate(hosts.items(), start=11)
        ],
        **more,
    }


def write(folder: Path, hosts: dict[str, dict[str, Any]], **more: Any) -> str:
    """Write a fleet file, and return the reference of its inventory."""
    path = folder / "fleet.yaml"
    path.write_text(json.dumps(fleet(hosts, **more)), encoding="utf-8")
    return f"lab:{path}"


class Doctor:
    """Runs the command in this process, and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self, inventory: str, *more: str) -> tuple[int, str]:
        """Return the exit code and the lines for people."""
        code = main(["doctor", "--inventory", inventory, *more])
        said = self._capsys.readouterr()
        assert said.err == ""
        return code, said.out

    def json(self, inventory: str, *more: str) -> tuple[int, dict[str, Any]]:
        """Return the exit code and the document."""
        code, said = self.text(inventory, "--json", *more)
        document: dict[str, Any] = json.loads(said)
        return code, document


def told(machine: dict[str, Any], level: str = "problem") -> str:
    """Return what is said of a machine on one level, with every step and line."""
    return "\n".join(
        " ".join((each["area"], each["told"], *words_of(each)))
        for each in machine["remarks"]
        if each["level"] == level
    )


def words_of(remark: dict[str, Any]) -> list[str]:
    return [text for step in remark["steps"] for text in step.values()]
