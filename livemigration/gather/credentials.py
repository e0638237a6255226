"""User names and passwords, each read from its source once, before anybody is asked."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from livemigration.base.environment import for_children
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.gather.secret_sources import from_descriptor, from_keyring, from_program
from livemigration.inventory.credentials import CredentialSource, password_variables
from livemigration.inventory.inventory import Inventory

SERVICE = "livemigration"

T = TypeVar("T")
_Key = tuple[object, ...]


def foreign(path: Path, home: Path) -> str:
    """Return why an inventory is not this site's own, as the end of a sentence; empty: it is.

    It is where it lies below the folder of the run, belongs to whoever runs the suite or to root,
    and not everybody may change it. Of Windows, only where it lies is known here.
    """
    try:
        where, own = path.resolve(), path.stat()
    except OSError:
        return "cannot be looked at"
    if not where.is_relative_to(home.resolve()):
        return f"lies outside of {home}"
    said = ""
    if sys.platform != "win32":
        if own.st_uid not in {0, os.getuid()}:
            said = "belongs to another user"
        # Not by a group: on many systems each user has one of his own.
        elif own.st_mode & stat.S_IWOTH:
            said = "may be changed by everybody"
    return said


@dataclass(frozen=True)
class Person:
    """Whoever can be asked for a password, and told what happens.

    `terminal` gives standard input back to the terminal where something withholds it.
    """

    tell: Callable[[str], None]
    terminal: Callable[[], AbstractContextManager[None]] = nullcontext

    def name(self, question: str) -> str:
        """Return what somebody types.

        Raises:
            UsageError: there is no terminal to ask on, or it was closed.
        """
        return self._asked(lambda: input(question))

    def password(self, question: str) -> Secret:
        """Return what somebody types and nobody sees; raises as `name` does."""
        return self._asked(lambda: Secret(getpass.getpass(question)))

    def _asked(self, ask: Callable[[], T]) -> T:
        with self.terminal():
            if not sys.stdin.isatty():
                raise UsageError(
                    "credentials.from is prompt, but there is no terminal to ask on. "
                    "Use from: environment in a pipeline."
                )
            try:
                return ask()
            except EOFError:
                raise UsageError("the prompt for user name and password was closed.") from None


@dataclass
class CredentialReader:
    """The credentials of an inventory's sources.

    Args:
        inventory: whose sources.
        person: who is asked and told.
        foreign: why the inventory is not this site's own, as the end of a sentence; empty: it is.
    """

    inventory: Inventory
    person: Person
    foreign: str = ""
    _known: dict[CredentialSource, Credentials] = field(default_factory=dict, repr=False)
    _passwords: dict[_Key, Secret] = field(default_factory=dict, repr=False)

    def of(self, source: CredentialSource) -> Credentials:
        """Return the credentials of a source, which is asked once.

        Two sources with the same user name and password are one account with one password.

        Raises:
            UsageError: the source does not have them; the text says what would help.
        """
        if source not in self._known:
            purpose = self.inventory.purposes.get(source, "")
            try:
                name = self._name(source, purpose)
                found = Credentials(name, self._password(source, name, purpose))
            except UsageError as error:
                raise UsageError(
                    f"credentials of {purpose}: {error}" if purpose else str(error)
                ) from None
            same = (each for each in self._known.values() if _same(each, found))
            self._known[source] = next(same, found)
        return self._known[source]

    def _name(self, source: CredentialSource, purpose: str) -> str:
        if source.username is not None:
            return source.username
        if source.source == "prompt" and not os.environ.get(source.username_variable):
            return self.person.name(f"User name{_for(purpose)}: ")
        return _variable(source.username_variable)

    def _password(self, source: CredentialSource, name: str, purpose: str) -> Secret:
        if source.source == "environment":
            return Secret(_variable(source.password_variable))
        if source.source == "prompt":
            return self.person.password(f"Password of {name}{_for(purpose)}: ")
        key, read = self._reading(source, name, purpose)
        if key not in self._passwords:
            self._passwords[key] = read()
        return self._passwords[key]

    def _reading(
        self, source: CredentialSource, name: str, purpose: str
    ) -> tuple[_Key, Callable[[], Secret]]:
        """Return what names a password, and how it is read."""
        if source.command is not None:
            return source.command, partial(self._run, source.command, purpose)
        if source.fd is not None:
            return (source.fd,), partial(from_descriptor, source.fd)
        service = source.service or SERVICE
        return (service, name), partial(from_keyring, service, name)

    def _run(self, command: tuple[str, ...], purpose: str) -> Secret:
        own = self.inventory
        if self.foreign:
            program = ascii(Path(command[0]).name[:60])
            self.person.tell(
                f"{own.label} {self.foreign}, and has this run start a program for the password"
                f"{_for(purpose)}: {program}"
            )
        environment = for_children(password_variables(own.sources))
        return from_program(command, own.reach.folder, environment)


def _for(purpose: str) -> str:
    return f" for {purpose}" if purpose else ""


def _same(one: Credentials, other: Credentials) -> bool:
    alike = one.username == other.username
    return alike and one.password.reveal() == other.password.reveal()


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UsageError(
            f"the environment variable {name} is not set. Set it, or name another variable under "
            "credentials in the inventory."
        )
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise UsageError(
            f"the environment variable {name} holds bytes that are no text. Set it in the encoding "
            f"of this process, {sys.getfilesystemencoding()}."
        )
    return value
