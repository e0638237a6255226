"""The refusals of the lab, in the forms that Windows sends (windows-facts.md 5.5, facts-2.md 17).

s:Reason is general; the exact sentence stands innermost in s:Detail. What no capture shows has the
subcode that WS-Management itself gives for the case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

NOT_FOUND = 2150858752
BAD_HEADER = 2150858767
BAD_CLASS = 2150858778
BAD_CONTEXT = 2150858779
ACCESS_DENIED = 5
WMI_ACCESS_DENIED = 2150859014
TIMED_OUT = 2150858793
BAD_URI = 2150858811
BAD_SELECTORS = 2150858813
BAD_SCHEMA = 2150858817
NO_SHELL = 2150858843
QUERY_NEEDS_STAR = 2150859003
TOO_MANY_SHELLS = 2150859173
FILE_NOT_FOUND = 2147942402
TOO_LONG = 2147942606
INVALID_PARAMETER = 87
# Captured where a provider of WMI refuses or fails.
PROVIDER_FAILED = 2150859010
# Not documented: the code that WMI gives where the provider in a stopped vmms cannot load.
PROVIDER_MISSING = 0x80041013
# Not documented: how WS-Management reports a method that the class does not have.
NO_METHOD = 0x80041055

_FILTER = (
    "The data source could not process the filter. The filter might be missing or it might be "
    "invalid. Change the filter and try the request again."
)
_UNREACHABLE = (
    "The WS-Management service cannot process the request. The service cannot find the resource "
    "identified by the resource URI and selectors."
)
_SELECTORS = (
    "The WS-Management service cannot process the request because the request contained invalid "
    "selectors for the resource."
)
_HEADERS = (
    "The WS-Management service cannot process the request. The request contains one or more "
    "invalid SOAP headers."
)
_QUOTA = (
    "The WS-Management service cannot process the request. The maximum number of concurrent shells "
    "for this user has been exceeded. Close existing shells or raise the quota for this user."
)
_NOT_CAPABLE = (
    "The WS-Management service cannot process the request. The WMI service reported that the WMI "
    "provider could not perform the requested operation."
)
_PROVIDER = (
    "The WS-Management service cannot process the request. The WMI service or the WMI provider "
    "returned an unknown error."
)


@dataclass(frozen=True)
class Provider:
    """What a detail says of who refused: nested, with a fault of its own, or as plain text.

    `query` is repeated in the extended status of WMI, beside what WMI says of it in `description`;
    without a query there is no such status.
    """

    name: str
    library: str
    nested: bool
    query: str | None = None
    namespace: str = "root/cimv2"
    description: str = ""


_WMI = Provider("WMI Provider", "WsmWmiPl.dll", nested=True)
_COMMAND = Provider("Shell cmd plugin", "winrscmd.dll", nested=False)
_SHELL = Provider("Shell provider", "WsmSvc.dll", nested=True)


class Detail(Enum):
    """What a fault's detail holds."""

    WINRM = "f:WSManFault"
    WMI = "p:MSFT_WmiError"
    NONE = "nothing"


@dataclass(frozen=True)
class FaultForm:
    """The form of a fault.

    Args:
        subcode: the fault's subcode, with its prefix; empty: it has none.
        sender: whether the request is at fault, by SOAP's code.
        reason: the general text of s:Reason; empty: the exact one.
        fault_detail: the last part of w:FaultDetail; empty: there is none.
        provider: who refused behind WinRM.
        detail: what the detail holds.
        not_understood: the namespace and name of the header that the fault is about.
    """

    subcode: str
    sender: bool = True
    reason: str = ""
    fault_detail: str = ""
    provider: Provider | None = None
    detail: Detail = Detail.WINRM
    not_understood: tuple[str, str] | None = None


