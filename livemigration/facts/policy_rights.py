"""The user rights that Group Policy defines for a host (windows-facts-2.md section 13).

Resultant Set of Policy logs what Group Policy applied. It is no view of the rights in effect: what
no policy defines is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup

RSOP_NAMESPACE = "root/rsop/computer"
# What a winning setting has; others that define the same have greater numbers.
_WINS = 1


@dataclass(frozen=True)
class PolicyRight:
    """RSOP_UserPrivilegeRight: accounts by SID or by a name, which may be localized.

    `policy` is the GPOID of the Group Policy object.
    """

    right: str
    accounts: tuple[str, ...]
    policy: str


@dataclass(frozen=True)
class PolicyRights:
    """The rights that Group Policy defines. `logged`: whether the host keeps its RSoP at all."""

    logged: bool
    rights: tuple[PolicyRight, ...] = ()


_NOT_LOGGED = PolicyRights(logged=False)


def _rights(rows: Sequence[WmiRow]) -> PolicyRights:
    winning = (row for row in rows if row.integer_or_none("precedence") in {None, _WINS})
    return PolicyRights(
        logged=True,
        rights=tuple(
            PolicyRight(
                row.text("UserRight"), row.texts("AccountList"), row.text_or_none("GPOID") or ""
            )
            for row in winning
        ),
    )


POLICY_RIGHTS = WmiGroup(
    "policy-rights",
    "the user rights that Group Policy defines",
    Subject.HOST,
    Vantage.HOST,
    PolicyRights,
    query=WmiQuery(
        WmiClass(
            RSOP_NAMESPACE,
            "RSOP_UserPrivilegeRight",
            (
                WmiProperty("AccountList", CimType.STRING, array=True),
                WmiProperty("GPOID", CimType.STRING),
                WmiProperty("precedence", CimType.UINT32),
                WmiProperty("UserRight", CimType.STRING),
            ),
        )
    ),
    parse=_rights,
    may_be_empty="no Group Policy defines a right",
    when_absent=_NOT_LOGGED,
)


@dataclass(frozen=True)
class Policy:
    """RSOP_GPO: the name of a Group Policy object, and the identifier by which rights name it."""

    identifier: str
    name: str


def _policies(rows: Sequence[WmiRow]) -> tuple[Policy, ...]:
    return tuple(
        Policy(row.text_or_none("id") or "", row.text_or_none("name") or "") for row in rows
    )


_NONE: tuple[Policy, ...] = ()

# Where RSoP is logged, that of the host itself is there at least (inferred).
LOGGED_POLICIES = WmiGroup(
    "logged-policies",
    "the Group Policy objects of its RSoP",
    Subject.HOST,
    Vantage.HOST,
    tuple[Policy, ...],
    query=WmiQuery(
        WmiClass(
            RSOP_NAMESPACE,
            "RSOP_GPO",
            (WmiProperty("id", CimType.STRING), WmiProperty("name", CimType.STRING)),
        )
    ),
    parse=_policies,
    may_be_empty="RSoP is not logged",
    when_absent=_NONE,
)
