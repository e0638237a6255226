"""The forms in which results can be written for other programs, by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from livemigration.report.inventory_lines import lines_of_hosts
from livemigration.report.markdown import markdown_text
from livemigration.report.sarif import sarif_text
from livemigration.report.spreadsheet import csv_text
from livemigration.results import Run

# Takes the run, and the folder that the inventory's path starts from.
Export = Callable[[Run, Path], str]


def _sarif(run: Run, folder: Path) -> str:
    return sarif_text(run, lines_of_hosts(run, folder))


def _csv(run: Run, _folder: Path) -> str:
    return csv_text(run)


def _markdown(run: Run, _folder: Path) -> str:
    return markdown_text(run)


EXPORTS: Mapping[str, Export] = {"sarif": _sarif, "csv": _csv, "markdown": _markdown}
