"""A host that answers WMI queries over real sockets, from a table of instances or faults."""

from __future__ import annotations

import re
from collections.abc import Mapping

import wsman_replies as soap
from ntlm_server import Answer, message_id

from livemigration.lab import derived

_BUILD = 20348
Instances = tuple[Mapping[str, object], ...]

RULE = "VIRT-MIGL-In-TCP-NoScope"
NO_NAMESPACE = 0x8004100E
NO_CLASS = 0x80041010
_CLUSTER = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/MSCluster"


def _reference(name: str, key: str) -> str:
    """Return a reference to an instance, as it stands in an XmlFragment: without namespaces."""
    return (
        "<Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</Address>"
        f"<ReferenceParameters><ResourceURI>{_CLUSTER}/{name}</ResourceURI><SelectorSet>"
        f'<Selector Name="Name">{key}</Selector></SelectorSet></ReferenceParameters>'
    )


SERVER_2022: dict[str, Instances | str] = {
    "Win32_OperatingSystem": (
        {"BuildNumber": "20348", "Caption": "Microsoft Windows Server 2022", "Version": "10.0"},
    ),
    # The process of the system, and that of one virtual machine.
    "Win32_Process": (
        {"Name": "System", "ProcessId": 4},
        {"Name": "vmwp.exe", "ProcessId": 5120},
    ),
    "Win32_ComputerSystem": ({"Domain": "contoso.com", "Name": "HV01", "PartOfDomain": "true"},),
    "Win32_Service": (
        {"Name": "vmms", "ProcessId": 1000, "StartMode": "Auto", "State": "Running"},
        {"Name": "SCVMMAgent", "ProcessId": 1100, "StartMode": "Auto", "State": "Running"},
    ),
    "Msvm_VirtualSystemMigrationServiceSettingData": (
        {
            "AuthenticationType": 1,
            "EnableCompression": "true",
            "EnableSmbTransport": "false",
            "EnableVirtualSystemMigration": "true",
            "InstanceID": "Microsoft:1",
            "MaximumActiveStorageMigration": 2,
            "MaximumActiveVirtualSystemMigration": 2,
        },
    ),
    "Msvm_VirtualSystemMigrationNetworkSettingData": (
        {
            "InstanceID": "Microsoft:2",
            "Metric": None,
            "PrefixLength": 24,
            "SubnetNumber": "10.0.50.0",
            "Tags": ("Microsoft:UserManaged",),
        },
    ),
    "Msvm_VirtualSystemMigrationService": (
        {
            "ActiveStorageMigrationCount": 0,
            "ActiveVirtualSystemMigrationCount": 0,
            "MigrationServiceListenerIPAddressList": ("10.0.50.11", "fe80::1"),
            "Name": "migrationwmi",
            "CreationClassName": "Msvm_VirtualSystemMigrationService",
            "SystemCreationClassName": "Msvm_ComputerSystem",
            "SystemName": "HV01",
        },
    ),
    "MSFT_NetIPAddress": (
        {"InterfaceAlias": "Migration", "IPAddress": "10.0.50.11", "PrefixLength": 24},
    ),
    "MSFT_NetTCPConnection": (
        {"LocalAddress": "10.0.50.11", "LocalPort": 6600, "OwningProcess": 1000, "State": 2},
    ),
    "Win32_DeviceGuard": ({"SecurityServicesRunning": (1, 2)},),
    "Win32_UTCTime": (
        {"Year": 2026, "Month": 11, "Day": 23, "Hour": 20, "Minute": 0, "Second": 10},
    ),
    "MSFT_NetTCPSetting": (
        {
            "DynamicPortRangeNumberOfPorts": 16384,
            "DynamicPortRangeStartPort": 49152,
            "SettingName": "Internet",
        },
    ),
    "MSFT_NetIPInterface": ({"AddressFamily": 2, "InterfaceAlias": "Ethernet", "NlMtu": 1500},),
    "Win32_Processor": (
        {"Manufacturer": "GenuineIntel", "Name": "Xeon  ", "ProcessorId": "BFEBFBFF000806F8"},
    ),
    "Msvm_VirtualEthernetSwitch": ({"ElementName": "Tenants", "Name": "C1D2"},),
    "MSFT_NetRoute": (
        {"DestinationPrefix": "0.0.0.0/0", "NextHop": "10.0.0.1"},
        {"DestinationPrefix": "10.0.50.0/24", "NextHop": "0.0.0.0"},  # noqa: S104 - no gateway
        {"DestinationPrefix": "fe80::/64", "NextHop": "::"},
    ),
    "MSFT_NetFirewallProfile": (
        {"AllowLocalFirewallRules": 0, "DefaultInboundAction": 4, "Enabled": 1, "Name": "Domain"},
        {"AllowLocalFirewallRules": 2, "DefaultInboundAction": 4, "Enabled": 0, "Name": "Public"},
    ),
    "MSFT_NetFirewallRule": (
        {"Action": 2, "Direction": 1, "Enabled": 1, "InstanceID": RULE, "Profiles": 0},
        {"Action": 4, "Direction": 2, "Enabled": 2, "InstanceID": "Outbound", "Profiles": 1},
    ),
    "MSFT_NetProtocolPortFilter": (
        {"InstanceID": RULE, "LocalPort": ("6600",), "Protocol": "TCP"},
    ),
    "MSFT_NetAddressFilter": (
        {"InstanceID": RULE, "LocalAddress": ("Any",), "RemoteAddress": ("10.0.0.0/24", "Any")},
    ),
    "MSFT_NetApplicationFilter": (
        {"InstanceID": RULE, "AppPath": r"%systemroot%\system32\vmms.exe"},
        {"InstanceID": "Other", "AppPath": None},
    ),
    "MSFT_NetServiceFilter": ({"InstanceID": RULE, "ServiceName": "vmms"},),
    "MSFT_NetConnectionProfile": ({"InterfaceAlias": "Migration", "NetworkCategory": 2},),
    "MSCluster_Cluster": ({"MaximumParallelMigrations": 1, "Name": "cl01"},),
    "MSCluster_Network": (
        {
            "Address": "10.0.50.0",
            "AddressMask": "255.255.255.0",
            "ID": "n1",
            "Name": "Cluster Network 1",
            "Role": 3,
            "State": 3,
        },
    ),
    "Msvm_ResourcePool": (
        {
            "AllocationUnits": "byte * 2^20",
            "ConsumedResourceUnits": "byte * 2^20",
            "MaxConsumableResource": 46098,
            "PoolID": "",
            "Primordial": "true",
            "Reserved": 12800,
            "ResourceType": 4,
        },
    ),
    "MSCluster_ResourceGroupToPreferredNode": (
        {
            "GroupComponent": _reference("MSCluster_ResourceGroup", "vm01"),
            "PartComponent": _reference("MSCluster_Node", "HV01"),
        },
    ),
    "MSCluster_ResourceToPossibleOwner": (
        {
            "GroupComponent": _reference("MSCluster_Resource", "Virtual Machine vm01"),
            "PartComponent": _reference("MSCluster_Node", "HV01"),
        },
    ),
}
# By method; a registry value by its name as well.
METHODS: dict[str, str] = {
    "GetSystemCompatibilityInfo": "<p:ReturnValue>0</p:ReturnValue>",
    "MigrationExcludeNetworks": "<p:sValue>n2;n3</p:sValue><p:ReturnValue>0</p:ReturnValue>",
    "MigrationNetworkOrder": '<p:sValue xsi:nil="true"/><p:ReturnValue>2</p:ReturnValue>',
}


