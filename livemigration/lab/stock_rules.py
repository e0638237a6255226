"""The rules that a Windows server has of its own, made up to the numbers of real ones.

Rules on stock servers, as counted on live hosts by others: 258 on 2016, 226 on 2019, 240 on 2022,
374 on 2025; Hyper-V, its management and Replica, and clustering add about 45. Some 28 % are enabled
and inbound. One in six is named by a GUID, as those of apps and agents are. None is about live
migration: those that a host has of it are in its fleet file.
"""

from __future__ import annotations

import random
import uuid
from functools import lru_cache

from livemigration.lab.firewall import BLOCK, INBOUND, OUTBOUND, Rule

# By the first build that has so many; none was counted before 2016.
_OF_RELEASE = ((26100, 374), (20348, 240), (17763, 226), (0, 258))
_OF_ROLES = 45

_INBOUND_SHARE = 0.55
_ENABLED_SHARE = 0.51
_BY_GUID = 6
_TCP_SHARE, _UDP_SHARE = 0.48, 0.34

# How rules of Windows begin and end; those of one family are numbered where they are used up.
_FAMILIES = (
    "AllJoyn-Router", "BITSPeer", "COM+", "CoreNet-DHCP", "CoreNet-GP-LSASS", "CoreNet-ICMP6",
    "CoreNet-IGMP", "CoreNet-Teredo", "DeliveryOptimization", "DIAL-Protocol", "EventForwarder",
    "FailoverCluster", "FPS-LLMNR", "FPS-NB_Datagram", "FPS-SMB", "FPS-SpoolSvc", "HyperV-Replica",
    "Microsoft-Windows-HyperV-VMCP", "MSDTC", "MsiScsi", "NETDIS-FDPHOST", "NETDIS-SSDPSrv",
    "Netlogon-NamedPipe", "PerfLogsAlerts", "PNRPMNRS", "RemoteAssistance", "RemoteDesktop-Shadow",
    "RemoteDesktop-UserMode", "RemoteEventLogSvc", "RemoteFwAdmin", "RemoteSvcAdmin",
    "RemoteTask", "RRAS-GRE", "RVM-VDS", "ServerManager", "SNMPTRAP", "TPMVSCMGR-RPCSS",
    "VIRT-REMOTEDESKTOP", "VIRT-VMMS-RPC", "VIRT-WMI-ASYNC", "VIRT-WMI-RPCSS", "WFDPRINT-DAFWSD",
    "WiFiDirect-KM-Driver", "WINRM-HTTP-Compat", "WMI-ASYNC", "WMI-RPCSS", "WMI-WINMGMT",
)  # fmt: skip
_ENDINGS = ("", "-NoScope", "-Active", "-V2", "-PUBLIC", "-NP", "-DCOM", "-Domain")
_TCP_PORTS = (
    ("RPC",), ("RPCEPMap",), ("Any",), ("RPC",), ("80",), ("135",), ("443",), ("445",), ("2179",),
    ("3343",), ("3389",), ("5000-5010",), ("5357",), ("5985",), ("8443", "9443"), ("49152-65535",),
)  # fmt: skip
_UDP_PORTS = (
    ("Any",), ("68",), ("137",), ("138",), ("546",), ("1900",), ("3343",), ("3389",), ("3702",),
    ("5353",), ("5355",), ("IPHTTPSIn",),
)  # fmt: skip
_OTHER_PROTOCOLS = ("ICMPv4", "ICMPv6", "ICMPv6", "2", "47", "Any")
_PROGRAMS = (
    "System", "System", r"%SystemRoot%\system32\svchost.exe", r"%SystemRoot%\system32\svchost.exe",
    r"%SystemRoot%\system32\spoolsv.exe", r"%SystemRoot%\System32\lsass.exe",
    r"%SystemRoot%\system32\services.exe", r"%systemroot%\system32\wbem\unsecapp.exe",
    r"C:\Program Files\Contoso\Agent\agent.exe", r"%SystemRoot%\system32\vds.exe",
)  # fmt: skip
_SERVICES = ("Any", "Any", "RpcSs", "winmgmt", "lanmanserver", "Dnscache", "dhcp", "iphlpsvc")
_REMOTE = (("Any",), ("Any",), ("Any",), ("Any",), ("LocalSubnet",), ("LocalSubnet6",))


def usual_number(build: int) -> int:
    """Return how many rules a host of a build has of its own, with Hyper-V and clustering."""
    return next(number for first, number in _OF_RELEASE if build >= first) + _OF_ROLES


@lru_cache(maxsize=32)
def stock_rules(number: int) -> tuple[Rule, ...]:
    """Return so many rules, always the same ones: hosts of one release have the same, too."""
    chance = random.Random(6600)  # noqa: S311 - no secret depends on it
    return tuple(_rule(chance, each) for each in range(number))


def _rule(chance: random.Random, number: int) -> Rule:
    protocol, ports = _port(chance)
    inbound = chance.random() < _INBOUND_SHARE
    program, service = chance.choice(_PROGRAMS), chance.choice(_SERVICES)
    return Rule(
        _name(number, protocol, inbound=inbound),
        ports if inbound else ("Any",),
        enabled=chance.random() < _ENABLED_SHARE,
        action=BLOCK if not inbound and chance.random() < 0.05 else Rule.action,
        profiles=chance.choice((0, 0, 0, 1, 3, 4)),
        protocol=protocol,
        program=program,
        service=service if program.endswith("svchost.exe") else "Any",
        remote=chance.choice(_REMOTE),
        direction=INBOUND if inbound else OUTBOUND,
    )


def _port(chance: random.Random) -> tuple[str, tuple[str, ...]]:
    if (drawn := chance.random()) < _TCP_SHARE:
        return "TCP", chance.choice(_TCP_PORTS)
    if drawn < _TCP_SHARE + _UDP_SHARE:
        return "UDP", chance.choice(_UDP_PORTS)
    return chance.choice(_OTHER_PROTOCOLS), ("Any",)


def _name(number: int, protocol: str, *, inbound: bool) -> str:
    if number % _BY_GUID == _BY_GUID - 1:
        return f"{{{str(uuid.uuid5(uuid.NAMESPACE_OID, f'rule {number}')).upper()}}}"
    family, turn = _FAMILIES[number % len(_FAMILIES)], number // len(_FAMILIES)
    ending = _ENDINGS[turn] if turn < len(_ENDINGS) else f"-{turn}"
    return f"{family}-{'In' if inbound else 'Out'}-{protocol}{ending}"
