"""What one simulated machine answers to plain SOAP."""

from __future__ import annotations

from collections.abc import Callable

from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.lab import methods, resources, soap
from livemigration.lab.enumeration import Enumerations
from livemigration.lab.faults import (
    ACCESS_DENIED,
    WMI_ACCESS_DENIED,
    LabFault,
    access_denied,
    not_supported,
)
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_parts import SERVICE_SETTINGS, Access, FleetService
from livemigration.lab.resources import WMI_PREFIX
from livemigration.lab.shell import Shells
from livemigration.lab.winrm_config import CONFIGURATION
from livemigration.lab.world import World
from livemigration.wsman import namespaces as ns

Record = Callable[[str, bytes, int, bytes], None]


def forget(_machine: str, _request: bytes, _status: int, _reply: bytes) -> None:
    """Keep no record."""


class SimulatedMachine:
    """One machine: a host, or the VMM server where `host` is None.

    `record` is told the machine, each plain request, and its reply with the HTTP status.
    """

    def __init__(
        self, world: World, name: str, host: FleetHost | None, record: Record = forget
    ) -> None:
        self._record = record
        self._world = world
        self._name = name
        self._host = host
        self._shells = Shells(world, self._computer(), host)
        self._enumerations = Enumerations(world, host) if host is not None else None

    def _computer(self) -> str:
        """Return the computer that answers: of a clustered service, the node on which it runs."""
        return (self._world.fleet.vmm.active_node if self._host is None else None) or self._name

    @property
    def name(self) -> str:
        """What the fleet calls it."""
        return self._name

    @property
    def _service(self) -> FleetService:
        return self._host or self._world.fleet.vmm

    @property
    def _access(self) -> Access:
        return self._service.access

    @property
    def clock(self) -> int:
        """Seconds by which its clock is ahead."""
        return self._service.clock

    @property
    def delay(self) -> float:
        """The seconds by which it is late with each reply."""
        return self._world.conduct.delay(self._name)

    @property
    def is_broken(self) -> bool:
        """Whether its service answers everything with HTTP 500."""
        return self._world.conduct.fault(self._name) == "http-500"

    @property
    def knows_the_account(self) -> bool:
        """Whether the account that asks is known here by its password."""
        return self._access != "wrong-password"

    def takes(self, way: str) -> bool:
        """Whether its service takes a way to sign in, named as in winrm/config/service/auth."""
        return bool(self._world.winrm(self._host)[f"Service/Auth/{way}"])

    @property
    def allows_unencrypted(self) -> bool:
        """Whether the service takes messages that are not encrypted; Windows does not."""
        return self._world.fleet.allow_unencrypted

    def identify(self, *, known: bool) -> bytes:
        """Return the reply to Identify; only peers that are known see the version."""
        system = self._world.system(self._host).version if known else "0.0.0"
        stack = " Stack: 3.0" if known else " Stack:1.0"
        return (
            f'<s:Envelope xml:lang="en-US" xmlns:s="{ns.SOAP}"><s:Header/><s:Body>'
            f'<wsmid:IdentifyResponse xmlns:wsmid="{ns.IDENTITY}">'
            "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
            f"</wsmid:ProtocolVersion><wsmid:ProductVendor>{SIMULATED_VENDOR}"
            f"</wsmid:ProductVendor><wsmid:ProductVersion>OS: {system} SP: 0.0{stack}"
            "</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>"
        ).encode()

    async def handle(self, data: bytes) -> tuple[int, bytes]:
        """Return the HTTP status and the reply to a request.

        Raises:
            ValueError: the request is not XML that Windows would read.
        """
        status, reply = await self._reply(data)
        self._record(self._name, data, status, reply)
        return status, reply

    async def _reply(self, data: bytes) -> tuple[int, bytes]:
        request = soap.Request(data)
        if self._access == "denied":
            return 500, soap.fault(request, access_denied(ACCESS_DENIED), self._name)
        if request.first(f"{{{ns.IDENTITY}}}Identify") is not None:
            return 200, self.identify(known=True)
        try:
            request.check_headers()
            return 200, await self._answer(request)
        except LabFault as fault:
            return 500, soap.fault(request, fault, self._name)

    def _check_closed(self, resource: str) -> None:
        """Raise the fault for what alone is closed to the account."""
        for each in self._service.denied:
            if each == SERVICE_SETTINGS and resource == CONFIGURATION:
                raise access_denied(ACCESS_DENIED)
            if resource.casefold().startswith(f"{WMI_PREFIX}{each}/".casefold()):
                raise access_denied(WMI_ACCESS_DENIED)

    async def _answer(self, request: soap.Request) -> bytes:
        if self._access == "wmi-denied" and request.resource != ns.COMMAND_SHELL:
            raise access_denied(WMI_ACCESS_DENIED)
        self._check_closed(request.resource)
        if request.resource == ns.COMMAND_SHELL:
            return await self._shells.answer(request)
        if request.action == f"{ns.TRANSFER}/Get":
            return resources.get(self._world, self._host, request)
        if self._enumerations is not None and request.action in {
            ns.ENUMERATE,
            ns.PULL,
            ns.RELEASE,
        }:
            return self._enumerations.answer(request)
        answered = methods.invoke(self._world, self._host, request)
        if answered is None:
            raise not_supported()
        return answered
