"""Text of JSON, read with sentences that name no setting of Python."""

from __future__ import annotations

import json
import sys
from typing import Any


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
