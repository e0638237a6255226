"""What redaction leaves alone, and what takes the place of the rest.

Whatever is not named here is replaced: a text of a field that nobody thought of becomes `text1`.
collect.ps1 goes by the same lists. Keys and texts count in any case, as in PowerShell.
"""

from __future__ import annotations

from livemigration.collector.document import FORMAT
from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.facts.model import FailureKind, MethodGroup, Vantage
from livemigration.facts.registry import GROUPS
from livemigration.firewall import MIGRATION_RULE
from livemigration.lab import SIMULATED_VENDOR
from livemigration.networks import USER_MANAGED, USER_MANAGED_ALL

REMOVED = "removed by redaction"

# Services, and profiles of the firewall: the only words among names, and then in every name.
NAME_WORDS = ("bits", "clussvc", "domain", "private", "public", "scvmmagent", "vmms", "winrm")
NAME_KEYS = (
    "active_node",
    "activevmmnode",
    "answered_by",
    "answers_as",
    "cluster",
    "collected_on",
    "current",
    "current_host",
    "dns_name",
    "dnshostname",
    "domain",
    "fqdn",
    "managed_hosts",
    "name",
    "vmm",
)
# Texts that are compared with each other; each kind is numbered apart, and lists are taken apart.
NUMBERED_KEYS = {
    "account": "account",
    "account_role": "role",
    "connectedusername": "account",
    "elementname": "switch",
    "excluded": "instance",
    "id": "instance",
    "identifier": "instance",
    "instanceid": "instance",
    "interface": "interface",
    "interfacealias": "interface",
    "order": "instance",
    "service": "service",
    "service_account": "account",
    "servicename": "service",
    "svalue": "instance",
    "userrole": "role",
    "vm": "vm",
    "vmmserviceaccount": "account",
}
PROGRAM_KEYS = ("apppath", "program")
# Sentences, of which no verdict needs more than the codes in them, and what names the change.
REMOVED_KEYS = (
    "came_back",
    "change",
    "endpoint",
    "error",
    "inapplicable",
    "inventory",
    "inventory_digest",
    "next_step",
    "operator",
    "reasons",
    "text",
    "tried",
    "warnings",
)
_VERSION = "[0-9]{1,10}(?:[.][0-9]{1,10}){0,4}"
_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{4,20}(?:Z|[+-][0-9]{2}:[0-9]{2})"
_MASK = "255|254|252|248|240|224|192|128|0"
_IDENTITY = f"(?:OS: |){_VERSION}(?: SP: {_VERSION})?(?: Stack: {_VERSION})?"
_PORT = "[0-9]{1,5}(?:-[0-9]{1,5})?"
# Of an enum, where PowerShell had a copy of the object.
_NUMBER = "[0-9]{1,3}"
_MONITOR = (
    "Overall|Network|WinRM|WMI Performance Counter|Hyper-V Role (?:Overall|Version)"
    "|Hyper-V Virtual Machine Management Service|Host Agent (?:Overall|Service|Version)"
)
_HEALTH = "(?:Success|HM[A-Z]{1,60}) [(][0-9]{1,6}[)](?:; [0-9]{1,6})?"
# What a text of a key may look like to be left alone; a version looks like an address elsewhere.
FORMS = {
    "agentversion": _VERSION,
    "addressmask": f"(?:(?:{_MASK})[.]){{3}}(?:{_MASK})",
    "at": _TIME,
    "authentication": _NUMBER,
    "buildnumber": _VERSION,
    "caption": "Microsoft (?:Windows|Hyper-V) Server[ ]?(?:20[0-9]{2})?(?: R2)?"
    "(?: (?:Datacenter|Standard|Essentials))?(?: Evaluation)?",
    "collected": _TIME,
    "communication_state": _NUMBER,
    "communicationstate": _NUMBER,
    "gathered": _TIME,
    "health": f"(?:{_MONITOR}): (?:Healthy|Warning|Critical|Unknown)(?:, {_HEALTH})?",
    "lastknownerror": _HEALTH,
    "local_ports": _PORT,
    "localport": _PORT,
    "overall_state": _NUMBER,
    "overallstate": _NUMBER,
    "performance": _NUMBER,
    "product_version": _IDENTITY,
    "profile": _NUMBER,
    "protocol": "[0-9]{1,3}",
    "registry": _VERSION,
    "root": "LM[0-9]{3}",
    "server": _VERSION,
    "suite_version": f"{_VERSION}(?:[.]?(?:a|b|rc|dev|post)[0-9]{{1,6}})?",
    "valid_until": _TIME,
    "version": _IDENTITY,
    "versionstate": _NUMBER,
}
# The words of Windows, of VMM and of this suite, which are the same for everybody.
_WORDS = (
    *("any", "*", "system"),
    *NAME_WORDS,
    *("localsubnet", "localsubnet4", "localsubnet6"),
    *("tcp", "udp", "icmpv4", "icmpv6", "igmp", "gre", "ipv6", "l2tp", "vrrp", "pgm"),
    *("rpc", "rpcepmap", "iphttps", "iphttpsin", "iphttpsout", "teredo"),
    *("running", "stopped", "start pending", "stop pending", "paused", "pause pending"),
    *("continue pending", "unknown", "auto", "manual", "disabled", "boot"),
    *("0", "1", "credssp", "kerberos", "standard", "usecompression", "usesmbtransport"),
    *("responding", "notresponding", "not responding", "ok", "needsattention", "needs attention"),
    *("upgradeavailable", "upgrade available", "uptodate", "up-to-date"),
    *("healthy", "warning", "critical"),
    *("administrator", "delegatedadmin", "readonlyadmin", "tenantadmin", "selfserviceuser"),
    *("genuineintel", "authenticamd", "microsoft corporation", "migrationwmi"),
    *(MIGRATION_RULE, USER_MANAGED, USER_MANAGED_ALL, SIMULATED_VENDOR, FORMAT),
    *(EXCLUDED_NETWORKS, NETWORK_ORDER),
)
UNTOUCHED_VALUES = tuple(
    dict.fromkeys(
        each.casefold()
        for each in (
            *_WORDS,
            *(vantage.value for vantage in Vantage),
            *(kind.value for kind in FailureKind),
            *GROUPS,
            *(group.source for group in GROUPS.values() if isinstance(group, MethodGroup)),
        )
    )
)
# A SID of so few numbers after S-1 is well known, such as S-1-5-32-544.
WELL_KNOWN = 3
# A NetBIOS name is the first letters of a longer one.
NETBIOS = 15

