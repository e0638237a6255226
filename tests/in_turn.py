"""One test for many cases that take less time than pytest takes for a test of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def in_turn(
    names: str, cases: Iterable[Any] | Callable[[], Iterable[Any]]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have one test go over cases, where `pytest.mark.parametrize` makes a test of each.

    The first case that fails is named beside its error. What cases must not share, such as a
    folder, is not for these tests: they share their fixtures. Cases that take time to find are
    given by a function: while tests are collected, every process would look for them.
    """
    fields = [each.strip() for each in names.split(",")]
    # A class of an enumeration is both.
    known = list(cases) if isinstance(cases, Iterable) else cases

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def over_all(**fixtures: Any) -> None:
            for number, case in enumerate(known if isinstance(known, list) else known()):
                values = case if len(fields) > 1 else (case,)
                given = dict(zip(fields, values, strict=True))
                try:
                    test(**fixtures, **given)
                except BaseException as error:
                    error.add_note(f"case {number}: {given}")
                    raise

        kept = [each for each in signature.parameters.values() if each.name not in fields]
        over_all.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined] # inspect reads it
        return over_all

    return decorate
