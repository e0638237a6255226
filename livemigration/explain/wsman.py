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
    steps: tuple[str, ...] = ()
    checks: tuple[str, ...] = ("LM301", "LM302")
    sources: tuple[str, ...] = (sources.WSMAN_NAMES,)
    caution: str = ""
    recorded: bool = False


_RIGHTS = ("Check that the account is a local administrator of the host.",)
_MEMBER = "With VMM 12710: VMM's account is no local administrator of the host."
_OF_12710 = (sources.HOST_STATUS, sources.WSMAN_NAMES)
_NAME = ("Use the host's name, not its address; Kerberos needs a name.",)
_WINRM_UP = ("Check on the host that the service WinRM runs and listens (winrm quickconfig).",)
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
        steps=("Report it with the request: the client made a mistake.",),
        recorded=True,
    ),
    _Fault(
        0x80338012,
        "The client cannot connect to the WinRM service of the host.",
        "With VMM 2916: WinRM does not run, a firewall blocks it, or the WinHTTP proxy of the VMM "
        "server takes the host's name.",
        (*_WINRM_UP, "On the VMM server: netsh winhttp show proxy; add the domain to the bypass."),
        _REACH,
        (sources.ADDING_HOST, sources.WSMAN_NAMES),
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
        ("Try again.",),
    ),
    _Fault(
        0x80338026,
        "The reply is larger than the host allows.",
        steps=("Raise MaxEnvelopeSizekb on the host (winrm get winrm/config shows it).",),
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
        steps=("Report it with the request: the client named an instance wrongly.",),
    ),
    _Fault(
        0x80338041,
        "The request does not fit its schema.",
        steps=("Report it with the request: the client made a mistake.",),
        recorded=True,
    ),
    _Fault(
        0x8033805B,
        "The selectors name nothing: the shell or the command is gone.",
        steps=("Try again.",),
        recorded=True,
    ),
    _Fault(
        0x8033809D,
        "Authentication failed for a reason that WinRM does not name.",
        "With VMM 2927: the SPN HTTP/host is registered on a second account.",
        ("Find duplicates with setspn -x, and remove the wrong one.",),
        ("LM301", "LM302", "LM403"),
        (sources.HOST_2927, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x803380DE,
        "The client refuses to send without encryption.",
        steps=("Use Negotiate, Kerberos or SSL. Do not allow unencrypted traffic.",),
    ),
    _Fault(
        0x803380E4,
        "The client does not trust the host: neither Kerberos nor SSL identifies it.",
        steps=(
            "Use the host's name and Kerberos, or SSL with a certificate that fits.",
            "Where TrustedHosts must name it, name that one host; never *.",
        ),
    ),
    _Fault(
        0x803380FB,
        "WQL was sent to the URI of a class.",
        steps=("Send WQL to a URI that ends in /*.",),
        checks=(),
    ),
    _Fault(0x80338104, "WMI denies access.", _MEMBER, _RIGHTS, sources=_OF_12710),
    _Fault(0x80338105, "A WMI provider denies access.", _MEMBER, _RIGHTS, sources=_OF_12710),
    _Fault(
        0x80338106,
        "WMI cannot be connected to: access denied.",
        _MEMBER,
        _RIGHTS,
        sources=_OF_12710,
    ),
    _Fault(0x8033810B, "Kerberos was asked for, with an IP address.", steps=_NAME),
    _Fault(0x803381BB, "Default authentication was asked for, with an IP address.", steps=_NAME),
    _Fault(
        0x80338111,
        "HTTP 413: the request is too large for the host.",
        steps=("Raise MaxEnvelopeSizekb on the host (winrm get winrm/config shows it).",),
    ),
    _Fault(
        0x80338112,
        "HTTP 503: the WinRM service is not available.",
        steps=_WINRM_UP,
    ),
    _Fault(
        0x80338113,
        "HTTP 404: no WS-Management service under this address.",
        "The URL prefix or the port is not that of WinRM.",
        ("Check the port in the inventory, and winrm enumerate winrm/config/listener.",),
    ),
    _Fault(
        0x80338126,
        "The host did not answer in time.",
        "With VMM 2916: the network, a firewall, or the WinHTTP proxy of the VMM server.",
        (*_WINRM_UP, "On the VMM server: netsh winhttp show proxy; add the domain to the bypass."),
        _REACH,
        (sources.ADDING_HOST, sources.WSMAN_NAMES),
    ),
    _Fault(
        0x80338169,
        "The firewall of the host has the Public profile, which limits WinRM to its own subnet.",
        steps=("Find out why Windows takes the network of the host for a public one.",),
    ),
    _Fault(0x80338170, "HTTP 500 without a fault that could be read.", steps=_WINRM_UP),
    _Fault(
        0x80338171,
        "HTTP 400: the host refused the request.",
        steps=("Check the port and the transport in the inventory.",),
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
        steps=("Report it with the request: the client made a mistake.",),
        checks=(),
    ),
    _Fault(
        0x803381B9,
        "The name of the host does not resolve.",
        steps=("Check the host's DNS record from the machine that failed.",),
        checks=("LM201", "LM301", "LM302"),
    ),
    _Fault(
        0x803381BA,
        "The SSL connection was aborted.",
        steps=("Check the certificate of the host's listener on port 5986.",),
    ),
    _Fault(0x803381E8, "A plugin of WinRM allows the account no more operations.", _QUOTA),
)


def _entry(fault: _Fault) -> Entry:
    step = NEXT_STEPS.get(fault.number)
    return Entry(
        Kind.RESULT,
        fault.number,
        (NAMES[fault.number],),
        fault.meaning,
        fault.cause,
        fault.steps or ((step,) if step else ()),
        fault.checks,
        fault.sources,
        fault.caution,
        Confidence.RECORDED if fault.recorded else Confidence.DOCUMENTED,
    )


ENTRIES = tuple(_entry(fault) for fault in _FAULTS)
