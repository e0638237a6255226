"""The PowerShell file: what the suite declares, as one JSON document, and the scripts put into it.

collect.ps1 and redact.ps1 are PowerShell as they stand: the document is a here-string, which
declares nothing yet, and a statement or a comment stands in the place of each whole file.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from livemigration import __version__
from livemigration.cim import CimType
from livemigration.collector import hiding, rules
from livemigration.collector.document import FORMAT, SCHEMA_VERSION
from livemigration.facts.cluster import (
    CLUSTER_PARAMETERS,
    EXCLUDED_NETWORKS,
    NETWORK_ORDER,
    REGISTRY_METHOD,
)
from livemigration.facts.model import WmiGroup
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtualization import COMPATIBILITY_METHOD
from livemigration.vmm.scripts import PROBE, READ_VMM, RESOLVE_NAMES

FILE_NAME = "collect.ps1"
_REDACTION = "redact.ps1"
# The one place for data, and the places of whole files.
_NOTHING_DECLARED = "@'\n{}\n'@\n"
_SCRIPT = "    throw 'Here stands {}.'\n"
_REDACTION_STANDS = "# Here stands redact.ps1.\n\n"
# ConvertTo-Json writes dates in a form of its own, and a reference has none.
_NOT_JSON = {CimType.DATETIME, CimType.REFERENCE}


def script_text(*, redacted: bool = False) -> str:
    """Return the file that an administrator runs, complete.

    Args:
        redacted: whether what it writes has its names, addresses and SIDs replaced.

    Raises:
        TypeError: a fact group reads a property that JSON from PowerShell cannot carry.
    """
    text = _own(FILE_NAME)
    declared = json.dumps(_declared(redacted=redacted), indent=1, ensure_ascii=True)
    text = text.replace(_NOTHING_DECLARED, f"@'\n{declared}\n'@\n")
    for script in (READ_VMM, RESOLVE_NAMES, PROBE):
        text = text.replace(_SCRIPT.format(script.name), f"{script.text.rstrip()}\n")
    redaction = f"{_own(_REDACTION)}\n" if redacted else ""
    return text.replace(_REDACTION_STANDS, redaction)


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _declared(*, redacted: bool) -> dict[str, Any]:
    declared: dict[str, Any] = {
        "suite_version": __version__,
        "format": FORMAT,
        "schema": SCHEMA_VERSION,
        "redacted": redacted,
        "questions": [_question(group) for group in HOST_WMI_GROUPS],
        "compatibility": COMPATIBILITY_METHOD.title,
        "registry": REGISTRY_METHOD.title,
        "cluster_key": CLUSTER_PARAMETERS,
        "cluster_values": [EXCLUDED_NETWORKS, NETWORK_ORDER],
    }
    return declared | ({"redaction": _redaction()} if redacted else {})


def _redaction() -> dict[str, Any]:
    return {
        "removed": rules.REMOVED,
        "name_keys": rules.NAME_KEYS,
        "name_words": rules.NAME_WORDS,
        "program_keys": rules.PROGRAM_KEYS,
        "removed_keys": rules.REMOVED_KEYS,
        "untouched_values": rules.UNTOUCHED_VALUES,
        "kept_v4": hiding.KEPT_V4,
        "kept_v6": hiding.KEPT_V6,
        "isatap_marks": hiding.ISATAP_MARKS,
        "well_known": rules.WELL_KNOWN,
        "netbios": rules.NETBIOS,
        "sid": rules.SID,
        "guid": rules.GUID,
        "address": rules.ADDRESS,
        "range": rules.RANGE,
        "vmms_path": rules.VMMS_PATH,
        "vmms_name": rules.VMMS_NAME,
        "code": rules.CODE,
        "numbered_keys": rules.NUMBERED_KEYS,
        "forms": rules.FORMS,
    }


def _question(group: WmiGroup[object]) -> dict[str, Any]:
    declared = group.query.wmi_class
    unfit = [each.name for each in declared.properties if each.type in _NOT_JSON]
    if unfit:
        raise TypeError(f"{declared.name}.{unfit[0]} cannot travel as JSON")
    return {
        "group": group.name,
        "namespace": declared.namespace,
        "query": group.query.wql,
        "properties": [each.name for each in declared.properties],
    }
