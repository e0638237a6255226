"""Which VMM release a product version is, and whether KB 2853203 applies to it."""

from __future__ import annotations

import re
from enum import Enum

from livemigration.base.text import one_line
from livemigration.facts.vmm import VmmRelease


class Release(Enum):
    """The releases that the verdict table tells apart."""

    UNSUPPORTED = "2012 (before SP1)"
    AFFECTED = "2012 SP1"
    RESOLVED = "2012 R2 or later"
    UNKNOWN = "unknown"


_FIRST_RESOLVED = (3, 2, 7510)
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){1,3}")


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return a version's numbers, or None where the text is not a version."""
    stripped = text.strip()
    if not _VERSION.fullmatch(stripped):
        return None
    return tuple(int(part) for part in stripped.split("."))


def classify(version: tuple[int, ...]) -> Release:
    """Return the release of a version (windows-facts.md section 2.3).

    Compared as numbers, so that the documented misprint 3.1.68108.0 is still 2012 SP1.
    """
    if version[:2] == (3, 0):
        return Release.UNSUPPORTED
    if version[:2] == (3, 1):
        return Release.AFFECTED
    if version >= _FIRST_RESOLVED:
        return Release.RESOLVED
    return Release.UNKNOWN


def release_of(facts: VmmRelease) -> tuple[Release, str]:
    """Return the release and the version text that decided it.

    The two sources may differ in the build (an update rollup patches only some files) but not in
    the release; where they do, the release is unknown.
    """
    texts = [one_line(text) for text in (facts.server, facts.registry) if text]
    versions = [(text, parse_version(text)) for text in texts]
    releases = {classify(numbers) for _, numbers in versions if numbers is not None}
    readable = [text for text, numbers in versions if numbers is not None]
    if len(releases) != 1:
        return Release.UNKNOWN, " and ".join(texts) or "no version"
    return releases.pop(), readable[0]
