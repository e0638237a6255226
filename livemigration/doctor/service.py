"""winrm/config of a machine, held against what this suite does with its WinRM service.

What the suite needs follows from its own constants: how large its messages are, how many sessions
it has with one machine, and how long one operation may take.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from livemigration.doctor.model import Level, Remark
from livemigration.doctor.steps import set_winrm
from livemigration.facts.model import Subject
from livemigration.gather.batches import SIDE_BY_SIDE
from livemigration.wsman.configuration import ServiceSettings
from livemigration.wsman.conversation import operation_seconds
from livemigration.wsman.envelope import MAXIMUM_ENVELOPE_SIZE

AREA = "WinRM service"
_SHELL = "Winrs/AllowRemoteShellAccess"
# One that reads and one that tries the credentials; scripts run side by side on a VMM server.
_SESSIONS = {Subject.HOST: 2, Subject.VMM: SIDE_BY_SIDE + 1}
# A shell holds PowerShell alone, and what PowerShell starts.
_PROCESSES = 2
# The older default; whether PowerShell with VMM's module fits into it is not known.
_SMALL_MEMORY = 150

SHOWN = (
    "MaxEnvelopeSizekb",
    "MaxTimeoutms",
    "MaxBatchItems",
    "Service/MaxConcurrentOperationsPerUser",
    "Service/MaxConnections",
    "Service/EnumerationTimeoutms",
    "Service/AllowUnencrypted",
    "Service/Auth/Basic",
    "Service/Auth/Kerberos",
    "Service/Auth/Negotiate",
    "Service/Auth/Certificate",
    "Service/Auth/CredSSP",
    "Service/Auth/CbtHardeningLevel",
    "Service/IPv4Filter",
    "Service/IPv6Filter",
    _SHELL,
    "Winrs/MaxConcurrentUsers",
    "Winrs/MaxShellsPerUser",
    "Winrs/MaxProcessesPerShell",
    "Winrs/MaxMemoryPerShellMB",
)


@dataclass(frozen=True)
class _Least:
    path: str
    number: int
    why: str
    level: Level = Level.WARNING


def shown(settings: ServiceSettings) -> dict[str, str]:
    """Return the settings that the suite depends on, in the machine's own words."""
    return {path: settings.values[path] for path in SHOWN if path in settings.values}


def judge_service(
    settings: ServiceSettings,
    subject: Subject,
    machine: str,
    *,
    message_seconds: float,
    basic: bool,
) -> Iterator[Remark]:
    """Yield what of the settings does not fit the suite.

    Args:
        settings: those of the machine.
        subject: what the machine is.
        machine: its name.
        message_seconds: how long one message may take, as the inventory says.
        basic: whether the suite signs in with Basic.
    """
    for each in _least(subject, message_seconds):
        found = settings.number(each.path)
        if found is not None and found < each.number:
            yield Remark(
                each.level,
                AREA,
                f"{each.path} is {found}, and the suite needs {each.number}: {each.why}",
                (set_winrm(machine, each.path, str(each.number), str(found)),),
            )
    if subject is Subject.VMM:
        yield from _shells(settings, machine)
    yield from _readable(settings, machine, basic=basic)
    yield from _filters(settings)


def _least(subject: Subject, message_seconds: float) -> Iterator[_Least]:
    sessions = _SESSIONS[subject]
    envelope = ceil(MAXIMUM_ENVELOPE_SIZE / 1024)
    seconds = operation_seconds(message_seconds)
    yield _Least("MaxEnvelopeSizekb", envelope, "its messages may be as large.")
    yield _Least("MaxTimeoutms", seconds * 1000, f"one operation may take {seconds} seconds.")
    for path in ("Service/MaxConcurrentOperationsPerUser", "Service/MaxConnections"):
        yield _Least(path, sessions, "so many sessions are open at once.", Level.PROBLEM)
    if subject is Subject.VMM:
        why = "so many scripts run side by side, each in a shell."
        yield _Least("Winrs/MaxShellsPerUser", SIDE_BY_SIDE, why, Level.PROBLEM)
        yield _Least("Winrs/MaxConcurrentUsers", 1, "the suite is one user.", Level.PROBLEM)
        processes = "a script is PowerShell, and what that starts."
        yield _Least("Winrs/MaxProcessesPerShell", _PROCESSES, processes, Level.PROBLEM)


def _shells(settings: ServiceSettings, machine: str) -> Iterator[Remark]:
    if settings.truth(_SHELL) is False:
        yield Remark(
            Level.PROBLEM,
            AREA,
            f"{_SHELL} is false, and VMM's cmdlets are asked through a remote shell.",
            (set_winrm(machine, _SHELL, "true", "false"),),
        )
    path = "Winrs/MaxMemoryPerShellMB"
    memory = settings.number(path)
    if memory is not None and memory <= _SMALL_MEMORY:
        yield Remark(
            Level.WARNING,
            AREA,
            f"{path} is {memory}: PowerShell with VMM's module may not fit into it.",
            (set_winrm(machine, path, "1024", str(memory)),),
        )


def _readable(settings: ServiceSettings, machine: str, *, basic: bool) -> Iterator[Remark]:
    """Yield what lets others send passwords that anyone can read; the suite needs none of it."""
    path = "Service/AllowUnencrypted"
    if settings.truth(path):
        told = f"{path} is true: it takes messages that anyone on the network can read."
        needed = " The inventory makes use of it." if basic else " The suite does not need it."
        step = set_winrm(machine, path, "false", "true")
        yield Remark(Level.WARNING, AREA, told + needed, () if basic else (step,))
    if settings.truth("Service/Auth/Basic") and not basic:
        yield Remark(
            Level.NOTE, AREA, "Service/Auth/Basic is true. The suite does not need it here."
        )
    if settings.values.get("Service/Auth/CbtHardeningLevel", "").casefold() == "none":
        yield Remark(
            Level.NOTE,
            AREA,
            "Service/Auth/CbtHardeningLevel is None: over HTTPS, sign-ins are not bound to the "
            "certificate.",
        )


def _filters(settings: ServiceSettings) -> Iterator[Remark]:
    for path in ("Service/IPv4Filter", "Service/IPv6Filter"):
        found = settings.values.get(path)
        if found is not None and found != "*":
            yield Remark(
                Level.NOTE,
                AREA,
                f"{path} is {found or 'empty'}: its listeners take other addresses of this machine "
                "only in that range. VMM has to reach one of them too.",
            )