class LabFault(Exception):  # noqa: N818 - SOAP calls it a fault
    """A request that is answered with a fault.

    Args:
        code: WSManFault's Code, or MSFT_WmiError's.
        form: its form.
        text: the exact sentence.
    """

    def __init__(self, code: int, form: FaultForm, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.form = form
        self.text = text

    def about(self, query: str, namespace: str) -> LabFault:
        """Return the fault as it answers a query: a provider of WMI repeats it."""
        if self.form.provider is None or self.form.provider.name != _WMI.name:
            return self
        provider = replace(self.form.provider, query=query, namespace=namespace)
        return LabFault(self.code, replace(self.form, provider=provider), self.text)


def bad_filter(text: str) -> LabFault:
    """Return the fault for a query that cannot be processed."""
    return LabFault(
        BAD_CLASS, FaultForm("n:CannotProcessFilter", reason=_FILTER, provider=_WMI), text
    )


def not_there() -> LabFault:
    """Return the fault for a class or an instance that its URI and selectors do not find."""
    form = FaultForm("a:DestinationUnreachable", fault_detail="InvalidResourceURI", provider=_WMI)
    return LabFault(NOT_FOUND, form, _UNREACHABLE)


def bad_uri(text: str = "The resource URI is not known.") -> LabFault:
    """Return the fault for a resource URI that no provider is registered for."""
    form = FaultForm("a:DestinationUnreachable", fault_detail="InvalidResourceURI")
    return LabFault(BAD_URI, form, text)


def not_supported() -> LabFault:
    """Return the fault for an action that the lab does not answer."""
    form = FaultForm("a:ActionNotSupported")
    return LabFault(BAD_URI, form, "The lab does not answer this request.")


def bad_selectors(text: str, fault_detail: str) -> LabFault:
    """Return the fault for selectors that do not name one instance."""
    form = FaultForm(
        "w:InvalidSelectors", reason=_SELECTORS, fault_detail=fault_detail, provider=_WMI
    )
    return LabFault(BAD_SELECTORS, form, text)


def wmi_failed(text: str) -> LabFault:
    """Return the fault for a WMI provider that cannot do what was asked, and what WMI says of it.

    The text is in the extended status, which only a query has.
    """
    provider = replace(_WMI, description=text)
    form = FaultForm("w:InternalError", sender=False, provider=provider)
    return LabFault(PROVIDER_FAILED, form, _NOT_CAPABLE)


def wmi_refused(code: int, text: str) -> LabFault:
    """Return the fault for what WMI refuses with a code of its own; its form is not captured."""
    form = FaultForm("w:InternalError", sender=False, reason=_PROVIDER, provider=_WMI)
    return LabFault(code, form, text)


def access_denied(code: int) -> LabFault:
    """Return the fault for an account without the rights."""
    return LabFault(code, FaultForm("w:AccessDenied"), "Access is denied.")


def bad_context() -> LabFault:
    """Return the fault for an enumeration that is not there."""
    form = FaultForm("n:InvalidEnumerationContext", sender=False)
    return LabFault(BAD_CONTEXT, form, "The enumeration context is not valid.")


def needs_star() -> LabFault:
    """Return the fault for WQL on the URI of a class."""
    form = FaultForm("w:InvalidParameter")
    return LabFault(QUERY_NEEDS_STAR, form, "A WQL query needs the URI to end in *.")


def no_shell() -> LabFault:
    """Return the fault for a shell that is not there."""
    form = FaultForm("w:InvalidSelectors", fault_detail="UnexpectedSelectors", provider=_SHELL)
    return LabFault(NO_SHELL, form, _SELECTORS)


def no_command() -> LabFault:
    """Return the fault for a command that its shell does not have."""
    form = FaultForm("w:InvalidSelectors", reason=_SELECTORS, fault_detail="UnexpectedSelectors")
    text = (
        "The Windows Remote Shell received a request to perform an operation on a command "
        "identifier that does not exist. Either the command has completed execution or the client "
        "specified an invalid command identifier."
    )
    return LabFault(NO_SHELL, form, text)


def bad_parameter(text: str = "The parameter is incorrect.") -> LabFault:
    """Return the fault of the shell's plug-in for a request that names no command."""
    form = FaultForm("w:InvalidParameter", fault_detail="InvalidValue", provider=_COMMAND)
    return LabFault(INVALID_PARAMETER, form, text)


def not_started(code: int, text: str) -> LabFault:
    """Return the fault for a program that does not start."""
    return LabFault(code, FaultForm("w:InternalError", sender=False, provider=_COMMAND), text)


def too_many_shells(most: int, *, old: bool) -> LabFault:
    """Return the fault for a shell too many; the stack of Server 2008 R2 sends the other form."""
    text = (
        "The WS-Management service cannot process the request. This user is allowed a maximum "
        f"number of {most} concurrent shells, which has been exceeded. Close existing shells or "
        "raise the quota for this user."
    )
    form = FaultForm("w:QuotaLimit", reason=_QUOTA, detail=Detail.WMI)
    if old:
        form = FaultForm("w:InternalError", sender=False, reason=_QUOTA)
    return LabFault(TOO_MANY_SHELLS, form, text)


def quota(code: int, *, old: bool = False) -> LabFault:
    """Return the fault for a quota that is full, in one of the two forms that are captured."""
    text = (
        "The WS-Management service cannot process the request. This user is allowed a maximum "
        "number of concurrent operations, which has been exceeded. Close existing operations for "
        "this user, or raise the quota for this user."
    )
    form = FaultForm("w:QuotaLimit", reason=_QUOTA, detail=Detail.WMI)
    if old:
        form = FaultForm("w:InternalError", sender=False, reason=_QUOTA)
    return LabFault(code, form, text)


def timed_out() -> LabFault:
    """Return the fault for an operation that takes longer than its time limit."""
    text = (
        "The WS-Management service cannot complete the operation within the time specified in "
        "OperationTimeout."
    )
    return LabFault(TIMED_OUT, FaultForm("w:TimedOut", sender=False), text)


def bad_time_limit(given: str) -> LabFault:
    """Return the fault for a time limit that is none."""
    text = (
        "The WS-Management service cannot process the request. The XML contains an invalid timeout "
        f"field in the SOAP header: {given}."
    )
    return LabFault(
        BAD_HEADER, FaultForm("a:InvalidMessageInformationHeader", reason=_HEADERS), text
    )


def bad_schema() -> LabFault:
    """Return the fault for a message that does not fit its schema."""
    text = (
        "The SOAP XML in the message does not match the corresponding XML schema definition. "
        "Change the XML and retry."
    )
    return LabFault(BAD_SCHEMA, FaultForm("w:SchemaValidationError"), text)


def not_understood(namespace: str, name: str) -> LabFault:
    """Return the fault for a header that must be understood and is not known."""
    form = FaultForm("", detail=Detail.NONE, not_understood=(namespace, name))
    text = "The WS-Management service cannot process a SOAP header in the request."
    return LabFault(0, form, text)
