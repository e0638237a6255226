"""Text from hosts and inventories, made safe for a line of PowerShell or of prose."""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.base.text import is_unsafe, one_line

# PowerShell takes the typographic single quotes for the straight one.
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
# Of what a comment says: more than a sentence shows, because it records what was there before.
LONGEST_COMMENT = 400


def quote(text: object) -> str:
    """Return an expression on one line whose value is the text.

    A single-quoted string: PowerShell expands nothing in it. Characters that could end the line or
    disguise it are added by their number.
    """
    said = str(text)
    if said.isascii() and said.isprintable():
        return f"""'{said.replace("'", "''")}'"""
    parts: list[str] = []
    run = ""
    for character in said:
        if is_unsafe(character):
            parts += [f"'{run}'", *_numbers(character)]
            run = ""
        else:
            run += character * 2 if character in SINGLE_QUOTES else character
    if not parts:
        return f"'{run}'"
    parts.append(f"'{run}'")
    return f"({' + '.join(parts)})"


def _numbers(character: str) -> list[str]:
    """Return the UTF-16 units of a character as PowerShell writes them."""
    raw = character.encode("utf-16-be", "surrogatepass")
    units = (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))
    return [f"[char]{unit}" for unit in units]


def quote_list(items: Iterable[object]) -> str:
    """Return a PowerShell array of strings."""
    return f"@({', '.join(quote(item) for item in items)})"


def comment(text: object) -> str:
    """Return a line of PowerShell that does nothing, of at most LONGEST_COMMENT characters."""
    return f"# {one_line(text, limit=LONGEST_COMMENT)}"
