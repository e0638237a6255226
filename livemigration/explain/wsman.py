"""Faults of WS-Management, by the names of `livemigration.wsman.codes`."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind
from livemigration.wsman.codes import NAMES, NEXT_STEPS

PREFIX = "ERROR_WSMAN_"


@dataclass(frozen=True)
class _Fault:
    """What differs from one WS-Management fault to the next."""

    number: int
    meaning: str
    cause: str = ""
    checks: tuple[str, ...] = ("LM301", "LM302")
    sources: tuple[str, ...] = (sources.WSMAN_NAMES,)
    caution: str = ""
    recorded: bool = False


_MEMBER = "With VMM 12710: VMM's account is no local administrator of the host."
_OF_12710 = (sources.HOST_STATUS, sources.WSMAN_NAMES)
_QUOTA = "WinRM counts its quotas per user: used-up quotas can break VMM (2927)."
_SHELLS = ("LM302", "LM001")
_REACH = ("LM301", "LM302", "LM204")

_FAULTS = (
    _Fault(
        0x80338000,
        "The resource was not found.",
        "With VMM 2915: a WMI class is missing, for example after the repository was rebuilt.",
        sources=(sources.NEEDS_ATTENTION, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x8033800F,
        "A header of the request is invalid.",
        recorded=True,
    ),
    _Fault(
        0x80338012,
        "The client cannot connect to the WinRM service of the host.",
        "With VMM 2916: WinRM does not run, a firewall blocks it, or the WinHTTP proxy of the VMM "
        "server takes the host's name.",
        checks=_REACH,
        sources=(sources.ADDING_HOST, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x8033801A,
        "The query cannot be processed: mostly, the class does not exist in the namespace.",
        recorded=True,
    ),
    _Fault(
        0x8033801B,
        "The enumeration is no longer known to the host.",
        "Its context is stale or has expired.",
    ),
    _Fault(
        0x80338026,
        "The reply is larger than the host allows.",
    ),
    _Fault(
        0x80338029,
        "The operation took longer than its time limit.",
        caution="While a shell waits for output it is normal: the client asks again.",
        recorded=True,
    ),
    _Fault(
        0x8033803B,
        "The resource URI is not known: the namespace or class does not exist.",
        "With VMM 2927: Windows Management Framework 3.0 on Server 2008 R2.",
        sources=(sources.HOST_0X8033803B, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x8033803D,
        "The selectors do not fit the resource.",
    ),
    _Fault(
        0x80338041,
        "The request does not fit its schema.",
        recorded=True,
    ),
    _Fault(
        0x8033805B,
        "The selectors name nothing: the shell or the command is gone.",
        recorded=True,
    ),
    _Fault(
        0x8033809D,
        "Authentication failed for a reason that WinRM does not name.",
        "With VMM 2927: the SPN HTTP/host is registered on a second account.",
        checks=("LM301", "LM302", "LM403"),
        sources=(sources.HOST_2927, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x803380DE,
        "The client refuses to send without encryption.",
    ),
    _Fault(
        0x803380E4,
        "The client does not trust the host: neither Kerberos nor SSL identifies it.",
    ),
    _Fault(
        0x803380FB,
        "WQL was sent to the URI of a class.",
        checks=(),
    ),
    _Fault(
        0x80338102,
        "A WMI provider could not do what was asked.",
        recorded=True,
    ),
    _Fault(0x80338104, "WMI denies access.", _MEMBER, sources=_OF_12710),
    _Fault(0x80338105, "A WMI provider denies access.", _MEMBER, sources=_OF_12710),
    _Fault(
        0x80338106,
        "WMI cannot be connected to: access denied.",
        _MEMBER,
        sources=_OF_12710,
    ),
    _Fault(0x8033810B, "Kerberos was asked for, with an IP address."),
    _Fault(0x803381BB, "Default authentication was asked for, with an IP address."),
    _Fault(
        0x80338111,
        "HTTP 413: the request is too large for the host.",
    ),
    _Fault(
        0x80338112,
        "HTTP 503: the WinRM service is not available.",
    ),
    _Fault(
        0x80338113,
        "HTTP 404: no WS-Management service under this address.",
        "The URL prefix or the port is not that of WinRM.",
    ),
    _Fault(
        0x80338126,
        "The host did not answer in time.",
        "With VMM 2916: the network, a firewall, or the WinHTTP proxy of the VMM server.",
        checks=_REACH,
        sources=(sources.ADDING_HOST, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x80338169,
        "The firewall of the host has the Public profile, which limits WinRM to its own subnet.",
    ),
    _Fault(0x80338170, "HTTP 500 without a fault that could be read."),
    _Fault(
        0x80338171,
        "HTTP 400: the host refused the request.",
    ),
    _Fault(
        0x803381A5, "The account has too many shells open.", _QUOTA, checks=_SHELLS, recorded=True
    ),
    _Fault(
        0x803381A6,
        "The account runs too many operations at once.",
        f"{_QUOTA} Do not use VMM's service account or its Run As account for the suite.",
        checks=_SHELLS,
        sources=(sources.HOST_2927, sources.WSMAN_NAMES),
        recorded=True,
    ),
    _Fault(0x803381A7, "The account has used up its WinRM quota.", _QUOTA, checks=_SHELLS),
    _Fault(0x803381A8, "The host's WinRM service has reached a quota.", checks=_SHELLS),
    _Fault(0x803381AB, "Too many users have shells open on the host.", checks=_SHELLS),
    _Fault(0x803381AC, "The host allows no remote shells.", checks=("LM001",)),
    _Fault(
        0x803381AD,
        "A pull does not repeat the parameters of its enumeration.",
        checks=(),
    ),
    _Fault(
        0x803381B9,
        "The name of the host does not resolve.",
        checks=("LM201", "LM301", "LM302"),
    ),
    _Fault(
        0x803381BA,
        "The SSL connection was aborted.",
    ),
    _Fault(0x803381E8, "A plugin of WinRM allows the account no more operations.", _QUOTA),
)


def _entry(fault: _Fault) -> Entry:
    return Entry(
        Kind.RESULT,
        fault.number,
        (NAMES[fault.number],),
        fault.meaning,
        fault.cause,
        (NEXT_STEPS[fault.number],),
        fault.checks,
        fault.sources,
        fault.caution,
        Confidence.RECORDED if fault.recorded else Confidence.DOCUMENTED,
    )


ENTRIES = tuple(_entry(fault) for fault in _FAULTS)