_V4 = "(?:[0-9]{1,3}[.]){3}[0-9]{1,3}"
_V6 = "[0-9A-F:]{0,40}:[0-9A-F:]{0,40}(?::" + _V4 + ")?"
# .NET writes a named group (?<sid>...); the rest means the same to both.
SID = "S-1-[0-9]+(?:-[0-9]+)+"
GUID = "([{]?)([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})([}]?)"
_GAP = "( {0,4})"
ADDRESS = f"{_GAP}({_V4}|{_V6})(%[0-9]{{1,9}})?{_GAP}(/[0-9]{{1,3}}|/{_V4})?{_GAP}"
RANGE = f" {{0,4}}({_V4}|{_V6})-({_V4}|{_V6}) {{0,4}}"
# Of vmms itself, and of another program of that name, whose folder may tell something.
VMMS_PATH = (
    r'"?(?:%systemroot%|%windir%|[a-z]:[\\/]windows)[\\/]system32[\\/]vmms[.]exe"?'
    r'|"?vmms[.]exe"?'
)
VMMS_NAME = r'(?:.*[\\/])?"?vmms[.]exe"?'
# KB 2853203 itself spells one with the letter O.
CODE = "(?<![0-9A-Z])[0O]x[0-9A-F]{8}(?![0-9A-Z])"
