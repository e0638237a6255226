"""The files of one run: what each is called, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livemigration.errors import UsageError

RESULTS = "results.json"
REPORT = "report.html"
JOURNAL = "journal.jsonl"
FACTS = "facts.json"
_KINDS = (RESULTS, REPORT, JOURNAL, FACTS)


@dataclass(frozen=True)
class RunFiles:
    """The folder of one run. With --change, the names of its files begin with the change."""

    folder: Path
    change: str = ""

    @classmethod
    def of(cls, path: Path) -> RunFiles:
        """Return the files of a run from its folder, or from any of them.

        Raises:
            UsageError: no run left its files there.
        """
        for kind in _KINDS:
            if path.name.endswith(kind):
                return cls(path.parent, path.name.removesuffix(kind).removesuffix("-"))
        found = sorted(each for each in path.glob(f"*{JOURNAL}") if each.is_file())
        found = found or sorted(each for each in path.glob(f"*{RESULTS}") if each.is_file())
        if len(found) != 1:
            raise UsageError(
                f"{path}: not the folder of a run. Name a folder under the reports folder that "
                f"holds {RESULTS}."
            )
        return cls.of(found[0])

    @property
    def results(self) -> Path:
        """The results: every other artefact is a view of them."""
        return self.named(RESULTS)

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.named(REPORT)

    @property
    def journal(self) -> Path:
        """What was written while the run went on."""
        return self.named(JOURNAL)

    @property
    def facts(self) -> Path:
        """The facts that were judged."""
        return self.named(FACTS)

    @property
    def fix_script(self) -> Path:
        """The fixes as one PowerShell script."""
        return self.folder / f"{self.folder.name}.fix.ps1"

    @property
    def bundle(self) -> Path:
        """Everything in one file, to attach to a change record."""
        return self.folder / f"{self.folder.name}.zip"

    def named(self, kind: str) -> Path:
        """Return the path of the run's file of this kind."""
        return self.folder / (f"{self.change}-{kind}" if self.change else kind)
