"""Vectors of a machine against those of a host: exact in 64 bits, by the machine's operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.facts.compatibility import CompatibilityVector
from livemigration.verdict.vectors import Fit, fit

TOP = 1 << 63
WORDS = st.integers(0, (1 << 64) - 1)


def one(operation: int, machine: int, host: int) -> Fit:
    return fit([CompatibilityVector(7, operation, machine)], [CompatibilityVector(7, 99, host)])


@in_turn(
    "operation, machine, host, fits",
    [
        # Equal.
        (0, TOP | 1, TOP | 1, True),
        (0, TOP | 1, TOP, False),
        # Superset: all that the host has.
        (1, 0b111, 0b101, True),
        (1, 0b101, 0b111, False),
        # Subset: nothing that the host lacks.
        (2, 0b101, 0b111, True),
        (2, 0b111, 0b101, False),
        (2, TOP | 1, TOP | 1, True),
        # A number of a float has 53 bits: these two would be the same.
        (2, TOP | 1, TOP, False),
        # Disjoint.
        (3, 0b010, 0b101, True),
        (3, 0b110, 0b101, False),
        # Greater, and at least; less, and at most.
        (4, 5, 4, True),
        (4, 5, 5, False),
        (5, 5, 5, True),
        (5, 4, 5, False),
        (6, 4, 5, True),
        (6, 5, 5, False),
        (7, 5, 5, True),
        (7, TOP + 1, TOP, False),
        # Multiple, and divisor.
        (8, 12, 4, True),
        (8, 12, 5, False),
        (8, 0, 0, True),
        (8, 1, 0, False),
        (9, 4, 12, True),
        (9, 5, 12, False),
        (9, 0, 0, True),
        (9, 0, 1, False),
    ],
)
def test_each_operation_has_the_machine_on_its_left_side(
    operation: int, machine: int, host: int, fits: bool
) -> None:
    assert one(operation, machine, host) is (Fit.FITS if fits else Fit.LACKS)


@pytest.mark.parametrize("operation", [10, 99])
def test_an_operation_that_nobody_documents_is_not_known(operation: int) -> None:
    assert one(operation, 0, 0) is Fit.UNKNOWN


def test_a_vector_that_the_host_does_not_have_is_not_known_and_what_it_lacks_is() -> None:
    host = [CompatibilityVector(1, 2, 0b1)]
    other, lacked = CompatibilityVector(2, 2, 0), CompatibilityVector(1, 2, 0b11)
    assert fit([other], host) is Fit.UNKNOWN
    assert fit([other, lacked], host) is fit([lacked, other], host) is Fit.LACKS
    assert fit([CompatibilityVector(1, 2, 0b1)], [*host, CompatibilityVector(2, 2, 0)]) is Fit.FITS
    assert fit([], host) is Fit.FITS


@examples(100)
@given(WORDS, WORDS)
def test_a_subset_fits_exactly_where_no_bit_is_taken_that_is_not_offered(
    machine: int, host: int
) -> None:
    lacks = any(machine >> bit & 1 and not host >> bit & 1 for bit in range(64))
    assert one(2, machine, host) is (Fit.LACKS if lacks else Fit.FITS)
