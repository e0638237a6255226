"""What VMM has on record of a host, beside what the host says."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.check import check
from livemigration.checks_support import machine_of, selection_of
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE
from livemigration.findings import Finding, fail, not_applicable, ok, warn
from livemigration.fixes.quoting import one_line
from livemigration.fixes.records import missing_record, refresh_record
from livemigration.policy import Policy
from livemigration.records import Difference, differences, stated, turned_by
from livemigration.references import TROUBLESHOOT_HOST_STATUS
from livemigration.release import release_of
from livemigration.scope import scope_of
from livemigration.views import FactsView


@check(
    "LM107",
    needs=(VMM_RECORD,),
    may_need=(MIGRATION_SETTINGS, MIGRATION_NETWORKS, SERVICES, DOMAIN_MEMBERSHIP, VMM_RELEASE),
    refs=(TROUBLESHOOT_HOST_STATUS,),
)
def test_vmms_record_agrees_with_the_host(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """VMM's record of the host's migration settings is as the host is.

    Why: VMM places virtual machines by its record. It reads a host again only now and then, so a
    setting that was changed behind its back is wrong in every rating until then.

    Fails: VMM does not list the host to the suite's account; or a difference turns another check
    from green to red or back.

    Warns: any other difference.

    Does not apply: VMM states none of the settings under the names that the suite knows.
    """
    record, machine = host[VMM_RECORD], machine_of(host, vmm)
    if not record.known:
        yield fail(
            f"VMM on {vmm.name} lists no host {one_line(host.name)}, or the suite's account may "
            "not see it.",
            "VMM lists the host to the suite's account.",
            missing_record(machine),
        )
        return
    settings, selection = host[MIGRATION_SETTINGS], selection_of(host)
    if not stated(record.settings):
        yield not_applicable(
            f"VMM on {vmm.name} states none of the host's migration settings under the names that "
            "the suite knows."
        )
        return
    found = differences(record.settings, settings, selection)
    in_cluster = scope_of(host, policy).in_cluster
    for each in found:
        turned = turned_by(each, release_of(vmm[VMM_RELEASE])[0], policy, in_cluster=in_cluster)
        judge = fail if turned else warn
        yield judge(_told(each, turned), "The same in both.", refresh_record(machine))
    if not found:
        yield ok(f"VMM's record agrees with the host ({stated(record.settings)} settings stated).")


def _told(difference: Difference, turned: str) -> str:
    because = f" {turned} would judge VMM's value differently." if turned else ""
    return (
        f"{difference.setting}: VMM has {one_line(difference.vmm)}, the host "
        f"{one_line(difference.host)}.{because}"
    )
