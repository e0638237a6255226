"""How a check is declared: what it carries, and what is refused with a word of what is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.host import DEVICE_GUARD, SERVICES
from livemigration.facts.model import Subject
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE
from livemigration.verdict.check import AREAS, CheckDefinitionError, check
from livemigration.verdict.findings import Finding, ok
from livemigration.verdict.references import VMM_PORTS
from livemigration.verdict.views import FactsView


def holds(host: FactsView) -> Iterator[Finding]:
    """It holds.

    More is said below.
    """
    yield ok(host.name)


def test_a_check_carries_what_it_was_declared_with() -> None:
    made = check(
        "LM199",
        target=Subject.VMM,
        needs=(SERVICES,),
        may_need=(DEVICE_GUARD,),
        refs=(VMM_PORTS,),
        opt_in="--stage-vm",
    )(holds)
    assert (made.identifier, made.target, made.title) == ("LM199", Subject.VMM, "It holds.")
    assert (made.needs, made.may_need) == ((SERVICES,), (DEVICE_GUARD,))
    assert made.groups == (SERVICES, DEVICE_GUARD)
    assert (made.refs, made.arguments, made.opt_in) == ((VMM_PORTS,), ("host",), "--stage-vm")
    assert made.function is holds
    plain = check("LM199")(holds)
    assert (plain.target, plain.groups, plain.refs) == (Subject.HOST, (), ())
    assert plain.opt_in is None


@in_turn("digit", AREAS)
def test_the_first_digit_is_the_area(digit: str) -> None:
    assert check(f"LM{digit}99")(holds).area == AREAS[digit]


@in_turn(
    "groups, expected",
    [((), False), ((SERVICES,), False), ((SERVICES, VMM_RECORD), True), ((VMM_RELEASE,), True)],
)
def test_a_check_needs_vmm_where_any_of_its_facts_comes_from_there(
    groups: tuple[Any, ...], expected: bool
) -> None:
    assert check("LM199", needs=groups)(holds).needs_vmm is expected
    assert check("LM199", may_need=groups)(holds).needs_vmm is expected


@in_turn("identifier", ["LM99", "LM1999", "lm199", "LM999", "XX199", ""])
def test_an_identifier_that_is_none_is_refused_with_what_is_right(identifier: str) -> None:
    with pytest.raises(CheckDefinitionError, match="write LM and three digits") as refused:
        check(identifier)(holds)
    assert repr(identifier) in str(refused.value)
    assert str(refused.value).startswith("holds: ")


def test_a_function_that_is_no_check_is_refused() -> None:
    def silent(host: FactsView) -> Iterator[Finding]:
        yield ok(host.name)

    def never(host: FactsView) -> Iterator[Finding]:
        """It holds."""
        return iter(())

    def asking(host: FactsView, tmp_path: object, policy: object) -> Iterator[Finding]:
        """It holds."""
        yield ok(f"{host.name} {tmp_path} {policy}")

    for function, said in (
        (silent, "silent: say in a docstring"),
        (never, "never: a check yields its findings"),
        (asking, r"asking: a check takes only .*policy.*, not tmp_path\. "),
    ):
        with pytest.raises(CheckDefinitionError, match=said):
            check("LM199")(function)
