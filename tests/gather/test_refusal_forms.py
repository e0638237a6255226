"""Each form in which Windows refuses a query for a property that it lacks, over a real socket."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
import wsman_replies as soap
from ntlm_server import NtlmServer, message_id
from test_absent_properties import BUILD, FILTER, INVALID_QUERY, thing
from windows_host import item, nested_fault
from wsman_support import ANYTHING, PASSWORD, USER

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.gather.properties import AbsentProperties, PropertyReader
from livemigration.wsman.envelope import xml_text
from livemigration.wsman.namespaces import WMI_ERROR
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession


# The forms that the refusal of an unknown property may have, over real sockets.
def wmi_error(kind: str, code: int, subcode: str) -> str:
    """Return a fault whose detail is an MSFT_WmiError, as newer Windows sends some."""
    return (
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        "</s:Subcode></s:Code><s:Reason><s:Text>No.</s:Text></s:Reason><s:Detail>"
        f'<p:MSFT_WmiError xmlns:p="{WMI_ERROR}"><p:error_Type>{kind}</p:error_Type>'
        f"<p:error_Code>{code}</p:error_Code></p:MSFT_WmiError></s:Detail></s:Fault>"
    )


FORMS = {
    "filter": soap.fault(FILTER, subcode="n:CannotProcessFilter"),
    "filter, another subcode": soap.fault(FILTER),
    "filter, signed": soap.fault(FILTER - 2**32),
    "filter nested": nested_fault(FILTER),
    "invalid query": soap.fault(INVALID_QUERY),
    "invalid query nested": nested_fault(INVALID_QUERY),
    "subcode alone": wmi_error("MI", 12, "n:CannotProcessFilter"),
    "filter as a WMI error": wmi_error("HRESULT", FILTER, "w:InternalError"),
    "invalid query as a WMI error": wmi_error("HRESULT", INVALID_QUERY, "w:InternalError"),
}


@pytest.fixture(params=list(FORMS.values()), ids=list(FORMS))
def session(request: pytest.FixtureRequest) -> Iterator[tuple[WsmanSession, list[bytes]]]:
    """A session to a host whose class lacks P0, and what it was asked."""

    def answer(message: bytes) -> tuple[int, bytes]:
        unknown = b"P0" in message
        body = request.param if unknown else soap.page(item({"Id": "x", "P1": 7}))
        return (500 if unknown else 200), soap.envelope(body, message_id(message))

    with NtlmServer(answer) as server:
        endpoint = Endpoint("hv01", "127.0.0.1", server.port)
        credentials = Credentials(USER, Secret(PASSWORD))
        opened = WsmanSession(
            endpoint, credentials, Timeouts(5, 30), Deadline.after(30), register=ANYTHING
        )
        with closing(opened):
            yield opened, server.requests


def test_each_form_of_the_refusal_is_understood(
    session: tuple[WsmanSession, list[bytes]],
) -> None:
    opened, requests = session
    asking = PropertyReader(
        opened, AbsentProperties(), AbsentProperties(), BUILD, Deadline.after(30)
    )
    (row,) = asking.enumerate(thing(2))
    assert dict(row) == {"Id": "x", "P1": 7}
    asked = Counter(
        wql for request in requests for wql in re.findall(r"SELECT [^<]+", request.decode())
    )
    assert asked == Counter(
        xml_text(f"SELECT {columns} FROM Site_Thing")
        for columns in ("Id, P0, P1", "Id, P0", "Id, P1")
    )
    assert not any(b"SELECT *" in request for request in requests)
