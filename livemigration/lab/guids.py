"""GUIDs that stay the same for the same fleet."""

from __future__ import annotations

import uuid
from functools import lru_cache


@lru_cache(maxsize=1024)
def identifier(*parts: str) -> str:
    """Return a GUID that stays the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(parts)))
