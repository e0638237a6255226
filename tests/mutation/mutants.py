"""What a mutation run changes: one small change of one function of a module at a time.

The changes are those of mutmut's operators. Left out, each for its reason:

- string literals, also as an argument that is taken out: a test of one would repeat the sentence.
  What a sentence carries (a host, a subnet, the identifier of a check, a number) is put in by an
  expression, which is changed;
- an argument replaced by None, beside the same argument left out: it asks the same question twice,
  and these are two of every five changes;
- default values, decorators, annotations and what stands outside of functions: they are evaluated
  once, while the module is imported, and the run changes functions of modules that are imported;
- the arguments of `len` and `isinstance`, as mutmut does: every such change is a TypeError.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

# Wide enough to recognise a change among others of its function, short enough for a list.
CONTEXT = 24
LONGEST = 90
EVALUATED_ON_IMPORT = (libcst.Annotation, libcst.Decorator, libcst.Param)
# What a change is shown in: the operator of a comparison alone would say nothing.
SHOWN = (libcst.BaseExpression, libcst.BaseSmallStatement, libcst.BaseCompoundStatement)
# As little does a number or a name.
BARE = (libcst.BaseNumber, libcst.Name)
UNCHANGED_CALLS = ("len", "isinstance")


@dataclass(frozen=True)
class Key:
    """How a change is named: by what it does, not by its line, which moves.

    `number` tells changes of one function apart that read alike: 1 is the first.
    """

    module: str
    function: str
    was: str
    becomes: str
    number: int = 1

    def __str__(self) -> str:
        times = f" ({self.number})" if self.number > 1 else ""
        return f"{self.module} {self.function}{times}:\n    - {self.was}\n    + {self.becomes}"


@dataclass(frozen=True)
class Mutant:
    """One change, with the lines that it stands on and how to make it."""

    key: Key
    path: Path
    lines: range
    original: libcst.CSTNode
    changed: libcst.CSTNode
    tree: libcst.Module

    def source(self) -> str:
        """Return the source of the module with the change made."""
        replaced = self.tree.deep_replace(self.original, self.changed)
        assert isinstance(replaced, libcst.Module)
        return replaced.code


class _Found(NamedTuple):
    function: str
    lines: range
    shown: libcst.CSTNode
    node: libcst.CSTNode
    changed: libcst.CSTNode


class _Visitor(libcst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.outer: libcst.FunctionDef | None = None
        self.found: list[_Found] = []
        self.above: list[libcst.CSTNode] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, EVALUATED_ON_IMPORT) or _is_unchanged_call(node):
            return False
        if isinstance(node, libcst.ClassDef | libcst.FunctionDef) and self.outer is None:
            self.names.append(node.name.value)
            if isinstance(node, libcst.FunctionDef):
                self.outer = node
        elif self.outer is not None:
            self._change(node)
        self.above.append(node)
        return True

    def on_leave(self, original_node: libcst.CSTNode) -> None:
        if not self.above or self.above[-1] is not original_node:
            return
        self.above.pop()
        if original_node is self.outer:
            self.outer = None
        if isinstance(original_node, libcst.ClassDef | libcst.FunctionDef) and self.outer is None:
            self.names.pop()

    def _change(self, node: libcst.CSTNode) -> None:
        place = self.get_metadata(PositionProvider, node, None)
        if place is None or self.outer is None:
            return
        lines = range(place.start.line, place.end.line + 1)
        around = (*self.above, node) if not isinstance(node, BARE) else self.above
        shown = next(each for each in reversed(around) if isinstance(each, SHOWN))
        for changed in changes(node):
            self.found.append(_Found(".".join(self.names), lines, shown, node, changed))


def _is_unchanged_call(node: libcst.CSTNode) -> bool:
    return (
        isinstance(node, libcst.Call)
        and isinstance(node.func, libcst.Name)
        and node.func.value in UNCHANGED_CALLS
    )


def changes(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    """Yield what mutmut makes of a node, without what this module leaves out."""
    for kind, operator in mutators.mutation_operators:
        if operator is mutators.operator_string or not isinstance(node, kind):
            continue
        for changed in operator(node):
            if operator is mutators.operator_arg_removal and _left_out(node, changed):
                continue
            yield changed


def _left_out(node: Any, changed: Any) -> bool:
    """Tell an argument replaced by None, and one that asks nothing where it is taken out."""
    kept = {id(each) for each in changed.args}
    gone = [each for each in node.args if id(each) not in kept]
    return len(node.args) == len(changed.args) or all(
        _is_prose(each.value) or _is_flipped(each) for each in gone
    )


def _is_flipped(argument: libcst.Arg) -> bool:
    """Whether leaving an argument out is what changing it does: `strict=` of `zip`."""
    return argument.keyword is not None and argument.keyword.value == "strict"


def _is_prose(node: libcst.CSTNode) -> bool:
    if isinstance(node, libcst.ConcatenatedString):
        return _is_prose(node.left) and _is_prose(node.right)
    if isinstance(node, libcst.FormattedString):
        return not any(isinstance(each, libcst.FormattedStringExpression) for each in node.parts)
    return isinstance(node, libcst.SimpleString)


def of_module(path: Path, module: str) -> list[Mutant]:
    """Return every change of a module's functions, in the order of the source."""
    wrapper = MetadataWrapper(libcst.parse_module(path.read_text(encoding="utf-8")))
    visitor = _Visitor()
    wrapper.visit(visitor)
    tree = wrapper.module
    seen: Counter[tuple[str, str, str]] = Counter()
    mutants = []
    for function, lines, shown, node, changed in visitor.found:
        after = changed if shown is node else shown.deep_replace(node, changed)
        assert isinstance(after, libcst.CSTNode)
        was, becomes = abbreviated(tree.code_for_node(shown), tree.code_for_node(after))
        seen[function, was, becomes] += 1
        key = Key(module, function, was, becomes, seen[function, was, becomes])
        mutants.append(Mutant(key, path, lines, node, changed, tree))
    return mutants


def abbreviated(was: str, becomes: str) -> tuple[str, str]:
    """Return both on one line each, without most of what they share where they are long."""
    was, becomes = " ".join(was.split()), " ".join(becomes.split())
    if max(len(was), len(becomes)) <= LONGEST:
        return was, becomes
    blocks = difflib.SequenceMatcher(None, was, becomes, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    if not changed:
        return was, becomes
    return (
        _around(was, changed[0][1], changed[-1][2]),
        _around(becomes, changed[0][3], changed[-1][4]),
    )


def _around(text: str, start: int, end: int) -> str:
    start, end = max(start - CONTEXT, 0), min(end + CONTEXT, len(text))
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
