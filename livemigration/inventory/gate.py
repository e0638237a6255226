"""Gates: runs that need no inventory file, for a host that VMM does not know yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from pydantic import ValidationError

from livemigration.base.errors import UsageError
from livemigration.facts.model import FactSheet, Inapplicable, Subject
from livemigration.facts.registry import VMM_SERVER_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.file import Host
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.one_machine import twins
from livemigration.inventory.policy import Policy
from livemigration.inventory.reach import Reach

HOST_BUILD = "host-build"
GATES = (HOST_BUILD,)
_NAMED = 3


def gate_inventory(gate: str, targets: Sequence[str], base: Inventory | None) -> Inventory:
    """Return an inventory of these hosts without a VMM server.

    Args:
        gate: the gate's name.
        targets: the hosts.
        base: whose connection, credentials and site policy count; None: the defaults.

    Raises:
        UsageError: the gate is unknown, or a target is not a machine's name, is named twice, or is
            not simulated where the rest is.
    """
    if gate not in GATES:
        raise UsageError(f"--gate {gate[:60]!r}: there is no such gate. Write {GATES[0]}.")
    hosts = tuple(_host(name, base) for name in targets)
    if len({host.name.casefold() for host in hosts}) < len(hosts):
        raise UsageError("--target: a host is named twice. Name each once.")
    if (found := twins(hosts)) is not None:
        one, other = hosts[found.place].name, hosts[found.first].name
        raise UsageError(f"--target: {one} is the same machine as {other}: {found.why}.")
    policy = base.site_policy if base is not None else Policy()
    names = [host.name for host in hosts]
    known = base.digest if base is not None else ""
    shown = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return Inventory(
        label=f"gate {gate}: {shown}{more}",
        digest=hashlib.sha256(json.dumps([gate, known, *names]).encode()).hexdigest(),
        vmms=(),
        hosts=hosts,
        reach=base.reach if base is not None else Reach(),
        site_policy=policy,
        policies=dict.fromkeys(names, policy),
        lab_fleet=base.lab_fleet if base is not None else None,
        policy_digest=hashlib.sha256(policy.model_dump_json().encode()).hexdigest(),
        gate=gate,
        reaches={name: base.reaches[name] for name in names if name in base.reaches}
        if base is not None
        else {},
        purposes=base.purposes if base is not None else {},
        directories=base.directories if base is not None else (),
    )


def _host(name: str, base: Inventory | None) -> Host:
    """Return a target; an inventory that lists it says where it answers, and no more of it."""
    listed = base.hosts if base is not None else ()
    known = next((each for each in listed if each.name.casefold() == name.casefold()), None)
    if known is not None:
        return Host(name=known.name, address=known.address, answers_as=known.answers_as)
    if base is not None and base.lab_fleet is not None:
        # The lab's credentials are for nobody else.
        raise UsageError(
            f"--target: {base.label} has no host {name[:60]!r}. Name one of its hosts, or leave "
            "--inventory out."
        )
    try:
        return Host(name=name)
    except ValidationError as error:
        told = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise UsageError(f"--target: {told}") from None


def without_vmm(facts: RunFacts, gate: str) -> RunFacts:
    """Return facts in which nothing that VMM would know can be had, and why."""

    def unknown(name: str) -> Inapplicable:
        return Inapplicable(f"{name} is not in VMM yet (gate {gate}): VMM was not asked.")

    hosts = {
        name: FactSheet(
            sheet.subject,
            sheet.name,
            {**sheet.outcomes, **{group.name: unknown(name) for group in VMM_VIEW_GROUPS}},
        )
        for name, sheet in facts.hosts.items()
    }
    nobody = {group.name: unknown("The host") for group in VMM_SERVER_GROUPS}
    server = FactSheet(Subject.VMM, "", nobody)
    return RunFacts(hosts, {"": server}, gathered=facts.gathered, listed=facts.listed)
