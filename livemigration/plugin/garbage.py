"""What Python's search for garbage looks through while a run goes.

Facts, items and results stay to the end of a run and are most of what there is: a search through
all of them finds nothing, and took a fifth of the time of a run of thousands of hosts.
"""

from __future__ import annotations

import gc

import pytest

# Young objects before they are looked through, and how many such searches before a wider one.
_THRESHOLDS = (50_000, 20, 100)


class Garbage:
    """The search for garbage of one run: of what is new, and seldom of anything else."""

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None
        self._keeps = False

    def begin(self, config: pytest.Config) -> None:
        """Search seldom from now on, until pytest has ended the run."""
        if self._before is None:
            self._before = gc.get_threshold()
            # Who has set something aside in this process takes it back himself.
            self._keeps = not gc.get_freeze_count()
            gc.set_threshold(*_THRESHOLDS)
            config.add_cleanup(self.end)

    def keep(self) -> None:
        """Leave out what is there by now: it is needed to the end."""
        if self._keeps:
            gc.freeze()

    def end(self) -> None:
        """Search as before."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None
        if self._keeps:
            gc.unfreeze()
            self._keeps = False
