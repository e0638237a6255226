"""Of one check alone: what is said of a move whose ends, or whose disks, do not suit it."""

from __future__ import annotations

from typing import Any, Literal

from cluster_facts import node, of_cluster
from cluster_role_facts import Vm as Role
from cluster_role_facts import of_roles
from fact_builders import (
    ANY,
    HOST,
    ISOLATED,
    OF_OTHER,
    OTHER,
    UNREACHABLE,
    B,
    failure,
    host_outcomes,
    run_facts,
    vmm_outcomes,
)
from fact_parts import facts_with
from in_turn import in_turn
from test_moves_alone import alone
from vm_facts import Vm, with_machines

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, VIRTUAL_MACHINE, ClusterResource
from livemigration.facts.model import Inapplicable
from livemigration.facts.network import LISTENING_SOCKETS
from livemigration.facts.vmm import VMM_ACCESS, VMM_RESOLUTION
from livemigration.inventory.policy import Policy
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.moves import Moves

REFUSED, ALLOWED, WARNED = Standing.REFUSED, Standing.ALLOWED, Standing.WARNED
Scope = Literal["auto", "cross-host", "in-cluster"]
VMM = "vmm01.contoso.com"
OFF: dict[str, Any] = {"enabled": False}
NOWHERE: dict[str, Any] = {"listeners": ()}


def between(check: str, scope: Scope = "auto", **given: Any) -> Judged:
    """Return what a check says between two hosts, of which the second has this scope."""

    def policy_of(host: str) -> Policy:
        return Policy(migration_scope=scope if host == OTHER else "auto")

    both = frozenset({HOST, OTHER})
    with alone(check):
        return Moves(run_facts(**given), policy_of, lambda _: both).between(HOST, OTHER)


@in_turn(
    "given, where",
    [
        ({**OFF, "second": OFF}, "both"),
        (OFF, "the source"),
        ({"second": OFF}, "the destination"),
        ({}, ""),
    ],
)
def test_live_migration_has_to_be_enabled_on_both_ends(given: dict[str, Any], where: str) -> None:
    found = between("LM101", **given)
    assert found.cause == (f"live migration is disabled on {where}" if where else "")
    assert found.standing is (REFUSED if where else ALLOWED)


NONE: dict[str, Any] = {"maximum": 0}


def clustered(maximum: int, of_cluster_itself: int | None) -> dict[str, Any]:
    """Return two nodes of one cluster, each with this limit of its own, and its cluster's."""
    both = of_cluster(properties={"maximum_parallel_migrations": of_cluster_itself})
    return {**both, "maximum": maximum, "second": {**both, "maximum": maximum}}


@in_turn(
    "given, where",
    [
        ({**NONE, "second": NONE}, "both"),
        (NONE, "the source"),
        ({"second": NONE}, "the destination"),
        ({"second": {"maximum": 1}}, ""),
        # The limit of a cluster, where it has one, counts for its nodes.
        (clustered(0, None), "both"),
        (clustered(0, 1), ""),
        (clustered(2, 0), "both"),
    ],
)
def test_both_ends_have_to_allow_a_live_migration(given: dict[str, Any], where: str) -> None:
    found = between("LM106", **given)
    assert found.cause == (f"not one live migration is allowed on {where}" if where else "")
    assert found.standing is (REFUSED if where else ALLOWED)


@in_turn(
    "given, check",
    [
        ({"second": NOWHERE}, "LM103"),
        ({"second": {**NOWHERE, "networks": ()}}, "LM102"),
        # Where live migration is disabled, nothing else is said.
        ({"second": {**NOWHERE, **OFF}}, ""),
        # Nothing arrives at the source.
        (NOWHERE, ""),
    ],
)
def test_a_destination_has_to_listen(given: dict[str, Any], check: str) -> None:
    found = between("LM102", **given, release="10.22.1287.0")
    assert (found.check, found.standing) == (check, REFUSED if check else ALLOWED)
    assert not check or found.cause == "the destination listens on no address for live migration"


