"""Instances by their keys: resource URIs, selectors, Get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from livemigration.lab import instances, soap
from livemigration.lab.faults import bad_selectors, bad_uri, not_there
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row
from livemigration.lab.winrm_config import CONFIGURATION, configuration_xml
from livemigration.lab.world import World
from livemigration.wsman import namespaces as ns

WMI_PREFIX = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
_URI = re.compile(rf"{re.escape(WMI_PREFIX)}([\w/]{{1,200}})/(\*|\w{{1,200}})")
_SERVICE_KEYS = ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")
# Classes that are not here are found without selectors, where they have one instance.
_KEYS = {
    "win32_computersystem": ("Name",),
    "win32_service": ("Name",),
    "msvm_virtualsystemmigrationservicesettingdata": ("InstanceID",),
    "msvm_virtualsystemmigrationnetworksettingdata": ("InstanceID",),
    "msvm_virtualsystemmigrationservice": _SERVICE_KEYS,
    "msvm_computersystem": ("CreationClassName", "Name"),
    "msft_netfirewallrule": ("InstanceID",),
    "mscluster_node": ("Name",),
    "mscluster_resource": ("Name",),
}


@dataclass(frozen=True)
class WmiUri:
    """A resource URI of WMI: a namespace, and a class or `*`."""

    namespace: str
    class_name: str

    @classmethod
    @lru_cache(maxsize=256)
    def parse(cls, text: str) -> WmiUri:
        """Return the URI that a text is.

        Raises:
            LabFault: it is not one.
        """
        match = _URI.fullmatch(text)
        if match is None:
            raise bad_uri()
        return cls(*match.groups())

    @property
    def is_any_class(self) -> bool:
        """Whether the URI leaves the class to a query."""
        return self.class_name == "*"

    @property
    def text(self) -> str:
        """The URI."""
        return f"{WMI_PREFIX}{self.namespace}/{self.class_name}"

    def of(self, class_name: str) -> WmiUri:
        """Return the URI of a class of the same namespace."""
        return WmiUri(self.namespace, class_name)


def key_selectors(uri: WmiUri, row: Row) -> dict[str, str]:
    """Return the selectors that name a row; none where the class has one instance."""
    return {key: str(row[key]) for key in _KEYS.get(uri.class_name.casefold(), ()) if key in row}


def select_row(world: World, host: FleetHost, uri: WmiUri, given: Mapping[str, str]) -> Row:
    """Return the one row that selectors name, their names and values in any case.

    Some keys are enough where they name one instance, as a well-known client finds on Windows.

    Raises:
        LabFault: no such class, no such selector, or not exactly one such row.
    """
    rows = instances.rows(world, host, uri.namespace, uri.class_name)
    if rows is None:
        raise not_there()
    keys = {each.casefold() for each in _KEYS.get(uri.class_name.casefold(), ())}
    if strange := [name for name in given if name.casefold() not in keys]:
        raise bad_selectors(f"The class has no key {strange[0]}.", "UnexpectedSelectors")
    found = []
    for row in rows:
        values = {name.casefold(): str(value).casefold() for name, value in row.items()}
        if all(values[name.casefold()] == value.casefold() for name, value in given.items()):
            found.append(row)
    if not found:
        raise not_there()
    if len(found) > 1:
        text = f"The selectors name {len(found)} instances."
        raise bad_selectors(text, "AmbiguousSelectors" if given else "InsufficientSelectors")
    return found[0]


def get(world: World, host: FleetHost | None, request: soap.Request) -> bytes:
    """Return the reply to Get: an instance, or the configuration of the service.

    Raises:
        LabFault: there is no such instance.
    """
    action = f"{ns.TRANSFER}/GetResponse"
    if request.resource == CONFIGURATION:
        return soap.reply(request, action, configuration_xml(world.winrm(host)))
    uri = WmiUri.parse(request.resource)
    if host is None or uri.is_any_class:
        raise bad_uri()
    row = select_row(world, host, uri, request.selectors())
    row = instances.of_one(world, host, uri.class_name, row)
    return soap.reply(request, action, soap.instance(row, uri.class_name, uri.text))
