"""Which of a fault's sentences is told: s:Reason is generic, the exact one stands in s:Detail.

Captured: "The data source could not process the filter" in s:Reason, and innermost in the detail
"The specified class does not exist in the given namespace" (windows-facts-2.md 17).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from livemigration.wsman.document import local_name

# What a detail writes its sentences into; those of MSFT_WmiError are p:Message and the last one.
_TELLING = {"Message", "error_WindowsErrorMessage"}
# What WMI's extended status adds to them.
_ADDING = {"Description"}
_PART_OF_A_MESSAGE = "ProviderFault"
# A number, and the words that stand beside it: alone they tell nothing that the code does not.
_CODE = re.compile(r"(?i)\b(hresult|error|code|0x[0-9a-f]+|[0-9]+)\b")


def fault_text(reason: str, sentences: Sequence[str], added: Sequence[str] = ()) -> str:
    """Return the innermost sentence that says more than the reason; else the reason.

    Args:
        reason: the text of s:Reason; empty where there is none.
        sentences: those of the detail, innermost first.
        added: what an extended status says besides; it follows, where it says more.
    """
    told = next((each for each in sentences if _says_more(each, reason)), "")
    told = told or reason or next(iter(sentences), "")
    more = next((each for each in added if _says_more(each, f"{reason} {told}")), "")
    return " ".join(each for each in (told, more) if each)


def _says_more(text: str, known: str) -> bool:
    plain = _plain(text)
    return plain not in _plain(known) and _has_words(plain)


def sentences_of(detail: Element) -> tuple[str, ...]:
    """Return the sentences of a detail, innermost first, then in its order.

    The query that an extended status repeats is none.
    """
    return _innermost_first(detail, _TELLING)


def additions_of(detail: Element) -> tuple[str, ...]:
    """Return what the extended statuses of a detail say, innermost first."""
    return _innermost_first(detail, _ADDING)


def _innermost_first(detail: Element, names: Collection[str]) -> tuple[str, ...]:
    found = [(depth, text) for depth, text in _texts(detail, names, 0) if text]
    return tuple(dict.fromkeys(text for _, text in sorted(found, key=lambda each: -each[0])))


def _texts(element: Element, names: Collection[str], depth: int) -> Iterator[tuple[int, str]]:
    for child in element:
        if local_name(child) in names:
            yield depth, " ".join("".join(_own(child)).split())
        yield from _texts(child, names, depth + 1)


def _own(message: Element) -> Iterable[str]:
    """Yield a message's text and that of its provider, without what is nested in them."""
    yield message.text or ""
    for child in message:
        if local_name(child) == _PART_OF_A_MESSAGE:
            yield from _own(child)
        yield child.tail or ""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(" .\u3002")


def _has_words(plain: str) -> bool:
    return any(each.isalpha() for each in _CODE.sub("", plain))
