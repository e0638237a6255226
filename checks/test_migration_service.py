"""Whether Hyper-V's migration service does what it is asked over WSMan."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import sentence
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.facts.virtualization import (
    ACCESS_DENIED,
    MIGRATION_ANSWER,
    RETURN_VALUES,
    SUCCESSES,
)
from livemigration.facts.windows import QUOTAS
from livemigration.inventory.policy import Policy
from livemigration.verdict.blocking import block_if_disabled
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, fail, ok, warn
from livemigration.verdict.fixes.service import grant_hyper_v, read_service_log
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import FactsView

_ASKED = "GetSystemCompatibilityInfo of the migration service"
_EXPECTED = "It answers about the host itself, which changes nothing."


@check(
    "LM303",
    may_need=(MIGRATION_ANSWER, MIGRATION_SETTINGS, SERVICES, DOMAIN_MEMBERSHIP),
    refs=(TROUBLESHOOT_LIVE_MIGRATION, TROUBLESHOOT_HOST_STATUS),
)
def test_migration_service_answers(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The migration service of the host answers a method over WSMan.

    Why: VMM stages through such calls. Reading settings works with fewer rights than calling the
    service, and a service that hangs still shows its settings.

    Fails: the call is refused, ends in a fault, or returns anything but 0 or 4096. Where live
    migration is disabled, which may be why, LM101 says so.

    Warns: the same inside a cluster, on a node whose own live migration is disabled.
    """
    machine = machine_of(host, vmm)
    if (failure := _refusal(host)) is not None:
        denied = failure.kind is FailureKind.ACCESS_DENIED
        came_back = failure.came_back.rstrip(".")
        told = sentence(f"{_ASKED}: {came_back}")
    else:
        value = host[MIGRATION_ANSWER].return_value
        if value in SUCCESSES:
            yield ok(f"{_ASKED} answers{'' if value is None else f' ({value})'}.")
            return
        denied = value == ACCESS_DENIED
        meaning = RETURN_VALUES.get(value, "a value that no document names")
        came_back = f"{value}: {meaning}"
        told = f"{_ASKED} returns {came_back}."
    repair = grant_hyper_v(machine) if denied else read_service_log(machine, came_back)
    if host[MIGRATION_SETTINGS].enabled or (denied and scope_of(host, policy).in_cluster):
        yield fail(told, _EXPECTED, repair)
    elif scope_of(host, policy).in_cluster:
        # No document says whether the service answers while a node's own setting is off.
        yield warn(told, f"{_EXPECTED} Live migration of this node is disabled.", repair)
    else:
        block_if_disabled(host)


def _refusal(host: FactsView) -> GatherFailure | None:
    """Return how the call itself failed; None where it did not, or where another check says why."""
    outcome = host.outcome(MIGRATION_ANSWER)
    if not isinstance(outcome, NotGathered) or outcome.failure.root:
        return None
    if outcome.failure.code in QUOTAS:
        # What WinRM has no room for never reached the service.
        return None
    own = {FailureKind.ACCESS_DENIED, FailureKind.FAULT}
    return outcome.failure if outcome.failure.kind in own else None
