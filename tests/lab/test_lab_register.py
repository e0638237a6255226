"""What the machines of every shipped fleet were asked for stands on the page about rights.

Read off the wire, so that it holds whatever the client says of itself.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fleet_runs import LIMITS, ask

from livemigration.facts.model import NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.lab.fleet import load_fleet, shipped_fleets
from livemigration.lab.launch import start
from livemigration.vmm.scripts import LIST_HOSTS, SCRIPTS
from livemigration.wsman import namespaces as ns

pytestmark = pytest.mark.fleet

PAGE = Path(__file__).parents[2] / "docs" / "least-privilege.md"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
WQL = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE .+)?")
ROW = re.compile(r"\| (\w+) \| (.+?) \| .+? \|")
SCRIPT_ROW = re.compile(r"\| `([\w-]+\.ps1)` \|")
# What carries a request, and asks for nothing by itself.
CARRYING = {ns.PULL, ns.RELEASE}


@dataclass
class Asked:
    """What was asked: properties and methods by namespace and class, and texts of scripts."""

    classes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    scripts: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def read(self, text: str) -> None:
        request = ET.fromstring(text)  # noqa: S314 - what the suite itself sent
        action = request.findtext(f".//{{{ns.ADDRESSING}}}Action", "")
        uri = request.findtext(f".//{{{ns.WSMAN}}}ResourceURI", "")
        if uri == ns.COMMAND_SHELL:
            self.scripts |= set(scripts_of(request))
        elif action == ns.ENUMERATE:
            wql = WQL.fullmatch(request.findtext(f".//{{{ns.WSMAN}}}Filter", ""))
            assert wql is not None, text
            self._note(uri.removeprefix(WMI).removesuffix("/*"), wql[2], wql[1].split(", "))
        elif uri.startswith(WMI) and action.startswith(f"{uri}/"):
            namespace, _, name = uri.removeprefix(WMI).rpartition("/")
            self._note(namespace, name, [action.removeprefix(f"{uri}/")])
        elif request.find(f".//{{{ns.IDENTITY}}}Identify") is None and action not in CARRYING:
            self.other.append(text)

    def _note(self, namespace: str, name: str, what: list[str]) -> None:
        self.classes.setdefault((namespace, name), set()).update(what)


def scripts_of(request: ET.Element) -> Iterator[str]:
    """Yield the script in a message to a shell, behind the line with its request."""
    for each in request.iter(f"{{{ns.SHELL}}}Stream"):
        sent = base64.b64decode(each.text or "").decode()
        if sent:
            yield sent.partition("\n")[2]


def refused(facts: RunFacts) -> list[str]:
    """Return what was not asked for because the register does not have it."""
    sheets = (*facts.hosts.values(), *facts.vmms.values())
    outcomes = (each for sheet in sheets for each in sheet.outcomes.values())
    failures = [each.failure.came_back for each in outcomes if isinstance(each, NotGathered)]
    return [each for each in failures if "so it was not sent" in each]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Return what all machines of all shipped fleets were asked in a run of everything."""
    found = Asked()
    for name in shipped_fleets():
        fleet = load_fleet(name)
        managers = {host.name: fleet.manager(host).name for host in fleet.hosts}
        record = tmp_path_factory.mktemp("record") / "messages.jsonl"
        with start(name, record=str(record)) as lab:
            facts = ask(lab, managers, LIMITS, next(iter(fleet.virtual_machines), ""))
        found.refused += refused(facts)
        for line in record.read_text(encoding="utf-8").splitlines():
            found.read(json.loads(line)["request"])
    return found


def listed() -> dict[tuple[str, str], set[str]]:
    """Return the words of each row of the page, by namespace and class."""
    found: dict[tuple[str, str], set[str]] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n### root/")[1:]:
        namespace, _, rows = section.partition("\n")
        for name, what in ROW.findall(rows.partition("\n## ")[0]):
            found[f"root/{namespace}", name] = set(re.findall(r"\w+", what))
    return found


def test_every_query_and_method_of_all_shipped_fleets_is_listed(asked: Asked) -> None:
    known = listed()
    assert len(asked.classes) > 15
    for place, what in asked.classes.items():
        assert what <= known[place], place


def test_every_script_of_all_shipped_fleets_is_listed(asked: Asked) -> None:
    names = set(SCRIPT_ROW.findall(PAGE.read_text(encoding="utf-8")))
    # A run asks for no list of hosts: `livemigration discover` does.
    texts = {each.text for each in SCRIPTS if each.name in names and each is not LIST_HOSTS}
    assert asked.scripts == texts


def test_nothing_else_was_asked(asked: Asked) -> None:
    assert asked.other == []


def test_no_run_is_refused_what_it_asks_for(asked: Asked) -> None:
    assert asked.refused == []
