"""The files of one run: what each is called, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.packed import GZ, as_found

RESULTS = "results.json"
REPORT = "report.html"
TESTS = "tests.html"
JOURNAL = "journal.jsonl"
FACTS = "facts.json"
INVENTORY = "inventory.yaml"
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
        name = path.name.removesuffix(GZ)
        for kind in _KINDS:
            if name.endswith(kind):
                return cls(path.parent, name.removesuffix(kind).removesuffix("-"))
        found = _of_kind(path, JOURNAL) or _of_kind(path, RESULTS)
        if len(found) != 1:
            raise UsageError(
                f"{path}: not the folder of a run. Name a folder under the reports folder that "
                f"holds {RESULTS}."
            )
        return cls.of(found.pop())

    @property
    def results(self) -> Path:
        """The results: every other artefact is a view of them."""
        return self.named(RESULTS)

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.named(REPORT)

    @property
    def tests(self) -> Path:
        """Pytest's own table of what is red."""
        return self.named(TESTS)

    @property
    def journal(self) -> Path:
        """What was written while the run went on; compressed where it is large and has ended."""
        return as_found(self.named(JOURNAL))

    @property
    def facts(self) -> Path:
        """The facts that were judged; compressed where they are large."""
        return as_found(self.named(FACTS))

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


def _of_kind(folder: Path, kind: str) -> set[Path]:
    """Return the files of a kind, which may be compressed, by the names that they have plain."""
    found = (each for end in (kind, f"{kind}{GZ}") for each in folder.glob(f"*{end}"))
    return {each.with_name(each.name.removesuffix(GZ)) for each in found if each.is_file()}
