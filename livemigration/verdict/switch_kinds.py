"""What kind of virtual switch a switch is: by what its own ports lead to.

No property says it. The ports of an external switch lead to an adapter of the host, that of an
internal one to the host itself, and a private one has no port of its own (windows-facts-2.md
section 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from livemigration.facts.virtual_ports import VirtualPort
from livemigration.facts.virtualization import VirtualSwitch

# Classes of what a port leads to, in lower case; by Wi-Fi only Windows clients are bound.
_ADAPTERS = frozenset({"msvm_externalethernetport", "msvm_wifiport"})
_HOST = "msvm_computersystem"


class SwitchKind(Enum):
    """How far the network of a virtual switch reaches; UNKNOWN: the ports do not show it."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    PRIVATE = "private"
    UNKNOWN = "of a kind that is not known"


def kinds_of(
    switches: Iterable[VirtualSwitch], ports: Iterable[VirtualPort]
) -> Mapping[str, SwitchKind]:
    """Return the kind of each switch, by its GUID in upper case.

    That the InstanceID of such a port holds the switch's GUID is inferred. So a switch without a
    port of its own is private only where every port that leads to the host or to an adapter belongs
    to a known switch.
    """
    own: dict[str, set[str]] = {each.identifier.upper(): set() for each in switches}
    strays = False
    for port in ports:
        resource = port.resource.casefold()
        if port.owner.upper() in own:
            own[port.owner.upper()].add(resource)
        elif resource in {*_ADAPTERS, _HOST}:
            strays = True
    return {switch: _kind(found, strays=strays) for switch, found in own.items()}


def _kind(resources: set[str], *, strays: bool) -> SwitchKind:
    if resources & _ADAPTERS:
        return SwitchKind.EXTERNAL
    if strays or resources - {_HOST}:
        # An adapter that is gone leaves a port that leads nowhere.
        return SwitchKind.UNKNOWN
    return SwitchKind.INTERNAL if _HOST in resources else SwitchKind.PRIVATE
