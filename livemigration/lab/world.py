"""A fleet on one 127.x network: its addresses, listeners and WMI data."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from livemigration.cim import CimValue
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.windows import WINDOWS_SERVER_2016
from livemigration.lab.fleet import LISTENER_PORT, Fleet, FleetHost
from livemigration.networks import USER_MANAGED, USER_MANAGED_ALL

VMMS_PROCESS = 2140
WINDOWS_SERVER_2012_R2 = 9600

Row = dict[str, CimValue]

_CLASSES = [group.query.wmi_class for group in HOST_WMI_GROUPS]
_DECLARED = {each.name.casefold(): each.properties for each in _CLASSES}
_HOMES = {each.name.casefold(): (each.name, each.namespace.casefold()) for each in _CLASSES}


@dataclass(frozen=True)
class World:
    """A fleet with its network number."""

    fleet: Fleet
    number: int

    def address(self, suffix: str) -> str:
        """Return the loopback address of a fleet's address."""
        return f"127.{self.number}.{suffix}"

    def subnet(self, name: str) -> ipaddress.IPv4Network:
        """Return the subnet of a network's name, or of a subnet written as such."""
        network = self.fleet.networks.get(name)
        return ipaddress.IPv4Network(self.address(network.subnet if network else name))

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return what VMM resolves a name to; empty where it does not resolve."""
        for host in self.fleet.hosts:
            if host.name.casefold() == name.casefold():
                known = host.dns if host.dns is not None else (host.management,)
                return tuple(self.address(each) for each in known)
        return ()

    def selected(self, host: FleetHost) -> dict[str, str]:
        """Return the networks and addresses on which the host's listeners are.

        Nothing listens while live migration is disabled or vmms is stopped (inferred: no document
        says what the list then holds).
        """
        if not host.enabled or host.services.get("vmms") != "Running" or host.networks == "none":
            return {}
        if host.networks == "any":
            return {name: self.address(each) for name, each in host.addresses.items()}
        subnets = [self.subnet(name) for name in host.networks]
        bound = {name: self.address(each) for name, each in host.addresses.items()}
        return {
            name: address
            for name, address in bound.items()
            if any(ipaddress.IPv4Address(address) in subnet for subnet in subnets)
        }

    def open_listeners(self, host: FleetHost) -> dict[str, str]:
        """Return the listeners whose sockets are open."""
        selected = self.selected(host)
        return {name: each for name, each in selected.items() if name not in host.closed}

    def rows(self, host: FleetHost, namespace: str, class_name: str) -> list[Row] | None:
        """Return the instances of a class, or None where the namespace does not have the class."""
        if _HOMES.get(class_name.casefold(), ("", ""))[1] != namespace.casefold():
            return None
        maker = {
            "win32_operatingsystem": self._system,
            "win32_computersystem": self._computer,
            "win32_service": self._services,
            "msvm_virtualsystemmigrationservicesettingdata": self._settings,
            "msvm_virtualsystemmigrationnetworksettingdata": self._networks,
            "msvm_virtualsystemmigrationservice": self._service,
            "msft_netipaddress": self._addresses,
            "msft_nettcpconnection": self._sockets,
        }.get(class_name.casefold())
        if class_name.casefold() == "win32_deviceguard":
            newer = self.fleet.system.build >= WINDOWS_SERVER_2016
            # What the list holds where nothing runs is not documented; it does not hold 1.
            return [{"SecurityServicesRunning": (0,)}] if newer else None
        return maker(host) if maker is not None else None

    @staticmethod
    def properties(class_name: str, rows: list[Row]) -> frozenset[str]:
        """Return the properties that queries of a class may name, in lower case.

        They are fewer than on Windows: what the suite reads, and what the rows hold.
        """
        found = {name.casefold() for row in rows for name in row}
        declared = _DECLARED.get(class_name.casefold(), ())
        return frozenset(found | {each.name.casefold() for each in declared if not each.optional})

    @staticmethod
    def class_name(text: str) -> str:
        """Return a class's name as the class spells it, from a text in any case."""
        return _HOMES.get(text.casefold(), (text, ""))[0]

    def _system(self, _host: FleetHost) -> list[Row]:
        system = self.fleet.system
        return [
            {
                "BuildNumber": str(system.build),
                "Caption": system.caption,
                "Version": system.version,
            }
        ]

    def _computer(self, host: FleetHost) -> list[Row]:
        short = host.name.split(".")[0].upper()
        return [{"Domain": self.fleet.domain, "Name": short, "PartOfDomain": True}]

    def _services(self, host: FleetHost) -> list[Row]:
        return [
            {
                "Name": name,
                "ProcessId": (VMMS_PROCESS + number) if state == "Running" else 0,
                "StartMode": "Auto",
                "State": state,
            }
            for number, (name, state) in enumerate(host.services.items())
        ]

    def _settings(self, host: FleetHost) -> list[Row]:
        row: Row = {
            "AuthenticationType": host.authentication,
            "EnableVirtualSystemMigration": host.enabled,
            # How Windows forms this InstanceID, and those of networks, is not known.
            "InstanceID": "Microsoft:MigrationServiceSetting",
            "MaximumActiveStorageMigration": 2,
            "MaximumActiveVirtualSystemMigration": 2,
        }
        if self.fleet.system.build >= WINDOWS_SERVER_2012_R2:
            row |= {"EnableCompression": True, "EnableSmbTransport": False}
        return [dict(sorted(row.items()))]

    def _networks(self, host: FleetHost) -> list[Row]:
        if host.networks == "none":
            return []
        if host.networks == "any":
            return [
                self._network(number, subnet, None, USER_MANAGED_ALL)
                for number, subnet in enumerate(("0.0.0.0/0", "::/0"))
            ]
        return [
            self._network(number, str(self.subnet(name)), number, USER_MANAGED)
            for number, name in enumerate(host.networks)
        ]

    def _network(self, number: int, subnet: str, metric: int | None, tag: str) -> Row:
        base, _, prefix = subnet.partition("/")
        return {
            "InstanceID": f"Microsoft:MigrationNetwork\\{number}",
            "Metric": metric,
            "PrefixLength": int(prefix),
            "SubnetNumber": base,
            "Tags": (tag,),
        }

    def _service(self, host: FleetHost) -> list[Row]:
        listeners: tuple[str, ...] = tuple(self.selected(host).values())
        if listeners and host.networks == "any":
            management = self.address(host.management)
            # A recorded list of a real host holds link-local and ISATAP addresses too.
            listeners += ("fe80::100:7f:fffe", f"fe80::5efe:{management}")
        return [
            {
                "ActiveStorageMigrationCount": 0,
                "ActiveVirtualSystemMigrationCount": 0,
                "CreationClassName": "Msvm_VirtualSystemMigrationService",
                "MigrationServiceListenerIPAddressList": listeners or None,
                "Name": "migrationwmi",
                "SystemCreationClassName": "Msvm_ComputerSystem",
                "SystemName": host.name.partition(".")[0].upper(),
            }
        ]

    def _addresses(self, host: FleetHost) -> list[Row]:
        return [
            {
                "InterfaceAlias": name,
                "IPAddress": self.address(each),
                "PrefixLength": self.subnet(name).prefixlen,
            }
            for name, each in host.addresses.items()
        ]

    def _sockets(self, host: FleetHost) -> list[Row]:
        return [
            {
                "LocalAddress": address,
                "LocalPort": LISTENER_PORT,
                "OwningProcess": VMMS_PROCESS,
                "State": 2,
            }
            for address in self.open_listeners(host).values()
        ]
