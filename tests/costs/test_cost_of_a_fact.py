"""A new fact is one class in one file: added to a copy of the suite, it is all that was touched.

The copy is asked in a process of its own, as a run would be: from the lab to a facts file and back.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

# A copy of the suite is run, which takes longer than a quick test may.
pytestmark = pytest.mark.fleet

ROOT = Path(__file__).parents[2]

# All that is written for the fact. The last property stands for one that only newer releases have.
FACT = '''\
"""The enclosure of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, single


class Lock(Enum):
    """Whether it is locked."""

    THERE = "there"
    NOT_THERE = "not there at all"


@dataclass(frozen=True)
class Enclosure:
    """Win32_SystemEnclosure. `tag` is None where the release does not have it."""

    serial: str
    kinds: tuple[int, ...]
    lock: Lock
    installed: datetime | None
    tag: str | None


def _enclosure(rows: Sequence[WmiRow]) -> Enclosure:
    row = single(rows, "enclosure")
    installed = row.get("InstallDate")
    return Enclosure(
        row.text("SerialNumber"),
        row.integers("ChassisTypes"),
        Lock.THERE if row.boolean("LockPresent") else Lock.NOT_THERE,
        installed if isinstance(installed, datetime) else None,
        row.text_or_none("SMBIOSAssetTag"),
    )


ENCLOSURE = WmiGroup(
    "enclosure",
    "the enclosure",
    Subject.HOST,
    Vantage.HOST,
    Enclosure,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_SystemEnclosure",
            (
                WmiProperty("ChassisTypes", CimType.UINT16, array=True),
                WmiProperty("InstallDate", CimType.DATETIME),
                WmiProperty("LockPresent", CimType.BOOLEAN),
                WmiProperty("SerialNumber", CimType.STRING, sample="CZJ0123456"),
                WmiProperty("SMBIOSAssetTag", CimType.STRING, optional=True, since=9600),
            ),
        )
    ),
    parse=_enclosure,
)
'''
FLEET = """\
name: two-builds
title: a host of each build
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
  - name: new.contoso.com
    shows: has the property
    addresses: {management: "1.11"}
    networks: [management]
  - name: old.contoso.com
    shows: lacks it
    addresses: {management: "1.12"}
    networks: [management]
    system: {build: 9200, version: 6.2.9200, caption: Microsoft Windows Server 2012 Datacenter}
"""
# What is done with the fact, in the copy; what comes of it is printed.
USE = '''\
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from livemigration.api import HOST, Policy, PlanEntry, Subject, check, evaluate, ok, warn
from livemigration.collector import facts_file, script, snapshot
from livemigration.collector.redact import redact
from livemigration.facts.enclosure import ENCLOSURE
from livemigration.facts.registry import GROUPS, HOST_WMI_GROUPS
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.lab.launch import start
from livemigration.run.evidence.facts import evidence_of

folder = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
import least_privilege


@check("LM190", needs=(ENCLOSURE,))
def test_host_has_a_serial_number(host):
    """The host has a serial number.

    Why: the runbook asks for it.
    """
    found = host[ENCLOSURE]
    text = f"{found.serial} {found.kinds} {found.lock.value} {found.installed:%Y} {found.tag}"
    yield ok(text) if found.tag else warn(text, "A tag.")


def said(facts):
    return {
        name: evaluate(
            test_host_has_a_serial_number,
            facts,
            PlanEntry("id", "LM190", "t", "settings", Subject.HOST, name),
            Policy(),
        )
        for name in facts.hosts
    }


def told(facts):
    return {
        name: [each.state.value, each.reason, [finding.observed for finding in each.findings]]
        for name, each in said(facts).items()
    }


with start(str(folder / "fleet.yaml")) as lab:
    access = Access(credentials=lab.credentials)

    def target(machine):
        return Target(machine.name, machine.address, machine.port, access=access)

    hosts = {each.name: target(each) for each in lab.hosts}
    vmms = tuple(target(each) for each in lab.vmms)
    fleet = FleetConnections(vmms, hosts, connector(), 60, 4, {})
    order = Order.of(dict.fromkeys(hosts, (ENCLOSURE,)), vmm=False)
    facts = gather(fleet, order, lambda *_: None)
