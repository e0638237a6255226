"""Which of VMM's records belongs to a host of the inventory."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.gather.record import HostRecords, record_of
from livemigration.vmm.scripts import HostReply

RECORDS = (
    HostReply("hv01", "HV01.contoso.com", "cl01", False),
    HostReply("hv02", "hv02.contoso.com", None, False),
    HostReply("hv02", "hv02.fabrikam.com", None, False),
    HostReply("DMZ01", None, None, True),
    HostReply("10.9.0.5", None, None, True),
)


@in_turn(
    "host, address, name",
    [
        ("hv01.contoso.com", "", "HV01.contoso.com"),
        ("HV01.CONTOSO.COM", "", "HV01.contoso.com"),
        ("hv01", "", "HV01.contoso.com"),
        ("hv02.fabrikam.com", "", "hv02.fabrikam.com"),
        ("dmz01.workgroup", "", "DMZ01"),
        ("10.9.0.5", "", "10.9.0.5"),
        ("dmz02", "10.9.0.5", "10.9.0.5"),
    ],
)
def test_a_record_is_found_by_name_first_label_or_address(
    host: str, address: str, name: str
) -> None:
    found = HostRecords(RECORDS).find(host, address)
    assert found is not None
    record = record_of(found, host)
    assert (record.known, record.name) == (True, name)


@pytest.mark.parametrize(
    ("host", "address"), [("hv03.contoso.com", ""), ("hv01.fabrikam.com", ""), ("x", "10.9.0.6")]
)
def test_another_host_of_the_same_first_label_is_not_taken(host: str, address: str) -> None:
    assert HostRecords(RECORDS).find(host, address) is None
