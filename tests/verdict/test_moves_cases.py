"""What is said of moves is what the verdict table says: the facts of each of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from case_tables import CASES
from fact_builders import HOST, OTHER
from verdict_case import FAIL, PASS, Case

from livemigration.facts.cluster_nodes import CLUSTER_NODES, node_key
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.inventory.exchanging import declared_in
from livemigration.inventory.policy import Policy
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.moves import Moves

_DESTINATION = ("LM501", "LM502", "LM503", "LM504")
_SOURCE = ("LM401", "LM701", "LM702", "LM703", "LM704", "LM705")
_ENDS = ("LM101", "LM102", "LM104")
_NODES = ("LM601", "LM602", "LM606")
_WARNED = ("none in common", "none is offered")
# What a policy demands keeps no host from moving machines, and a perimeter host may work.
_DEMANDED = ("policy isolated", "policy mismatch", "perimeter, joined")


def of(*checks: str) -> Iterator[Case]:
    yield from (each for each in CASES if each.check in checks)


def moves_of(case: Case, facts: RunFacts | None = None) -> Moves:
    policy = Policy.model_validate(dict(case.policy))
    # A case says with whom the one host that it judges exchanges machines.
    exchanges = {next(iter(case.facts.hosts)): case.exchanges}
    return Moves(facts or case.facts, lambda _: policy, exchanges.get)


def with_each_machine(moves: Moves, facts: RunFacts, source: str, to: str) -> Iterator[Judged]:
    yield moves.of_pair(source, to)
    machines = facts.hosts[source].outcome(VIRTUAL_MACHINES)
    for each in machines.value if isinstance(machines, Gathered) else ():
        yield moves.of_machine(source, each.identifier, to)


def holds(case: Case, moves: Moves, facts: RunFacts, source: str, to: str) -> None:
    """Hold what is said of a move against the row of the check that judges one of its ends."""
    said = list(with_each_machine(moves, facts, source, to))
    if any(each.standing is Standing.NOT_MEANT for each in said):
        return
    refused = [each for each in said if each.standing is Standing.REFUSED]
    context = f"{case.check} {case.row}: {said}"
    if case.state is FAIL and not any(each in case.row for each in _DEMANDED):
        unknown = any(each.standing is Standing.UNKNOWN for each in said)
        assert refused or (unknown and not said[0].declared), context
    if case.state is PASS:
        assert all(each.check != case.check for each in refused), context


def test_what_a_pair_check_says_of_the_destination_holds_for_moves_to_it() -> None:
    for case in of(*_DESTINATION):
        host, other = ends(case)
        holds(case, moves_of(case), case.facts, other, host)


def ends(case: Case) -> tuple[str, str]:
    """Return the host that a case judges, and the first of the others."""
    host, other, *_ = case.facts.hosts
    return host, other


def test_what_a_check_says_of_the_machines_of_a_host_holds_for_moves_from_it() -> None:
    for case in of(*_SOURCE):
        host, other = ends(case)
        if (said := declared_in(case.exchanges)) is not None and other not in said:
            continue
        # Where they may be nodes of one cluster, what is missing may not matter between the two.
        if case.row != "cluster unread, Kerberos only":
            holds(case, moves_of(case), case.facts, host, other)


def test_a_host_that_cannot_migrate_at_all_is_no_end_of_a_move() -> None:
    for case in of(*_ENDS):
        host, other = ends(case)
        if case.check != "LM102":
            holds(case, moves_of(case), case.facts, host, other)
        holds(case, moves_of(case), case.facts, other, host)


def mates(facts: RunFacts) -> RunFacts:
    """Return facts in which the second host is another node of the first one's cluster."""
    if HOST not in facts.hosts:
        return facts
    first = facts.hosts[HOST]
    nodes, member = first.outcome(CLUSTER_NODES), first.outcome(DOMAIN_MEMBERSHIP)
    if not isinstance(nodes, Gathered) or not isinstance(member, Gathered):
        return facts
    own = node_key(member.value.name)
    other = next((e.name for e in nodes.value if node_key(e.name) != own), None)
    if other is None:
        return facts
    renamed = replace(member, value=replace(member.value, name=other, dns_name=other.lower()))
    outcomes = {**first.outcomes, DOMAIN_MEMBERSHIP.name: renamed}
    second = replace(first, name=OTHER, outcomes=outcomes)
    return replace(facts, hosts={HOST: first, OTHER: second})


def test_a_move_inside_a_cluster_is_as_bad_as_what_the_checks_say_of_its_nodes() -> None:
    judged = 0
    for case in of(*_NODES):
        facts = mates(case.facts)
        moves = moves_of(case, facts)
        if HOST not in facts.hosts:
            continue
        said = moves.between(OTHER, HOST)
        if said.standing in {Standing.NOT_MEANT, Standing.UNKNOWN}:
            continue
        judged += 1
        if case.state is FAIL:
            assert said.standing is Standing.REFUSED, f"{case.check} {case.row}: {said}"
        elif case.row in _WARNED:
            found = (said.standing, said.check)
            assert found == (Standing.WARNED, case.check), f"{case.row}: {said}"
        elif case.state is PASS and "another node" not in case.row:
            assert said.check != case.check, f"{case.check} {case.row}: {said}"
    assert judged > len(list(of(*_NODES))) // 2
