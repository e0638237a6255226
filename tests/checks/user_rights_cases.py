"""The verdict table's rows of the user rights that Group Policy defines (LM402)."""

from __future__ import annotations

from typing import Any

from fact_builders import UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, Case

from livemigration.facts.policy_rights import (
    LOGGED_POLICIES,
    POLICY_RIGHTS,
    Policy,
    PolicyRight,
    PolicyRights,
)

SERVICE, LINKS = "SeServiceLogonRight", "SeCreateSymbolicLinkPrivilege"
GPO = "cn={31B2F340},cn=policies,cn=system,DC=contoso,DC=com"
ADMINS = ("*S-1-5-32-544", r"CONTOSO\svc_sql", r"NT SERVICE\ALL SERVICES")


def defines(*rights: tuple[str, tuple[str, ...]], name: str = "Servers") -> dict[str, Any]:
    """Return a host for which Group Policy defines these rights."""
    found = tuple(PolicyRight(right, accounts, GPO) for right, accounts in rights)
    return {
        "also": {
            POLICY_RIGHTS.name: PolicyRights(logged=True, rights=found),
            LOGGED_POLICIES.name: (Policy(GPO.upper(), name),),
        }
    }


def logged(*, there: bool) -> dict[str, Any]:
    return {"also": {POLICY_RIGHTS.name: PolicyRights(logged=there), LOGGED_POLICIES.name: ()}}


CASES = (
    Case("LM402", "no row", PASS, {}, says="No Group Policy defines either right"),
    Case("LM402", "no row", PASS, defines(("SeDebugPrivilege", ADMINS)), says="either right"),
    Case("LM402", "defined without", FAIL, defines((SERVICE, ADMINS)), says="(Servers)"),
    Case(
        "LM402",
        "defined without",
        FAIL,
        defines((SERVICE.upper(), ())),
        says=f"defines {SERVICE} without",
        fix="user-rights",
    ),
    Case("LM402", "defined without", FAIL, defines((LINKS, ADMINS)), says=LINKS, unsaid=SERVICE),
    Case(
        "LM402",
        "defined without",
        FAIL,
        defines((SERVICE, ADMINS), (LINKS, ADMINS)),
        says=f"{SERVICE} and {LINKS}",
    ),
    Case(
        "LM402",
        "one of two",
        FAIL,
        defines((SERVICE, ("S-1-5-83-0",)), (LINKS, ADMINS)),
        says=LINKS,
        unsaid=SERVICE,
    ),
    # Names may be localized, and a SID may have an asterisk before it.
    *(
        Case("LM402", "defined with", PASS, defines((SERVICE, (*ADMINS, each))), says=SERVICE)
        for each in (
            "S-1-5-83-0",
            "*S-1-5-83-0",
            "s-1-5-83-0 ",
            r"NT VIRTUAL MACHINE\Virtual Machines",
            r"nt virtual machine\Virtuelle Computer",
            "Everyone",
            "*S-1-1-0",
        )
    ),
    Case("LM402", "defined without", FAIL, defines((SERVICE, ("S-1-5-83-01",)))),
    *(
        Case("LM402", "defined without", FAIL, defines((SERVICE, (each,))), says=SERVICE)
        for each in (
            "S-1-5-21-1004336348-1177238915-682003330-512",
            "*S-1-5-21-1004336348-1177238915-682003330-512",
            "Administrators",
            "network service",
            r"VORDEFINIERT\Administratoren",
            r"NT AUTHORITY\NETWORK SERVICE",
            # The account of one machine is none of the others.
            r"NT VIRTUAL MACHINE\D40BB1B7-1B15-437C-A36B-B142C18C2060",
        )
    ),
    *(
        Case(
            "LM402",
            "another language",
            BLOCKED,
            defines((SERVICE, (*ADMINS, each))),
            says=f"gives {SERVICE} to {each}: whether virtual machines are among them is not known",
            unsaid="svc_sql",
        )
        for each in (
            "Jeder",
            "Tout le monde",
            "Kaikki",
            r"NT VIRTUELLE MASCHINE\Virtuelle Computer",
        )
    ),
    Case(
        "LM402",
        "another language",
        PASS,
        defines((SERVICE, ("Jeder", "*S-1-5-83-0")), (LINKS, ("S-1-5-83-0", "Jeder"))),
    ),
    Case(
        "LM402",
        "another language",
        FAIL,
        defines((SERVICE, ("Jeder",)), (LINKS, ADMINS)),
        says=f"defines {LINKS} without",
        notes=f"gives {SERVICE} to Jeder",
        unsaid=f"defines {SERVICE}",
    ),
    Case("LM402", "defined without", FAIL, defines((SERVICE, ADMINS), name=""), unsaid="()"),
    Case("LM402", "namespace missing", INAPPLICABLE, logged(there=False), says="is not there"),
    Case("LM402", "RSoP off", INAPPLICABLE, logged(there=True), says="switched off"),
    Case("LM402", "rights unread", BLOCKED, {"lost": {POLICY_RIGHTS.name: failure()}}),
    Case("LM402", "policies unread", BLOCKED, {"lost": {LOGGED_POLICIES.name: failure()}}),
    Case(
        "LM402",
        "policies unread",
        FAIL,
        {**defines((SERVICE, ADMINS)), "lost": {LOGGED_POLICIES.name: failure()}},
        unsaid="Servers",
    ),
    Case("LM402", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM402", "2008 R2", PASS, {"lost": without_hyperv_v2()}),
)
