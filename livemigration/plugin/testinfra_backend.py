"""The testinfra backend `wsman`: programs on the hosts of the inventory, over the suite's client.

Settings and credentials come from the run's inventory; a host is named as it is there.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from livemigration.base.text import one_line
from livemigration.plugin.compat import BaseBackend, CommandResult
from livemigration.verdict.fixes.quoting import quote as quote_for_powershell
from livemigration.wsman.errors import WsmanError

if TYPE_CHECKING:
    from livemigration.plugin.machines import Machines

NAME = "wsman"
_POWERSHELL = "powershell.exe"
# What cmd.exe gives a meaning outside quotes; the caret takes it away.
_MEANT = frozenset('()%!^"<>&|')


class HostRunError(Exception):
    """A command could not be run. The text names the host, what came back, and what to do next."""


@dataclass(frozen=True)
class Site:
    """The inventory of the run that is on. `machines` is None where no machine may be asked."""

    label: str
    hosts: tuple[str, ...]
    machines: Machines | None


class _Current:
    site: Site | None = None


def provide(site: Site | None) -> None:
    """Set the inventory whose hosts the backend serves; None: none."""
    _Current.site = site


def known_host(name: str) -> str:
    """Return the name of a host as the inventory spells it.

    Raises:
        ValueError: it is no host of the inventory, or more than a name.
    """
    if "@" in name:
        raise ValueError(
            "a user or a password stands in a host's name. Leave both out: credentials come from "
            "the inventory."
        )
    if "?" in name:
        raise ValueError(
            f"{_shown(name.partition('?')[0])} has settings behind a question mark. Leave them "
            "out: settings come from the inventory."
        )
    site = _Current.site
    if site is None:
        raise ValueError(f"{_shown(name)}: no inventory is loaded.")
    for host in site.hosts:
        if host.casefold() == name.casefold():
            return host
    raise ValueError(
        f"{_shown(name)} is no host of {site.label}. Write its name as the inventory does."
    )


def _shown(name: str) -> str:
    return one_line(name)[:80] or "an empty name"


def quote_for_cmd(text: str) -> str:
    """Return one argument of a program for a command line of cmd.exe.

    Quoted as the C runtime takes command lines apart, then hidden from cmd.exe with carets. Not
    for commands of cmd.exe itself, such as echo, which take no quotes apart.

    Raises:
        ValueError: a line end or a null character, which no command line carries.
    """
    if any(each in text for each in "\r\n\0"):
        raise ValueError("a command line carries no line ends and no null characters")
    parts, backslashes = [], 0
    for each in text:
        if each == "\\":
            backslashes += 1
            continue
        # Backslashes count double in front of a quotation mark, and only there.
        parts.append("\\" * (2 * backslashes + 1 if each == '"' else backslashes) + each)
        backslashes = 0
    quoted = '"' + "".join(parts) + "\\" * (2 * backslashes) + '"'
    return "".join(f"^{each}" if each in _MEANT else each for each in quoted)


class WsmanBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """Runs commands through the remote shell of Windows (WinRS), one shell for each."""

    NAME = NAME

    def __init__(self, host: str, *_args: Any, **_settings: Any) -> None:
        super().__init__(host)

    @classmethod
    def get_hosts(cls, host: str, **settings: Any) -> list[str]:
        """Return the host, as the inventory spells it.

        Raises:
            pytest.Collector.CollectError: it is no host of the inventory, or more than a name.
        """
        if settings.get("sudo"):
            raise pytest.Collector.CollectError("Windows has no sudo. Leave --sudo out.")
        try:
            return [known_host(host or "")]
        except ValueError as error:
            raise pytest.Collector.CollectError(f"testinfra hosts: {error}") from None

    @staticmethod
    def quote(command: str, *args: str) -> str:
        """Return a command line of cmd.exe; each %s is an argument of a program, quoted."""
        return command % tuple(map(quote_for_cmd, args)) if args else command

    def run(self, command: str, *args: str, **_settings: Any) -> CommandResult:
        """Run a command line of cmd.exe.

        Raises:
            HostRunError: it could not be run.
        """
        line = self.quote(command, *args)
        return self._run(line, line)

    def run_powershell(self, script: str, *args: str) -> CommandResult:
        """Run a script in Windows PowerShell; each %s is a text, quoted.

        Raises:
            HostRunError: it could not be run.
        """
        text = script % tuple(map(quote_for_powershell, args)) if args else script
        quiet = f"$ProgressPreference = 'SilentlyContinue'\n{text}"
        encoded = base64.b64encode(quiet.encode("utf-16-le")).decode("ascii")
        line = f"{_POWERSHELL} -NoProfile -NonInteractive -EncodedCommand {encoded}"
        return self._run(line, text)

    def _run(self, line: str, shown: str) -> CommandResult:
        site = _Current.site
        if site is None:
            raise HostRunError(f"{self.hostname}: the run is over.")
        if site.machines is None:
            pytest.skip("This run judges a facts file (--facts) and asks no machine.")
        try:
            with site.machines.session(self.hostname) as session:
                ended = session.run_program(line)
        except WsmanError as error:
            self._fail(shown, error)
        return self.result(ended.exit_code, self.encode(shown), ended.output, ended.errors)

    def _fail(self, shown: str, error: WsmanError) -> NoReturn:
        text = f"Running {one_line(shown)[:80]!r} on {self.hostname}: {error.came_back}. "
        raise HostRunError(text + error.next_step) from None

    def get_encoding(self) -> str:
        """Return UTF-8, which the shell is asked for."""
        return "utf-8"

    def decode(self, data: bytes) -> str:
        """Return output as text; what is not UTF-8 is shown as such."""
        return data.decode("utf-8", "replace")
