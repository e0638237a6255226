"""What the suite's account must be allowed, from the register that the suite itself goes by.

python tests/docs/least_privilege.py > docs/least-privilege.md
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from livemigration.doctor.rights import namespaces_of
from livemigration.facts.cim import WmiClass, WmiQuery
from livemigration.facts.reader import WmiMethod
from livemigration.facts.registry import HOST_GROUPS, HOST_WMI_GROUPS
from livemigration.wsman.configuration import CONFIGURATION
from livemigration.wsman.register import SUITE

_HEAD = """\
# What the account must be allowed

The suite reads each host through its WinRM service, by WMI alone, and changes nothing there. It
asks the VMM server through a remote shell, with six PowerShell files. This page lists all that
it asks for, and is made from the register that it goes by: **what is not listed here is refused
before it is sent** (`livemigration/wsman/register.py`), whichever check wants it.

[`livemigration doctor`](doctor.md) says before the window which
of these rights are missing, machine by machine, with the line that gives them and its undo.

None of this has been tried on Windows: which groups and permissions are needed is from
Microsoft's documents, and whether they are enough for each class, or its provider asks for a
local administrator, Hyper-V, failover clustering and the firewall decide for themselves. The
suite never takes a refusal for an answer: what the account may not read is blocked, with the
class, the host and what to do. Hyper-V can also leave rows out in place of refusing; a table
that no host is without then counts as not read.

## On every host

Groups:

{groups}

The WinRM listener's own permission is `RootSDDL` of `winrm/config/service`
(`(Get-Item WSMan:\\localhost\\Service\\RootSDDL).Value`). It decides before any namespace does. A
captured host has `O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)`:
everything for local administrators, reading for interactive users. Others need their group or
their account in it: read (`GR`) to query, execute (`GX`) for methods. `winrm configSDDL default`
opens it; write its value down first, which is the undo.

In the failover cluster, where there is one: `Grant-ClusterAccess -User ACCOUNT -ReadOnly`.

Permissions by namespace (wmimgmt.msc, WMI Control, Properties, Security):

"""
_CLASSES = """
What is asked of each class follows. A property in brackets is not there in every release of
Windows. It is not asked for where it is missing.
"""
_VMM = """
## On the VMM server

- Remote Management Users there as well, and a remote shell: `AllowRemoteShellAccess`, and at
  least three shells for the account (`MaxShellsPerUser`). Whether WinRS takes accounts that are
  no local administrators by that group alone has not been tried; the permission is `RootSDDL`
  again.
- A role in VMM that sees the hosts: Read-Only Administrator (`ReadOnlyAdmin`), with their host
  groups as its scope. A host outside the scope is not listed, and counts as one that VMM does
  not know. With `--stage-vm`, VMM rates hosts for a virtual machine: that is **not** read-only,
  and which role it takes has not been tried.

| script | cmdlets | what it does |
|---|---|---|
"""
_TAIL = f"""
An account of its own is better than that under which VMM runs: it could do everything on every
host, and its WinRM quotas are VMM's as well.

## What only the doctor reads

`winrm/config` (`{CONFIGURATION}`), by Get: the quotas
of the WinRM service. It is refused to those who are no administrators of the machine, as far as
is known. The suite does without it, and so does the doctor, which then says that it did not look.

## In the directory