@in_turn(
    "sockets, refused",
    [
        ((), True),
        ((("10.0.99.1", 1000),), True),
        ((("::", 1000),), False),
        # One listener is enough for a move to arrive.
        (((OF_OTHER, 1000),), False),
    ],
)
def test_a_destination_whose_port_is_shut_receives_nothing(
    sockets: tuple[tuple[str, int], ...], refused: bool
) -> None:
    found = between("LM102", second={"sockets": sockets}, release="10.22.1287.0")
    assert (found.check, found.standing) == (("LM103", REFUSED) if refused else ("", ALLOWED))
    assert found.cause == ("port 6600 is not open on the destination" if refused else "")


def test_a_table_of_sockets_that_was_not_read_shuts_no_port() -> None:
    unread = {LISTENING_SOCKETS.name: UNREACHABLE}
    assert between("LM102", other=unread, release="10.22.1287.0").standing is ALLOWED


ELSEWHERE: dict[str, Any] = {"networks": ISOLATED, "listeners": ("10.0.50.12",)}
STAGES = "VMM stages on an address on which the destination does not listen"


@in_turn(
    "given, refused",
    [
        ({"second": ELSEWHERE}, True),
        # Only what arrives is staged.
        (ELSEWHERE, False),
        ({"second": ELSEWHERE, **B}, False),
        ({"second": ELSEWHERE, "scope": "in-cluster"}, False),
        ({"second": {**ELSEWHERE, "networks": ANY}}, False),
        ({"second": {**ELSEWHERE, "listeners": ("10.0.50.12", OF_OTHER)}}, False),
        ({"second": ELSEWHERE, "vmm_lost": {VMM_ACCESS.name: Inapplicable("No VMM.")}}, False),
    ],
)
def test_vmm_2012_sp1_stages_where_the_destination_listens(
    given: dict[str, Any], refused: bool
) -> None:
    found = between("LM102", **given)
    assert (found.standing, found.cause) == ((REFUSED, STAGES) if refused else (ALLOWED, ""))


BOTH: dict[str, Any] = {"networks": ISOLATED, "listeners": ("10.0.50.12", OF_OTHER)}


@in_turn(
    "opened, given, refused",
    [
        ("10.0.50.12", {}, True),
        (OF_OTHER, {}, False),
        ("::", {}, False),
        ("10.0.50.12", {"networks": ANY}, True),
        (OF_OTHER, {"networks": ANY}, False),
    ],
)
def test_vmm_2012_sp1_stages_where_the_port_of_the_destination_is_open(
    opened: str, given: dict[str, Any], refused: bool
) -> None:
    second = {**BOTH, "sockets": ((opened, 1000),), **given}
    found = between("LM102", second=second)
    assert (found.check, found.standing) == (("LM103", REFUSED) if refused else ("", ALLOWED))
    shut = "port 6600 is not open on the address on which VMM stages"
    assert found.cause == (shut if refused else "")
    # A later release stages where the destination listens.
    assert between("LM102", second=second, **B).standing is ALLOWED


@in_turn("lost", [UNREACHABLE, Inapplicable("VMM does not manage it.")])
def test_a_host_that_accepts_any_network_suits_whatever_vmm_uses(lost: Any) -> None:
    unread = {VMM_RESOLUTION.name: lost}
    second = {**BOTH, "networks": ANY, "sockets": (("10.0.50.12", 1000),)}
    assert between("LM102", second=second, other=unread).standing is ALLOWED


def test_where_vmm_looks_for_another_machine_it_is_not_known_where_it_stages() -> None:
    found = between("LM102", second={**ELSEWHERE, "dns": ("10.0.0.99",)})
    assert (found.standing, found.check) == (Standing.UNKNOWN, "LM201")


WORKGROUP: dict[str, Any] = {"joined": False}
ALONE = "it is in a workgroup, and its authentication is Kerberos"
LISTED = "VMM lists it as a perimeter host, for which Kerberos delegates nothing"


