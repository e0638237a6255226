"""What the catalogue says of one code: data, and the ways in which its number is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

WIN32_FACILITY = 7
_FAILURE = 0x80000000
_WIN32 = _FAILURE | WIN32_FACILITY << 16


class Kind(Enum):
    """What issues a code. The same number means different things in different kinds."""

    WIN32 = "Win32 error"
    RESULT = "result code"
    METHOD = "return value of a Hyper-V method"
    EVENT = "event"
    VMM = "VMM job error"
    ARTICLE = "Microsoft article"
    MESSAGE = "message without a number"


class Confidence(Enum):
    """How well a statement is founded."""

    DOCUMENTED = "documented by Microsoft"
    RECORDED = "seen in replies that were recorded on Windows machines"
    COMMUNITY = "reported by others, not documented by Microsoft"
    INFERRED = "inferred from documents, not confirmed on a real host"
    UNVERIFIED = "not verified: no source says what it means for live migration"


@dataclass(frozen=True)
class Entry:
    """One code: what it means, where it comes from, what finds it, and what to do.

    `number` is the Win32 number, the 32-bit result code, or the number of the event, job error or
    article; None for a message without one. `caution` is what must not be concluded from it.
    `checks` are those that look for the cause, of this or a later release of the suite. `phrases`
    are parts of a message, as `normal.folded` gives them; they find a text that has no number, and
    decide nothing else. `general`: the message says only that something failed; it is told where
    nothing else was found. `providers` are parts of the name of what logs an event: where a text
    names another source, the same number is another event.
    """

    kind: Kind
    number: int | None
    names: tuple[str, ...]
    meaning: str
    cause: str = ""
    steps: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    caution: str = ""
    confidence: Confidence = Confidence.DOCUMENTED
    phrases: tuple[str, ...] = ()
    general: bool = False
    providers: tuple[str, ...] = ("hyper-v",)

    def is_logged_by(self, source: str) -> bool:
        """Whether an event of this source is the one that is meant; of no known source, it is."""
        small = source.casefold()
        return not small or any(each in small for each in self.providers)

    @property
    def title(self) -> str:
        """The code in each way that it is written, with its names."""
        if self.number is None:
            return self.names[0]
        if self.kind is Kind.WIN32:
            spellings = [str(self.number)]
            if self.number:
                result = as_result(self.number)
                spellings += [hexadecimal(result), str(signed(result))]
            return ", ".join([*spellings, *self.names])
        if self.kind is Kind.RESULT:
            numbers = [hexadecimal(self.number), str(signed(self.number)), str(self.number)]
            return ", ".join([*numbers, *self.names])
        label = {Kind.EVENT: "Event", Kind.VMM: "VMM", Kind.ARTICLE: "KB"}.get(self.kind, "Return")
        return ", ".join([f"{label} {self.number}", *self.names])


def as_result(win32: int) -> int:
    """Return the HRESULT that carries a Win32 number."""
    return _WIN32 | win32


def hexadecimal(number: int) -> str:
    """Return a 32-bit code as Windows prints it."""
    return f"0x{number:08X}"


def signed(number: int) -> int:
    """Return a 32-bit code as a signed number."""
    return number - (1 << 32) if number & _FAILURE else number


def unsigned(number: int) -> int:
    """Return a signed 32-bit code as an unsigned number."""
    return number + (1 << 32) if number < 0 else number


def canonical(number: int) -> tuple[Kind, int]:
    """Return the kind and the number under which the catalogue keeps a code of Windows.

    The low half of an HRESULT of facility 7 is a Win32 number (MS-ERREF 2.1.2).
    """
    if number & 0xFFFF0000 == _WIN32:
        return Kind.WIN32, number & 0xFFFF
    return (Kind.WIN32 if number <= 0xFFFF else Kind.RESULT), number


# MS-ERREF 2.1: bits 16 to 26. Only the facilities that live migration and WSMan meet.
FACILITIES = {
    0: "no facility",
    1: "RPC",
    3: "storage",
    4: "its component alone; WMI uses it",
    WIN32_FACILITY: "Win32",
    9: "security (SSPI)",
    0x19: "HTTP",
    0x20: "BITS",
    0x33: "WinRM (WS-Management)",
    0x35: "hypervisor",
    0x37: "virtualization",
    0x3A: "virtual hard disks",
}


def facility_of(number: int) -> int:
    """Return the facility of a 32-bit result code."""
    return number >> 16 & 0x7FF


def is_failure_code(number: int) -> bool:
    """Whether a number can be an HRESULT that Windows issues here: failure, known facility."""
    return _FAILURE <= number < 1 << 32 and facility_of(number) in FACILITIES
