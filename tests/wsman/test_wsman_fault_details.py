"""What a fault's detail says more exactly than its reason is what an administrator reads."""

from __future__ import annotations

import wsman_replies as soap
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.wsman import document
from livemigration.wsman.errors import WsmanFault
from livemigration.wsman.fault_text import fault_text
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import FAULT, SOAP, SOAP_1_1, WMI_ERROR

FILTER = (
    "The data source could not process the filter. The filter might be missing or it might be "
    "invalid. Change the filter and try the request again. "
)
NO_CLASS = "The specified class does not exist in the given namespace."
QUOTA = "The maximum number of concurrent shells for this user has been exceeded. "
THIRTY = "This user is allowed a maximum number of 30 concurrent shells, which has been exceeded. "
HEADERS = "The request contains one or more invalid SOAP headers. "
TIMEOUT = "The XML contains an invalid timeout field in the SOAP header: PT-1S. "
SELECTORS = "The request contained invalid selectors for the resource. "
NO_COMMAND = "The request is for a command identifier that does not exist. "
GERMAN = "Der Filter konnte nicht verarbeitet werden."
KEINE_KLASSE = "Die angegebene Klasse ist im Namespace nicht vorhanden."
NIHONGO = "要求を処理できません。"
NAI = "指定されたクラスは、指定された名前空間に存在しません。"


def fault(
    reason: str, detail: str, code: str = "s:Sender", subcode: str = "w:InternalError"
) -> str:
    return (
        f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )


def of_winrm(code: int, message: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{FAULT}" Code="{code}" Machine="hv7">'
        f"<f:Message>{message}</f:Message></f:WSManFault>"
    )


def of_provider(inner: str, name: str = "WMI Provider") -> str:
    return (
        f'<f:ProviderFault provider="{name}" path="%systemroot%\\x.dll">{inner}</f:ProviderFault>'
    )


def of_wmi(message: str, more: str = "") -> str:
    return (
        f'<p:MSFT_WmiError xmlns:p="{WMI_ERROR}"><p:Message>{message}</p:Message>'
        "<p:MessageID>HRESULT 0x803381a5</p:MessageID><p:error_Code>2150859173</p:error_Code>"
        f"<p:error_Type>HRESULT</p:error_Type>{more}</p:MSFT_WmiError>"
    )


EXTENDED = (
    '<f:ExtendedError><p:__ExtendedStatus xmlns:p="urn:p"><p:Description xsi:nil="true"/>'
    "<p:Operation>ExecQuery</p:Operation><p:ParameterInfo>select secret from x</p:ParameterInfo>"
    '<p:ProviderName>WinMgmt</p:ProviderName><p:StatusCode xsi:nil="true"/>'
    "</p:__ExtendedStatus></f:ExtendedError>"
)
NESTED = of_winrm(2150858778, of_provider(of_winrm(2150858778, f"{NO_CLASS} ") + EXTENDED))

# Reason, detail, and what must be told.
CASES: dict[str, tuple[str, str, str]] = {
    "a class that is missing": (FILTER, NESTED, NO_CLASS),
    "with an empty reason": ("", NESTED, NO_CLASS),
    "with line breaks": (
        f"\n   {FILTER}\n ",
        f"\n {of_winrm(2150858778, of_provider(of_winrm(1, f'{chr(10)}  {NO_CLASS}  ')))}\n",
        NO_CLASS,
    ),
    "in German": (
        GERMAN,
        of_winrm(2150858778, of_provider(of_winrm(2150858778, KEINE_KLASSE))),
        KEINE_KLASSE,
    ),
    "in Japanese": (NIHONGO, of_winrm(2150858778, of_provider(of_winrm(1, NAI))), NAI),
    "a quota": (QUOTA, of_winrm(2150859173, THIRTY), THIRTY),
    "a quota in the other form": (QUOTA, of_wmi(THIRTY), THIRTY),
    "a quota in its last property": (
        QUOTA,
        of_wmi(QUOTA, f"<p:error_WindowsErrorMessage>{THIRTY}</p:error_WindowsErrorMessage>"),
        THIRTY,
    ),
    "a time limit": (HEADERS, of_winrm(2150858767, TIMEOUT), TIMEOUT),
    "a command that is gone": (SELECTORS, of_winrm(2150858843, NO_COMMAND), NO_COMMAND),
    "a detail that repeats the reason": (QUOTA, of_winrm(87, QUOTA.upper()), QUOTA),
    "a detail that is a part of the reason": (
        FILTER,
        of_winrm(87, "Change the filter and try the request again"),
        FILTER,
    ),
    "a detail that is a code": (QUOTA, of_winrm(87, "HRESULT = 0x80338126"), QUOTA),
    "an inner code below a sentence": (
        FILTER,
        of_winrm(87, f"{NO_CLASS} {of_provider(of_winrm(5, 'Error 0x80041010'))}"),
        NO_CLASS,
    ),
    "an extended status that tells": (
        FILTER,
        NESTED.replace('<p:Description xsi:nil="true"/>', "<p:Description>Kaputt.</p:Description>"),
        f"{NO_CLASS} Kaputt.",
    ),
    "an extended status below a repeated reason": (
        QUOTA,
        of_winrm(
            2150859010,
            of_provider(
                of_winrm(2150859010, QUOTA)
                + EXTENDED.replace(
                    '<p:Description xsi:nil="true"/>',
                    "<p:Description>Return code of the driver: 42 </p:Description>",
                )
            ),
        ),
        f"{QUOTA}Return code of the driver: 42",
    ),
    "text of the provider itself": (SELECTORS, of_winrm(2, of_provider(NO_COMMAND)), NO_COMMAND),
}


