"""Methods that the lab answers by Invoke: read-only ones (windows-facts.md 5.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from xml.etree.ElementTree import Element

from livemigration.facts.cim import CimValue
from livemigration.facts.cluster import CLUSTER_NAMESPACE, CLUSTER_PARAMETERS
from livemigration.facts.compatibility import VECTORS_METHOD
from livemigration.facts.host_guardian import CERTIFICATES_KEY
from livemigration.facts.machine_values import (
    MICROCODE_VALUE,
    PATCH_VALUE,
    PROCESSOR_KEY,
    SYSTEM_KEY,
)
from livemigration.facts.windows import VIRTUALIZATION
from livemigration.lab import instances_cluster, soap
from livemigration.lab.faults import (
    INVALID_PARAMETER,
    NO_METHOD,
    bad_selectors,
    bad_uri,
    not_there,
    wmi_failed,
    wmi_refused,
)
from livemigration.lab.fleet_host import FleetHost, System
from livemigration.lab.instances_cluster import loses_quorum
from livemigration.lab.resources import WmiUri, select_row
from livemigration.lab.rows import Row
from livemigration.lab.vectors import vectors
from livemigration.lab.world import World
from livemigration.wsman.document import local_name

Outputs = Mapping[str, CimValue | soap.Embedded]
_Method = Callable[[World, FleetHost, dict[str, str]], Outputs]

_OF_INSTANCES = {VIRTUALIZATION, CLUSTER_NAMESPACE.casefold()}
_LOCAL_MACHINE = "2147483650"
_REGISTRY_NOT_FOUND = 2
_FIRST_WITH_NUMBERS = 10
AGENT_KEY = r"SOFTWARE\Microsoft\Microsoft System Center Virtual Machine Manager Agent\Setup"


def invoke(world: World, host: FleetHost | None, request: soap.Request) -> bytes | None:
    """Return the reply to a method call, or None where the action is not one.

    Raises:
        LabFault: the class, the instance or the method does not exist.
    """
    if not request.resource or not request.action.startswith(f"{request.resource}/"):
        return None
    uri = WmiUri.parse(request.resource)
    method = request.action.rpartition("/")[2]
    if host is None:
        raise bad_uri()
    if not (known := _known(uri)):
        raise not_there()
    call = known.get(method)
    if call is None:
        raise wmi_refused(NO_METHOD, f"The class has no method {method}.")
    if uri.namespace.casefold() in _OF_INSTANCES:
        if not request.selectors():
            raise bad_selectors("An instance must be named.", "InsufficientSelectors")
        select_row(world, host, uri, request.selectors())
    outputs = call(world, host, _inputs(request, method))
    body = soap.output(method, uri.text, outputs)
    return soap.reply(request, f"{request.action}Response", body)


@lru_cache(maxsize=64)
def _known(uri: WmiUri) -> Mapping[str, _Method]:
    """Return the methods of a class by their names."""
    return {
        name: call
        for (namespaces, class_name, name), call in _METHODS.items()
        if uri.namespace.casefold() in namespaces
        and uri.class_name.casefold() == class_name.casefold()
    }


def _inputs(request: soap.Request, method: str) -> dict[str, str]:
    given: Element | None = next(
        (each for each in request.root.iter() if local_name(each) == f"{method}_INPUT"), None
    )
    return (
        {local_name(each): "".join(each.itertext()) for each in given} if given is not None else {}
    )


def _compatibility(_world: World, host: FleetHost, _given: dict[str, str]) -> Outputs:
    """Answer GetSystemCompatibilityInfo.

    How Windows sends the uint8 array is not known; repeated elements follow its rule for arrays.
    """
    info = (1, 0, 0, 0) if host.migration_answer == 0 else ()
    return {"CompatibilityInfo": info, "ReturnValue": host.migration_answer}


def _quorum_without(world: World, host: FleetHost, _given: dict[str, str]) -> Outputs:
    """Answer WillOfflineLoseQuorum, of the host itself: how truth travels is not documented."""
    if host.node.quorum_without == "refused":
        raise wmi_failed("The method failed.")
    return {"ReturnValue": loses_quorum(world, host)}


def _agent_version(world: World, _host: FleetHost, _given: dict[str, str]) -> Outputs:
    """Answer GetVersion of the VMM agent; the name of the output is not documented."""
    vmm = world.fleet.vmm
    return {"AgentVersion": vmm.registry or vmm.server or "", "ReturnValue": 0}


def _registry_text(world: World, host: FleetHost, given: dict[str, str]) -> Outputs:
    """Answer StdRegProv.GetStringValue; its shape by WS-Management is not documented."""
    return _registry_value(world, host, given, str, "sValue")


def _registry_number(world: World, host: FleetHost, given: dict[str, str]) -> Outputs:
    """Answer StdRegProv.GetDWORDValue; its shape by WS-Management is not documented."""
    return _registry_value(world, host, given, int, "uValue")


def _registry_bytes(world: World, host: FleetHost, given: dict[str, str]) -> Outputs:
    """Answer StdRegProv.GetBinaryValue; its shape by WS-Management is not documented."""
    return _registry_value(world, host, given, tuple, "uValue")


def _registry_value(
    world: World,
    host: FleetHost,
    given: dict[str, str],
    wanted: type[str | int | tuple[int, ...]],
    output: str,
) -> Outputs:
    if given.get("hDefKey", _LOCAL_MACHINE) != _LOCAL_MACHINE:
        raise wmi_refused(INVALID_PARAMETER, "The lab has HKEY_LOCAL_MACHINE only.")
    system = world.system(host)
    vmm = world.fleet.vmm
    values: dict[tuple[str, str], str | int | tuple[int, ...] | None] = {
        (AGENT_KEY.casefold(), "productversion"): vmm.registry or vmm.server,
        (SYSTEM_KEY.casefold(), "currentbuildnumber"): str(system.build),
        (SYSTEM_KEY.casefold(), "currentmajorversionnumber"): _major_version(system),
        (SYSTEM_KEY.casefold(), PATCH_VALUE.casefold()): host.patch_level,
        (PROCESSOR_KEY.casefold(), MICROCODE_VALUE.casefold()): _microcode(host),
        **{
            (CLUSTER_PARAMETERS.casefold(), name.casefold()): text
            for name, text in instances_cluster.parameters(world, host).items()
        },
    }
    found = values.get(
        (given.get("sSubKeyName", "").casefold(), given.get("sValueName", "").casefold())
    )
    # What a value of the other type gives is not documented; the lab has it as a value not found.
    if not isinstance(found, wanted):
        return {"ReturnValue": _REGISTRY_NOT_FOUND, output: None}
    return {"ReturnValue": 0, output: found}


def _registry_keys(_world: World, host: FleetHost, given: dict[str, str]) -> Outputs:
    """Answer StdRegProv.EnumKey; its shape by WS-Management is not documented."""
    if given.get("hDefKey", _LOCAL_MACHINE) != _LOCAL_MACHINE:
        raise wmi_refused(INVALID_PARAMETER, "The lab has HKEY_LOCAL_MACHINE only.")
    held = host.protection.certificates
    if held is None or given.get("sSubKeyName", "").casefold() != CERTIFICATES_KEY.casefold():
        return {"ReturnValue": _REGISTRY_NOT_FOUND, "sNames": None}
    names = (f"shielded {each} {purpose}" for each in held for purpose in ("encryption", "signing"))
    return {"ReturnValue": 0, "sNames": tuple(sorted(map(_thumbprint, names))) or None}


def _thumbprint(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper()


def _guardian(_world: World, host: FleetHost, _given: dict[str, str]) -> Outputs:
    """Answer MSFT_HgsClientConfiguration.Get; how its instance travels is not documented."""
    own = host.protection
    row: Row = {
        "AttestationStatus": 0,
        "FallbackKeyProtectionServerUrl": None,
        "IsHostGuarded": own.guardian is not None if own.guarded is None else own.guarded,
        "KeyProtectionServerUrl": own.guardian,
        "Mode": int(own.guardian is not None),
    }
    return {"ReturnValue": 0, "cmdletOutput": soap.Embedded("MSFT_HgsClientConfiguration", row)}


def _microcode(host: FleetHost) -> tuple[int, ...] | None:
    """Return the register that has the revision in its upper half, as Intel's has (from memory)."""
    revision = host.processor.microcode
    return None if revision is None else (0, 0, 0, 0, *int(revision, 16).to_bytes(4, "little"))


