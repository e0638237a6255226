"""What a site demands of its hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from livemigration.base.addresses import Subnet


def _subnets_as_text(value: Any) -> Any:
    # A whole number would be taken for an address: 1 for 0.0.0.1/32.
    numbers = [each for each in value if isinstance(each, int)] if isinstance(value, list) else []
    if numbers:
        found = str(numbers[0]).lower()
        raise ValueError(f"expected subnets, such as [10.10.50.0/24]. Found '{found}'.")
    return value


Subnets = Annotated[tuple[Subnet, ...], BeforeValidator(_subnets_as_text)]
VmPattern = Annotated[str, Field(min_length=1, max_length=200)]


class Policy(BaseModel):
    """The demands that apply to one host.

    The defaults are the verdict table's own rules: nothing is demanded beyond what migration needs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    network_selection: Literal["auto", "isolated"] = Field(
        default="auto",
        description="auto: by VMM release. isolated: a host that accepts live migration on any "
        "network fails, where VMM copes with isolated networks (2012 R2 and later).",
    )
    authentication: Literal["any", "kerberos", "credssp"] = Field(
        default="any", description="The authentication protocol that hosts must be set to."
    )
    vmm_reaches_migration_subnets: Literal["auto", "required", "forbidden"] = Field(
        default="auto",
        description="auto: by VMM release. required / forbidden: a migration subnet that VMM "
        "cannot reach / can reach fails.",
    )
    migration_scope: Literal["auto", "cross-host", "in-cluster"] = Field(
        default="auto",
        description="cross-host: VMs move between standalone hosts or clusters. in-cluster: only "
        "inside the host's own cluster. auto: in-cluster for cluster nodes, else cross-host.",
    )
    migration_subnets: Subnets = Field(
        default=(), description="Subnets on which each of these hosts must have an address."
    )
    performance: Literal["any", "tcpip", "compression", "smb"] = Field(
        default="any", description="The performance option of live migration."
    )
    performance_required: bool = Field(
        default=False,
        strict=True,
        description="Another performance option fails instead of warning.",
    )
    minimum_migrations: int = Field(
        default=1,
        strict=True,
        ge=1,
        le=1000,
        description="Simultaneous live migrations that a host must allow.",
    )
    minimum_migrations_required: bool = Field(
        default=False,
        strict=True,
        description="Fewer simultaneous migrations fail instead of warning.",
    )
    stays: tuple[VmPattern, ...] = Field(
        default=(),
        description="Virtual machines that belong to their host and move nowhere: names, in any "
        "case, with * and ? as in file names. They are shut down with it.",
    )
    drain: Literal["on-request", "every-host"] = Field(
        default="on-request",
        description="every-host: each run asks whether each of these hosts can be emptied, and "
        "what stops a drain of it fails. on-request: only where --drain names the host.",
    )
    fail_on: Literal["fail", "warning"] = Field(
        default="fail", description="warning: warnings make the run NOT READY."
    )
    evidence_valid_for: int = Field(
        default=12,
        strict=True,
        ge=1,
        le=720,
        description="Hours from when the facts were gathered during which a run is evidence.",
    )
    waivers_at_most: int = Field(
        default=90,
        strict=True,
        ge=1,
        le=3650,
        description="Days from today that a waiver may last.",
    )


# What is of a whole run, and of none of its hosts.
OF_THE_SITE = frozenset({"evidence_valid_for", "waivers_at_most"})


class _Changes(BaseModel):
    """The demands that one group of hosts changes; what is left out is the site's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def changes(self) -> dict[str, object]:
        """The demands that this group sets."""
        return {name: value for name, value in self if value is not None}


def _left_out_or_changed() -> dict[str, Any]:
    """Return the demands of a host as fields of their own form, each of which may be left out."""
    fields: dict[str, Any] = {}
    for name, demand in Policy.model_fields.items():
        if name not in OF_THE_SITE:
            kind: Any = demand.annotation
            told = Field(description=demand.description)
            fields[name] = (Annotated[kind | None, *demand.metadata, told], None)
    return fields


if TYPE_CHECKING:
    GroupPolicy = _Changes
else:
    GroupPolicy = create_model(
        "GroupPolicy",
        __base__=_Changes,
        __doc__=_Changes.__doc__,
        __module__=__name__,
        **_left_out_or_changed(),
    )


class PolicyConflictError(ValueError):
    """Two groups of one host set the same demand differently."""


def policy_for(site: Policy, groups: dict[str, GroupPolicy]) -> Policy:
    """Return the demands on a host, given its groups' policies by group name.

    Raises:
        PolicyConflictError: two groups disagree; the message names both and the demand.
    """
    merged: dict[str, object] = {}
    origin: dict[str, str] = {}
    for group, policy in groups.items():
        for name, value in policy.changes.items():
            if name in merged and merged[name] != value:
                raise PolicyConflictError(f"groups {origin[name]} and {group} disagree on {name}")
            merged[name] = value
            origin[name] = group
    return site.model_copy(update=merged)
