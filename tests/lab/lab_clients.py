"""Fleets of the tests, and plain requests to a lab that takes them."""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element

import requests
from requests_ntlm import HttpNtlmAuth

from livemigration.lab.binding import Plan
from livemigration.lab.conduct import Conduct
from livemigration.lab.fleet import Fleet
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.wsman import document
from livemigration.wsman import namespaces as ns

# A file for the messages that clients send, from which the files in recorded/ are made:
#   LIVEMIGRATION_RECORD=tests/lab/recorded/CLIENT.jsonl pytest tests/lab -n0 -m peer -k CLIENT
RECORD = "LIVEMIGRATION_RECORD"

FLEET = """\
name: test
title: one host, plain messages allowed
domain: contoso.com
allow_unencrypted: true
allow_basic: true
networks:
  management: {subnet: 1.0/24}
  migration: {subnet: 50.0/24, dropped: true}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
  - name: hv01.contoso.com
    shows: restricted to a network that VMM does not reach
    addresses: {management: "1.11", migration: "50.11"}
    networks: [migration]
"""


def fleet_file(folder: Path, *more: str, text: str = FLEET) -> str:
    path = folder / "fleet.yaml"
    path.write_text(text + "".join(more), encoding="utf-8")
    return str(path)


async def no_answer(
    _name: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.close()


def plan_of(fleet: Fleet) -> Plan:
    """Return what is bound of a fleet whose machines answer nothing."""
    return Plan(fleet, Conduct(), https=False, served=lambda _: no_answer)


@contextmanager
def running(folder: Path, *more: str) -> Iterator[RunningLab]:
    with start(fleet_file(folder, *more), record=os.environ.get(RECORD)) as lab:
        yield lab


class PlainClient:
    """Sends envelopes as they are, over NTLM without encryption: a client that is none of ours."""

    def __init__(self, lab: RunningLab, machine: LabMachine) -> None:
        self._url = f"http://{machine.address}:{machine.port}/wsman"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = HttpNtlmAuth(
            lab.credentials.username, lab.credentials.password.reveal(), send_cbt=False
        )

    def raw(self, envelope: str) -> requests.Response:
        """Return the whole HTTP reply to an envelope."""
        return self._session.post(
            self._url,
            envelope.encode(),
            headers={"Content-Type": "application/soap+xml;charset=UTF-8"},
            timeout=60,
        )

    def post(self, envelope: str) -> tuple[int, Element]:
        """Return the HTTP status and the whole reply."""
        reply = self.raw(envelope)
        assert reply.content, f"an empty reply: HTTP {reply.status_code}"
        return reply.status_code, document.parse(reply.content)

    def send(
        self,
        action: str,
        resource: str,
        body: str = "",
        *,
        selectors: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
        seconds: int = 20,
    ) -> tuple[int, Element]:
        """Send a message of these parts."""
        return self.post(request(action, resource, body, selectors or {}, options or {}, seconds))

    def close(self) -> None:
        self._session.close()


def request(
    action: str,
    resource: str,
    body: str,
    selectors: dict[str, str],
    options: dict[str, str],
    seconds: int,
) -> str:
    chosen = "".join(f'<w:Selector Name="{n}">{v}</w:Selector>' for n, v in selectors.items())
    switched = "".join(f'<w:Option Name="{n}">{v}</w:Option>' for n, v in options.items())
    return (
        f'<s:Envelope xmlns:s="{ns.SOAP}" xmlns:a="{ns.ADDRESSING}" xmlns:w="{ns.WSMAN}" '
        f'xmlns:n="{ns.ENUMERATION}" xmlns:rsp="{ns.SHELL}"><s:Header>'
        f"<a:Action>{action}</a:Action><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        f"<a:To>http://lab/wsman</a:To><w:ResourceURI>{resource}</w:ResourceURI>"
        f"<w:OperationTimeout>PT{seconds}S</w:OperationTimeout>"
        f"<w:SelectorSet>{chosen}</w:SelectorSet><w:OptionSet>{switched}</w:OptionSet>"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


def wql(query: str, extra: str = "<w:OptimizeEnumeration/>", most: int = 32000) -> str:
    return (
        f"<n:Enumerate>{extra}<w:MaxElements>{most}</w:MaxElements>"
        f'<w:Filter Dialect="{ns.WQL_DIALECT}">{query}</w:Filter></n:Enumerate>'
    )


def pull(context: str, most: int) -> str:
    return (
        f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
        f"<n:MaxElements>{most}</n:MaxElements></n:Pull>"
    )


def wmi(namespace: str, class_name: str = "*") -> str:
    return f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{namespace}/{class_name}"


def fault_code(reply: Element) -> int:
    found = reply.find(f".//{{{ns.FAULT}}}WSManFault")
    if found is not None:
        return int(found.get("Code", ""))
    code = reply.findtext(f".//{{{ns.WMI_ERROR}}}error_Code")
    assert code is not None, "not a fault"
    return int(code)


def texts(reply: Element, name: str) -> list[str]:
    """Return the texts of every element of that local name."""
    return ["".join(e.itertext()) for e in reply.iter() if re.sub(r"{.*}", "", e.tag) == name]
