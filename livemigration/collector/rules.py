"""What redaction leaves alone, and what takes the place of the rest.

Whatever is not named here is replaced: a text of a field that nobody thought of becomes `text1`.
collect.ps1 goes by the same lists. Keys and texts count in any case, as in PowerShell.
"""

from __future__ import annotations

from livemigration.collector import typed_fields
from livemigration.collector.document import FORMAT
from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.facts.cluster_groups import VIRTUAL_MACHINE, VM_CONFIGURATION
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD
from livemigration.facts.directory import (
    BY_PASSWORD,
    FILE_SERVICE,
    MIGRATION_SERVICE,
    SEALED,
    WITHIN_TLS,
)
from livemigration.facts.firewall_words import OTHER_PROTOCOL
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.machine_values import MICROCODE_VALUE, PATCH_VALUE
from livemigration.facts.model import FailureKind, MethodGroup, Vantage
from livemigration.facts.registry import GROUPS
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL
from livemigration.verdict.policy_accounts import BUILT_IN, DOMAIN, THEIRS, WINDOWS_AUTHORITY
from livemigration.wsman.choice import WhyNtlm
from livemigration.wsman.clients import BY_STREAMS, SIGNED_IN_APART
from livemigration.wsman.security import PASSWORD_GIVEN, Mechanism

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
    "forest",
    "fqdn",
    "group_names",
    "groups",
    "last_switch",
    "managed_hosts",
    "name",
    "network",
    "node",
    "owner_group",
    "owner_node",
    "owner_nodes",
    "ownergroup",
    "ownernode",
    "partner",
    "vmm",
)
# In rows that have one of these, Name is an interface's alias.
OF_ADAPTERS = ("TransmitLinkSpeed", "Team")
# Texts that are compared with each other; each kind is numbered apart, and lists are taken apart.
NUMBERED_KEYS = {
    "account": "account",
    "account_role": "role",
    "cmdletoutput.fallbackkeyprotectionserverurl": "guardian",
    "cmdletoutput.keyprotectionserverurl": "guardian",
    "connectedusername": "account",
    "deviceid": "instance",
    "elementname": "switch",
    "excluded": "instance",
    "gpoid": "instance",
    "id": "instance",
    "identifier": "instance",
    "instanceid": "instance",
    "interface": "interface",
    "interfacealias": "interface",
    "lastknownswitchname": "switch",
    "order": "instance",
    "path": "instance",
    "policy": "instance",
    "pool": "pool",
    "poolid": "pool",
    "pools": "pool",
    "san": "pool",
    "sans": "pool",
    "servers": "guardian",
    "service": "service",
    "service_account": "account",
    "servicename": "service",
    "snames": "certificate",
    "svalue": "instance",
    "switch": "instance",
    "team": "interface",
    "thumbprints": "certificate",
    "userrole": "role",
    "vm": "vm",
    "vmmserviceaccount": "account",
    "volume": "instance",
    "volumename": "instance",
}
PROGRAM_KEYS = ("apppath", "program")
# Paths of files, and of objects in WMI: what kind of path it is decides, and its file extension.
PATH_KEYS = (
    "configuration_root",
    "configurationdataroot",
    "file",
    "guest_state_root",
    "gueststatedataroot",
    "hostresource",
    "snapshot_root",
    "snapshotdataroot",
    "swap_root",
    "swapfiledataroot",
)
# Where a node stands, such as `Site:Lyon`: the kind of place stays.
PLACE_KEYS = ("fault_domains", "faultdomain")
PLACE = r"((?:Site|Rack|Chassis|Node):)([\s\S]*)"
# Accounts of a user right: before a backslash stands an authority of Windows, which stays, or a
# domain; before a SID, an asterisk.
ACCOUNT_KEYS = ("accountlist", "accounts")
ACCOUNT = rf"([*]?|(?:{WINDOWS_AUTHORITY})\\)(?:({DOMAIN})\\)?([^\\]+)"
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
_MASK = "255|254|252|248|240|224|192|128|0"
_IDENTITY = f"(?:OS: |){_VERSION}(?: SP: {_VERSION})?(?: Stack: {_VERSION})?"
_PORT = "[0-9]{1,5}(?:-[0-9]{1,5})?"
# Of an enum, where PowerShell had a copy of the object.
_NUMBER = "[0-9]{1,3}"
_MONITOR = (
    "Overall|Network|WinRM|WMI Performance Counter|Hyper-V Role (?:Overall|Version)"
    "|Hyper-V Virtual Machine Management Service|Host Agent (?:Overall|Service|Version)"
)
_RIGHT = " {0,4}Se[A-Z]{1,60}(?:Right|Privilege) {0,4}"
# Accounts that every Windows has, by name and by a well-known SID.
_EVERYBODYS = rf" {{0,4}}(?:{THEIRS}|{BUILT_IN}|[*]?S-1-[0-9]+(?:-[0-9]+){{1,2}}) {{0,4}}"
# CPUID's signature and flags, without anything of one processor alone.
_PROCESSOR = " {0,4}[0-9A-F]{16} {0,4}"
_DRIVE = " {0,4}[A-Z]: {0,4}"
# Of a pool of memory.
_UNITS = "bytes? {0,2}(?:[*] {0,2}2 {0,2}[\\^] {0,2}[0-9]{1,2})?"
_FILE_SYSTEM = "(?:CSVFS_)?(?:NTFS|ReFS)|CSVFS|FAT|FAT32|exFAT|UDF|CDFS|RAW"
_HEALTH = "(?:Success|HM[A-Z]{1,60}) [(][0-9]{1,6}[)](?:; [0-9]{1,6})?"
_VERSIONS = {
    "agentversion": _VERSION,
    "buildnumber": _VERSION,
    "product_version": _IDENTITY,
    "registry": _VERSION,
    "server": _VERSION,
    "suite_version": f"{_VERSION}(?:[.]?(?:a|b|rc|dev|post)[0-9]{{1,6}})?",
    "version": _IDENTITY,
}
# A version looks like an address: one that the document has elsewhere is no version.
VERSION_KEYS = tuple(_VERSIONS)
# What a text of a key may look like to be left alone.
FORMS = {
    **typed_fields.forms(GROUPS.values()),
    **_VERSIONS,
    "signed_in": f"(?:{'|'.join(each.value for each in Mechanism)}|{BY_PASSWORD}) "
    f"(?:{SEALED}|{WITHIN_TLS})|"
    f"(?:{'|'.join(each.value for each in Mechanism)}) over HTTPS?, "
    "(?:certificate (?:NOT )?checked|messages encrypted|UNENCRYPTED)"
    f"(?:, {PASSWORD_GIVEN})?(?:, {BY_STREAMS})?(?:, {SIGNED_IN_APART})?"
    f"(?: [(]no Kerberos: (?:{'|'.join(each.value for each in WhyNtlm)})[)])?",
    **dict.fromkeys(ACCOUNT_KEYS, _EVERYBODYS),
    "addressmask": f"(?:(?:{_MASK})[.]){{3}}(?:{_MASK})",
    "answered": typed_fields.MOMENT,
    "allocationunits": _UNITS,
    "asked": typed_fields.MOMENT,
    "at": typed_fields.MOMENT,
    "authentication": _NUMBER,
    "caption": "Microsoft (?:Windows|Hyper-V) Server[ ]?(?:20[0-9]{2})?(?: R2)?"
    "(?: (?:Datacenter|Standard|Essentials))?(?: Evaluation)?",
    "collected": typed_fields.MOMENT,
    "cmdletoutput.ishostguarded": "true|false",
    "communication_state": _NUMBER,
    "communicationstate": _NUMBER,
    "consumedresourceunits": _UNITS,
    "file_system": _FILE_SYSTEM,
    "filesystem": _FILE_SYSTEM,
    "gathered": typed_fields.MOMENT,
    "drive": _DRIVE,
    "driveletter": _DRIVE,
    "health": f"(?:{_MONITOR}): (?:Healthy|Warning|Critical|Unknown)(?:, {_HEALTH})?",
    "identifier": _PROCESSOR,
    "lastknownerror": _HEALTH,
    "local_ports": _PORT,
    "localport": _PORT,
    "overall_state": _NUMBER,
    "overallstate": _NUMBER,
    "performance": _NUMBER,
    "processorid": _PROCESSOR,
    "profile": _NUMBER,
    "protocol": "[0-9]{1,3}",
    "resource": "(?:Msvm|CIM)_[A-Z0-9]{1,60}",
    "revision": "0x[0-9A-F]{8,16}",
    "right": _RIGHT,
    "root": "LM[0-9]{3}",
    "resourcesubtype": "Microsoft:Hyper-V:[A-Z/ -]{1,60}",
    "svalue": "[0-9]{1,10}",
    "userright": _RIGHT,
    # A number of a registry, or the bytes of a binary value, such as a revision of microcode.
    "uvalue": "[0-9]{1,10}(?: [0-9]{1,3}){0,15}",
    "valid_until": typed_fields.MOMENT,
    "versionstate": _NUMBER,
    "virtualsystemtype": "Microsoft:Hyper-V:(?:System|Snapshot)(?::[A-Z]{1,40}){1,3}",
}
# The words of Windows, of VMM and of this suite, which are the same for everybody.
_WORDS = (
    *("any", "*", "system"),
    *NAME_WORDS,
    *("localsubnet", "localsubnet4", "localsubnet6"),
    OTHER_PROTOCOL.casefold(),
    *("tcp", "udp", "icmpv4", "icmpv6", "igmp", "gre", "ipv6", "l2tp", "vrrp", "pgm"),
    *("rpc", "rpcepmap", "iphttps", "iphttpsin", "iphttpsout", "teredo"),
    *("running", "stopped", "start pending", "stop pending", "paused", "pause pending"),
    *("continue pending", "unknown", "auto", "manual", "disabled", "boot"),
    *("0", "1", "credssp", "kerberos", "standard", "usecompression", "usesmbtransport"),
    *("responding", "notresponding", "not responding", "ok", "needsattention", "needs attention"),
    "overcommitted",
    *("upgradeavailable", "upgrade available", "uptodate", "up-to-date"),
    *("healthy", "warning", "critical"),
    *("administrator", "delegatedadmin", "readonlyadmin", "tenantadmin", "selfserviceuser"),
    *(MIGRATION_SERVICE, FILE_SERVICE),
    *("genuineintel", "authenticamd", "hygongenuine", "microsoft corporation", "migrationwmi"),
    *(MIGRATION_RULE, USER_MANAGED, USER_MANAGED_ALL, SIMULATED_VENDOR, FORMAT),
    *(EXCLUDED_NETWORKS, NETWORK_ORDER, MOVE_TYPE_THRESHOLD, MICROCODE_VALUE, PATCH_VALUE),
    *(VIRTUAL_MACHINE, VM_CONFIGURATION),
)
UNTOUCHED_VALUES = tuple(
    dict.fromkeys(
        each.casefold()
        for each in (
            *_WORDS,
            *(vantage.value for vantage in Vantage),
            *(kind.value for kind in FailureKind),
            *typed_fields.words(GROUPS.values()),
            *GROUPS,
            *(group.source for group in GROUPS.values() if isinstance(group, MethodGroup)),
        )
    )
)
# A SID of so few numbers after S-1 is well known, such as S-1-5-32-544.
WELL_KNOWN = 3
# A NetBIOS name is the first letters of a longer one.
NETBIOS = 15

