"""A fleet of any number of hosts: the facts of the demo, with other names and addresses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import cycle
from pathlib import Path
from typing import Any

DEMO = "lab:kb-2853203"
DOMAIN = "contoso.com"
# Of the demo: hosts on which no check fails, and those on which one does.
GREEN = ("hv01", "hv02", "hv07")
RED = ("hv03", "hv04", "hv05", "hv06", "hv08", "hv09", "hv10")
# Each site has its own subnets, of which every host has an address in each.
HOSTS_OF_A_SITE = 200
_FIRST = 11
_LABEL = re.compile(r"\b(?P<case>hv|HV)(?P<number>\d\d)\b")
_ADDRESS = re.compile(r"\b127\.71\.(?P<net>\d+)\.(?P<last>\d+)\b")
# Of a machine in a facts file.
_LINE = json.JSONEncoder(separators=(",", ":"))
# ISATAP: the last four bytes are an address of the host.
_ISATAP = re.compile(r"\bfe80::5efe:7f47:[0-9a-f]{1,4}\b")


@dataclass(frozen=True)
class _Naming:
    """How a host of the demo, which has the number `own` there, is called among many."""

    number: int
    own: int

    def told(self, text: str) -> str:
        """Return what is said of the demo's host, of this one."""
        text = _LABEL.sub(lambda found: label_of(self.number, found["case"]), text)
        text = _ADDRESS.sub(lambda found: str(self._address(found["net"], found["last"])), text)
        return _ISATAP.sub(self._isatap, text)

    def _address(self, net: str, last: str) -> IPv4Address:
        site, place = divmod(self.number, HOSTS_OF_A_SITE)
        shift = place - self.own if _FIRST <= int(last) < _FIRST + 10 else 0
        return IPv4Address(f"10.{site}.{net}.{int(last) + shift}")

    def _isatap(self, _found: re.Match[str]) -> str:
        own = int(self._address("1", str(_FIRST + self.own)))
        return f"fe80::5efe:{own >> 16:x}:{own & 0xFFFF:x}"


def label_of(number: int, case: str = "hv") -> str:
    """Return the short name of a host, by its number from 0."""
    return f"{case}{number + 1:05}"


def facts_of_demo(folder: Path) -> dict[str, Any]:
    """Return the facts of the demo, which the lab is asked for."""
    path = folder / "demo.facts.json"
    command = [sys.executable, "-m", "pytest", "-q", "-m", "livemigration"]
    options = [f"--inventory={DEMO}", f"--save-facts={path}", f"--reports={folder / 'demo'}"]
    told = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603 - this suite itself
    if not path.exists():
        raise SystemExit(f"The demo was not gathered:\n{told.stdout}{told.stderr}")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def write_fleet(folder: Path, demo: dict[str, Any], hosts: int, broken: float) -> tuple[Path, Path]:
    """Write the inventory and the facts of so many hosts, of which this share fails a check.

    Returns:
        The inventory's path and that of the facts file.
    """
    names = [f"{label_of(number)}.{DOMAIN}" for number in range(hosts)]
    server = json.loads(json.dumps(demo["vmms"][0]))
    server["outcomes"]["vmm-release"]["value"]["managed_hosts"] = names
    document = {
        **demo,
        "inventory": "",
        "inventory_digest": "",
        "listed": [{"name": name, "address": None, "answers_as": None} for name in names],
    }
    machines = {"vmms": iter([_LINE.encode(server)]), "hosts": _sheets(demo, hosts, broken)}
    facts, inventory = folder / f"{hosts}.facts.json", folder / f"{hosts}.yaml"
    with facts.open("w", encoding="utf-8") as stream:
        stream.writelines(_texts(document, machines))
    listed = "".join(f"  - name: {name}\n" for name in names)
    inventory.write_text(
        f"schema: 1\nvmm:\n  name: {server['name']}\nhosts:\n{listed}", encoding="utf-8"
    )
    return inventory, facts


def _texts(document: dict[str, Any], machines: dict[str, Iterator[str]]) -> Iterator[str]:
    """Yield the text of a facts file as the suite writes it: a line for each machine."""
    between = "{\n"
    for name, each in document.items():
        yield f"{between}{json.dumps(name)}: "
        if name in machines:
            first = next(machines[name])
            yield f"[\n{first}"
            yield from (f",\n{line}" for line in machines[name])
            yield "\n]"
        else:
            yield json.dumps(each)
        between = ",\n"
    yield "\n}\n"


def _sheets(demo: dict[str, Any], hosts: int, broken: float) -> Iterator[str]:
    texts = {each["name"].partition(".")[0]: _LINE.encode(each) for each in demo["hosts"]}
    green, red = cycle(GREEN), cycle(RED)
    for number in range(hosts):
        is_red = int((number + 1) * broken) > int(number * broken)
        label = next(red if is_red else green)
        yield _Naming(number, int(label[2:]) - 1).told(texts[label])
