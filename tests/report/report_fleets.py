"""Runs of fleets of any size, in which hosts are broken in one way or in many."""

from __future__ import annotations

from functools import cache

from report_runs import blocked, passed, result, run_of, vmm_result

from livemigration.run.result import Result
from livemigration.run.run import Run
from livemigration.verdict.findings import HOSTS, Cause, Fix, Level, fail, warn

_SUBNET = "10.20.30.0/24"


def name_of(number: int) -> str:
    return f"hv{number:04}.contoso.com"


def fix_of(host: str, cause: int) -> Fix:
    return Fix(
        key=f"cause-{cause}",
        summary=f"Mend the migration network number {cause} of {host}.",
        console=(
            f"In VMM, open Fabric > Servers > {host} > Properties > Migration Settings.",
            "Under Incoming live migration settings, select Use any available network.",
        ),
        cost="VM memory travels on every network of the host, unencrypted unless the VM encrypts.",
        commands=(f"$name = '{host}'", "Set-SCVMHost -VMHost $vmHost") if cause % 2 else (),
        cause=Cause(
            title=f"Let {HOSTS} accept live migration on network number {cause}",
            wrong=f"Live migration is limited to network number {cause}, which VMM does not use",
            word="limited",
            values=(("Limited to", _SUBNET), ("VMM uses", f"10.20.{cause % 250}.1")),
        ),
    )


def broken_host(host: str, cause: int) -> list[Result]:
    """Return the results of a host with two failures of one cause, and what waits behind them."""
    fix = fix_of(host, cause)
    said = f"The host listens on 10.20.30.13; VMM uses 10.20.{cause % 250}.1. " * 3
    waits = [blocked(check, host, "LM102", said.strip()) for check in ("LM203", "LM304")]
    return [
        *passed(host, "LM102", "LM202", "LM203", "LM304"),
        result("LM102", host, fail(said.strip(), "A listener that VMM uses.", fix)),
        result("LM202", host, fail(said.strip(), "VMM reaches it.", fix)),
        *waits,
    ]


@cache
def fleet(hosts: int, broken: int, causes: int, *, warned: int = 0, simulated: bool = True) -> Run:
    """Return a run of so many hosts; the broken ones have these causes in turn."""
    results: list[Result] = [vmm_result(Level.OK)]
    for number in range(hosts):
        name = name_of(number)
        if number < broken:
            results += broken_host(name, number % causes)
        elif number < broken + warned:
            extra = warn(f"{name} has an address in DNS that is stale.", "One address.")
            results += [*passed(name, "LM201"), result("LM201", name, extra)]
        else:
            results += passed(name)
    return run_of(*results, simulated=simulated)
