"""The options that ask for drains, and whether checks of drains are selected."""

from __future__ import annotations

import re

import pytest

from livemigration.base.errors import UsageError
from livemigration.inventory.drain import DRAIN, length_of
from livemigration.inventory.drain_names import TO, WITHOUT, DrainNames
from livemigration.inventory.names import given_names
from livemigration.plugin.selection import chosen_words

# A marker, a check or its module.
_OF_DRAINS = re.compile(r"(?<![a-z])(?:drain|lm8\d\d)(?![a-z])", re.IGNORECASE)


def add_drain_options(group: pytest.OptionGroup) -> None:
    """Register the options that say which hosts are emptied, without which others, where to."""
    group.addoption(
        DRAIN,
        action="append",
        default=[],
        metavar="HOST",
        help="also ask whether this host can be emptied, where to, and how long it takes (LM801, "
        "LM802): as for --limit, comma-separated or repeated. Each is judged in turn, while the "
        "others take what it runs. -m drain without it: every host",
    )
    group.addoption(
        WITHOUT,
        action="append",
        default=[],
        metavar="HOST",
        help="with --drain: this host is down by then, and takes nothing",
    )
    group.addoption(
        TO,
        action="append",
        default=[],
        metavar="HOST",
        help="with --drain: only these hosts take what moves",
    )


def selects_drains(config: pytest.Config) -> bool:
    """Whether the checks of drains are selected: by their marker, a keyword, or a path."""
    option = config.option
    chosen = (
        *chosen_words(getattr(option, "markexpr", None) or ""),
        *chosen_words(getattr(option, "keyword", None) or ""),
        *(option.file_or_dir or ()),
    )
    return any(_OF_DRAINS.search(each) for each in chosen)


def drain_names(config: pytest.Config, *, drains: bool) -> DrainNames:
    """Return what options say of drains.

    `drains`: whether they ask for any; whether the policy does, is not known yet.

    Raises:
        pytest.UsageError: one is empty, or they do not go together with others.
    """
    named = {each: tuple(given_names(config.getoption(each))) for each in (DRAIN, WITHOUT, TO)}
    for option in (each for each, names in named.items() if config.getoption(each) and not names):
        raise pytest.UsageError(f"{option} is empty. Name hosts, or leave it out.")
    if config.getoption("--gate") is not None:
        for option in (each for each, names in named.items() if names):
            raise pytest.UsageError(
                f"{option}: a host at a gate runs nothing that could be moved. Give one of the two."
            )
    window: str | None = config.getoption("--window")
    try:
        length = length_of(window) if window is not None else None
    except UsageError as error:
        if drains or config.getoption("--change") is None:
            raise pytest.UsageError(str(error)) from None
        length = None
    return DrainNames(named[DRAIN], named[WITHOUT], named[TO], length)
