"""How often a property is tried: the two profiles of Hypothesis, and shares of them.

`quick`, which a run of the tests takes by itself, tries the same few examples each time. `thorough`
(--hypothesis-profile=thorough, which CI runs) tries ten times as many: others each time, or those
of --hypothesis-seed. No property has a deadline: a busy machine is no fault.
"""

from __future__ import annotations

from hypothesis import settings

THOROUGH = 100


def register() -> None:
    """Register both profiles and load the quick one, which the command line may replace."""
    settings.register_profile("thorough", deadline=None, max_examples=THOROUGH)
    settings.register_profile(
        "quick", deadline=None, max_examples=THOROUGH // 10, derandomize=True, database=None
    )
    settings.load_profile("quick")


def examples(count: int) -> settings:
    """Return what tries a property so often in a thorough run, and in a quick one its share."""
    share: int = settings.default.max_examples  # type: ignore[union-attr]  # one is loaded
    return settings(max_examples=max(5, count * share // THOROUGH))
