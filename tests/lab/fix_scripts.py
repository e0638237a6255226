"""What the fix script of a run changes of a host's selection of networks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from causes import truths
from fleet_runs import Judged
from run_builders import made_run

from livemigration.lab.fleet import Fleet
from livemigration.report.fix_script.render import fix_script
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result

CHANGE = re.compile(
    r"-UseAnyMigrationSubnet|-MigrationSubnet|-UseAnyNetworkForMigration|VMMigrationNetwork\b"
    r"|use any available network",
    re.IGNORECASE,
)


def script_of(results: Iterable[Result]) -> str:
    """Return the fix script of a run with these results."""
    changes: dict[str, object] = {"simulated": True, "exit_code": ExitCode.NOT_READY}
    found = tuple(results)
    names = tuple(dict.fromkeys(each.entry.target for each in found))
    return fix_script(made_run(found, names, **changes))


def networks_changed(fleet: Fleet, results: Judged) -> dict[str, str]:
    """Return the script of each host that changes which networks it selects."""
    scripts = {
        host.name: script_of(each for (_, name), each in results.items() if name == host.name)
        for host in fleet.hosts
    }
    return {name: text for name, text in scripts.items() if CHANGE.search(text)}


def changed_without_cause(fleet: Fleet, results: Judged) -> list[str]:
    """Return the hosts whose networks the script changes though they are not the cause."""
    may = {each.host.name for each in truths(fleet) if each.networks_may_change}
    return sorted(set(networks_changed(fleet, results)) - may)
