"""User name and password, from the environment or from the person at the terminal."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from livemigration.inventory import CredentialSource
from livemigration.secret import Credentials, Secret


def read_credentials(source: CredentialSource, config: pytest.Config) -> Credentials:
    """Return the credentials from the environment or a prompt.

    Raises:
        pytest.UsageError: a variable is not set, or there is no terminal to ask on.
    """
    if source.source == "environment":
        name = _variable(source.username_variable)
        return Credentials(name, Secret(_variable(source.password_variable)))
    with _standard_input(config):
        if not sys.stdin.isatty():
            raise pytest.UsageError(
                "credentials.from is prompt, but there is no terminal to ask on. "
                "Use from: environment in a pipeline."
            )
        try:
            name = os.environ.get(source.username_variable) or input("User name: ")
            return Credentials(name, Secret(getpass.getpass(f"Password of {name}: ")))
        except EOFError:
            raise pytest.UsageError("the prompt for user name and password was closed.") from None


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise pytest.UsageError(
            f"the environment variable {name} is not set. Set it, or name another variable under "
            "credentials in the inventory."
        )
    return value


@contextmanager
def _standard_input(config: pytest.Config) -> Iterator[None]:
    """Give standard input back to the terminal; pytest withholds it even while it configures."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is None:
        yield
        return
    capture.suspend_global_capture(in_=True)
    try:
        yield
    finally:
        # Only resuming everything gives standard input back to pytest. Output was suspended
        # before, and must be again: what is written meanwhile would be lost.
        capture.resume_global_capture()
        capture.suspend_global_capture()