@in_turn(
    "given, standing, cause",
    [
        (WORKGROUP, REFUSED, f"of the source: {ALONE}"),
        ({"second": WORKGROUP}, REFUSED, f"of the destination: {ALONE}"),
        ({"second": WORKGROUP, "scope": "in-cluster"}, ALLOWED, ""),
        ({"second": {"perimeter": True}}, WARNED, f"of the destination: {LISTED}"),
        ({"perimeter": True, "second": WORKGROUP}, REFUSED, f"of the destination: {ALONE}"),
        ({}, ALLOWED, ""),
    ],
)
def test_the_protocol_of_both_ends_has_to_work(
    given: dict[str, Any], standing: Standing, cause: str
) -> None:
    found = between("LM104", **given)
    assert (found.standing, found.cause) == (standing, cause)


def moved(
    machine: Vm,
    *roles: Role,
    unnamed: bool = False,
    lost: dict[str, Any] | None = None,
    scope: Scope = "auto",
) -> Judged:
    """Return what is said of the disks of a machine between two nodes with these roles.

    `unnamed`: the cluster has a machine of which it does not say which it is. `lost` was not read
    of the two.
    """
    given = of_roles(*roles, nodes=(node(), node("HV02")))
    resources = given["also"][CLUSTER_RESOURCES.name]
    if unnamed:
        silent = ClusterResource("Virtual Machine x", VIRTUAL_MACHINE, 2, "x", "HV01", None)
        given["also"][CLUSTER_RESOURCES.name] = (*resources, silent)
    outcomes = {}
    for name, own in ((HOST, (machine,)), (OTHER, ())):
        also = {**given["also"], **with_machines(*own)}
        outcomes[name] = {**host_outcomes(**{**given, "name": name, "also": also}), **(lost or {})}
    facts = facts_with(outcomes, VMM, vmm_outcomes("10.22.1287.0"))
    with alone("LM702"):
        both = frozenset({HOST, OTHER})
        moves = Moves(facts, lambda _: Policy(migration_scope=scope), lambda _: both)
        return moves.of_machine(HOST, machine.identifier, OTHER)


LOCAL = Vm("web01", path=r"D:\Hyper-V")
PASSED = Vm("web01", path=r"C:\ClusterStorage\Volume1", physical=("disk",))
SHARED = Vm("web01", path=r"C:\ClusterStorage\Volume1")
ROLE = Role("web01")


def test_local_files_of_a_role_stay_behind_and_those_of_another_machine_are_moved_along() -> None:
    found = moved(LOCAL, ROLE)
    assert (found.standing, found.check) == (REFUSED, "LM702")
    assert found.cause == "files where only the source reaches them"
    assert moved(LOCAL, Role("db01")).standing is ALLOWED
    unknown = moved(LOCAL, Role("db01"), unnamed=True)
    assert (unknown.standing, unknown.cause) == (WARNED, found.cause)
    assert moved(SHARED, ROLE).standing is ALLOWED


def test_a_disk_of_the_host_itself_refuses_where_the_cluster_does_not_own_it() -> None:
    found = moved(PASSED, Role("db01"))
    assert (found.standing, found.check) == (REFUSED, "LM702")
    assert found.cause == "a disk of the source itself (pass-through)"
    for given in (moved(PASSED, ROLE), moved(PASSED, Role("db01"), unnamed=True)):
        assert (given.standing, given.cause) == (WARNED, found.cause)


def test_of_a_machine_that_nothing_ties_to_its_node_nobody_asks_whether_it_is_a_role() -> None:
    lost = {CLUSTER_RESOURCES.name: failure(root="")}
    assert moved(SHARED, ROLE, lost=lost).standing is ALLOWED
    assert moved(PASSED, ROLE, lost=lost).standing is Standing.UNKNOWN


def test_what_every_node_reaches_may_stay_behind_where_the_other_host_may_be_none() -> None:
    csv = r"C:\ClusterStorage\Volume1"
    based = Vm("web01", path=csv, bases=(rf"{csv}\base.vhdx",), differencing=True)
    guests = Vm("web01", path=csv, shared=True)
    not_read = {CLUSTER.name: failure(root="")}
    for machine, cause in (
        (based, "a disk that builds upon one of its cluster"),
        (guests, "a disk that it shares with other machines"),
    ):
        assert moved(machine, ROLE, scope="cross-host").standing is ALLOWED
        found = moved(machine, ROLE, lost=not_read, scope="cross-host")
        assert (found.standing, found.cause) == (Standing.UNKNOWN, cause)
