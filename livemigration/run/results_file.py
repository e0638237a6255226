"""results.json: what a run came to, in a file."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import UsageError, unreadable
from livemigration.base.files import write_chunks
from livemigration.base.json_text import load_json
from livemigration.base.packed import encoded
from livemigration.run.layout.lines import laid_out
from livemigration.run.layout.reading import run_of
from livemigration.run.layout.writing import parts_of
from livemigration.run.run import READABLE_SCHEMAS, SCHEMA_VERSION, Run

_READABLE = " and ".join(map(str, READABLE_SCHEMAS))


def load(path: Path) -> Run:
    """Return the run that a results.json holds.

    Raises:
        UsageError: the file cannot be read, or is no results.json of this release.
    """
    try:
        # Editors on Windows begin UTF-8 files with a mark.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        raise UsageError(f"{path}: not UTF-8, so not a results.json.") from None
    try:
        run = run_of_text(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}, line {error.lineno}: not JSON, so not a results.json.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path}: not the results.json of a run of this release: {str(error)[:200]}."
        ) from None
    return run


def run_of_text(text: str | bytes) -> Run:
    """Return the run that the text of a results.json holds, in the form of any schema.

    Raises:
        ValueError: it is none; the message names the first place that does not fit.
        RecursionError: it is nested as no results.json is.
    """
    document = load_json(text)
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == SCHEMA_VERSION:
        with _no_search_for_garbage():
            return run_of(document)
    if schema is not None and schema not in READABLE_SCHEMAS:
        raise ValueError(f"schema: it is {str(schema)[:20]}, and this suite reads {_READABLE}")
    run: Run = codec.from_json(Run, document)
    return run


def text_of(run: Run) -> str:
    """Return the text of a results.json; of a run that was read, in the form of its schema."""
    return "".join(_texts_of(run))


def _texts_of(run: Run) -> Iterator[str]:
    if run.schema == 1:
        yield json.dumps(codec.to_json(run), indent=1) + "\n"
        return
    with _no_search_for_garbage():
        document = parts_of(run)
        yield from laid_out(document)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Keep the interpreter from looking through what is made, all of which is needed.

    It takes more than half of the time that a run of thousands of hosts is read in.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def save(path: Path, run: Run) -> None:
    """Write a results.json.

    Raises:
        OSError: it cannot be written; an older one is left as it was.
    """
    write_chunks(path, encoded(_texts_of(run)))
