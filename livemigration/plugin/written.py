"""The files that options of one run name to be written: none is read as well, nor named twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from livemigration.base.errors import UsageError
from livemigration.plugin.options import Options, inventory_base
from livemigration.report.formats import FORMATS

# Of pytest and of pytest-html, by what their values are called.
_OF_OTHERS = {"--junitxml": "xmlpath", "--html": "htmlpath"}


def refuse_overwriting(options: Options, config: pytest.Config) -> None:
    """Refuse an option that would replace what the run reads, or what another option writes.

    Raises:
        UsageError: one does.
    """
    read = {path.resolve() for path in _read(options, config)}
    taken: dict[Path, str] = {}
    for option, path in _written(options, config):
        place = path.resolve()
        if place.exists() and not place.is_file():
            # A pipe or a device takes what comes.
            continue
        if place in read and place.is_file():
            raise UsageError(f"{option} {path}: the run reads this file. Name another one.")
        if other := taken.get(place):
            raise UsageError(f"{other} and {option} name the same file, {path}. Name two.")
        taken[place] = option


def _read(options: Options, config: pytest.Config) -> Iterator[Path]:
    if options.inventory:
        yield inventory_base(config) / options.inventory
    yield from (e for e in (options.facts, options.like, options.waivers) if e is not None)


def _written(options: Options, config: pytest.Config) -> Iterator[tuple[str, Path]]:
    here = config.invocation_params.dir
    if options.save_facts is not None:
        yield "--save-facts", options.save_facts
    for option in (form.option for form in FORMATS.values()):
        if asked := config.getoption(option):
            yield option, here / asked
    for option, value in _OF_OTHERS.items():
        if asked := config.getoption(value, default=None):
            yield option, here / asked