def item(instance: Mapping[str, object]) -> str:
    """Return an instance as Windows answers a query with a property list."""
    parts = []
    for name, value in instance.items():
        if value is None:
            parts.append(f'<{name} xsi:nil="true"/>')
            continue
        values = value if isinstance(value, tuple) else (value,)
        parts += [f"<{name}>{each}</{name}>" for each in values]
    return f"<w:XmlFragment>{''.join(parts)}</w:XmlFragment>"


def answering(table: Mapping[str, Instances | str]) -> Answer:
    """Answer Identify, and each query by its class; a text in the table is a whole body."""

    def answer(request: bytes) -> tuple[int, bytes]:
        if b"Identify" in request:
            return 200, soap.identity()
        if called := re.search(rb"<m:(\w+)_INPUT xmlns:m=[\"']([^\"']+)", request):
            return _called(called[1].decode(), called[2].decode(), request)
        found = re.search(rb"FROM (\w+)", request, re.IGNORECASE)
        assert found, request
        content = _content(table, found[1].decode())
        body = content if isinstance(content, str) else soap.page("".join(map(item, content)))
        return (500 if "<s:Fault>" in body else 200), soap.envelope(body, message_id(request))

    return answer


def _content(table: Mapping[str, Instances | str], name: str) -> Instances | str:
    """Return what a table says of a class; of one that it does not name, a plain instance."""
    if name in table:
        return table[name]
    return (derived.completed({}, derived.properties(name, _BUILD)),)


def _called(method: str, uri: str, request: bytes) -> tuple[int, bytes]:
    asked = re.search(rb"<m:sValueName>(\w+)<", request)
    content = METHODS[asked[1].decode() if asked else method]
    if content.startswith("<s:"):
        return 500, soap.envelope(content, message_id(request))
    body = f'<p:{method}_OUTPUT xmlns:p="{uri}">{content}</p:{method}_OUTPUT>'
    return 200, soap.envelope(body, message_id(request))


def nested_fault(code: int) -> str:
    """Return a WS-Management fault whose provider gave the code."""
    inner = (
        '<f:ProviderFault provider="WMI Provider" path="x">'
        f'<f:WSManFault Code="{code}" Machine="h"><f:Message>No.</f:Message></f:WSManFault>'
        "</f:ProviderFault>"
    )
    return soap.fault(2150858752).replace("</f:Message>", f"{inner}</f:Message>", 1)
