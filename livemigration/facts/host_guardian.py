"""Who keeps the keys of protected virtual machines: the host itself, or a Host Guardian Service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.facts.cim import WmiClass
from livemigration.facts.cluster import REGISTRY_METHOD
from livemigration.facts.model import MethodGroup, Subject, Vantage
from livemigration.facts.reader import MethodOutput, WmiMethod, WmiReader
from livemigration.facts.windows import WINDOWS_SERVER_2016

GUARDIAN_METHOD = WmiMethod(
    WmiClass("root/Microsoft/Windows/Hgs", "MSFT_HgsClientConfiguration", ()), "Get"
)
# An embedded instance (HgsClientWmi, MSFT_HgsClientConfiguration.Get).
_OUT = "cmdletOutput"
GUARDIAN_VALUES = tuple(
    f"{_OUT}.{name}"
    for name in ("FallbackKeyProtectionServerUrl", "IsHostGuarded", "KeyProtectionServerUrl")
)
_FALLBACK, _GUARDED, _SERVER = GUARDIAN_VALUES
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True)
class HostGuardian:
    """What MSFT_HgsClientConfiguration says of the host (windows-facts-2.md section 11).

    `guarded` is IsHostGuarded: the host passed the attestation of its Host Guardian Service; None:
    the host does not say it. `servers` are the addresses of the key protection, in lower case,
    without a slash at the end; empty: the host keeps the keys itself.
    """

    guarded: bool | None
    servers: tuple[str, ...] = ()


# The class comes with the feature that makes a guarded host.
_NO_FEATURE = HostGuardian(guarded=False)


def _guardian(machine: WmiReader) -> HostGuardian:
    output = machine.call(GUARDIAN_METHOD, {}, {})
    if output.return_value not in {None, 0}:
        return HostGuardian(None)
    said = [each.casefold() for each in _listed(output, _GUARDED)]
    addresses = (*_listed(output, _SERVER), *_listed(output, _FALLBACK))
    servers = (each.rstrip("/").casefold() for each in addresses)
    return HostGuardian(
        _TRUTHS.get(said[0]) if len(said) == 1 else None,
        tuple(dict.fromkeys(each for each in servers if each)),
    )


def _listed(output: MethodOutput, name: str) -> Iterator[str]:
    """Yield the texts of an out parameter; the collector writes an array as one text."""
    for text in output.texts(name):
        yield from (each.strip() for each in text.split(";") if each.strip())


HOST_GUARDIAN = MethodGroup(
    "host-guardian",
    "the Host Guardian Service's client",
    Subject.HOST,
    Vantage.HOST,
    HostGuardian,
    method=GUARDIAN_METHOD,
    call=_guardian,
    minimum_build=WINDOWS_SERVER_2016,
    when_absent=_NO_FEATURE,
)


@dataclass(frozen=True)
class GuardianCertificates:
    """The thumbprints in the store "Shielded VM Local Certificates", in upper case.

    None: the registry has no such store at the place where it is looked for, which no document
    confirms (windows-facts-2.md section 11).
    """

    thumbprints: tuple[str, ...] | None


CERTIFICATES_KEY = (
    r"SOFTWARE\Microsoft\SystemCertificates\Shielded VM Local Certificates\Certificates"
)
KEYS_METHOD = WmiMethod(REGISTRY_METHOD.wmi_class, "EnumKey")
KEYS_OUT = "sNames"
_LOCAL_MACHINE = "2147483650"


def _certificates(machine: WmiReader) -> GuardianCertificates:
    output = machine.call(
        KEYS_METHOD, {}, {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": CERTIFICATES_KEY}
    )
    if output.return_value not in {None, 0}:
        return GuardianCertificates(None)
    names = {each.upper() for each in _listed(output, KEYS_OUT)}
    return GuardianCertificates(tuple(sorted(names)))


GUARDIAN_CERTIFICATES = MethodGroup(
    "guardian-certificates",
    "the certificates of protected virtual machines",
    Subject.HOST,
    Vantage.HOST,
    GuardianCertificates,
    method=KEYS_METHOD,
    call=_certificates,
)
