"""Text of JSON, read with sentences that name no setting of Python."""

from __future__ import annotations

import json
import sys
from typing import Any


class _TwiceError(ValueError):
    """A key stands twice in an object."""


def ambiguous(text: bytes) -> str:
    """Return why readers may see different things in a text of JSON; empty: they do not.

    Of a key that stands twice, one reads the first and another the last.
    """
    try:
        json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except _TwiceError as error:
        return f"has the key {str(error)[:60]!r} twice in one place"
    except (ValueError, RecursionError):
        return "is not plain JSON in UTF-8"
    return ""


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise _TwiceError(key)
        seen.add(key)


def _no_number(text: str) -> None:
    raise ValueError(text)


def load_json(text: str | bytes) -> Any:
    """Return the document that a text of JSON holds.

    Raises:
        ValueError: it is no JSON, or has a number of more digits than Python reads.
        RecursionError: it is nested deeper than Python reads.
    """
    try:
        return json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        most = sys.get_int_max_str_digits()
        raise ValueError(f"it has a number of more than {most:,} digits") from None
