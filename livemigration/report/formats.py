"""The forms in which results can be written for other programs: the one table of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livemigration.run.run import Run


@dataclass(frozen=True)
class Format:
    """A form: `livemigration view --format NAME`, and the option `--NAME` of a run.

    `called` is its name in sentences. `made_by` names the function, as entry points are written,
    that takes the run and the folder which the inventory's path starts from, and returns the text;
    its module is imported when it is asked for. A `bundled` one is the member `report` with its
    `suffix` of every bundle, which is made again when a bundle of this version is verified.
    """

    name: str
    called: str
    suffix: str
    made_by: str
    bundled: bool = False

    @property
    def option(self) -> str:
        """The option of a run that asks for it."""
        return f"--{self.name}"

    def text(self, run: Run, folder: Path) -> str:
        """Return a run in this form, the same for the same run."""
        return str(pkgutil.resolve_name(self.made_by)(run, folder))


# In the order in which help lists them.
FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("sarif", "SARIF", ".sarif", "livemigration.report.sarif:export"),
        Format("csv", "CSV", ".csv", "livemigration.report.spreadsheet:export"),
        Format("markdown", "Markdown", ".md", "livemigration.report.markdown:export", bundled=True),
    )
}