saved = folder / "facts.json"
snapshot.save(saved, facts, gathered=datetime.now(UTC), inventory="lab", digest="")
redacted = folder / "redacted.json"
redacted.write_text(json.dumps(redact(json.loads(saved.read_text("utf-8")))), "utf-8")
written = script.script_text()
asked = json.loads(written[written.index("@'\\n") + 3 : written.index("\\n'@")])
print(json.dumps({
    "registered": GROUPS.get("enclosure") is ENCLOSURE,
    "last": HOST_WMI_GROUPS[-1].name,
    "live": told(facts),
    "read_back": told(facts_file.load(saved)),
    "redacted": told(facts_file.load(redacted)),
    "saved_text": saved.read_text("utf-8"),
    "redacted_text": redacted.read_text("utf-8"),
    "question": [each for each in asked["questions"] if each["group"] == "enclosure"],
    "privileges": [each for each in least_privilege.page().splitlines() if "Enclosure" in each],
    "evidence": [
        [each.query, list(each.properties)]
        for each in evidence_of(facts, list(said(facts).values()), {"LM190": (ENCLOSURE,)}).sources
    ],
}))
'''

Said = Mapping[str, Any]


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(root)): each.read_bytes()
        for each in root.rglob("*")
        if each.is_file() and each.suffix != ".pyc"
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "livemigration", root / "livemigration")
    (root / "livemigration" / "facts" / "enclosure.py").write_text(FACT, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def used(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    folder = tmp_path_factory.mktemp("used")
    (folder / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", USE, str(folder), str(ROOT / "tests" / "docs")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: Said = json.loads(ended.stdout)
    return found


def test_one_file_is_all_that_was_touched(copy: Path, used: Said) -> None:
    before, after = tree(ROOT / "livemigration"), tree(copy / "livemigration")
    assert after.keys() - before.keys() == {"facts/enclosure.py"}
    assert all(after[name] == text for name, text in before.items())


def test_it_is_registered_and_asked_for_after_what_others_wait_for(used: Said) -> None:
    assert used["registered"]
    assert used["last"] == "enclosure"


NEW, OLD = "new.contoso.com", "old.contoso.com"


def test_a_check_reads_what_the_lab_made_up_for_it(used: Said) -> None:
    assert used["live"] == {
        NEW: ["pass", "", ["CZJ0123456 (0,) not there at all 2026 simulated"]],
        OLD: ["warning", "", ["CZJ0123456 (0,) not there at all 2026 None"]],
    }


def test_it_is_saved_and_read_back(used: Said) -> None:
    assert used["read_back"] == used["live"]
    assert "CZJ0123456" in used["saved_text"]


def test_a_text_that_no_rule_of_the_redaction_knows_is_hidden(used: Said) -> None:
    assert "CZJ0123456" not in used["redacted_text"]
    # What has a type of its own can be read back all the same.
    new, old = used["redacted"].values()
    assert new == ["pass", "", ["text1 (0,) not there at all 2026 text2"]]
    assert old == ["warning", "", ["text1 (0,) not there at all 2026 None"]]


def test_the_collector_asks_for_it(used: Said) -> None:
    assert used["question"] == [
        {
            "group": "enclosure",
            "namespace": "root/cimv2",
            "query": "SELECT ChassisTypes, InstallDate, LockPresent, SerialNumber, SMBIOSAssetTag "
            "FROM Win32_SystemEnclosure",
            "properties": [
                "ChassisTypes",
                "InstallDate",
                "LockPresent",
                "SerialNumber",
                "SMBIOSAssetTag",
            ],
            "optional": ["SMBIOSAssetTag"],
            "by_patch": False,
            "members": {},
            "singly": None,
        }
    ]


def test_the_list_of_what_the_account_must_read_has_it(used: Said) -> None:
    (row,) = used["privileges"]
    asked = "ChassisTypes, InstallDate, LockPresent, (SMBIOSAssetTag), SerialNumber"
    assert row == f"| Win32_SystemEnclosure | {asked} | the enclosure |"


def test_the_evidence_of_a_run_names_its_properties(used: Said) -> None:
    properties = ["ChassisTypes", "InstallDate", "LockPresent", "SerialNumber", "SMBIOSAssetTag"]
    query = f"SELECT {', '.join(properties)} FROM Win32_SystemEnclosure"
    assert used["evidence"] == [[query, properties]]
