"""Warnings and waived failures, equal ones once with the hosts of which they are said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from livemigration.report.grouping import View
from livemigration.report.naming import ANY_HOST, Names, without_name
from livemigration.report.repair_detail import named


def warning_lines(view: View, names: Names) -> Iterator[str]:
    """Yield each warning with what was expected and its fix, those of most hosts first."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for target in (*view.others, *view.hosts):
        for warned in target.warnings:
            said = warned.statement
            text = said.observed
            if said.expected:
                text += f" Expected: {said.expected}"
            if warned.fix:
                text += f" Fix: {warned.fix.summary}"
            if warned.same_fix_as:
                text += f" Same fix as {warned.same_fix_as}."
            found[said.entry.check, without_name(text, target.name)].append(target.name)
    yield from _told(found, names)


def waived_lines(view: View, names: Names) -> Iterator[str]:
    """Yield each waived failure with who signed for it, and what was found."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in view.waived:
        observed = " ".join(said.observed for said in each.statements)
        text = f"{each.reason} Waived: {observed}"
        found[each.entry.check, without_name(text, each.entry.target)].append(each.entry.target)
    yield from _told(found, names)


def _told(found: dict[tuple[str, str], list[str]], names: Names) -> Iterator[str]:
    for (check, text), targets in sorted(found.items(), key=lambda each: -len(each[1])):
        known = tuple(dict.fromkeys(targets))
        if len(known) == 1:
            yield f"{check} {known[0]}: {text.replace(ANY_HOST, known[0])}"
        else:
            yield f"{check} {named(known, names)}: {text}"
