"""Bad input from the person who starts a run."""

from __future__ import annotations


class UsageError(Exception):
    """An option, inventory or environment that the run cannot start with: exit code 4.

    The text names the file, line or key, what is wrong, and what would be right.
    """


class NothingToCheckError(Exception):
    """A run whose input is valid but names nothing to check: exit code 5."""
