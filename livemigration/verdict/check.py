"""The `@check` decorator: what a check is, what it needs, and what it may say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from livemigration.facts.model import FactGroup, Subject, Vantage
from livemigration.inventory.drain import DRAIN
from livemigration.verdict.findings import Finding, Reference

HOST = Subject.HOST
VMM = Subject.VMM

ARGUMENTS = ("host", "vmm", "policy", "group")
AREAS = {
    "0": "vmm",
    "1": "settings",
    "2": "reachability",
    "3": "staging",
    "4": "identity",
    "5": "pairs",
    "6": "cluster",
    "7": "vms",
    "8": "drain",
}
AREA_OF_DRAINS = AREAS["8"]

CheckFunction = Callable[..., Iterator[Finding]]

_IDENTIFIER = re.compile(r"LM([0-9])[0-9]{2}")


class CheckDefinitionError(Exception):
    """A check is declared in a way that cannot work."""


@dataclass(frozen=True)
class Check:
    """A check: a generator function with its identity and its declared needs.

    `needs`: a group that could not be gathered blocks the check without calling it.
    `may_need`: gathered as well, but blocks only when the check reads it.
    `opt_in`: the option without which the check is no part of a run, as `--stage-vm`; `--drain`
    names the hosts on which it is made, and selecting the check asks for it as well.
    """

    identifier: str
    target: Subject
    needs: tuple[FactGroup[Any], ...]
    may_need: tuple[FactGroup[Any], ...]
    refs: tuple[Reference, ...]
    function: CheckFunction
    arguments: tuple[str, ...]
    opt_in: str | None = None

    @cached_property
    def title(self) -> str:
        """The first line of the docstring: what holds when the check passes."""
        return inspect.getdoc(self.function).splitlines()[0]  # type: ignore[union-attr]  # checked when declared

    @property
    def is_asked_by_host(self) -> bool:
        """Whether it is made on those hosts alone that are to be drained."""
        return self.opt_in == DRAIN

    @cached_property
    def area(self) -> str:
        """The marker of the check's area."""
        return AREAS[self.identifier[2]]

    @cached_property
    def groups(self) -> tuple[FactGroup[Any], ...]:
        """Every group that the check may read."""
        return (*self.needs, *self.may_need)

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names of these groups."""
        return frozenset(group.name for group in self.groups)

    @cached_property
    def needs_directory(self) -> bool:
        """Whether any declared fact comes from a directory."""
        return any(group.vantage is Vantage.DIRECTORY for group in self.groups)

    @cached_property
    def needs_vmm(self) -> bool:
        """Whether any declared fact comes from the VMM server."""
        return any(
            group.subject is Subject.VMM or group.name.startswith("vmm-") for group in self.groups
        )


def check(
    identifier: str,
    *,
    target: Subject = HOST,
    needs: tuple[FactGroup[Any], ...] = (),
    may_need: tuple[FactGroup[Any], ...] = (),
    refs: tuple[Reference, ...] = (),
    opt_in: str | None = None,
) -> Callable[[CheckFunction], Check]:
    """Declare a check.

    Args:
        identifier: `LMnnn`; the first digit is the area.
        target: what one test of the check is about.
        needs: fact groups without which the check cannot say anything.
        may_need: fact groups that the check reads only on some paths.
        refs: the documents that the check rests on.
        opt_in: the option that asks for the check, where it is not run otherwise.

    Raises:
        CheckDefinitionError: the identifier, the docstring or an argument is not as it must be.
    """

    def declare(function: CheckFunction) -> Check:
        name = getattr(function, "__name__", "the check")
        if not (match := _IDENTIFIER.fullmatch(identifier)) or match.group(1) not in AREAS:
            raise CheckDefinitionError(
                f"{name}: {identifier!r} is not an identifier; write LM and three digits, the "
                f"first of them one of {', '.join(AREAS)}"
            )
        if not inspect.getdoc(function):
            raise CheckDefinitionError(f"{name}: say in a docstring what holds when it passes")
        if not inspect.isgeneratorfunction(function):
            raise CheckDefinitionError(f"{name}: a check yields its findings; this one never does")
        arguments = tuple(inspect.signature(function).parameters)
        if strange := [each for each in arguments if each not in ARGUMENTS]:
            raise CheckDefinitionError(
                f"{name}: a check takes only {', '.join(ARGUMENTS)}, not {', '.join(strange)}. "
                "For fixtures, write an ordinary test without @check"
            )
        return Check(identifier, target, needs, may_need, refs, function, arguments, opt_in)

    return declare
