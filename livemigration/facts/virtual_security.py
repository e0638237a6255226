"""How virtual machines are protected (windows-facts-2.md section 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import owner_of
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2016


@dataclass(frozen=True)
class VirtualSecurity:
    """Msvm_SecuritySettingData of a virtual machine, or of a checkpoint.

    `owner` is the GUID in its InstanceID, in upper case. `tpm`: it has a virtual TPM. `shielded`:
    shielding is requested. `bound_to_host_tpm`: BindToHostTpm, from build 17134 on.
    `migratable_policy`: 0 default, 1 disabled, from build 28000 on. Each is None where the host
    does not state it.
    """

    owner: str
    tpm: bool | None
    shielded: bool | None
    bound_to_host_tpm: bool | None = None
    migratable_policy: int | None = None


def _settings(rows: Sequence[WmiRow]) -> tuple[VirtualSecurity, ...]:
    return tuple(
        VirtualSecurity(
            owner,
            row.boolean_or_none("TpmEnabled"),
            row.boolean_or_none("ShieldingRequested"),
            row.boolean_or_none("BindToHostTpm"),
            row.integer_or_none("MigratablePolicy"),
        )
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


_NONE: tuple[VirtualSecurity, ...] = ()

VIRTUAL_SECURITY = WmiGroup(
    "virtual-security",
    "the security settings of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualSecurity, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_SecuritySettingData",
            (
                WmiProperty("BindToHostTpm", CimType.BOOLEAN, optional=True, since=17134),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("MigratablePolicy", CimType.UINT8, optional=True, since=28000),
                WmiProperty("ShieldingRequested", CimType.BOOLEAN),
                WmiProperty("TpmEnabled", CimType.BOOLEAN),
            ),
        )
    ),
    parse=_settings,
    may_be_empty="there is no virtual machine, or none that the account may see",
    minimum_build=WINDOWS_SERVER_2016,
    when_absent=_NONE,
    of_machines=True,
    provided_by_vmms=True,
)
