"""What somebody may have meant by a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean x?` for the known word that is nearest; nothing where none is near."""
    by_case = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold()[:100], by_case, n=1, cutoff=0.6)
    return f" Did you mean {by_case[found[0]]}?" if found else ""
