"""How many virtual machines a host moves at once, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from livemigration.base.text import one_line
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.options import (
    SHOWN,
    more_in_cluster,
    more_migrations,
    performance_option,
)
from livemigration.verdict.live_limit import limiting_cluster, live_limit
from livemigration.verdict.readings import machine_of, performance_of
from livemigration.verdict.references import LIVE_MIGRATION_LIMIT, SET_UP_HOSTS
from livemigration.verdict.views import FactsView


@check(
    "LM105",
    needs=(MIGRATION_SETTINGS,),
    may_need=(DOMAIN_MEMBERSHIP,),
    refs=(SET_UP_HOSTS,),
)
def test_performance_option_follows_the_policy(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The performance option of live migration is the one that the policy asks for.

    Why: compression costs processor time, SMB needs RDMA to be worth it, and hosts that are set
    differently move at the pace of neither.

    Fails: another option than the policy asks for, where the policy says that it is required.

    Warns: another option than the policy asks for.

    Does not apply: Windows Server 2012, which has no such option.
    """
    settings = host[MIGRATION_SETTINGS]
    option = performance_of(settings)
    if option is None:
        yield not_applicable("Windows Server 2012 has no performance option.")
        return
    observed = f"The performance option is {SHOWN[option]}."
    if policy.performance in {"any", option}:
        yield ok(observed)
    else:
        flags = (bool(settings.compression), bool(settings.smb))
        repair = performance_option(machine_of(host, vmm), flags, option, policy.performance)
        demanded = f"The policy asks for {SHOWN[policy.performance]}."
        judged = fail if policy.performance_required else warn
        yield judged(observed, demanded, repair)
    if settings.compression and settings.smb:
        yield note(
            "EnableCompression and EnableSmbTransport are both set: Windows then uses SMB, while "
            "Get-VMHost shows Compression."
        )


@check(
    "LM106",
    needs=(MIGRATION_SETTINGS, SERVICES),
    may_need=(CLUSTER, DOMAIN_MEMBERSHIP),
    refs=(SET_UP_HOSTS, LIVE_MIGRATION_LIMIT),
)
def test_enough_virtual_machines_move_at_once(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The host allows as many simultaneous live migrations as the policy asks for.

    Why: at zero nothing moves, and a small number makes a window long. In a cluster that has a
    limit of its own, that one counts for every node.

    Fails: none may move; or fewer than the policy requires.

    Warns: fewer than the policy asks for.
    """
    own, machine = host[MIGRATION_SETTINGS].maximum_migrations, machine_of(host, vmm)
    cluster, limit = limiting_cluster(host), live_limit(host)
    if cluster is None:
        whose = "The host allows"
        yield _judge(own, whose, policy, lambda wanted: more_migrations(machine, own, wanted))
        return
    name = cluster.name or ""
    yield _judge(
        limit,
        f"The cluster {one_line(name)} allows",
        policy,
        lambda wanted: more_in_cluster(machine, name, limit, wanted),
    )
    yield note(f"The node's own value is {own}; the cluster's counts.")


def _judge(number: int, whose: str, policy: Policy, repair: Callable[[int], Fix]) -> Finding:
    migrations = "live migration" if number == 1 else "live migrations"
    observed = f"{whose} {number} {migrations} at once, incoming ones included."
    wanted = policy.minimum_migrations
    if number >= wanted:
        return ok(observed)
    none = number <= 0
    required = none or policy.minimum_migrations_required
    expected = f"More than none; the policy asks for {wanted}." if none else f"{wanted} or more."
    return (fail if required else warn)(observed, expected, repair(wanted))
