"""Causes in the accounts of hosts in the directory."""

from __future__ import annotations

from cause_told import Told

from livemigration.facts.directory import (
    MIGRATION_SERVICE,
    NameOwner,
    ServiceName,
    SharedName,
)
from livemigration.verdict.delegation import Member
from livemigration.verdict.fixes import accounts, delegation
from livemigration.verdict.fixes.delegation import Grant

SOURCE = Member("hv07.contoso.com", "hv07.contoso.com", "HV07", "contoso.com")
FULL_NAME = ServiceName(MIGRATION_SERVICE, "hv07.contoso.com")
SHARED = SharedName(
    MIGRATION_SERVICE,
    "hv07.contoso.com",
    (NameOwner("HV07$", "contoso.com"), NameOwner("OLD$", "contoso.com")),
)
PEER = Member("hv08.contoso.com", "hv08.contoso.com", "HV08", "contoso.com")
OF_ACCOUNTS = (
    Told(
        lambda: delegation.delegate(SOURCE, [Grant(SOURCE, PEER.names(), True)], [PEER]),
        "delegate to the hosts that get virtual machines",
        "Constrained delegation to other hosts",
        "delegation",
        "0x8009030E",
        (("Missing towards", "hv08.contoso.com"),),
    ),
    Told(
        lambda: delegation.any_protocol(SOURCE),
        "any authentication protocol",
        "takes Kerberos only",
        "Kerberos only",
        "0x8009030E",
    ),
    Told(
        lambda: delegation.constrain(SOURCE),
        "migration group only",
        "to any service",
        "unconstrained",
        "Migration works",
    ),
    Told(
        lambda: accounts.enable(SOURCE),
        "Enable the account",
        "is disabled",
        "disabled",
        "no virtual",
    ),
    Told(
        lambda: accounts.register(SOURCE, [FULL_NAME]),
        "Register the names",
        "is not on the account",
        "SPN missing",
        "0x80090322",
        (("Missing", str(FULL_NAME)),),
    ),
    Told(
        lambda: accounts.one_owner(SOURCE, [SHARED]),
        "to the host's own account",
        "Several accounts",
        "SPN twice",
        "Nobody gets a ticket",
        (("Name", str(FULL_NAME)), ("On", "HV07$ in contoso.com and OLD$ in contoso.com")),
    ),
    Told(
        lambda: accounts.allow_aes(SOURCE, 4),
        "use AES",
        "without AES",
        "no AES",
        "AES tickets only",
        (("Set to", "4 (0x4)"),),
    ),
    Told(
        lambda: accounts.trust(SOURCE, "other.example", "hv02.other.example"),
        "trust that of the hosts",
        "No trust",
        "no trust",
        "no tickets",
        (("Domains", "contoso.com and other.example"),),
    ),
)