Where the inventory names a [directory](reference/inventory.md#directory), the account needs no
right that a user of the domain does not have: an ordinary account reads all of this. It is asked by
LDAP, read-only, one search for up to 150 hosts, from a domain controller of the hosts' own domain:

- each host's own account: `sAMAccountName`, `dNSHostName`, `userAccountControl`, `objectSid`,
  `servicePrincipalName`, `msDS-AllowedToDelegateTo`,
  `msDS-AllowedToActOnBehalfOfOtherIdentity`, `msDS-SupportedEncryptionTypes`
- from the global catalogue, whoever has a host's names of live migration: `sAMAccountName`,
  `servicePrincipalName`
- the trusts of the domain, in `CN=System`: `trustPartner`, `trustDirection`, `trustAttributes`
- only for a [drain](draining.md), the controllers of the domain: `objectClass`, `primaryGroupID`,
  `dNSHostName`, `cn`
- only for a list of hosts [from the directory](discover.md), every account with a name of live
  migration: `sAMAccountName`, `dNSHostName`, `objectClass`, `servicePrincipalName`,
  `userAccountControl`, `lastLogonTimestamp`

Where a directory keeps `userAccountControl` of a host back, LM401 and LM403 are blocked: what else
it does not show may be set. Messages are signed and sealed on port 389 and 3268, or travel within
TLS on 636 and 3269. Whether the account that starts a move is sensitive or in Protected Users is
not examined.

## Just Enough Administration is no help here

JEA limits PowerShell remoting. The suite speaks WMI and WinRS, which JEA does not govern: a role
capability neither lets the account in nor holds it back. What holds it back are the groups and
permissions above, and the register.

## Tests of your own

Checks read the facts above and ask for nothing. [Ordinary tests](own-checks.md#an-ordinary-test)
start programs of your choice through testinfra: they alone may, and what they may do is what
their account may do.
"""
_CMDLET = re.compile(r"\b(?:Get-SC\w+|Test-WSMan)\b")


# Group, SID, what for.
_GROUPS = (
    ("Remote Management Users", "S-1-5-32-580", "to be let in by WinRM"),
    (
        "WinRMRemoteWMIUsers__",
        "",
        "WMI over WinRM, where the host has this group (Windows Server 2012)",
    ),
    (
        "Hyper-V Administrators",
        "S-1-5-32-578",
        "where Hyper-V refuses or leaves rows out. **It may change virtual machines**",
    ),
)


@dataclass
class _Asked:
    """What is asked of one class: properties, methods, and for which facts."""

    properties: dict[str, str] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)

    def row(self, name: str, facts: Iterable[str]) -> str:
        """Return the row of the class."""
        what = [shown for _, shown in sorted(self.properties.items())]
        what += [f"method {name}" for name in sorted(self.methods)]
        return f"| {name} | {', '.join(what)} | {', '.join(facts)} |\n"


def page() -> str:
    """Return the page."""
    head = _HEAD.replace("{groups}", _groups())
    return f"{head}{_permissions()}{_CLASSES}{_singly()}{_classes()}{_VMM}{_scripts()}{_TAIL}"


def _groups() -> str:
    rows = (f"| {name} | {sid} | {why} |" for name, sid, why in _GROUPS)
    return "\n".join(("| group | SID | for |", "|---|---|---|", *rows))


def _permissions() -> str:
    rows = "".join(
        f"| {each.name} | {each.rights} | {', '.join(group.title for group in each.groups)} |\n"
        for each in namespaces_of(HOST_GROUPS)
    )
    return f"| namespace | permissions | for |\n|---|---|---|\n{rows}"


def _classes() -> str:
    namespaces: dict[str, dict[str, _Asked]] = defaultdict(lambda: defaultdict(_Asked))
    for query in SUITE.queries:
        _read(namespaces[query.wmi_class.namespace][query.wmi_class.name], query.wmi_class)
    for method in SUITE.methods:
        namespaces[method.wmi_class.namespace][method.wmi_class.name].methods.add(method.name)
    return "".join(
        f"\n### {namespace}\n\n| class | asked for | for |\n|---|---|---|\n"
        + "".join(asked.row(name, _facts(namespace, name)) for name, asked in sorted(own.items()))
        for namespace, own in sorted(namespaces.items())
    )


def _facts(namespace: str, name: str) -> list[str]:
    """Return the titles of the groups of facts that a class is asked for."""
    return [
        each.title
        for each in HOST_GROUPS
        if (asked := _class_of(each)) is not None
        and (asked.namespace, asked.name) == (namespace, name)
    ]


def _class_of(group: object) -> WmiClass | None:
    asked = getattr(group, "query", None) or getattr(group, "method", None)
    return asked.wmi_class if isinstance(asked, WmiQuery | WmiMethod) else None


def _singly() -> str:
    """Return of which classes single rows are asked for by Get, and of how many."""
    groups = (each for each in HOST_WMI_GROUPS if each.singly is not None)
    return "".join(
        f"Where a host leaves {each.singly.missing} out of all rows of {each.source}, its own rows "
        f"are\nasked for one by one as well (WS-Transfer's Get), {each.singly.most} at most.\n"
        for each in groups
        if each.singly is not None
    )


def _scripts() -> str:
    rows = []
    for each in SUITE.scripts:
        # What a script does stands at its beginning, up to what it is asked and answers.
        said = [line.removeprefix("#").strip() for line in each.text.splitlines()]
        told = " ".join(said).partition("Request:")[0].strip()
        cmdlets = ", ".join(dict.fromkeys(_CMDLET.findall(each.text))) or "none"
        rows.append(f"| `{each.name}` | {cmdlets} | {told} |\n")
    return "".join(rows)


def _read(asked: _Asked, wmi_class: WmiClass) -> None:
    for each in wmi_class.properties:
        asked.properties[each.name] = f"({each.name})" if each.optional else each.name


if __name__ == "__main__":
    sys.stdout.write(page())
