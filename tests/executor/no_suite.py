"""A worker without the suite."""

from __future__ import annotations

import sys
from typing import Any


class _Without:
    def find_spec(self, name: str, *_: Any) -> None:
        if name.partition(".")[0] == "livemigration":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, _Without())
