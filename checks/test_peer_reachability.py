"""Whether the hosts that exchange virtual machines have a way to each other's listeners."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import listed, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.inventory.policy import Policy
from livemigration.verdict.answers import Answers
from livemigration.verdict.blocking import block_if_not_listening
from livemigration.verdict.check import check
from livemigration.verdict.compared import NOBODY, nobody_compared, with_what_is_missing
from livemigration.verdict.findings import Finding, not_applicable, note, ok, warn
from livemigration.verdict.fixes.reach import prove_by_hand
from livemigration.verdict.names import Names
from livemigration.verdict.readings import listeners_of, machine_of
from livemigration.verdict.references import SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.routes import Way, unplaced_with_tables, ways_of
from livemigration.verdict.scope import scope_of
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import FactsView, GroupView


@check(
    "LM205",
    needs=(LISTENERS,),
    may_need=(
        MIGRATION_NETWORKS,
        MIGRATION_SETTINGS,
        SERVICES,
        DOMAIN_MEMBERSHIP,
        LOCAL_ADDRESSES,
        ROUTES,
    ),
    refs=(SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_peers_have_a_way_to_the_listeners(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The other hosts of the group have a way to a listener of this host.

    Why: the host that sends a virtual machine connects to a listener of this one. Read from the
    other hosts' addresses and routes: a shared subnet is best; a gateway works, and is often slow.
    No connection is made, so a firewall on the way is not seen.

    Warns: the tables of another host show no way to any listener.

    Does not apply: no other host is in the group, or none of it was looked at; and moves inside a
    cluster. Hosts of the group that were not looked at are named.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
        return
    host[DOMAIN_MEMBERSHIP]  # which hosts are its peers may depend on its domain
    seen = group.seen_by(host.name, LOCAL_ADDRESSES, ROUTES)
    unplaced, unseen = unplaced_with_tables(seen), seen.unseen
    tables = seen.circle.once(ways_of)
    others = tables.others_of(host.name)
    apart = not unplaced or len(unplaced) < len(group.sheets) - 1
    if not others and not unseen and apart:
        yield not_applicable(NOBODY)
        if unplaced:
            yield note(_unplaced(unplaced))
        return
    block_if_not_listening(host)
    ways = tables.towards(listeners_of(host), host.name)
    if unseen and len(ways.names(Way.UNKNOWN)) == len(others):
        found = [not_applicable(nobody_compared(unseen))]
        if others:
            found.append(
                note(f"Not judged, because their tables could not be read: {some(others)}.")
            )
    elif not others:
        raise unread_peers(group, unplaced, DOMAIN_MEMBERSHIP)
    else:
        found = list(_ways(host, vmm, group, ways))
    if unplaced:
        found.append(note(_unplaced(unplaced)))
    yield from with_what_is_missing(found, unseen, policy)


def _unplaced(names: Names) -> str:
    return f"Not judged, because their domain could not be read: {some(names)}."


def _ways(
    host: FactsView, vmm: FactsView, group: GroupView, ways: Answers[Way]
) -> Iterator[Finding]:
    listeners = listeners_of(host)
    by_way = {way: ways.names(way) for way in Way}
    where = f"a listener ({listed(listeners)})"
    if len(by_way[Way.UNKNOWN]) == len(ways.names(*Way)):
        raise unread_peers(group, by_way[Way.UNKNOWN], LOCAL_ADDRESSES, ROUTES)
    if nowhere := by_way[Way.NONE]:
        names = some(nowhere)
        yield warn(
            f"The tables of {names} show no way to {where}: no shared subnet, and no route.",
            "A shared subnet or a route. The tables may miss one, and no connection was made: "
            "prove it by hand.",
            prove_by_hand(machine_of(host, vmm), listeners, names),
        )
    if near := by_way[Way.ON_LINK]:
        yield ok(f"On a shared subnet with {where}: {some(near)}.")
    if far := by_way[Way.GATEWAY]:
        yield note(f"Only through a gateway to {where}: {some(far)}. Check its speed.")
    if unread := by_way[Way.UNKNOWN]:
        yield note(f"Not judged, because their tables could not be read: {some(unread)}.")