def _major_version(system: System) -> int | None:
    """Return the number that Windows keeps there since version 10 (general knowledge)."""
    major = int(system.version.partition(".")[0])
    return major if major >= _FIRST_WITH_NUMBERS else None


_METHODS: dict[tuple[tuple[str, ...], str, str], _Method] = {
    (
        (VIRTUALIZATION,),
        "Msvm_VirtualSystemMigrationService",
        "GetSystemCompatibilityInfo",
    ): _compatibility,
    (
        (VIRTUALIZATION,),
        VECTORS_METHOD.wmi_class.name,
        VECTORS_METHOD.name,
    ): vectors,
    (("root/scvmm",), "AgentManagement", "GetVersion"): _agent_version,
    (("root/default", "root/cimv2"), "StdRegProv", "GetStringValue"): _registry_text,
    (("root/default", "root/cimv2"), "StdRegProv", "GetDWORDValue"): _registry_number,
    (("root/default", "root/cimv2"), "StdRegProv", "GetBinaryValue"): _registry_bytes,
    (("root/default", "root/cimv2"), "StdRegProv", "EnumKey"): _registry_keys,
    (("root/microsoft/windows/hgs",), "MSFT_HgsClientConfiguration", "Get"): _guardian,
    (
        (CLUSTER_NAMESPACE.casefold(),),
        "MSCluster_Node",
        "WillOfflineLoseQuorum",
    ): _quorum_without,
}
