"""The programs that a simulated machine can run: the suite's scripts, and a few of cmd.exe's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from livemigration.lab import powershell
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.world import World
from livemigration.vmm.scripts import POWERSHELL, POWERSHELL_ARGUMENTS

# As cmd.exe's text, from memory: neither is documented.
_CODE_OF_UNKNOWN = 1


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    output: bytes = b""
    errors: bytes = b""


@dataclass(frozen=True)
class Program:
    """A program, and whether it waits for its standard input to end before it does anything."""

    run: Callable[[bytes], Awaitable[Ended]]
    reads_input: bool = False
    console_input: bool = False


async def run(program: Program, given: bytes) -> Ended:
    """Return how a program ended on this input."""
    return await program.run(given)


def find(
    world: World, machine: str, host: FleetHost | None, words: tuple[str, ...], *, console: bool
) -> Program:
    """Return the program that a command line starts; one that is not there says so, as cmd.exe."""
    name = _bare(words[0])
    if name == _bare(POWERSHELL) and words[1:] == POWERSHELL_ARGUMENTS and host is None:

        async def script(given: bytes) -> Ended:
            return Ended(*await powershell.run(world, given))

        return Program(script, reads_input=True, console_input=console)
    line = " ".join(words).strip()
    command = re.split(r"\s+", line, maxsplit=1)
    rest = command[1] if len(command) > 1 else ""
    if _bare(command[0]) == "hostname" and not rest:
        return _saying(machine.partition(".")[0].upper())
    if command[0].casefold() == "echo":
        return _saying(rest)
    if _bare(command[0]) == "findstr" and rest in {"^", '"^"'}:
        return Program(_repeat, reads_input=True, console_input=console)
    if _bare(command[0]) == _bare(POWERSHELL):
        return Program(_refuse_script)
    return Program(_unknown(command[0]))


def _bare(program: str) -> str:
    return program.rpartition("\\")[2].casefold().removesuffix(".exe")


def _saying(text: str) -> Program:
    async def say(_given: bytes) -> Ended:
        return Ended(0, f"{text}\r\n".encode())

    return Program(say)


async def _repeat(given: bytes) -> Ended:
    return Ended(0, given)


async def _refuse_script(_given: bytes) -> Ended:
    return Ended(1, b"", powershell.error_stream("The lab runs only the suite's own scripts."))


def _unknown(name: str) -> Callable[[bytes], Awaitable[Ended]]:
    async def say(_given: bytes) -> Ended:
        text = (
            f"'{name}' is not recognized as an internal or external command,\r\n"
            "operable program or batch file.\r\n"
        )
        return Ended(_CODE_OF_UNKNOWN, b"", text.encode())

    return say
