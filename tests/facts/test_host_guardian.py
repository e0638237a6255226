"""What Windows says of the keeper of keys, and which certificates the registry names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from in_turn import in_turn

from livemigration.facts.cim import WmiQuery
from livemigration.facts.host_guardian import (
    CERTIFICATES_KEY,
    GUARDIAN_CERTIFICATES,
    HOST_GUARDIAN,
    GuardianCertificates,
    HostGuardian,
)
from livemigration.facts.model import MethodGroup
from livemigration.facts.reader import WmiMethod
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.items import RawItem, RawValue, ValueForm

URL = "https://hgs.contoso.com/KeyProtection"


def values(texts: Mapping[str, Any]) -> dict[str, tuple[RawValue, ...]]:
    return {
        name: tuple(RawValue(ValueForm.TEXT, each) for each in said) for name, said in texts.items()
    }


@dataclass
class Machine:
    """Answers one method without arguments, or the question for the keys of the store."""

    output: Mapping[str, tuple[RawValue, ...]]
    returned: int | None

    def enumerate(self, query: WmiQuery) -> Any:
        raise AssertionError(query)

    def call(
        self, method: WmiMethod, selectors: Mapping[str, str], arguments: Mapping[str, Any]
    ) -> InvokeResult:
        assert not selectors
        keys = {"hDefKey": "2147483650", "sSubKeyName": CERTIFICATES_KEY}
        assert arguments == ({} if method.name == "Get" else keys)
        return InvokeResult(self.returned, self.output)


def read(
    group: MethodGroup[Any], output: Mapping[str, tuple[RawValue, ...]], returned: int | None = 0
) -> Any:
    return group.read(Machine(output, returned))


def guardian(returned: int | None = 0, **texts: Any) -> HostGuardian:
    own = RawItem("MSFT_HgsClientConfiguration", values(texts))
    embedded = RawValue(ValueForm.EMBEDDED, embedded=own)
    found = read(HOST_GUARDIAN, {"cmdletOutput": (embedded,)}, returned)
    assert isinstance(found, HostGuardian)
    return found


@in_turn(
    "texts, expected",
    [
        ({"IsHostGuarded": ["false"], "KeyProtectionServerUrl": [""]}, HostGuardian(False)),
        (
            {"IsHostGuarded": ["true"], "KeyProtectionServerUrl": [URL]},
            HostGuardian(True, (URL.lower(),)),
        ),
        # Spelt otherwise, it is the same service.
        (
            {
                "IsHostGuarded": ["True"],
                "KeyProtectionServerUrl": [f"{URL.upper()}/"],
                "FallbackKeyProtectionServerUrl": ["https://b/KeyProtection", URL],
            },
            HostGuardian(True, (URL.lower(), "https://b/keyprotection")),
        ),
        ({"KeyProtectionServerUrl": [URL]}, HostGuardian(None, (URL.lower(),))),
        ({"IsHostGuarded": ["perhaps"]}, HostGuardian(None)),
        ({}, HostGuardian(None)),
    ],
)
def test_the_guardian_is_what_the_embedded_instance_says(
    texts: dict[str, Any], expected: HostGuardian
) -> None:
    assert guardian(**texts) == expected


def test_a_call_that_failed_says_nothing_of_the_guardian() -> None:
    assert guardian(2147943458, IsHostGuarded=["true"]) == HostGuardian(None)


def test_what_a_collector_wrote_flat_is_read_alike() -> None:
    flat = {
        "cmdletOutput.IsHostGuarded": ["True"],
        "cmdletOutput.FallbackKeyProtectionServerUrl": ["https://b; https://c"],
    }
    assert read(HOST_GUARDIAN, values(flat)) == HostGuardian(True, ("https://b", "https://c"))


A, B = "CC96FF66BB796D505EB52A0497D31BBD2603CB31", "A9AF16BD57957716931AAF47C849964FFAF80FBE"


@in_turn(
    "texts, returned, expected",
    [
        ([A.lower(), B], 0, (B, A)),
        ([f"{A};{B}"], 0, (B, A)),
        ([A, A], None, (A,)),
        ([], 0, ()),
        ([A], 2, None),
        ([A], 5, None),
    ],
)
def test_certificates_are_the_keys_of_their_store_where_it_is_there(
    texts: list[str], returned: int | None, expected: tuple[str, ...] | None
) -> None:
    found = read(GUARDIAN_CERTIFICATES, values({"sNames": texts}), returned)
    assert found == GuardianCertificates(expected)
