"""What commands that plan drains are given: facts, what their site demands, and the hosts."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.text import listed
from livemigration.collector import facts_file
from livemigration.commands.completion import completed, nothing, run_or
from livemigration.commands.paths import REPORTS, given_file, runs_in
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest, length_of
from livemigration.inventory.drain_names import TO, WITHOUT, DrainNames, request_of
from livemigration.inventory.file import Host
from livemigration.inventory.inventory import matches
from livemigration.inventory.names import given_names
from livemigration.inventory.nearest import did_you_mean
from livemigration.inventory.policy import Policy
from livemigration.run import stored
from livemigration.run.files import RunFiles
from livemigration.run.run import Run
from livemigration.verdict.one_failure import one_failure_a_cause

# What is read of hosts only where a run is told that one of them is to be emptied.
FACTS_OF = "What a plan needs is read by: pytest -m livemigration --inventory FILE --drain HOST"
_LONGEST_PATTERN = 300


@dataclass(frozen=True)
class Known:
    """Facts, what was demanded of their hosts, and these as an inventory lists them."""

    facts: RunFacts
    demands: Demands
    hosts: tuple[Host, ...]


def add_facts(parser: argparse.ArgumentParser) -> None:
    """Add the options that say of which facts a plan is made, and what it may use."""
    facts = parser.add_argument(
        "--facts",
        metavar="FILE",
        help="a facts file, or the folder of a run (default: the newest run in reports)",
    )
    completed(facts, run_or("facts.json", "facts.json.gz"))
    for option, what in (
        ("--without", "this host is down by then; repeated or comma-separated"),
        ("--to", "only these hosts take machines; repeated or comma-separated"),
    ):
        some = parser.add_argument(option, action="append", default=[], metavar="HOST", help=what)
        completed(some, nothing)
    window = parser.add_argument(
        "--window",
        metavar="LENGTH",
        help="how long it may take: 2h, 90m, 22:00-02:00, or start/end with the offset from UTC",
    )
    completed(window, nothing)


def known(chosen: argparse.Namespace) -> Known:
    """Return the facts that are asked for, with the demands of their run.

    Raises:
        UsageError: there are none, or they cannot be read.
    """
    path, files = _facts(chosen.facts)
    facts = facts_file.load(path)
    run = _run_of(facts, files)
    demands = run.demands if run is not None else None
    groups = {each.name: each.groups for each in run.hosts} if run is not None else {}
    return Known(
        facts.once(one_failure_a_cause).believed,
        demands or Demands(digest="", site=Policy()),
        # A name of a facts file need not be one that an inventory takes.
        tuple(Host.model_construct(name=n, groups=groups.get(n, ())) for n in facts.hosts),
    )


def _run_of(facts: RunFacts, files: RunFiles | None) -> Run | None:
    """Return the run of facts; results of another one may lie beside a file that was moved."""
    if files is None or not files.results.is_file():
        return None
    run = stored.load(files.results)
    return run if run.inventory_digest == facts.inventory_digest else None


def requested(chosen: argparse.Namespace, among: Known, hosts: Iterable[str]) -> DrainRequest:
    """Return what is asked, with hosts by their names in the facts.

    Raises:
        UsageError: none is named; a name is of none, or for two things that exclude each other.
    """
    wanted = dict.fromkeys(
        host for each in given_names(hosts) for host in _matching(each, among.hosts)
    )
    if not wanted:
        raise UsageError("no host is named. Name one that is to be emptied, such as hv03.")
    names = DrainNames(
        without=tuple(given_names(chosen.without)),
        to=tuple(given_names(chosen.to)),
        window=length_of(chosen.window) if chosen.window is not None else None,
    )
    found = request_of(names, among.hosts, among.facts.hosts.keys())
    for option, others in ((WITHOUT, found.without), (TO, found.to)):
        if both := [each for each in wanted if each in others]:
            raise UsageError(
                f"{listed(both)} cannot be emptied and be under {option} as well. Name it once."
            )
    # In the order in which they were typed.
    return replace(found, hosts=tuple(wanted))


def _matching(pattern: str, hosts: Iterable[Host]) -> tuple[str, ...]:
    known = tuple(hosts)
    found = tuple(each.name for each in known if matches(each, pattern[:_LONGEST_PATTERN]))
    if not found:
        near = did_you_mean(pattern, (*(each.name for each in known), *map(_label, known)))
        raise UsageError(
            f"{pattern[:100]}: no host of these facts matches.{near} Name a host, such as hv03."
        )
    return found


def _label(host: Host) -> str:
    return host.name.partition(".")[0]


def _facts(given: str | None) -> tuple[Path, RunFiles | None]:
    """Return the facts file, and the files of its run where it is of one."""
    if given is None:
        for folder in runs_in(Path(REPORTS)):
            files = RunFiles.of(folder)
            if files.facts.is_file():
                return files.facts, files
        raise UsageError(f"there are no facts in {REPORTS}. {FACTS_OF}")
    if given and Path(given).is_dir():
        files = RunFiles.of(Path(given))
        if not files.facts.is_file():
            raise UsageError(f"{given} holds no facts. {FACTS_OF}")
        return files.facts, files
    path = given_file(given, "a facts file, such as reports/FOLDER/facts.json")
    try:
        return path, RunFiles.of(path)
    except UsageError:
        return path, None
