"""Two values of a host's registry: the microcode of its processor, and its patch level.

StdRegProv is asked (windows-facts.md section 6). That Windows keeps them there is inferred
(windows-facts-2.md 10.1), so no check fails a host for what they are, or that they are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.facts.cim import WmiClass
from livemigration.facts.model import MethodGroup, Subject, Vantage
from livemigration.facts.reader import MethodOutput, WmiMethod, WmiReader

_CLASS = WmiClass("root/default", "StdRegProv", ())
BINARY_METHOD = WmiMethod(_CLASS, "GetBinaryValue")
NUMBER_METHOD = WmiMethod(_CLASS, "GetDWORDValue")
VALUE_OUT = "uValue"
PROCESSOR_KEY = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
MICROCODE_VALUE = "Update Revision"
SYSTEM_KEY = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PATCH_VALUE = "UBR"
_LOCAL_MACHINE = "2147483650"
_BYTE, _WORD, _LONGEST = 256, 32, 8
# A hypervisor that keeps the revision to itself gives ones alone (from memory).
_HIDDEN = frozenset({(1 << 32) - 1, (1 << 64) - 1})


@dataclass(frozen=True)
class Microcode:
    """`revision` is the processor's microcode, as `0x0500002A`; None: Windows does not say it."""

    revision: str | None


@dataclass(frozen=True)
class PatchLevel:
    """`revision` is the last number of the version, as 5122 in 10.0.17763.5122; None: not said."""

    revision: int | None


def _asked(machine: WmiReader, method: WmiMethod, key: str, value: str) -> MethodOutput | None:
    """Return the output that has a registry value; None where there is none."""
    arguments = {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": key, "sValueName": value}
    output = machine.call(method, {}, arguments)
    return output if output.return_value in {None, 0} else None


def _numbers(output: MethodOutput | None) -> Iterator[int]:
    """Yield the numbers of an output; how an array of bytes travels is not documented.

    Raises:
        ValueError: something in it is no number.
    """
    texts = output.texts(VALUE_OUT) if output is not None else ()
    for each in (part for text in texts for part in text.split()):
        if not (each.isascii() and each.isdecimal()):
            raise ValueError(f"{each[:40]!r} is no number of a registry value")
        yield int(each)


def _microcode(machine: WmiReader) -> Microcode:
    found = tuple(_numbers(_asked(machine, BINARY_METHOD, PROCESSOR_KEY, MICROCODE_VALUE)))[
        :_LONGEST
    ]
    if not found or any(each >= _BYTE for each in found):
        return Microcode(None)
    number = int.from_bytes(bytes(found), "little")
    if number in _HIDDEN or not number:
        return Microcode(None)
    # Intel's register has the revision in its upper half, that of AMD in its lower one.
    shown = number >> _WORD or number
    return Microcode(None if shown in _HIDDEN else f"0x{shown:08X}")


def _patch_level(machine: WmiReader) -> PatchLevel:
    found = tuple(_numbers(_asked(machine, NUMBER_METHOD, SYSTEM_KEY, PATCH_VALUE)))
    return PatchLevel(found[0] if len(found) == 1 else None)


PROCESSOR_MICROCODE = MethodGroup(
    "processor-microcode",
    "the microcode of the processor",
    Subject.HOST,
    Vantage.HOST,
    Microcode,
    method=BINARY_METHOD,
    call=_microcode,
)

PATCH_LEVEL = MethodGroup(
    "patch-level",
    "the patch level",
    Subject.HOST,
    Vantage.HOST,
    PatchLevel,
    method=NUMBER_METHOD,
    call=_patch_level,
)
