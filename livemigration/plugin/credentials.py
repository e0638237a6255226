"""What a run signs in with, read while pytest is at work."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials
from livemigration.gather.credentials import CredentialReader, Person, foreign
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.inventory import Inventory
from livemigration.plugin.compat import terminal_input
from livemigration.plugin.options import inventory_base
from livemigration.report.text import plain


class RunCredentials:
    """The credentials of a run's sources, each read once."""

    def __init__(self, inventory: Inventory, named: str, config: pytest.Config) -> None:
        self._config = config
        why = foreign(inventory_base(config) / Path(named), config.rootpath) if named else ""
        person = Person(self._tell, partial(terminal_input, config))
        self._reader = CredentialReader(inventory, person, why)

    def go_on_with(self, inventory: Inventory) -> None:
        """Read what another inventory needs from now on; what was read is not read again."""
        self._reader.inventory = inventory

    def __call__(self, source: CredentialSource) -> Credentials:
        """Return the credentials of a source.

        Raises:
            UsageError: the source does not have them.
        """
        try:
            return self._reader.of(source)
        except UsageError as error:
            raise UsageError(plain(str(error))) from None

    def _tell(self, sentence: str) -> None:
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(plain(sentence), yellow=True)
        elif sys.__stderr__ is not None:
            sys.__stderr__.write(f"{plain(sentence)}\n")
