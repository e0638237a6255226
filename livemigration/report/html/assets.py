"""Style and script of the page, and the policy that lets these two run and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "assets"
_STYLES = ("screen.css", "narrow.css", "print.css")
_GAPS = re.compile(r"\s*\n\s*")


def style(foot: str) -> str:
    """Return the style of a page. `foot` stands at the foot of each printed sheet."""
    # A text of CSS: nothing in it may end the text or the style (CSS Syntax 3, section 4.3.7).
    text = "".join(
        each if each.isalnum() or each in " .,:-" else f"\\{ord(each):x} " for each in foot
    )
    font = "font: 7pt sans-serif; color: #444"
    boxes = (
        f'@bottom-left {{ content: "{text}"; {font} }}',
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {font} }}',
    )
    return f"{_shared_style()}@media print {{ @page {{ {' '.join(boxes)} }} }}"


@cache
def _shared_style() -> str:
    return "".join(_GAPS.sub("\n", read(name)) for name in _STYLES)


@cache
def script() -> str:
    """Return the script of a page, which finds, filters and copies; all is there without it."""
    return read("page.js")


def policy(*, styles: str, scripts: str = "") -> str:
    """Return the content security policy of a page with this style and script."""
    allowed = [f"style-src {_digest(styles)}"]
    if scripts:
        allowed.append(f"script-src {_digest(scripts)}")
    return f"default-src 'none'; {'; '.join(allowed)}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def read(name: str) -> str:
    """Return the text of a style or a script."""
    return (_FOLDER / name).read_text(encoding="utf-8")
