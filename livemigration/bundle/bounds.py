"""What two true records of one run may differ in: what was cut or left out for its length.

A name and what takes its place have other lengths. So a line may be cut in one record and whole in
the other, and a group of facts may be left out of one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livemigration.run.evidence.facts import MAX_CHARACTERS, MAX_LINE, MAX_LINES

# What is left out did not fit, and no group takes more than so many lines of that length.
_FULL = MAX_CHARACTERS - MAX_LINES * MAX_LINE


def level(said: dict[str, Any], again: dict[str, Any]) -> None:
    """Make the evidence of two runs equal where their bounds alone made it differ.

    Nothing is taken for left out where there was room, and nothing for cut that is short.

    Args:
        said: the JSON of a run, which is changed.
        again: that of the same run with replaced names, which is changed too.
    """
    targets = [(each["evidence"] or {"targets": []})["targets"] for each in (said, again)]
    full = [_is_full(each) for each in targets]
    for one, two in zip(*targets, strict=False):
        if (one["left_out"] and full[0]) or (two["left_out"] and full[1]):
            absent = {*one["left_out"], *two["left_out"]}
            for each in (one, two):
                each["facts"] = [fact for fact in each["facts"] if fact["group"] not in absent]
            one["left_out"] = two["left_out"]
        for fact, other in zip(one["facts"], two["facts"], strict=False):
            _level_lines(fact, other)


def _is_full(targets: Sequence[dict[str, Any]]) -> bool:
    facts = (fact for each in targets for fact in each["facts"])
    return sum(len(line) for fact in facts for line in fact["lines"]) > _FULL


def _level_lines(fact: dict[str, Any], other: dict[str, Any]) -> None:
    pairs = enumerate(zip(fact["lines"], other["lines"], strict=False))
    cut = [place for place, (a, b) in pairs if _is_cut(fact, a) or _is_cut(other, b)]
    for place in cut:
        fact["lines"][place] = other["lines"][place]
    if cut:
        fact["cut"] = other["cut"]


def _is_cut(fact: dict[str, Any], line: str) -> bool:
    return bool(fact["cut"]) and len(line) == MAX_LINE
