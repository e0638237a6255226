"""How often a property is tried: the profiles of Hypothesis, and shares of them.

`quick`, which a run of the tests takes by itself, tries the same few examples each time. `thorough`
(--hypothesis-profile=thorough, which CI runs) tries ten times as many: others each time, or those
of --hypothesis-seed. No property has a deadline: a busy machine is no fault. `unshrunk`, which the
mutation run takes, is `quick`, but looks for no smaller example: there, it only counts that a
property fails.
"""

from __future__ import annotations

from hypothesis import Phase, settings

THOROUGH = 100


def register() -> None:
    """Register both profiles and load the quick one, which the command line may replace."""
    settings.register_profile("thorough", deadline=None, max_examples=THOROUGH)
    settings.register_profile(
        "quick", deadline=None, max_examples=THOROUGH // 10, derandomize=True, database=None
    )
    settings.register_profile(
        "unshrunk",
        settings.get_profile("quick"),
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("quick")


def examples(count: int) -> settings:
    """Return what tries a property so often in a thorough run, and in a quick one its share."""
    share: int = settings.default.max_examples  # type: ignore[union-attr]  # one is loaded
    return settings(max_examples=max(5, count * share // THOROUGH))
