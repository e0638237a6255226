"""What every PowerShell file of the suite keeps to: syntax, version 3.0, JSON written with care."""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter
import tree_sitter_powershell

from livemigration.verdict.fixes.quoting import SINGLE_QUOTES

POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

# What `quote` writes: a text, or a sum of texts and characters.
_ONE = r"'(?:[^']|'')*'"
TEXT = re.compile(rf"{_ONE}|\({_ONE}(?: \+ (?:{_ONE}|\[char\]\d+))+\)")

# What Windows PowerShell 3.0, which VMM 2012 SP1 runs on, does not have.
LATER = {
    "static constructor": r"::new\(",
    "class": r"(?im)^\s*(class|enum)\s+\w+\s*[:{]",
    "null-conditional": r"\?\.|\?\[",
    "null-coalescing": r"\?\?",
    "pipeline chain": r"&&|\|\|",
    "ternary": r"\?\s+[^|{]+\s+:\s",
    "parallel": r"(?i)-Parallel\b",
    "hash table from JSON": r"(?i)-AsHashtable\b",
    "array to JSON": r"(?i)-AsArray\b",
    "using": r"(?im)^\s*using\s+(namespace|module)\b",
    "member method": r"\.(Where|ForEach)\s*[({]",
}


def nodes(text: str) -> Iterator[tree_sitter.Node]:
    waiting = [POWERSHELL.parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def syntax_errors(text: str) -> list[tuple[int, str]]:
    """Return the line and the text of everything that does not parse."""
    broken = [each for each in nodes(text) if each.type == "ERROR" or each.is_missing]
    return [(each.start_point[0] + 1, (each.text or b"").decode()[:80]) for each in broken]


def called(text: str) -> set[str]:
    """Return the commands that a file calls and does not define itself."""
    own = set(re.findall(r"(?im)^\s*function\s+([\w-]+)", text))
    found = {
        node.text.decode()
        for node in nodes(text)
        if node.type == "command_name" and node.text is not None
    }
    return found - own


def later_than_version_3(text: str) -> list[str]:
    """Return what Windows PowerShell 3.0 would not understand."""
    code = re.sub(r"(?m)#.*$", "", text)
    return [feature for feature, pattern in LATER.items() if re.search(pattern, code)]


def code(script: str) -> str:
    """Return a script without its comments."""
    return "\n".join(line for line in script.split("\n") if not line.lstrip().startswith("#"))


def shape(script: str) -> list[str]:
    """Return the kinds of what a script consists of, as PowerShell reads it; texts are alike.

    PowerShell takes typographic quotes and dashes for the plain ones; the grammar does not.
    """
    plain = re.sub(f"[{SINGLE_QUOTES}]", "'", code(script))
    plain = re.sub("[\u201c-\u201e]", '"', plain)
    plain = re.sub("[\u2013-\u2015]", "-", plain)
    found: list[str] = []
    waiting = [POWERSHELL.parse(plain.encode("utf-8", "surrogatepass")).root_node]
    while waiting:
        node = waiting.pop()
        text = (node.text or b"").decode("utf-8", "surrogatepass")
        if TEXT.fullmatch(text):
            found.append("text")
            continue
        found.append(f"{node.type} {text if not node.children else ''}")
        waiting += node.children
    return found


def careless_json(text: str) -> list[str]:
    """Return the lines that write JSON without its depth, or through the pipeline."""
    lines = re.findall(r"[^\n]*ConvertTo-Json[^\n]*", text)
    return [each for each in lines if "-Depth" not in each or "-InputObject" not in each]
