"""What a result is called in a JUnit file, and what its properties are; pytest writes the file."""

from __future__ import annotations

from livemigration.report.moments import utc
from livemigration.report.text import plain
from livemigration.report.told import headline, told
from livemigration.report.wording import SIMULATED
from livemigration.results import PlanEntry, Result, Run

# What a class name of Java cannot hold, Jenkins would take for the end of a package.
PACKAGE = "livemigration"


def class_name(entry: PlanEntry) -> str:
    """Return `livemigration.settings.LM102`, by which every system groups.

    Jenkins shows what stands before the last dot as the package and the rest as the class (JUnit
    plugin, CaseResult); GitLab takes it all for the suite (docs, "Unit test reports"); Azure
    Pipelines for the test's file (PublishTestResults@2, "Result formats mapping"). So all hosts of
    a check stand together, and a file that moves does not begin a new history.
    """
    return f"{PACKAGE}.{plain(entry.area)}.{plain(entry.check)}"


def case_name(entry: PlanEntry) -> str:
    """Return `LM102 hv03.contoso.com`.

    Azure Pipelines lists this name alone, so it says the check again. GitLab drops the second of
    two cases with equal names: a target stands once beside a check.
    """
    return headline(entry)


def case_properties(result: Result) -> list[tuple[str, str]]:
    """Return the properties of a result's case, always the same ones in the same order.

    Jenkins keeps them where the step `junit` is told `keepProperties`; the other systems ignore
    them. The schema of Jenkins' xUnit plugin (junit-10.xsd) does not know properties of a case.
    """
    entry, said = result.entry, told(result)
    levels = [each.level.value for each in result.findings]
    worst = next((each for each in ("fail", "warning") if each in levels), "")
    return [
        ("target", plain(entry.target)),
        ("target_kind", entry.target_kind.value),
        ("check", entry.check),
        ("title", plain(entry.title)),
        ("state", result.state.value),
        ("level", worst),
        ("observed", said.observed),
        ("expected", said.expected),
        ("fix", said.fix),
        ("reason", plain(result.reason)),
    ]


def suite_properties(run: Run) -> list[tuple[str, str]]:
    """Return the properties of the whole file: the verdict, and whether it is of the lab."""
    change, until = run.change, run.valid_until
    return [
        ("verdict", run.verdict),
        ("simulated", SIMULATED if run.simulated else "no"),
        ("inventory", plain(run.inventory)),
        ("inventory_digest", run.inventory_digest),
        ("policy_digest", run.demands.digest if run.demands is not None else ""),
        ("change", change.identifier if change is not None else ""),
        ("operator", plain(change.operator) if change is not None else ""),
        ("window", change.window_text if change is not None else ""),
        ("started", utc(run.started)),
        ("finished", utc(run.finished)),
        ("valid_until", utc(until) if until is not None and not run.simulated else ""),
        ("suite_version", run.suite_version),
        ("not_examined", plain(" ".join(run.not_examined))),
    ]
