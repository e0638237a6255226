"""No input, however broken, raises anything but a reader's own error.

The quick run changes the kept corpus a fixed number of times, always in the same way. The longer
one, `pytest tests/fuzz --fuzz-seconds 60`, goes on for so many seconds for each reader, in another
way each time, and names the seed with which a failure comes back. The deepest is guided by
coverage: see `with_atheris.py`. An input that broke a reader is kept in the corpus.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzz_targets import TARGETS, is_refused, mutate, seeds
from in_turn import in_turn

KEPT = [(name, path) for name in TARGETS for path in seeds(name)]


@in_turn("name, path", KEPT)
def test_kept_input_is_read_or_refused_as_its_name_says(name: str, path: Path) -> None:
    refused = is_refused(TARGETS[name], path.read_bytes())
    assert refused is path.name.startswith("broken")


def choosers(quick_runs: int, seconds: float) -> Iterator[int]:
    """Yield seeds: fixed ones, or others until the time has passed."""
    if not seconds:
        yield from range(quick_runs)
        return
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield random.getrandbits(64)


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_changed_input_raises_nothing_but_the_readers_own_errors(
    name: str, fuzz_seconds: float
) -> None:
    target = TARGETS[name]
    corpus = [path.read_bytes() for path in seeds(name)]
    refused = tried = 0
    for seed in choosers(target.quick_runs, fuzz_seconds):
        choose = random.Random(seed)  # noqa: S311 - to find bugs, not to hide anything
        data = mutate(choose.choice(corpus), target.words, choose)
        try:
            refused += is_refused(target, data)
        except Exception as error:
            error.add_note(f"seed {seed}: {data!r}")
            raise
        tried += 1
    # Changes that break nothing, or everything, would try no more than one path of the reader.
    assert refused < tried
    assert refused or not target.refuses
