"""The redaction that the collector's PowerShell file holds: the suite's own, rule by rule."""

from __future__ import annotations

import json
import re

from in_turn import in_turn
from script_parts import declared, functions

from livemigration.collector import hiding, rules
from livemigration.collector.script import script_text

PLAIN, REDACTING = script_text(), script_text(redacted=True)


def test_only_the_redacting_form_redacts() -> None:
    assert "function Hide-Collected" not in PLAIN
    assert "function Hide-Collected" in REDACTING
    for text, redacts in ((PLAIN, False), (REDACTING, True)):
        assert declared(text)["redacted"] is redacts
        assert "if ($declared.redacted) { $collected = Hide-Collected $collected }" in text
    assert "redaction" not in declared(PLAIN)


def test_both_redactions_know_the_same_rules() -> None:
    written = declared(REDACTING)["redaction"]
    of_addresses = ("kept_v4", "kept_v6", "isatap_marks")
    for name, value in written.items():
        declared_value = getattr(hiding if name in of_addresses else rules, name.upper())
        assert value == json.loads(json.dumps(declared_value)), name
    # Every rule is read, and no other.
    assert set(re.findall(r"\$rules\.(\w+)", REDACTING)) == set(written)


# What .NET reads otherwise than Python, or not at all.
UNLIKE = r"\(\?P|\\[dswbDSWB]|\\Z|\(\?[<a-z]|[*+?]\+|\[\["


def test_both_redactions_read_the_same_patterns() -> None:
    patterns = (
        *rules.FORMS.values(),
        *(rules.SID, rules.GUID, rules.V4, rules.ADDRESS, rules.RANGE),
        *(rules.VMMS_PATH, rules.VMMS_NAME),
    )
    assert [each for each in patterns if re.search(UNLIKE, each)] == []


# The order in which each of both asks of a text: what comes first decides.
ASKED = {
    "Hide-Text": [
        "$removedKeys",
        "Test-Harmless",
        "Hide-KnownForm",
        "$programKeys",
        "$numberedKeys",
        "$nameKeys",
        "Get-Number 'text'",
    ],
    "Test-Harmless": [
        "$untouchedValues",
        "$nameKeys",
        "$nameWords",
        "$forms",
        "-not (Test-TellsAddress",
    ],
    "Test-TellsAddress": ["$versionKeys", "Get-AddressBits", "$addresses.ContainsKey"],
    "Find-Label": ["$versionKeys", "Get-AddressBits", "$addresses[", "$nameKeys"],
    "Hide-KnownForm": ["$sid", "$guid", "$addressForm"],
    "Hide-Program": ["$vmmsPath", "$vmmsName"],
    "Hide-Label": ["$nameWords", "$netbios"],
    "Hide-Element": ["$rangeForm", "Get-Cover", "Hide-Value"],
    "Hide-Value": [
        "Hide-Text",
        "Hide-Element",
        "SubnetNumber",
        "PrefixLength",
        "Test-OfAdapter",
        "'InterfaceAlias'",
    ],
    "Test-OfAdapter": ["$ofAdapters"],
    "Hide-Words": ["$codeForm", "$removedText"],
}


@in_turn("name", ASKED)
def test_the_redaction_in_powershell_asks_in_the_same_order(name: str) -> None:
    body = functions(REDACTING)[name]
    places = [body.find(each) for each in ASKED[name]]
    assert -1 not in places, name
    assert places == sorted(places), name


RULES = (
    *("nameKeys", "nameWords", "ofAdapters", "numberedKeys", "programKeys", "removedKeys", "forms"),
    *("untouchedValues", "keptV4", "keptV6", "isatapMarks", "wellKnown", "netbios", "sid", "guid"),
    *(
        "versionKeys",
        "v4Form",
        "addressForm",
        "rangeForm",
        "vmmsPath",
        "vmmsName",
        "codeForm",
        "removedText",
    ),
)


@in_turn("name", RULES)
def test_every_rule_is_used_by_the_redaction_in_powershell(name: str) -> None:
    assert any(re.search(rf"\${name}\b", body) for body in functions(REDACTING).values())


def test_nothing_of_the_redaction_in_powershell_is_never_called() -> None:
    bodies = functions(REDACTING)
    for name in bodies:
        callers = [each for each, body in bodies.items() if each != name and name in body]
        assert callers or re.search(rf"(?m)^(?!function).*\b{name}\b", PLAIN + _ENDS), name


_ENDS = "$collected = Hide-Collected $collected"
