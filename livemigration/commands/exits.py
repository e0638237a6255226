"""The exit codes of commands in the words of `--help`: the one place of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livemigration.run.exit_code import MEANINGS, ExitCode

Exits = Mapping[int, str]

# As of a program that the signal ends: what was not said to the end is never green.
CLOSED_PIPE = 141

# What any command can end with, whatever else it says.
EVERY: Exits = {
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.INTERNAL_ERROR: "internal error: report it",
    ExitCode.USAGE: "wrong arguments or files; what would be right is printed",
    CLOSED_PIPE: "what reads the output closed it, as `| head` does",
}
DONE: Exits = {ExitCode.READY: "done"}
# Of a command that ends as the run does that it shows.
VERDICT: Exits = {
    **MEANINGS,
    ExitCode.INTERRUPTED: "the run, or this command, was interrupted",
    ExitCode.INTERNAL_ERROR: "internal error, of the run or of this command: report it",
    ExitCode.USAGE: "wrong arguments or files, of the run or of this command",
}


def whole(exits: Exits) -> dict[int, str]:
    """Return every code that a command can end with, in their order."""
    return dict(sorted({**EVERY, **exits}.items()))


def of_several(exits: Iterable[Exits]) -> Exits:
    """Return the codes of commands that are told together: each meaning of a code once."""
    told: dict[int, list[str]] = {}
    for each in exits:
        for code, meaning in each.items():
            meanings = told.setdefault(code, [])
            if meaning not in meanings:
                meanings.append(meaning)
    return {code: ", or ".join(meanings) for code, meanings in told.items()}
