"""Faults written in the shapes that real Windows machines send."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from livemigration.lab.faults import Detail, FaultForm, LabFault, Provider
from livemigration.wsman import namespaces as ns

_WSMAN_FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail"
_WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
_CIM_BINDING = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
_ERROR_TYPE = {"string": "cimString", "short": "cimUnsignedShort", "number": "cimUnsignedInt"}


def action(form: FaultForm) -> str:
    """Return the action of a fault: that of the specification that names it."""
    if form.subcode.startswith("n:"):
        return f"{ns.ENUMERATION}/fault"
    if form.subcode.startswith("a:") or not form.subcode:
        return f"{ns.ADDRESSING}/fault"
    return _WSMAN_FAULT


def header(form: FaultForm) -> str:
    """Return what stands in the header beside the addressing."""
    if form.not_understood is None:
        return ""
    namespace, name = form.not_understood
    return f"<s:NotUnderstood qname={quoteattr(f'h:{name}')} xmlns:h={quoteattr(namespace)}/>"


def body(fault: LabFault, machine: str) -> str:
    """Return the body of a fault of this machine."""
    form = fault.form
    # Each sentence of a captured fault ends in a blank.
    reason = escape(f"{form.reason or fault.text} ")
    return (
        f"<s:Fault><s:Code>{_code(form)}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f"{_detail(fault, machine)}</s:Fault>"
    )


def _code(form: FaultForm) -> str:
    if not form.subcode:
        return "<s:Value>s:MustUnderstand</s:Value>"
    whose = "s:Sender" if form.sender else "s:Receiver"
    return f"<s:Value>{whose}</s:Value><s:Subcode><s:Value>{form.subcode}</s:Value></s:Subcode>"


def _detail(fault: LabFault, machine: str) -> str:
    form = fault.form
    if form.detail is Detail.NONE:
        return ""
    if form.detail is Detail.WMI:
        return f"<s:Detail>{_wmi_error(fault)}</s:Detail>"
    named = f"{_DETAIL}/{form.fault_detail}"
    stated = f"<w:FaultDetail>{named}</w:FaultDetail>" if form.fault_detail else ""
    text = escape(f"{fault.text} ")
    if (provider := form.provider) is not None:
        text = _provider(provider, fault, machine)
    return f"<s:Detail>{stated}{_winrm(fault.code, machine, text)}</s:Detail>"


def _winrm(code: int, machine: str, inside: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{ns.FAULT}" Code="{code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{inside}</f:Message></f:WSManFault>"
    )


def _provider(provider: Provider, fault: LabFault, machine: str) -> str:
    inside = escape(f"{fault.text} ")
    if provider.nested:
        inside = _winrm(fault.code, machine, inside)
    if provider.query is not None:
        inside += _extended_status(provider, provider.query)
    path = f"%systemroot%\\system32\\{provider.library}"
    return f'<f:ProviderFault provider="{provider.name}" path="{path}">{inside}</f:ProviderFault>'


def _extended_status(provider: Provider, query: str) -> str:
    uri = f"{_WMI}/{escape(provider.namespace)}/__ExtendedStatus"
    said = '<p:Description xsi:nil="true"/>'
    if provider.description:
        said = f"<p:Description>{escape(provider.description)}</p:Description>"
    return (
        f'<f:ExtendedError><p:__ExtendedStatus xmlns:p="{uri}" xmlns:cim="{ns.CIM}" '
        f'xmlns:xsi="{ns.XSI}" xsi:type="p:__ExtendedStatus_Type">{said}'
        f"<p:Operation>ExecQuery</p:Operation><p:ParameterInfo>{escape(query)}</p:ParameterInfo>"
        '<p:ProviderName>WinMgmt</p:ProviderName><p:StatusCode xsi:nil="true"/>'
        "</p:__ExtendedStatus></f:ExtendedError>"
    )


def _wmi_error(fault: LabFault) -> str:
    """Return the other form of a detail: an instance of MSFT_WmiError, in place of WSManFault."""
    text = f"{fault.text} "
    properties: tuple[tuple[str, str, str | int | None], ...] = (
        ("CIMStatusCode", "number", 27),
        ("CIMStatusCodeDescription", "string", None),
        ("ErrorSource", "string", None),
        ("ErrorSourceFormat", "short", 0),
        ("ErrorType", "short", 0),
        ("Message", "string", text),
        ("MessageID", "string", f"HRESULT 0x{fault.code:08x}"),
        ("OtherErrorSourceFormat", "string", None),
        ("OtherErrorType", "string", None),
        ("OwningEntity", "string", None),
        ("PerceivedSeverity", "short", 0),
        ("ProbableCause", "short", 0),
        ("ProbableCauseDescription", "string", None),
        ("error_Category", "number", 30),
        ("error_Code", "number", fault.code),
        ("error_Type", "string", "HRESULT"),
        ("error_WindowsErrorMessage", "string", text),
    )
    inside = "".join(_error_property(*each) for each in properties)
    return (
        f'<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:b="{_CIM_BINDING}" xmlns:cim="{ns.CIM}" '
        f'xmlns:p="{ns.WMI_ERROR}" xmlns:xsi="{ns.XSI}" xsi:type="p:MSFT_WmiError_Type">'
        f"{inside}</p:MSFT_WmiError>"
    )


def _error_property(name: str, kind: str, value: str | int | None) -> str:
    stated = f'xsi:type="cim:{_ERROR_TYPE[kind]}"'
    if value is None:
        return f'<p:{name} {stated} xsi:nil="true"/>'
    return f"<p:{name} {stated}>{escape(str(value))}</p:{name}>"
