"""What VMM has on record of a host, beside what the host says."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import listed, one_line, sentence
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import (
    VMM_PROBES,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VmmRecord,
)
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.records import (
    end_maintenance,
    missing_record,
    reach_host,
    refresh_record,
)
from livemigration.verdict.readings import machine_of, selection_of
from livemigration.verdict.record_effects import Effects
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import FactsView
from livemigration.verdict.vmm_record import (
    Difference,
    cluster_difference,
    differences,
    responds,
    settings_recorded,
)


@check(
    "LM107",
    needs=(VMM_RECORD,),
    may_need=(
        MIGRATION_SETTINGS,
        MIGRATION_NETWORKS,
        LISTENERS,
        SERVICES,
        DOMAIN_MEMBERSHIP,
        LOCAL_ADDRESSES,
        DEVICE_GUARD,
        CLUSTER,
        VMM_RELEASE,
        VMM_RESOLUTION,
        VMM_PROBES,
    ),
    refs=(TROUBLESHOOT_HOST_STATUS,),
)
def test_vmms_record_agrees_with_the_host(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """VMM reaches the host, and its record of the host's migration settings is as the host is.

    Why: VMM places virtual machines by its record. It reads a host again only now and then, so a
    setting that was changed behind its back is wrong in every rating until then. Of a host that it
    does not reach, it has the last or no settings at all.

    Fails: VMM does not list the host to the account of this run; VMM says that it does not reach
    it; or a difference turns another check from green to red or back.

    Warns: any other difference, the cluster included; VMM's maintenance mode.

    Does not apply: VMM states none of the settings under the names that the suite knows.
    """
    record, machine = host[VMM_RECORD], machine_of(host, vmm)
    if not record.known:
        yield fail(
            f"VMM on {vmm.name} lists no host {one_line(host.name)}, or the account of this run "
            "may not see it.",
            "VMM lists the host to the account of this run.",
            missing_record(machine),
        )
        return
    if responds(record) is not True:
        yield from _unreached(record, host, vmm)
        if record.communication_state is not None:
            return
    if record.maintenance:
        yield warn(
            f"VMM on {vmm.name} has the host in maintenance mode: it places no virtual machine on "
            "it.",
            "Out of maintenance mode, where virtual machines are to move here.",
            end_maintenance(machine),
        )
    yield from _notes(record)
    found = list(_differences(host, vmm, policy, record))
    yield from found
    if not settings_recorded(record.settings) and not found:
        yield not_applicable(
            f"VMM on {vmm.name} states none of the host's migration settings under a known name."
        )
    elif not found:
        number = settings_recorded(record.settings)
        yield ok(f"VMM's record agrees with the host ({number} settings stated).")


def _unreached(record: VmmRecord, host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    """Say that VMM does not reach the host, with VMM's own reason; nothing where it does not say.

    What it has on record of such a host is no evidence: of one it never reached, all defaults
    (windows-facts-2.md 9.2).
    """
    state = record.communication_state
    if state is None:
        return
    why = f", {'; '.join(one_line(each) for each in record.health)}" if record.health else ""
    known = responds(record) is not None
    stated = f"CommunicationState {one_line(state)}"
    told = sentence(
        f"VMM on {vmm.name} does not reach this host ({stated}{why})"
        if known
        else f"VMM on {vmm.name} states {stated} of this host, a number without a known meaning"
        f"{why}"
    )
    # A number without a known meaning shows no failure.
    say = fail if known else warn
    yield say(
        told,
        "Responding. Until then none of VMM's settings of it is evidence, and none was compared.",
        reach_host(machine_of(host, vmm), record.health, state, known=known),
    )


def _notes(record: VmmRecord) -> Iterator[Finding]:
    state = record.overall_state
    if state is not None and state.casefold() != "ok":
        why = f": {'; '.join(one_line(each) for each in record.health)}" if record.health else ""
        yield note(sentence(f"VMM's OverallState of the host is {one_line(state)}{why}"))
    if record.pending_agent_update:
        yield note("VMM has a newer agent for the host; the one that runs is managed all the same.")


def _differences(
    host: FactsView, vmm: FactsView, policy: Policy, record: VmmRecord
) -> Iterator[Finding]:
    effects = Effects(host, vmm, policy)
    found = differences(record, host[MIGRATION_SETTINGS], selection_of(host))
    cluster = _cluster(host, record)
    every = (cluster, *found) if cluster is not None else found
    theirs = listed(f"{each.setting} {one_line(each.vmm)}" for each in every)
    own = listed(f"{each.setting} {one_line(each.host)}" for each in every)
    repair = refresh_record(machine_of(host, vmm), theirs, own)
    if cluster is not None:
        yield warn(_told(cluster, ()), "The same in both.", repair)
    for each in found:
        turned = effects.turned_by(each)
        judge = fail if turned else warn
        yield judge(_told(each, turned), "The same in both.", repair)


def _cluster(host: FactsView, record: VmmRecord) -> Difference | None:
    """Return whether VMM has the host in another cluster, as far as both are known."""
    if not is_cluster_node(host[SERVICES]):
        return cluster_difference(record.cluster, None)
    if record.cluster is None and not settings_recorded(record.settings):
        return None
    own = host[CLUSTER].name
    return cluster_difference(record.cluster, own) if own is not None else None


def _told(difference: Difference, turned: tuple[str, ...]) -> str:
    because = f" {listed(turned)} would judge VMM's value differently." if turned else ""
    theirs = one_line(difference.vmm)
    if difference.networks is not None and difference.setting == "UseAnyMigrationSubnet":
        subnets = difference.networks[1]
        theirs += f" ({listed(subnets)})" if subnets else ""
    return f"{difference.setting}: VMM has {theirs}, the host {one_line(difference.host)}.{because}"
