"""winrm/config of a simulated machine: what Get answers, in the order of a captured reply.

The values are the documented defaults (windows-facts.md 5.7), where Microsoft's two pages differ
those of the page about quotas; of the stack before Windows Server 2012, those of the older page.
That a machine of these releases has them is not confirmed, and policies change them anyway.
RootSDDL is that of the captured host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from xml.sax.saxutils import escape

from pydantic import AfterValidator, Field

CONFIGURATION = "http://schemas.microsoft.com/wbem/wsman/1/config"
_WINDOWS_SERVER_2012 = 9200
_UNLIMITED = 4294967295

Setting = bool | int | str

_DEFAULTS: dict[str, Setting] = {
    "MaxEnvelopeSizekb": 500,
    "MaxTimeoutms": 60000,
    "MaxBatchItems": 32000,
    "MaxProviderRequests": _UNLIMITED,
    "Client/NetworkDelayms": 5000,
    "Client/URLPrefix": "wsman",
    "Client/AllowUnencrypted": False,
    "Client/Auth/Basic": True,
    "Client/Auth/Digest": True,
    "Client/Auth/Kerberos": True,
    "Client/Auth/Negotiate": True,
    "Client/Auth/Certificate": True,
    "Client/Auth/CredSSP": False,
    "Client/DefaultPorts/HTTP": 5985,
    "Client/DefaultPorts/HTTPS": 5986,
    "Client/TrustedHosts": "",
    "Service/RootSDDL": "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)",
    "Service/MaxConcurrentOperations": _UNLIMITED,
    "Service/MaxConcurrentOperationsPerUser": 1500,
    "Service/EnumerationTimeoutms": 240000,
    "Service/MaxConnections": 300,
    "Service/MaxPacketRetrievalTimeSeconds": 120,
    "Service/AllowUnencrypted": False,
    "Service/Auth/Basic": False,
    "Service/Auth/Kerberos": True,
    "Service/Auth/Negotiate": True,
    "Service/Auth/Certificate": False,
    "Service/Auth/CredSSP": False,
    "Service/Auth/CbtHardeningLevel": "Relaxed",
    "Service/DefaultPorts/HTTP": 5985,
    "Service/DefaultPorts/HTTPS": 5986,
    "Service/IPv4Filter": "*",
    "Service/IPv6Filter": "*",
    "Service/EnableCompatibilityHttpListener": False,
    "Service/EnableCompatibilityHttpsListener": False,
    "Service/CertificateThumbprint": "",
    "Service/AllowRemoteAccess": True,
    "Winrs/AllowRemoteShellAccess": True,
    "Winrs/IdleTimeout": 7200000,
    "Winrs/MaxConcurrentUsers": 10,
    "Winrs/MaxShellRunTime": 2147483647,
    "Winrs/MaxProcessesPerShell": 25,
    "Winrs/MaxMemoryPerShellMB": 1024,
    "Winrs/MaxShellsPerUser": 30,
}
_OLD: dict[str, Setting] = {
    "MaxEnvelopeSizekb": 150,
    "Service/MaxConcurrentOperationsPerUser": 15,
    "Service/EnumerationTimeoutms": 60000,
    "Service/MaxConnections": 25,
    "Winrs/IdleTimeout": 180000,
    "Winrs/MaxConcurrentUsers": 5,
    "Winrs/MaxProcessesPerShell": 15,
    "Winrs/MaxMemoryPerShellMB": 150,
    "Winrs/MaxShellsPerUser": 5,
}


def _known(settings: Mapping[str, Setting]) -> Mapping[str, Setting]:
    for path in settings:
        if path not in _DEFAULTS:
            raise ValueError(
                f"{path[:60]!r} is no setting of winrm/config. Write one such as "
                "Winrs/MaxShellsPerUser."
            )
    return settings


WinRmSettings = Annotated[
    dict[str, Setting],
    AfterValidator(_known),
    Field(json_schema_extra={"propertyNames": {"enum": list(_DEFAULTS)}}),
]


def settings_of(build: int, own: Mapping[str, Setting]) -> dict[str, Setting]:
    """Return the settings of a machine by their paths: its release's defaults, and its own."""
    old = _OLD if build < _WINDOWS_SERVER_2012 else {}
    return {**_DEFAULTS, **old, **own}


def configuration_xml(settings: Mapping[str, Setting]) -> str:
    """Return the body of the reply to Get of winrm/config."""
    tree: dict[str, object] = {}
    for path, value in settings.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})  # type: ignore[assignment] # folders hold no values
        place[name] = value
    return f'<cfg:Config xmlns:cfg="{CONFIGURATION}">{_inner(tree)}</cfg:Config>'


def _inner(tree: Mapping[str, object]) -> str:
    return "".join(f"<cfg:{name}>{_content(value)}</cfg:{name}>" for name, value in tree.items())


def _content(value: object) -> str:
    if isinstance(value, dict):
        return _inner(value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