V4 = "(?:[0-9]{1,3}[.]){3}[0-9]{1,3}"
_V6 = "[0-9A-F:]{0,40}:[0-9A-F:]{0,40}(?::" + V4 + ")?"
# .NET writes a named group (?<sid>...); the rest means the same to both.
SID = "S-1-[0-9]+(?:-[0-9]+)+"
GUID_DIGITS = "[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
GUID = f"([{{]?)({GUID_DIGITS})([}}]?)"
# How Hyper-V forms an InstanceID: of a machine or a checkpoint, then of a device of it; and how
# Windows names a volume, with or without a backslash behind it.
_PART = f"(?:{GUID_DIGITS}|[0-9A-Z]{{1,8}})"
WITH_GUIDS = (
    rf"Microsoft:(?:{GUID_DIGITS}|Definition)(?:\\{_PART})*"
    rf"|\\\\[?]\\Volume[{{]{GUID_DIGITS}[}}]\\?"
)
# A path, its beginning apart (a cluster's volume, a drive, a share), and its file extension.
PATH = (
    r"((?:\\\\[?]\\|)[A-Z]:\\ClusterStorage\\|\\\\[?]\\UNC\\|\\\\[?]\\|\\\\|[A-Z]:\\?|)([\s\S]*?)"
    r"((?:[.](?:iso|vhd|vhdx|avhd|avhdx|vhds|vmcx|vmgs|xml))?)"
)
# What the pieces behind a beginning are, by its last two characters; the last takes the rest.
_OF_SHARES = ("server", "share", "path")
PIECES_OF_PATHS = {"\\\\": _OF_SHARES, "c\\": _OF_SHARES, "e\\": ("volume", "path")}
CLASS_NAME = "Msvm_[A-Z]{1,60}"
# The path of an object in WMI, whose keys stand in quotes.
OBJECT_PATH = rf"(?:\\\\[^:]{{1,200}}:)?({CLASS_NAME})[.]([\s\S]*)"
OBJECT_KEY = r'([A-Z]{1,40})="((?:[^"\\]|\\[\s\S])*)"'
# The disc of the integration services, which each host had until Server 2012 R2.
GUEST_DISC = r"(?:%systemroot%|%windir%|[A-Z]:\\Windows)\\System32\\vmguest[.]iso"
_GAP = "( {0,4})"
ADDRESS = f"{_GAP}({V4}|{_V6})(%[0-9]{{1,9}})?{_GAP}(/[0-9]{{1,3}}|/{V4})?{_GAP}"
RANGE = f" {{0,4}}({V4}|{_V6})-({V4}|{_V6}) {{0,4}}"
# Of vmms itself, and of another program of that name, whose folder may tell something.
VMMS_PATH = (
    r'"?(?:%systemroot%|%windir%|[a-z]:[\\/]windows)[\\/]system32[\\/]vmms[.]exe"?'
    r'|"?vmms[.]exe"?'
)
VMMS_NAME = r'(?:.*[\\/])?"?vmms[.]exe"?'
# KB 2853203 itself spells one with the letter O.
CODE = "(?<![0-9A-Z])[0O]x[0-9A-F]{8}(?![0-9A-Z])"
