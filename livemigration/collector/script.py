"""The PowerShell file: what the suite declares, as one JSON document, and the scripts put into it.

collect.ps1 and redact.ps1 are PowerShell as they stand: the document is a here-string, which
declares nothing yet, and a statement or a comment stands in the place of each whole file.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import Any

from livemigration import __version__
from livemigration.collector import hiding, rules
from livemigration.collector.document import FORMAT, SCHEMA_VERSION
from livemigration.facts.cim import CimType, WmiProperty
from livemigration.facts.cluster import (
    CLUSTER_PARAMETERS,
    EXCLUDED_NETWORKS,
    NETWORK_ORDER,
    REGISTRY_METHOD,
)
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD, NUMBER_METHOD
from livemigration.facts.cluster_quorum import QUORUM_METHOD
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.host_guardian import (
    CERTIFICATES_KEY,
    GUARDIAN_METHOD,
    GUARDIAN_VALUES,
    KEYS_METHOD,
)
from livemigration.facts.machine_values import (
    BINARY_METHOD,
    MICROCODE_VALUE,
    PATCH_VALUE,
    PROCESSOR_KEY,
    SYSTEM_KEY,
)
from livemigration.facts.model import WmiGroup
from livemigration.facts.reader import WmiMethod
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtualization import COMPATIBILITY_METHOD
from livemigration.gather.properties import INVALID_QUERY
from livemigration.vmm.scripts import PROBE, READ_DISKS, READ_VMM, RESOLVE_NAMES

FILE_NAME = "collect.ps1"
# The threshold is asked for as a text too, in case that somebody wrote one.
_TEXTS = (EXCLUDED_NETWORKS, NETWORK_ORDER, MOVE_TYPE_THRESHOLD)
_REDACTION = "redact.ps1"
# The one place for data, and the places of whole files.
_NOTHING_DECLARED = "@'\n{}\n'@\n"
_SCRIPT = "    throw 'Here stands {}.'\n"
_REDACTION_STANDS = "# Here stands redact.ps1.\n\n"


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
    for script in (READ_VMM, READ_DISKS, RESOLVE_NAMES, PROBE):
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
        "system": OPERATING_SYSTEM.name,
        "invalid_query": sorted(INVALID_QUERY),
        "compatibility": COMPATIBILITY_METHOD.title,
        "quorum": QUORUM_METHOD.title,
        "registry_values": [
            *(_registry_value(REGISTRY_METHOD, CLUSTER_PARAMETERS, each) for each in _TEXTS),
            _registry_value(NUMBER_METHOD, CLUSTER_PARAMETERS, MOVE_TYPE_THRESHOLD),
            _registry_value(BINARY_METHOD, PROCESSOR_KEY, MICROCODE_VALUE),
            _registry_value(NUMBER_METHOD, SYSTEM_KEY, PATCH_VALUE),
            _registry_value(KEYS_METHOD, CERTIFICATES_KEY, ""),
        ],
        "guardian": GUARDIAN_METHOD.title,
        "guardian_values": GUARDIAN_VALUES,
    }
    return declared | ({"redaction": _redaction()} if redacted else {})


def _registry_value(method: WmiMethod, key: str, value: str) -> dict[str, str]:
    return {"method": method.name, "key": key, "value": value}


def _redaction() -> dict[str, Any]:
    return {
        "removed": rules.REMOVED,
        "name_keys": rules.NAME_KEYS,
        "name_words": rules.NAME_WORDS,
        "program_keys": rules.PROGRAM_KEYS,
        "path_keys": rules.PATH_KEYS,
        "of_adapters": rules.OF_ADAPTERS,
        "place_keys": rules.PLACE_KEYS,
        "place": rules.PLACE,
        "account_keys": rules.ACCOUNT_KEYS,
        "account": rules.ACCOUNT,
        "pieces_of_paths": rules.PIECES_OF_PATHS,
        "removed_keys": rules.REMOVED_KEYS,
        "untouched_values": rules.UNTOUCHED_VALUES,
        "version_keys": rules.VERSION_KEYS,
        "kept_v4": hiding.KEPT_V4,
        "kept_v6": hiding.KEPT_V6,
        "isatap_marks": hiding.ISATAP_MARKS,
        "well_known": rules.WELL_KNOWN,
        "netbios": rules.NETBIOS,
        "sid": rules.SID,
        "guid": rules.GUID,
        "guid_digits": rules.GUID_DIGITS,
        "with_guids": rules.WITH_GUIDS,
        "path": rules.PATH,
        "object_path": rules.OBJECT_PATH,
        "object_key": rules.OBJECT_KEY,
        "class_name": rules.CLASS_NAME,
        "guest_disc": rules.GUEST_DISC,
        "v4": rules.V4,
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
    unfit = [each.name for each in declared.properties if not _is_json(each)]
    if unfit:
        raise TypeError(f"{declared.name}.{unfit[0]} cannot travel as JSON")
    return {
        "group": group.name,
        "namespace": declared.namespace,
        "query": group.query.wql,
        "properties": [each.name for each in declared.properties],
        "optional": [each.name for each in declared.optional],
        "by_patch": any(each.by_patch for each in declared.optional),
        "members": {each.name: each.members for each in declared.properties if each.members},
        "singly": group.singly and asdict(group.singly),
    }


def _is_json(declared: WmiProperty) -> bool:
    """Whether the script writes such a value: of objects and references, the members that are read.

    It writes no array of them, nor of dates.
    """
    if declared.type.is_compound:
        return bool(declared.members) and not declared.array
    return declared.type is not CimType.DATETIME or not declared.array
