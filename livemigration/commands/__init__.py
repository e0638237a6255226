"""The `livemigration` command: one module for each of its commands, found by `main`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from livemigration.commands.exits import DONE, Exits, of_several

_LAST = 1000


class Group(Enum):
    """What commands are for: the headings of `livemigration --help`, in their order."""

    BEFORE = "Before a run"
    RUN = "What a run came to"
    RECORD = "For a change record"
    MEANING = "What a check, a code or a message means"
    FACTS = "Facts from where the suite is not"
    SUITE = "Around the suite"
    MORE = "More"


@dataclass(frozen=True)
class Command:
    """What a module of this folder registers as `COMMAND`; its name is that of its file.

    `help` says in one sentence what it does, without a capital and a full stop. `fill` adds the
    arguments to the command's own parser, `run` returns the exit code. `examples` are whole lines
    that its parser accepts. `exits` are the codes that it can end with, besides those of every
    command. `order` is its place in its group; those of one place stand by their names.
    """

    help: str
    fill: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...]
    exits: Exits = field(default_factory=lambda: DONE)
    group: Group = Group.MORE
    order: int = _LAST


@dataclass(frozen=True)
class Commands:
    """A command that is several, such as `lab up` and `lab fleets`: each action is one."""

    help: str
    actions: Mapping[str, Command]
    group: Group = Group.MORE
    order: int = _LAST

    @property
    def examples(self) -> tuple[str, ...]:
        """The first example of each action."""
        return tuple(each.examples[0] for each in self.actions.values())

    @property
    def exits(self) -> Exits:
        """What the actions can end with."""
        return of_several(each.exits for each in self.actions.values())
