"""results.json: what a run came to, in a file."""

from __future__ import annotations

import json
from pathlib import Path

from livemigration import codec
from livemigration.errors import UsageError
from livemigration.files import write_text
from livemigration.results import Run


def load(path: Path) -> Run:
    """Return the run that a results.json holds.

    Raises:
        UsageError: the file cannot be read, or is no results.json of this release.
    """
    try:
        # Editors on Windows begin UTF-8 files with a mark.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}.") from None
    except ValueError:
        raise UsageError(f"{path}: not UTF-8, so not a results.json.") from None
    try:
        run: Run = codec.from_json(Run, json.loads(text))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}, line {error.lineno}: not JSON, so not a results.json.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path}: not the results.json of a run of this release: {str(error)[:200]}."
        ) from None
    return run


def text_of(run: Run) -> str:
    """Return the text of a results.json."""
    return json.dumps(codec.to_json(run), indent=1) + "\n"


def save(path: Path, run: Run) -> None:
    """Write a results.json.

    Raises:
        OSError: it cannot be written; an older one is left as it was.
    """
    write_text(path, text_of(run))
