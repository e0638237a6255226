"""The commands that README.md, CONTRIBUTING.md and the handbook print."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
# A block without a name is of the shell, so that it reads the same wherever it is shown.
SHELL, POWERSHELL = {"", "sh"}, "powershell"
# Other tests look at these: of fleets, waivers, inventories, pipelines, own checks, and of the
# examples of commands, which stand as text beside their exit codes.
NO_COMMANDS = {"yaml", "python", "groovy", "json", "text"}
# What begins a command that stands in a sentence.
PROGRAMS = {"livemigration", "pytest", "nox", "pip", "python", "mkdocs", "pre-commit"}
PROGRAMS |= {"bench/run"}
_PLACE = re.compile(r"^(?:\.venv/bin/|\.venv\\Scripts\\)")
_ENDS = {"&&", "||", ";", "|", ">", ">>"}


@dataclass(frozen=True)
class Block:
    """A block of code of a page; `language` is what stands behind its fence."""

    page: str
    language: str
    text: str


@cache
def blocks() -> tuple[Block, ...]:
    """Return every block of code."""
    return tuple(
        Block(name, token.info.strip(), token.content)
        for name, token in _tokens()
        if token.type in {"fence", "code_block"}
    )


def commands() -> dict[str, list[str]]:
    """Return each command line of the shell, with the pages that print it."""
    found: dict[str, list[str]] = {}
    for block in blocks():
        if block.language in SHELL:
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip():
                    found.setdefault(plain(line), []).append(block.page)
    return found


def spans() -> dict[str, list[str]]:
    """Return each command that stands in a sentence, with its pages."""
    found: dict[str, list[str]] = {}
    for name, token in _tokens():
        for each in token.children or ():
            words = each.content.split()
            if each.type == "code_inline" and words and plain(words[0]) in PROGRAMS:
                found.setdefault(plain(each.content), []).append(name)
    return found


def of_powershell() -> dict[str, list[str]]:
    """Return the commands of this project that blocks of PowerShell call."""
    found: dict[str, list[str]] = {}
    for block in blocks():
        if block.language == POWERSHELL:
            for line in re.split(r"[;\n]", block.text):
                if _PLACE.match(line.strip()):
                    found.setdefault(plain(line).replace("\\", "/"), []).append(block.page)
    return found


def plain(line: str) -> str:
    """Return a command on one line, without the folder of the environment that it is in."""
    return _PLACE.sub("", " ".join(line.split()))


def steps(command: str) -> list[list[str]]:
    """Return the words of each program that a command line starts, without redirections."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words = list(lexer)
    found: list[list[str]] = [[]]
    redirected = False
    for word in words:
        if word in _ENDS:
            redirected = word in {">", ">>"}
            if not redirected:
                found.append([])
        elif not redirected:
            found[-1].append(word)
    return [[plain(each[0]), *each[1:]] for each in found if each]


@cache
def _tokens() -> tuple[tuple[str, Token], ...]:
    """Return each part of a page, with the name of the page."""
    return tuple(_parsed())


def _parsed() -> Iterator[tuple[str, Token]]:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
            yield name, token


class _Catcher:
    """A plugin that keeps the parser to which pytest and all plugins add their options."""

    parser: pytest.Parser | None = None

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        self.parser = parser


@cache
def pytest_parser() -> pytest.Parser:
    """Return pytest's own parser, with the options of the suite."""
    catcher = _Catcher()
    said, path = io.StringIO(), list(sys.path)
    try:
        with chdir(ROOT), redirect_stdout(said), redirect_stderr(said):
            pytest.main(["--help", "-p", "no:cacheprovider"], plugins=[catcher])
    finally:
        sys.path[:] = path
    assert catcher.parser is not None, said.getvalue()
    return catcher.parser
