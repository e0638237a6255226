"""Bad input from the person who starts a run."""

from __future__ import annotations


class UsageError(Exception):
    """An option, inventory or environment that the run cannot start with: exit code 4.

    The text names the file, line or key, what is wrong, and what would be right.
    """


class NothingToCheckError(Exception):
    """A run whose input is valid but names nothing to check: exit code 5."""


_STEPS: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "Correct the path."),
    (NotADirectoryError, "Correct the path."),
    (IsADirectoryError, "Name a file in it."),
    (PermissionError, "Let the account of this run read it."),
)


def unreadable(what: object, error: OSError) -> UsageError:
    """Return that a file cannot be read: which, by its path or as an option names it, and why."""
    step = next((f" {step}" for kind, step in _STEPS if isinstance(error, kind)), "")
    return UsageError(f"{what}: {error.strerror or 'cannot be read'}.{step}")