def read(body: str) -> WsmanFault:
    found = read_fault(document.parse(soap.envelope(body)))
    assert found is not None
    return found


@in_turn("case", CASES)
def test_the_exact_sentence_is_not_hidden_behind_a_general_one(case: str) -> None:
    reason, detail, told = CASES[case]
    found = read(fault(reason, detail))
    expected = " ".join(told.split())
    assert found.reason == expected
    assert found.came_back.endswith(f": {expected}")
    assert "secret" not in found.came_back


def test_a_fault_of_a_proxy_tells_its_detail_too() -> None:
    reply = (
        f'<e:Envelope xmlns:e="{SOAP_1_1}"><e:Body><e:Fault><faultcode>e:Server</faultcode>'
        f"<faultstring>{QUOTA}</faultstring><detail>{of_winrm(2150859173, THIRTY)}</detail>"
        "</e:Fault></e:Body></e:Envelope>"
    )
    found = read_fault(document.parse(reply.encode()))
    assert found is not None
    assert "maximum number of 30" in found.came_back


@in_turn(
    "header, body, came_back",
    [
        (
            '<s:NotUnderstood qname="wsman:ResourceUri" xmlns:wsman="urn:w"/>',
            (
                "<s:Code><s:Value>s:MustUnderstand</s:Value></s:Code>"
                '<s:Reason><s:Text xml:lang="">No such header.</s:Text></s:Reason>'
            ),
            "WS-Management fault MustUnderstand (wsman:ResourceUri): No such header.",
        ),
        ("", "<s:Code><s:Value>s:Unknown</s:Value></s:Code>", "WS-Management fault Unknown"),
        (
            "",
            (
                "<s:Code><s:Value>SOAP-ENV:Receiver</s:Value><s:Subcode><s:Value>w:InternalError"
                "</s:Value></s:Subcode></s:Code><s:Reason><s:Text>get-instance: no name</s:Text>"
                "</s:Reason>"
            ),
            "WS-Management fault InternalError: get-instance: no name",
        ),
        ("", "", "WS-Management fault"),
    ],
)
def test_a_fault_without_a_detail_shows_its_soap_code(
    header: str, body: str, came_back: str
) -> None:
    reply = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header>'
        f"<s:Body><s:Fault>{body}</s:Fault></s:Body></s:Envelope>"
    )
    found = read_fault(document.parse(reply.encode()))
    assert found is not None
    assert found.came_back == came_back
    assert found.next_step


@in_turn(
    "subcode, words",
    [
        ("w:QuotaLimit", "WinRM quotas"),
        ("w:TimedOut", "time limits"),
        ("a:DestinationUnreachable", "namespace and class"),
        ("w:SchemaValidationError", "in the body"),
        ("a:InvalidMessageInformationHeader", "a time limit below zero"),
    ],
)
def test_a_fault_without_a_code_has_the_step_of_its_name(subcode: str, words: str) -> None:
    assert words in read(fault("No.", "", subcode=subcode)).next_step


SENTENCES = st.text(st.characters(codec="utf-8", categories=("L", "Zs")), max_size=30)


@examples(60)
@given(SENTENCES, st.lists(SENTENCES, max_size=5))
def test_what_is_told_is_never_less_than_the_reason(reason: str, sentences: list[str]) -> None:
    told = fault_text(reason, sentences)
    known = " ".join(reason.split()).casefold()
    new = [each for each in sentences if each.strip() and _plain(each) not in known]
    assert told == (new[0] if new else reason or next(iter(sentences), ""))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
