"""The adapters that carry live migration (windows-facts-2.md sections 10.4 and 14.2).

An interface is known by its alias, as an address is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012, at_least_one

# MSFT_NetIPInterface.AddressFamily, by the version of the protocol.
FAMILIES = {2: 4, 23: 6}


@dataclass(frozen=True)
class InterfaceMtu:
    """MSFT_NetIPInterface: the MTU of an interface for IPv4 or IPv6 (`version`), in bytes."""

    interface: str
    version: int
    mtu: int


def _mtus(rows: Sequence[WmiRow]) -> tuple[InterfaceMtu, ...]:
    # A row of the persistent store may stand beside that of the active one, without a value.
    return tuple(
        InterfaceMtu(row.text_or_none("InterfaceAlias") or "", version, mtu)
        for row in rows
        if (version := FAMILIES.get(row.integer("AddressFamily"))) is not None
        and (mtu := row.integer_or_none("NlMtu"))
    )


INTERFACE_MTUS = WmiGroup(
    "interface-mtus",
    "the MTU of the interfaces",
    Subject.HOST,
    Vantage.HOST,
    tuple[InterfaceMtu, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetIPInterface",
            (
                WmiProperty("AddressFamily", CimType.UINT16),
                WmiProperty("InterfaceAlias", CimType.STRING),
                WmiProperty("NlMtu", CimType.UINT32),
            ),
        )
    ),
    parse=_mtus,
    minimum_build=WINDOWS_SERVER_2012,
    lack=at_least_one("interface with an MTU"),
)


@dataclass(frozen=True)
class AdapterRdma:
    """MSFT_NetAdapterRdmaSettingData: whether RDMA is on, of an adapter that has it."""

    interface: str
    enabled: bool


def _rdma(rows: Sequence[WmiRow]) -> tuple[AdapterRdma, ...]:
    return tuple(
        AdapterRdma(row.text_or_none("Name") or "", row.boolean_or_none("Enabled") or False)
        for row in rows
    )


_NO_RDMA: tuple[AdapterRdma, ...] = ()

ADAPTER_RDMA = WmiGroup(
    "adapter-rdma",
    "the adapters with RDMA",
    Subject.HOST,
    Vantage.HOST,
    tuple[AdapterRdma, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetAdapterRdmaSettingData",
            (WmiProperty("Enabled", CimType.BOOLEAN), WmiProperty("Name", CimType.STRING)),
        )
    ),
    parse=_rdma,
    may_be_empty="no adapter has RDMA",
    when_absent=_NO_RDMA,
    minimum_build=WINDOWS_SERVER_2012,
)
