"""What a directory says of the hosts of a case: as it should be, but for what the case changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fact_builders import HOST, OTHER
from fact_parts import gathered

from livemigration.facts.directory import (
    ANY_PROTOCOL,
    DIRECTORY_ACCOUNT,
    DIRECTORY_CONTROLLERS,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    FILE_SERVICE,
    MIGRATION_SERVICE,
    DirectoryAccount,
    DirectoryDomain,
    DirectoryNames,
    DomainController,
    ServiceName,
    SharedName,
    Trust,
)
from livemigration.facts.model import Outcome

COMPUTER = 0x1000
SID, SID_OF_OTHER = "S-1-5-21-1-2-3-1103", "S-1-5-21-1-2-3-1104"
BOTH_SERVICES = (MIGRATION_SERVICE, FILE_SERVICE)


def short(host: str) -> str:
    return host.partition(".")[0].upper()[:15]


def names(services: Sequence[str], *hosts: str, forms: str = "both") -> tuple[ServiceName, ...]:
    """Return the names of services of hosts: by `full`, `short` or `both` forms."""
    return tuple(
        ServiceName(service, name)
        for host in hosts
        for service in services
        for name in {"both": (host, short(host)), "full": (host,), "short": (short(host),)}[forms]
    )


def account(host: str = HOST, **more: Any) -> DirectoryAccount:
    """Return the account of a host that is as it should be, and delegates to the other one."""
    other = OTHER if host == HOST else HOST
    return DirectoryAccount(
        **{
            "found": True,
            "account": f"{short(host)}$",
            "control": COMPUTER | ANY_PROTOCOL,
            "sid": SID if host == HOST else SID_OF_OTHER,
            "delegates_to": names(BOTH_SERVICES, other),
            "names": names((MIGRATION_SERVICE,), host),
            "encryption_types": 28,
            **more,
        }
    )


def said_of(
    host: str = HOST,
    shared: Sequence[SharedName] = (),
    trusts: Sequence[Trust] = (),
    *,
    whole_forest: bool = True,
    domain: str = "contoso.com",
    forest: str = "",
    **more: Any,
) -> dict[str, Outcome[Any]]:
    """Return the groups of a host that a directory says; `more` is what its account has else."""
    return {
        **gathered(DIRECTORY_ACCOUNT, account(host, **more)),
        **gathered(DIRECTORY_NAMES, DirectoryNames(whole_forest, tuple(shared))),
        **gathered(DIRECTORY_DOMAIN, DirectoryDomain(domain, forest or domain, tuple(trusts))),
        **gathered(DIRECTORY_CONTROLLERS, (DomainController(f"dc01.{domain}"),)),
    }
