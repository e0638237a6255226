"""Values of the collector's rows by their declared types, dates included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.collector.reading import row_of
from livemigration.collector.redact import redact
from livemigration.facts.cim import CimType, WmiClass, WmiProperty
from livemigration.wsman.errors import WsmanError


def one(kind: CimType, value: Any, *, array: bool = False) -> Any:
    return row_of(WmiClass("root/site", "C", (WmiProperty("P", kind, array=array),)), {"P": value})[
        "P"
    ]


@in_turn(
    "kind, given, read",
    [
        (CimType.DATETIME, "2026-11-24T22:00:00Z", datetime(2026, 11, 24, 22, tzinfo=UTC)),
        (CimType.DATETIME, "P1DT2H3M4S", timedelta(1, 7384)),
        (CimType.DATETIME, None, None),
        (CimType.STRING, "x", "x"),
        (CimType.BOOLEAN, False, False),
        (CimType.UINT8, 255, 255),
    ],
)
def test_a_value_of_its_type_is_read(kind: CimType, given: Any, read: Any) -> None:
    assert one(kind, given) == read


@in_turn(
    "kind, given",
    [
        (CimType.DATETIME, "yesterday"),
        (CimType.DATETIME, "2026-11-24T22:00:00"),
        (CimType.DATETIME, "Primary"),
        (CimType.DATETIME, 5),
        (CimType.UINT8, 256),
        (CimType.UINT8, True),
        (CimType.BOOLEAN, 1),
        (CimType.STRING, 1),
        (CimType.REFERENCE, "x"),
    ],
)
def test_a_value_of_another_type_makes_its_row_unusable(kind: CimType, given: Any) -> None:
    with pytest.raises(WsmanError, match=r"C\.P is not usable"):
        one(kind, given)


def test_one_element_of_an_array_may_stand_alone() -> None:
    assert one(CimType.UINT16, 3, array=True) == (3,)
    assert one(CimType.UINT16, [3, 4], array=True) == (3, 4)


def test_a_moment_is_hidden_under_a_key_that_holds_no_moments() -> None:
    assert redact({"secret": "2026-11-24T22:00:00Z"}) == {"secret": "text1"}


@pytest.mark.parametrize(
    "how", ["Kerberos over LDAP, messages sealed", "Password over LDAPS, certificate checked"]
)
def test_how_a_domain_controller_was_signed_in_to_stays_and_its_name_does_not(how: str) -> None:
    found = redact({"answered_by": "dc01.contoso.com", "signed_in": how})
    assert found["signed_in"] == how
    assert "contoso" not in found["answered_by"]
    other = redact({"signed_in": f"{how} at dc01.contoso.com"})
    assert other["signed_in"] == "text1"
