"""The PowerShell file: its template, and what the suite itself declares put into its places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources

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
_PARTS = "the questions, the scripts that VMM is asked with, {}the collecting"
_NAMES_STAY = (
    "The file names your machines. For a file without names: livemigration collector --redact"
)
_NAMES_GO = "Names, addresses and SIDs are replaced. Read the file before you send it to anyone."
_HIDING = "$collected = Hide-Collected $collected\n"
# ConvertTo-Json writes dates in a form of its own, and a reference has none.
_NOT_JSON = {CimType.DATETIME, CimType.REFERENCE}


def script_text(*, redacted: bool = False) -> str:
    """Return the file that an administrator runs, complete.

    Args:
        redacted: whether what it writes has its names, addresses and SIDs replaced.

    Raises:
        TypeError: a fact group reads a property that JSON from PowerShell cannot carry.
    """
    text = _template(FILE_NAME)
    places = {
        "ABOUT_REDACTION": _NAMES_GO if redacted else _NAMES_STAY,
        "PARTS": _PARTS.format("the redaction, " if redacted else ""),
        "REDACTION": f"{_template(_REDACTION)}\n" if redacted else "",
        "REDACTED": "true" if redacted else "false",
        "HIDING": _HIDING if redacted else "",
        **_declared(),
    }
    for place, value in places.items():
        text = text.replace(f"@@{place}@@", value)
    return text


def _template(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _declared() -> dict[str, str]:
    return {
        "VERSION": __version__,
        "SUITE_VERSION": _quoted(__version__),
        "FORMAT": _quoted(FORMAT),
        "SCHEMA": str(SCHEMA_VERSION),
        "QUESTIONS": "\n".join(_question(group) for group in HOST_WMI_GROUPS),
        "COMPATIBILITY": _quoted(COMPATIBILITY_METHOD.title),
        "REGISTRY": _quoted(REGISTRY_METHOD.title),
        "CLUSTER_KEY": _quoted(CLUSTER_PARAMETERS),
        "CLUSTER_VALUES": _listed((EXCLUDED_NETWORKS, NETWORK_ORDER)),
        "READ_VMM": READ_VMM.text.rstrip(),
        "RESOLVE_NAMES": RESOLVE_NAMES.text.rstrip(),
        "PROBE": PROBE.text.rstrip(),
        "REMOVED": _quoted(rules.REMOVED),
        "NAME_KEYS": _listed(rules.NAME_KEYS),
        "NAME_WORDS": _listed(rules.NAME_WORDS),
        "NUMBERED_KEYS": _table(rules.NUMBERED_KEYS),
        "PROGRAM_KEYS": _listed(rules.PROGRAM_KEYS),
        "REMOVED_KEYS": _listed(rules.REMOVED_KEYS),
        "FORMS": _table(rules.FORMS),
        "UNTOUCHED_VALUES": _listed(rules.UNTOUCHED_VALUES),
        "KEPT_V4": _listed(hiding.KEPT_V4),
        "KEPT_V6": _listed(hiding.KEPT_V6),
        "ISATAP_MARKS": _listed(hiding.ISATAP_MARKS),
        "WELL_KNOWN": str(rules.WELL_KNOWN),
        "NETBIOS": str(rules.NETBIOS),
        "SID": _quoted(rules.SID),
        "GUID": _quoted(rules.GUID),
        "ADDRESS": _quoted(rules.ADDRESS),
        "RANGE": _quoted(rules.RANGE),
        "VMMS_PATH": _quoted(rules.VMMS_PATH),
        "VMMS_NAME": _quoted(rules.VMMS_NAME),
        "CODE": _quoted(rules.CODE),
    }


def _question(group: WmiGroup[object]) -> str:
    declared = group.query.wmi_class
    unfit = [each.name for each in declared.properties if each.type in _NOT_JSON]
    if unfit:
        raise TypeError(f"{declared.name}.{unfit[0]} cannot travel as JSON")
    properties = _listed(each.name for each in declared.properties)
    return (
        "    @{\n"
        f"        group = {_quoted(group.name)}\n"
        f"        namespace = {_quoted(declared.namespace)}\n"
        f"        query = {_quoted(group.query.wql)}\n"
        f"        properties = @({properties})\n"
        "    }"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(_quoted(each) for each in texts)


def _table(texts: Mapping[str, str]) -> str:
    return "; ".join(f"{key} = {_quoted(text)}" for key, text in texts.items())
