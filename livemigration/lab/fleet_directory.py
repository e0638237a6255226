"""The directory of a fleet, and the accounts that its hosts have there; left out: it plays none."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livemigration.inventory.names import MachineName
from livemigration.lab.fleet_values import FleetAddress, FleetModel

# The account that the lab takes: its domain's short name, and its own.
OWN_DOMAIN, OWN_NAME = "LAB", "administrator"
_SID = re.compile(r"S-1-[0-9]{1,10}(?:-[0-9]{1,9}){1,15}")
_ATTRIBUTES = (
    "lastLogonTimestamp",
    "msDS-AllowedToActOnBehalfOfOtherIdentity",
    "msDS-AllowedToDelegateTo",
    "msDS-SupportedEncryptionTypes",
    "objectSid",
    "sAMAccountName",
    "servicePrincipalName",
    "userAccountControl",
)


def is_sid(text: str) -> bool:
    """Whether a text is a SID, such as S-1-5-32-544."""
    return _SID.fullmatch(text) is not None


def _attribute(text: str) -> str:
    found = next((each for each in _ATTRIBUTES if each.casefold() == text.casefold()), None)
    if found is None:
        raise ValueError(
            f"{text[:60]!r} is no attribute that the suite reads. Choose one of "
            f"{', '.join(_ATTRIBUTES)}."
        )
    return found


AttributeName = Annotated[
    str, AfterValidator(_attribute), Field(json_schema_extra={"enum": list(_ATTRIBUTES)})
]
NameForm = Literal["fqdn", "short"]


class FleetTrust(FleetModel):
    """A trust of the fleet's domain."""

    partner: MachineName = Field(description="The DNS name of the other domain.")
    direction: int = Field(default=3, ge=0, le=3, description="1 inbound, 2 outbound, 3 both.")
    attributes: int = Field(default=0, ge=0, description="trustAttributes.")


class FleetOperator(FleetModel):
    """The suite's own account in the directory."""

    absent: bool = Field(default=False, description="It cannot be seen there.")
    sensitive: bool = Field(default=False, description="It may not be delegated.")
    protected: bool = Field(default=False, description="It is in Protected Users.")
    account_hours: float | None = Field(
        default=None, description="In how many hours the account ends. Left out: never."
    )
    password_hours: float | None = Field(
        default=None, description="In how many hours its password ends. Left out: never."
    )


class FleetDirectory(FleetModel):
    """The directory of the fleet's domain."""

    server: MachineName = Field(description="Its domain controller.")
    address: FleetAddress
    catalogue: bool = Field(
        default=True, description="Whether the domain controller is a global catalogue as well."
    )
    forest: MachineName | None = Field(
        default=None, description="The DNS name of the forest. Left out: the domain's own."
    )
    trusts: tuple[FleetTrust, ...] = ()
    controllers: tuple[MachineName, ...] = Field(
        default=(), description="Other controllers of the domain."
    )
    read_only_controllers: tuple[MachineName, ...] = Field(
        default=(), description="Its read-only domain controllers."
    )
    refuses: bool = Field(default=False, description="It does not take the suite's account.")
    operator: FleetOperator = FleetOperator()


class FleetAccount(FleetModel):
    """The account of a host in the directory. What is left out is healthy."""

    absent: bool = Field(default=False, description="There is none, or it cannot be seen.")
    disabled: bool = False
    silent_days: int | None = Field(
        default=3,
        ge=0,
        le=100_000,
        description="Days since it signed in (lastLogonTimestamp); null: it never did.",
    )
    delegates_to: tuple[MachineName, ...] | None = Field(
        default=None,
        description="The hosts whose services it may use on behalf of others. Left out: every "
        "other host of the fleet.",
    )
    services: tuple[Literal["migration", "cifs"], ...] = Field(
        default=("migration", "cifs"), description="Which services of those hosts."
    )
    forms: tuple[NameForm, ...] = Field(
        default=("fqdn", "short"), description="By which of their names."
    )
    protocol: Literal["any", "kerberos", "unconstrained"] = Field(
        default="any",
        description="kerberos: delegation takes Kerberos only; unconstrained: to any service.",
    )
    lets_act: tuple[str, ...] = Field(
        default=(),
        description="Who may act on its behalf of others: hosts of the fleet, or SIDs.",
    )
    names: tuple[NameForm, ...] = Field(
        default=("fqdn", "short"), description="The names of live migration that it has."
    )
    shares_names: bool = Field(
        default=False, description="Another account has its names of live migration as well."
    )
    encryption_types: int | None = Field(
        default=28, ge=0, description="msDS-SupportedEncryptionTypes; null: not set."
    )
    hidden: tuple[AttributeName, ...] = Field(
        default=(), description="Attributes that the suite's account may not read."
    )
