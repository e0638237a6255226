"""SECURITY.md as a page of the handbook: the same words, with links that count from docs/.

python tests/docs/security_page.py > docs/security.md
"""

from __future__ import annotations

import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "SECURITY.md"


def page() -> str:
    """Return the page."""
    return SOURCE.read_text(encoding="utf-8").replace("](docs/", "](")


if __name__ == "__main__":
    sys.stdout.write(page())
