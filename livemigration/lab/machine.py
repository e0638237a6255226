"""What one simulated machine answers to plain SOAP."""

from __future__ import annotations

import re
import uuid

from livemigration.lab import SIMULATED_VENDOR, soap, wql
from livemigration.lab.fleet import FleetHost
from livemigration.lab.shell import Shells
from livemigration.lab.world import World
from livemigration.wsman import namespaces as ns

BAD_CLASS = 2150858778
BAD_CONTEXT = 2150858779
BAD_URI = 2150858811
QUERY_NEEDS_STAR = 2150859003
NOT_SUPPORTED = 2150858811
# Not documented: the code that WMI gives where the provider in a stopped vmms cannot load.
PROVIDER_MISSING = 0x80041013
_URI = re.compile(r"http://schemas\.microsoft\.com/wbem/wsman/1/wmi/(.+)/(\*|\w+)")
_FIRST_ITEMS = 50


class Machine:
    """One machine: a host, or the VMM server where `host` is None."""

    def __init__(self, world: World, name: str, host: FleetHost | None) -> None:
        self._world = world
        self._name = name
        self._host = host
        self._shells = Shells(world, name)
        self._open: dict[str, list[str]] = {}

    def identify(self, *, known: bool) -> str:
        """Return the body of an Identify reply; `known` peers see the version."""
        system = self._world.fleet.system.version if known else "0.0.0"
        return (
            f'<wsmid:IdentifyResponse xmlns:wsmid="{ns.IDENTITY}">'
            "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
            f"</wsmid:ProtocolVersion><wsmid:ProductVendor>{SIMULATED_VENDOR}"
            f"</wsmid:ProductVendor><wsmid:ProductVersion>OS: {system} SP: 0.0 Stack: 3.0"
            "</wsmid:ProductVersion></wsmid:IdentifyResponse>"
        )

    async def handle(self, data: bytes) -> tuple[int, bytes]:
        """Return the HTTP status and the reply to a request."""
        request = soap.Request(data)
        if request.first(f"{{{ns.IDENTITY}}}Identify") is not None:
            head = f'<s:Envelope xmlns:s="{ns.SOAP}"><s:Header/><s:Body>'
            return 200, f"{head}{self.identify(known=True)}</s:Body></s:Envelope>".encode()
        if request.action == ns.ENUMERATE:
            return self._enumerate(request)
        if request.action == ns.PULL:
            return self._pull(request)
        if request.action == ns.RELEASE:
            self._open.pop(request.text(f"{{{ns.ENUMERATION}}}EnumerationContext"), None)
            return 200, soap.reply(request, f"{ns.ENUMERATION}/ReleaseResponse", "")
        if request.resource == ns.COMMAND_SHELL and self._host is None:
            return await self._shells.handle(request)
        return self._fault(request, NOT_SUPPORTED, "The lab does not answer this request.")

    def _fault(self, request: soap.Request, code: int, text: str) -> tuple[int, bytes]:
        sub = "n:CannotProcessFilter" if code == BAD_CLASS else "w:InternalError"
        return 500, soap.fault(request, code, sub, text, self._name)

    def _enumerate(self, request: soap.Request) -> tuple[int, bytes]:
        match = _URI.fullmatch(request.resource)
        if match is None or self._host is None:
            return self._fault(request, BAD_URI, "The resource URI is not known.")
        if match.group(2) != "*":
            return self._fault(request, QUERY_NEEDS_STAR, "A WQL query needs the URI to end in *.")
        try:
            query = wql.parse(request.text(f"{{{ns.WSMAN}}}Filter"))
        except wql.WqlError as error:
            return self._fault(request, BAD_CLASS, f"The query is not valid: {error}.")
        namespace = match.group(1)
        stopped = self._host.services.get("vmms") != "Running"
        if stopped and namespace.casefold() == "root/virtualization/v2":
            return self._fault(request, PROVIDER_MISSING, "Provider load failure")
        rows = self._world.rows(self._host, namespace, query.class_name)
        if rows is None:
            text = "The specified class does not exist in the given namespace."
            return self._fault(request, BAD_CLASS, text)
        uri = f"{request.resource[:-1]}{query.class_name}"
        items = [
            soap.fragment(row, query.columns)
            if query.columns
            else soap.instance(row, query.class_name, uri)
            for row in rows
            if wql.matches(query.where, row)
        ]
        optimized = request.first(f"{{{ns.WSMAN}}}OptimizeEnumeration") is not None
        return 200, self._first(request, items, optimized=optimized)

    def _first(self, request: soap.Request, items: list[str], *, optimized: bool) -> bytes:
        action = f"{ns.ENUMERATION}/EnumerateResponse"
        if optimized and len(items) <= _FIRST_ITEMS:
            inner = f"<w:Items>{''.join(items)}</w:Items><w:EndOfSequence/>"
            body = f"<n:EnumerationContext></n:EnumerationContext>{inner}"
        else:
            # Where not everything fits, the captured first reply holds one item.
            count = 1 if optimized else 0
            context = self._keep(items[count:])
            body = f"<n:EnumerationContext>{context}</n:EnumerationContext>"
            if optimized:
                body += f"<w:Items>{items[0]}</w:Items>"
        return soap.reply(request, action, f"<n:EnumerateResponse>{body}</n:EnumerateResponse>")

    def _keep(self, items: list[str]) -> str:
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        self._open[context] = items
        return context

    def _pull(self, request: soap.Request) -> tuple[int, bytes]:
        items = self._open.pop(request.text(f"{{{ns.ENUMERATION}}}EnumerationContext"), None)
        if items is None:
            return self._fault(request, BAD_CONTEXT, "The enumeration context is not valid.")
        now, later = items[:_FIRST_ITEMS], items[_FIRST_ITEMS:]
        inner = f"<n:Items>{''.join(now)}</n:Items>"
        if later:
            context = self._keep(later)
            inner = f"<n:EnumerationContext>{context}</n:EnumerationContext>{inner}"
        else:
            inner += "<n:EndOfSequence/>"
        body = f"<n:PullResponse>{inner}</n:PullResponse>"
        return 200, soap.reply(request, f"{ns.ENUMERATION}/PullResponse", body)
