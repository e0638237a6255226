"""Win32 errors that stand inside the messages of migrations and of VMM's jobs."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind

_READ = ("Read which file, share or object the message names.",)
_SHARE = (
    "Check that the share is there, and that the computer accounts of both hosts may use it.",
    "From a migration that is started elsewhere, check the delegation of cifs (LM401).",
)
_RPC = ("Check that the host is on, its name resolves, and its firewall lets RPC in.",)


def _entry(
    number: int,
    names: tuple[str, ...],
    meaning: str,
    steps: tuple[str, ...],
    checks: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
) -> Entry:
    return Entry(
        Kind.WIN32,
        number,
        names,
        meaning,
        steps=steps,
        checks=checks,
        sources=(sources.WIN32_CODES,),
        phrases=phrases,
    )


_FILES = (
    _entry(3, ("ERROR_PATH_NOT_FOUND",), "A folder of a path does not exist.", _READ),
    _entry(32, ("ERROR_SHARING_VIOLATION",), "Another process holds the file open.", _READ),
    _entry(
        50,
        ("ERROR_NOT_SUPPORTED",),
        "The request is not supported.",
        ("Keep the whole message: it says which request the host refused.",),
    ),
    _entry(
        53, ("ERROR_BAD_NETPATH",), "The path on the network was not found.", _SHARE, ("LM401",)
    ),
    _entry(
        64,
        ("ERROR_NETNAME_DELETED",),
        "The connection to the share was cut.",
        ("Check the file server and the network between it and the host.",),
    ),
    _entry(67, ("ERROR_BAD_NET_NAME",), "The share was not found.", _SHARE, ("LM401",)),
    _entry(
        80,
        ("ERROR_FILE_EXISTS",),
        "The file exists already.",
        ("Look at the destination for what an earlier migration left behind.",),
        ("LM707",),
    ),
    _entry(
        112,
        ("ERROR_DISK_FULL",),
        "The disk is full.",
        ("Free space at the destination, or choose another path.",),
    ),
    _entry(
        183,
        ("ERROR_ALREADY_EXISTS",),
        "The file exists already, or another object of that name.",
        ("Look for a planned virtual machine that an earlier migration left there (LM707).",),
        ("LM707",),
        ("cannot create a file when that file already exists",),
    ),
    _entry(
        258,
        ("WAIT_TIMEOUT",),
        "A wait took longer than its time limit: alone it says nothing.",
        ("Read the sentence before it, and explain the codes beside it.",),
    ),
    _entry(
        995,
        ("ERROR_OPERATION_ABORTED",),
        "The operation was aborted.",
        ("Explain the code beside it: what aborted the operation stands there.",),
    ),
    _entry(
        1168,
        ("ERROR_NOT_FOUND",),
        "An element was not found: the message says which, or nothing does.",
        (*_READ, "Where a name is empty in the message, look for a name that does not resolve."),
    ),
    _entry(
        1920,
        ("ERROR_CANT_ACCESS_FILE",),
        "The system cannot access the file.",
        _READ,
    ),
    _entry(
        5010,
        ("ERROR_OBJECT_ALREADY_EXISTS",),
        "The object exists already.",
        (
            "Read which object the message names.",
            "For a virtual machine: look for one that an earlier migration left there (LM707).",
        ),
        ("LM707",),
        ("the object already exists",),
    ),
)

_ACCOUNTS = (
    _entry(
        1326,
        ("ERROR_LOGON_FAILURE",),
        "The user name or the password is wrong.",
        ("Check the account that was used.",),
        ("LM302", "LM001"),
    ),
    Entry(
        Kind.WIN32,
        1332,
        ("ERROR_NONE_MAPPED",),
        "An account's SID has no name in the domain.",
        "Azure Local 24H2 before 12.2605 looks up the account that created the virtual machine: a "
        "local administrator of a node, or an account that was deleted, is not found. Other "
        "releases: an account that the message names no longer exists.",
        (
            "On Azure Local 24H2: update to 12.2605 or later.",
            (
                "Until then, quick migration moves the machine: the article says how to set "
                "DefaultMoveType, and how to set it back."
            ),
        ),
        (),
        (sources.AZURE_LOCAL_SID, sources.WIN32_CODES),
        caution="It often fails in one direction only, or after a node was restarted.",
        phrases=("no mapping between account names and security ids",),
    ),
)

_CALLS = (
    Entry(
        Kind.WIN32,
        1,
        ("ERROR_INVALID_FUNCTION",),
        "The function is not valid: alone it says nothing.",
        "Under a failed compatibility check of processors it only closes that message.",
        ("Read the sentence before it, and explain the codes beside it.",),
        ("LM501",),
        (sources.CPU_MITIGATIONS, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        170,
        ("ERROR_BUSY",),
        "The resource is in use; from a cluster: another migration was running.",
        steps=("Wait for the other migration, then try again.",),
        checks=("LM106",),
        sources=(sources.FAILURE_REASON, sources.WIN32_CODES),
    ),
    Entry(
        Kind.WIN32,
        1392,
        ("ERROR_FILE_CORRUPT",),
        "A file or folder is corrupt and cannot be read.",
        "Inside VMM 12700 during a transfer: another service uses the port of BITS (TCP 443) on "
        "one of the machines. Without a transfer: the file system.",
        (
            "Find what listens on port 443: netstat -ano | findstr :443.",
            "Free it, or give VMM another BITSTcpPort, as the article says.",
        ),
        ("LM204", "LM205"),
        (sources.BITS_443, sources.WIN32_CODES),
    ),
    _entry(
        1460,
        ("ERROR_TIMEOUT",),
        "The operation took longer than its time limit.",
        ("Explain the code beside it; look at load, network and storage of both hosts.",),
    ),
    _entry(
        1726,
        ("RPC_S_CALL_FAILED",),
        "A remote procedure call failed.",
        _RPC,
        ("LM302", "LM201"),
    ),
    _entry(
        1753,
        ("EPT_S_NOT_REGISTERED",),
        "The endpoint mapper has no such endpoint: the service behind it does not run.",
        _RPC,
        ("LM302",),
    ),
)

_HTTP = (
    *(
        Entry(
            Kind.WIN32,
            number,
            (name,),
            meaning,
            "From the HTTP client of Windows, which WinRM and VMM use.",
            (step,),
            checks,
            (sources.WINHTTP_CODES,),
        )
        for number, name, meaning, step, checks in (
            (
                12002,
                "ERROR_WINHTTP_TIMEOUT",
                "An HTTP request took too long.",
                "Check the network, the firewall, and on the VMM server: netsh winhttp show proxy.",
                ("LM301", "LM204"),
            ),
            (
                12007,
                "ERROR_WINHTTP_NAME_NOT_RESOLVED",
                "The name of the server does not resolve.",
                "Check the host's DNS record from the machine that failed.",
                ("LM201", "LM301"),
            ),
            (
                12029,
                "ERROR_WINHTTP_CANNOT_CONNECT",
                "The connection to the server failed.",
                "Check that the service runs and listens, and the firewall of the host.",
                ("LM301", "LM204"),
            ),
            (
                12030,
                "ERROR_WINHTTP_CONNECTION_ERROR",
                "The connection was reset or ended.",
                "Check what stands between the machines: a proxy, a firewall, a balancer.",
                ("LM301", "LM204"),
            ),
            (
                12037,
                "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID",
                "The server's certificate is not yet or no longer valid.",
                "Check the dates of the certificate, and the clocks of both machines.",
                (),
            ),
            (
                12045,
                "ERROR_WINHTTP_SECURE_INVALID_CA",
                "The server's certificate is of an authority that this machine does not trust.",
                "Check which certificate answers, and who issued it.",
                (),
            ),
            (
                12057,
                "ERROR_WINHTTP_SECURE_CERT_REV_FAILED",
                "Whether the server's certificate was revoked could not be found out.",
                "Check that this machine reaches the authority's revocation list.",
                (),
            ),
            (
                12152,
                "ERROR_WINHTTP_INVALID_SERVER_RESPONSE",
                "What answered cannot be read as HTTP.",
                "Check what listens on that port, and whether one side speaks HTTPS alone.",
                ("LM301", "LM204"),
            ),
            (
                12175,
                "ERROR_WINHTTP_SECURE_FAILURE",
                "The secure connection failed: the certificate or TLS itself.",
                "Check the certificate that answers, the clocks, and the TLS versions.",
                (),
            ),
        )
    ),
    Entry(
        Kind.WIN32,
        12038,
        ("ERROR_WINHTTP_SECURE_CERT_CN_INVALID",),
        "The name in the server's certificate is not the name that was asked for.",
        "Inside VMM 2912 during a transfer: another service answers on the port of BITS (TCP 443).",
        (
            "Find what listens on port 443: netstat -ano | findstr :443.",
            "Free it, or give VMM another BITSTcpPort, as the article says.",
        ),
        ("LM204", "LM205"),
        (sources.BITS_443, sources.WINHTTP_CODES),
    ),
)

_RESULTS = (
    *(
        Entry(
            Kind.RESULT,
            number,
            (name,),
            meaning,
            steps=("Read the sentence before it, and explain the codes beside it.",),
            sources=(sources.HEADER,),
        )
        for number, name, meaning in (
            (0x80004005, "E_FAIL", "Something failed: the code names no cause."),
            (0x80004001, "E_NOTIMPL", "The call is not implemented."),
            (0x8000FFFF, "E_UNEXPECTED", "Catastrophic failure: the code names no cause."),
            (0x80010108, "RPC_E_DISCONNECTED", "The process that answered is gone."),
        )
    ),
    Entry(
        Kind.RESULT,
        0x8033811E,
        ("WMI_PROVIDER_INVALID_PARAMETER",),
        "A WMI provider was given a parameter that it does not take.",
        "Inside VMM 2927 during a transfer: another service uses the port of BITS (TCP 443) on one "
        "of the machines.",
        (
            "Find what listens on port 443: netstat -ano | findstr :443.",
            "Free it, or give VMM another BITSTcpPort, as the article says.",
        ),
        ("LM204", "LM205"),
        (sources.BITS_443, sources.WSMAN_NAMES),
    ),
    Entry(
        Kind.RESULT,
        0xC0000005,
        ("STATUS_ACCESS_VIOLATION",),
        "A process crashed.",
        "With event 1106 of Hyper-V-VMMS: listed by Microsoft where migrations fail after updates "
        "or changes of the cluster.",
        ("Install the newest cumulative update on both hosts; keep the crash dump.",),
        ("LM302",),
        (sources.INTEGRATION,),
        confidence=Confidence.INFERRED,
    ),
)

ENTRIES = (*_FILES, *_ACCOUNTS, *_CALLS, *_HTTP, *_RESULTS)
