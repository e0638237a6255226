"""The beginning of a run: its input, its plan, and the facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from livemigration.base.deadline import Deadline
from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.base.shipped import CHECKS
from livemigration.collector import facts_file
from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.model import Subject
from livemigration.gather.asking import Outcomes
from livemigration.gather.fleet import FleetConnections, Order, Watch, gather
from livemigration.gather.further import gather_further
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.drain_names import TO, WITHOUT, DrainNames, request_of
from livemigration.inventory.gate import gate_inventory, without_vmm
from livemigration.inventory.inventory import Inventory, limit, load
from livemigration.lab.played import machines_of
from livemigration.plugin import resuming
from livemigration.plugin.comparing import baseline_of
from livemigration.plugin.credentials import RunCredentials
from livemigration.plugin.discovering import discovered
from livemigration.plugin.facts import (
    as_listed,
    hosts_to_ask_further,
    order_for,
    refuse_facts_of_another,
    replayed_facts,
)
from livemigration.plugin.garbage import Garbage
from livemigration.plugin.items import CheckItem
from livemigration.plugin.machines import Machines
from livemigration.plugin.options import Options, inventory_base, read_options
from livemigration.plugin.outline import targets_of
from livemigration.plugin.run_files import keep_all, open_journal, save_facts
from livemigration.plugin.session import Session
from livemigration.plugin.waiving import signed_items, waivers_of
from livemigration.plugin.written import refuse_overwriting
from livemigration.run.evidence.model import Gathering
from livemigration.run.exit_code import ExitCode
from livemigration.run.record import Observed
from livemigration.run.selected import suite_checks, unselected
from livemigration.site.handed_on import lacking


def prepare(config: pytest.Config) -> Session:
    """Return the session of a run whose input is usable.

    Raises:
        pytest.UsageError: option, inventory, facts file, credentials or report folder (exit 4).
        pytest.exit.Exception: nothing to check (exit 5).
    """
    options, garbage = read_options(config), Garbage()
    garbage.begin(config)
    try:
        refuse_overwriting(options, config)
        listed = discovered(options, config)
        inventory = listed.inventory if listed is not None else _inventory(options, config)
        hosts = _selected(inventory, options)
        drain = _drain(inventory, options)
        saved, lines = facts_file.load_to_copy(options.facts) if options.facts else (None, None)
        if saved is not None:
            refuse_facts_of_another(saved, inventory, str(options.facts))
        earlier = resuming.load(options.resume, inventory) if options.resume else None
        known = baseline_of(options, inventory)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    except NothingToCheckError as error:
        pytest.exit(str(error), returncode=int(ExitCode.NOTHING_TO_CHECK))
    session = Session(options, inventory, hosts, datetime.now(UTC), saved, listed, earlier, known)
    session.drain, session.lines = drain, lines
    session.garbage = garbage
    garbage.keep()
    session.collects_only = config.option.collectonly
    if session.collects_only:
        return session
    if saved is None:
        known_accounts = listed.read if listed is not None else None
        read = known_accounts or RunCredentials(inventory, options.credentials_of, config)
        session.machines = Machines(inventory, read)
        if earlier is not None and inventory.lab_fleet is not None:
            session.machines.network = resuming.lab_network(earlier)
    return session


def _selected(inventory: Inventory, options: Options) -> tuple[str, ...]:
    """Return the hosts that the run looks at, by its options.

    Raises:
        NothingToCheckError: there is none.
    """
    names = tuple(host.name for host in limit(inventory.hosts, options.limits))
    if options.shard is None:
        return names
    if not (held := tuple(name for name in names if options.shard.holds(name))):
        raise NothingToCheckError(
            f"--shard {options.shard}: none of the {len(names)} hosts is in this part. Leave this "
            "run out, or take fewer parts."
        )
    return held


def _drain(inventory: Inventory, options: Options) -> DrainRequest | None:
    """Return what options ask of drains; None: nothing.

    Raises:
        UsageError: a name is of no host that is looked at, or nothing is to be drained.
    """
    names = options.drain
    by_policy = any(each.drain == "every-host" for each in inventory.policies.values())
    asked = bool(names.hosts or options.selects_drains or by_policy)
    if not asked:
        given = {WITHOUT: names.without, TO: names.to}
        for option in (each for each, hosts in given.items() if hosts):
            raise UsageError(f"{option} belongs to a drain. Name the host with --drain.")
        if names.window is not None and options.change is None:
            raise UsageError(
                "--window belongs to a change or a drain. Name it with --change, or the host "
                "with --drain."
            )
        return None
    if names == DrainNames():
        return None
    looked_at = {host.name for host in limit(inventory.hosts, options.limits)}
    return request_of(names, inventory.hosts, looked_at)


def take_credentials(session: Session, machines: Iterable[str], *, directory: bool = False) -> None:
    """Read what the run signs in to these machines with, once it is known that they are asked.

    `directory`: and to the directories of the inventory.

    Raises:
        pytest.UsageError: a variable is not set, there is no terminal to ask on, or a file of a
            connection cannot be used.
    """
    if session.machines is not None:
        session.machines.take(machines, directory=directory)


def _inventory(options: Options, config: pytest.Config) -> Inventory:
    named = (
        load(options.inventory, inventory_base(config), machines_of) if options.inventory else None
    )
    if options.targets:
        return gate_inventory(options.gate, options.targets, named)
    if named is None:
        raise RuntimeError("without a gate an inventory is named")
    return named


def take_waivers(session: Session) -> None:
    """Hold the waivers against the whole inventory and every check, whatever is selected.

    Raises:
        pytest.UsageError: the file is not usable, or a waiver in it is not.
    """
    path = session.options.waivers
    if path is None:
        return
    try:
        session.waivers = waivers_of(path, session.inventory, session.found, session.started)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def begin(session: Session, items: list[CheckItem], watch: Watch) -> None:
    """Fix the plan, open the journal and get the facts."""
    session.garbage.keep()
    session.plan = tuple(item.entry for item in items)
    session.signed = signed_items(items, session.waivers)
    session.lacking = lacking(items[0].config.rootpath / CHECKS, session.found)
    session.suite = suite_checks()
    checks = {item.check.identifier: item.check for item in items}
    made = {*session.lacking, *checks}
    session.unselected = unselected(made, session.inventory.gate, session.asks_for)
    session.reads = {
        identifier: tuple(group.name for group in check.groups)
        for identifier, check in checks.items()
    }
    open_journal(session)
    targets = targets_of(session)
    of_drains = session.of_drains
    hosts = tuple(host for host in session.hosts if of_drains or host in targets)
    if session.saved is not None:
        label = str(session.options.facts)
        servers = {entry.target for entry in session.plan if entry.target_kind is Subject.VMM}
        # All of the file: what is said of a host does not depend on what else is selected.
        facts = replayed_facts(session.saved, servers, session.inventory, label)
        if session.inventory.gate:
            facts = without_vmm(facts, session.inventory.gate)
        known = Gathering(facts.gathered) if facts.gathered is not None else None
        session.observed = Observed(facts, known)
        if known is not None:
            session.to_journal(lambda journal: journal.gathering(known))
    elif session.machines is not None:
        order = order_for(items, hosts, session.options.stage_vm, session.inventory, of_drains)
        tell = session.problems.append
        with session.machines.gathering(order, session.options.executor, tell) as fleet:
            session.observed = _ask(session, fleet, order, items, watch)
    save_facts(session)
    session.garbage.keep()


def _ask(
    session: Session,
    fleet: FleetConnections,
    order: Order,
    items: list[CheckItem],
    watch: Watch,
) -> Observed:
    """Ask the machines; what is known of an earlier run is not asked for again."""

    def keep(subject: Subject, name: str, outcomes: Outcomes) -> None:
        session.to_journal(lambda journal: journal.facts(subject, name, outcomes))

    known, began = None, datetime.now(UTC)
    if session.earlier is not None and session.earlier.gathering is not None:
        known, began = session.earlier.facts, session.earlier.gathering.began
    at = session.options.executor.address if session.options.executor is not None else ""
    session.to_journal(lambda journal: journal.gathering(Gathering(began, executor=at)))
    deadline = Deadline.after(fleet.seconds)
    facts = gather(fleet, order, watch, keep=keep, known=known)
    facts = as_listed(facts, session.inventory)
    drains = bool(session.of_drains)
    if further := hosts_to_ask_further(items, facts, session.inventory, drains=drains):
        rest = replace(fleet, seconds=deadline.remaining)
        facts = gather_further(rest, facts, further, COMPATIBILITY_VECTORS, watch)
    if session.inventory.gate:
        facts = without_vmm(facts, session.inventory.gate)
    keep_all(session, facts)
    workers = fleet.executor.workers if fleet.executor is not None else 0
    gathering = Gathering(began, datetime.now(UTC), at, workers)
    session.to_journal(lambda journal: journal.gathering(gathering))
    return Observed(facts, gathering)
