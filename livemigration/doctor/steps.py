"""What an administrator does next, as lines for this machine, each with its undo.

The console steps and lines are from Microsoft's documentation of the cmdlets; none was run on
Windows by the suite's own tests. Groups go by their SIDs, because their names are translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livemigration.base.text import listed
from livemigration.doctor.model import Step
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.verdict.fixes.quoting import quote

RUNNER = "this machine"
HYPER_V = "root/virtualization/v2"
_CLUSTER = "root/mscluster"
_REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
_HYPER_V_ADMINISTRATORS = "S-1-5-32-578"
_LISTENERS = "winrm enumerate winrm/config/listener"
# What the account is called where it has no name here: a client certificate signs in.
_ANY_ACCOUNT = "DOMAIN\\account"
_HTTPS_RULE = "livemigration-winrm-https"


def after_failure(
    failure: GatherFailure, machine: str, *, port: int, https: bool, account: str
) -> tuple[Step, ...]:
    """Return what to do about a machine that could not be asked."""
    more: tuple[Step, ...] = ()
    if failure.kind is FailureKind.NAME_NOT_RESOLVED:
        more = (Step(RUNNER, "See what the name stands for.", f"nslookup {machine}"),)
    elif failure.kind is FailureKind.REFUSED:
        more = _listener(machine, https=https)
    elif failure.kind is FailureKind.TIMED_OUT:
        more = _firewall(machine, port, https=https)
    elif failure.kind in {FailureKind.CERTIFICATE, FailureKind.TLS}:
        more = (Step(machine, "See which certificate is bound.", _LISTENERS),)
    elif failure.kind is FailureKind.ACCESS_DENIED:
        more = let_in(machine, account)
    return (Step(_place(failure.kind, machine), failure.next_step), *more)


def _place(kind: FailureKind, machine: str) -> str:
    at_the_runner = {
        FailureKind.NAME_NOT_RESOLVED,
        FailureKind.AUTHENTICATION,
        FailureKind.SAME_CREDENTIALS,
        FailureKind.KERBEROS,
        FailureKind.CERTIFICATE,
        FailureKind.DEADLINE,
        FailureKind.NOT_GATHERED,
    }
    return RUNNER if kind in at_the_runner else machine


def _listener(machine: str, *, https: bool) -> tuple[Step, ...]:
    look = Step(machine, "See on which ports its WinRM service listens.", _LISTENERS)
    if not https:
        made = Step(
            machine,
            "Where there is no listener, make one.",
            "Enable-PSRemoting -Force",
            # Alone it leaves the listener, as its page of Microsoft's documents says.
            f"{_without_listener('HTTP')}; Disable-PSRemoting -Force",
        )
        return look, made
    return look, Step(
        machine,
        "Where there is no HTTPS listener, make one, with the thumbprint of its certificate.",
        "New-Item WSMan:\\localhost\\Listener -Transport HTTPS -Address * "
        "-CertificateThumbPrint 'THUMBPRINT' -Force",
        _without_listener("HTTPS"),
    )


def _without_listener(transport: str) -> str:
    return (
        "Get-ChildItem WSMan:\\localhost\\Listener | Where-Object { $_.Keys -contains "
        f"'Transport={transport}' }} | Remove-Item -Recurse -Force"
    )


def _firewall(machine: str, port: int, *, https: bool) -> tuple[Step, ...]:
    if not https:
        name = "WINRM-HTTP-In-TCP"
        look = Step(
            machine,
            "See whether its firewall lets WinRM in, and whom.",
            f"Get-NetFirewallRule -Name {name}* | Format-List Name, Enabled, Profile",
        )
        opened = Step(
            machine,
            "Where that rule is off, switch it on.",
            f"Enable-NetFirewallRule -Name {name}",
            f"Disable-NetFirewallRule -Name {name}",
        )
        return look, opened
    return (
        Step(
            machine,
            "Windows has no rule for WinRM over HTTPS. Where yours is missing, make one.",
            f"New-NetFirewallRule -Name {_HTTPS_RULE} -DisplayName 'WinRM over HTTPS' "
            f"-Direction Inbound -Action Allow -Protocol TCP -LocalPort {port}",
            f"Remove-NetFirewallRule -Name {_HTTPS_RULE}",
        ),
    )


def let_in(machine: str, account: str) -> tuple[Step, ...]:
    """Return how WinRM is told to let an account in."""
    return (
        _membership(machine, account, _REMOTE_MANAGEMENT_USERS, "Remote Management Users"),
        Step(
            machine,
            "Windows Server 2012 has a group of its own for WMI over WinRM.",
            f"net localgroup WinRMRemoteWMIUsers__ {_quoted(account)} /add",
            f"net localgroup WinRMRemoteWMIUsers__ {_quoted(account)} /delete",
        ),
        Step(
            machine,
            "Where it is still refused, look whether the listener's own permission (RootSDDL) "
            "names that group or the account.",
            "(Get-Item WSMan:\\localhost\\Service\\RootSDDL).Value",
        ),
    )


def readable_namespaces(
    machine: str, account: str, namespaces: Mapping[str, str], *, everything: bool
) -> Iterator[Step]:
    """Yield how an account is let read namespaces of WMI.

    Args:
        machine: the machine.
        account: who is let in.
        namespaces: what the account needs in each.
        everything: whether they are all that there are: then it is WMI that refuses, and not what
            stands behind one of them.
    """
    who = account or _ANY_ACCOUNT
    places = listed(
        "{} ({})".format(name.replace("/", "\\"), rights) for name, rights in namespaces.items()
    )
    if everything:
        yield from let_in(machine, account)
    yield Step(
        machine,
        f"Start wmimgmt.msc; WMI Control (Local), Properties, Security, then for {places}: "
        f"Security, Add {who}, and allow that.",
        undo=f"Remove {who} at the same places.",
    )
    behind = set() if everything else {each.casefold() for each in namespaces}
    if HYPER_V in behind:
        told = "Hyper-V Administrators, which Hyper-V asks for (it may change virtual machines too)"
        yield _membership(machine, account, _HYPER_V_ADMINISTRATORS, told)
    if _CLUSTER in behind:
        yield Step(
            machine,
            "Let the account read the cluster.",
            f"Grant-ClusterAccess -User {_quoted(account)} -ReadOnly",
            f"Remove-ClusterAccess -User {_quoted(account)}",
        )


def _membership(machine: str, account: str, sid: str, group: str) -> Step:
    named = (
        f"$group = (New-Object Security.Principal.SecurityIdentifier '{sid}').Translate("
        "[Security.Principal.NTAccount]).Value.Split('\\')[1]; net localgroup $group "
        f"{_quoted(account)}"
    )
    return Step(machine, f"Add the account to {group}.", f"{named} /add", f"{named} /delete")


def set_winrm(machine: str, path: str, value: str, before: str) -> Step:
    """Return how a setting of winrm/config is changed; `path` as WS-Management has it."""
    place = "WSMan:\\localhost\\" + path.replace("/", "\\").replace("Winrs", "Shell")
    return Step(
        machine,
        f"Set {path} to {value}. Where a Group Policy sets it, change it there.",
        f"Set-Item {place} {_value(value)} -Force",
        f"Set-Item {place} {_value(before)} -Force",
    )


def vmm_role(server: str, account: str) -> tuple[Step, ...]:
    """Return how VMM is told to let an account see its hosts."""
    role = "'livemigration'"
    return (
        Step(
            server,
            "See whether the cmdlets work here at all.",
            "Import-Module virtualmachinemanager; Get-SCVMMServer -ComputerName localhost",
        ),
        Step(
            server,
            "In VMM: Settings, Security, User Roles, Create User Role: Read-Only Administrator, "
            f"with the member {account or _ANY_ACCOUNT}, and all host groups of these hosts.",
            f"$role = New-SCUserRole -Name {role} -UserRoleProfile ReadOnlyAdmin; "
            f"Set-SCUserRole -UserRole $role -AddMember {_quoted(account)} -AddScope "
            "(Get-SCVMHostGroup -Name 'All Hosts')",
            f"Get-SCUserRole -Name {role} | Remove-SCUserRole",
        ),
    )


def _value(text: str) -> str:
    lowered = text.casefold()
    if lowered in {"true", "false"}:
        return f"${lowered}"
    return text if text.isascii() and text.isdecimal() else quote(text)


def _quoted(account: str) -> str:
    return quote(account or _ANY_ACCOUNT)
