"""Codes of Windows Sockets: what a connection to port 6600 or to WinRM met."""

from __future__ import annotations

from livemigration.explain import sources, translations
from livemigration.explain.entry import Confidence, Entry, Kind

_KB = (
    "Alone it is not the VMM bug. It is KB 2853203 where the VMM server runs 2012 SP1 (3.1.*) and "
    "LM102, LM203 or LM304 fails and names that KB. From VMM 2012 R2 (3.2.7510) on the bug is "
    "resolved: look for the listener."
)
_LISTENER = (
    "Run LM101, LM103 and LM302: live migration enabled, a listener on each address, vmms running.",
    "Where they pass, compare the address that VMM uses with the listeners (LM102, LM203, LM304).",
)

ENTRIES = (
    Entry(
        Kind.WIN32,
        10061,
        ("WSAECONNREFUSED",),
        "The address was reached, and nothing listens there on the port that was tried.",
        "On port 6600: the host accepts live migration on other networks only, live migration is "
        "disabled, vmms does not run, or an address has lost its listener.",
        (
            *_LISTENER,
            "Only with VMM 2012 SP1 and that finding: livemigration explain KB2853203.",
        ),
        ("LM102", "LM203", "LM304", "LM103", "LM101", "LM302", "LM306"),
        (sources.KB_2853203, sources.TROUBLESHOOT_MIGRATION, sources.WINSOCK_CODES),
        caution=f"{_KB} It is no sign of wrong delegation either.",
        phrases=(
            "because the target machine actively refused it",
            *translations.REFUSED,
        ),
    ),
    Entry(
        Kind.WIN32,
        10060,
        ("WSAETIMEDOUT",),
        "No answer came in time: something drops the packets, or nothing listens and a firewall "
        "hides that.",
        "Windows Firewall's stealth mode sends no reset for a port on which nobody listens, so a "
        "missing listener can time out as well. A corrupt local Group Policy also causes it.",
        (
            *_LISTENER,
            "Then look at firewalls and routes (LM202, LM204, LM205, LM305).",
            "Last: C:\\Windows\\System32\\GroupPolicy\\Machine\\Registry.pol must begin with PReg.",
        ),
        ("LM202", "LM203", "LM204", "LM205", "LM305", "LM103", "LM302"),
        (sources.TROUBLESHOOT_MIGRATION, sources.STEALTH_MODE, sources.WINSOCK_CODES),
        caution="A time-out and a refusal can have one cause: judge by the listener list first, by "
        "the code second. From VMM 2012 R2 on an isolated migration network that VMM cannot reach "
        "is right.",
        phrases=(
            "the connected party did not properly respond after a period of time",
            *translations.TIMED_OUT,
        ),
    ),
    Entry(
        Kind.WIN32,
        10054,
        ("WSAECONNRESET",),
        "The other side closed the connection.",
        "The migration service of the other host stopped, or a device between the hosts cut it.",
        _LISTENER,
        ("LM103", "LM203", "LM302"),
        (sources.TROUBLESHOOT_MIGRATION, sources.WINSOCK_CODES),
        phrases=(
            "an existing connection was forcibly closed by the remote host",
            *translations.RESET,
        ),
    ),
    Entry(
        Kind.WIN32,
        10013,
        ("WSAEACCES",),
        "The socket was forbidden.",
        "A firewall or an antivirus program blocks ports 6600 or 3343.",
        (
            "Check the firewall rule VIRT-MIGL-In-TCP-NoScope.",
            "Check the exclusions of the antivirus program for Hyper-V.",
        ),
        ("LM305",),
        (sources.TROUBLESHOOT_MIGRATION, sources.WINSOCK_CODES),
        phrases=("access a socket in a way forbidden by its access permissions",),
    ),
    Entry(
        Kind.WIN32,
        10049,
        ("WSAEADDRNOTAVAIL",),
        "The address is not one of this machine's.",
        "Together with 10060: a network team was not up when vmms started, so no listener was "
        "bound to its address.",
        ("Look for the missing listener (LM103), and let vmms start after the team.",),
        ("LM103",),
        (sources.TEAMING_BLOG, sources.WINSOCK_CODES),
        confidence=Confidence.COMMUNITY,
        phrases=("the requested address is not valid in its context",),
    ),
    Entry(
        Kind.WIN32,
        10051,
        ("WSAENETUNREACH",),
        "No route leads to the network.",
        steps=("Check the routes and the gateway of the machine that tried to connect.",),
        checks=("LM202", "LM204", "LM205", "LM302"),
        sources=(sources.WINSOCK_CODES,),
        phrases=("a socket operation was attempted to an unreachable network",),
    ),
    Entry(
        Kind.WIN32,
        10053,
        ("WSAECONNABORTED",),
        "The own side gave the connection up.",
        steps=("Try again; where it comes back, look for a device that cuts connections.",),
        checks=("LM302",),
        sources=(sources.WINSOCK_CODES,),
    ),
    Entry(
        Kind.WIN32,
        10065,
        ("WSAEHOSTUNREACH",),
        "No route leads to the host.",
        steps=("Check that the host is on, and the route to it.",),
        checks=("LM202", "LM204", "LM205", "LM302"),
        sources=(sources.WINSOCK_CODES,),
        phrases=("a socket operation was attempted to an unreachable host",),
    ),
    Entry(
        Kind.WIN32,
        11001,
        ("WSAHOST_NOT_FOUND",),
        "The name does not resolve.",
        steps=(
            "Check the host's DNS record from the machine that failed (LM201: the VMM server).",
        ),
        checks=("LM201", "LM302", "LM001"),
        sources=(sources.WINSOCK_CODES,),
        phrases=("no such host is known",),
    ),
)
