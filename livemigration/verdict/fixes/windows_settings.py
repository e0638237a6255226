"""Fixes of what Windows or Group Policy set on a host, and Hyper-V depends on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from livemigration.base.text import listed, one_line, some
from livemigration.facts.tcp_settings import DynamicPorts
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import LOG_ON_AS_A_SERVICE, SPN_REGISTRATION

VIRTUAL_MACHINES = r"NT VIRTUAL MACHINE\Virtual Machines"
# The rights by their names in the Group Policy editor.
SHOWN_RIGHTS = {
    "SeServiceLogonRight": "Log on as a service",
    "SeCreateSymbolicLinkPrivilege": "Create symbolic links",
}


def grant_rights(machine: FixTarget, rights: Collection[str], policies: Sequence[str]) -> Fix:
    """Return how to give virtual machines the rights that a Group Policy took from them.

    Args:
        machine: the host.
        rights: their names in Windows, such as SeServiceLogonRight.
        policies: the Group Policy objects that define them, as far as their names are known.
    """
    name = one_line(machine.name)
    shown = listed(SHOWN_RIGHTS.get(each, each) for each in rights)
    where = f"the Group Policy object {some(policies)}" if policies else "the Group Policy object"
    cause = Cause(
        title=f"Give virtual machines their user rights back on {HOSTS}",
        wrong="Group Policy defines user rights without the virtual machines",
        word="user rights",
        why="A virtual machine does not start or arrive there (0x80070569): Group Policy replaces "
        "the list of the host.",
        values=(("Rights", shown), ("Group Policy", some(policies) if policies else "not named")),
    )
    return by_hand(
        machine,
        cause,
        key="user-rights",
        console=(
            (
                f"In {where}, under Computer Configuration > Policies > Windows Settings > "
                f"Security Settings > Local Policies > User Rights Assignment, add "
                f"{VIRTUAL_MACHINES} (S-1-5-83-0) to {shown}. Edit it on a machine with Hyper-V: "
                "elsewhere the name is not known."
            ),
            f"Or link {name} and the other Hyper-V hosts where this object does not apply.",
            f"Then on {name}: gpupdate /force",
        ),
        cost="Every computer to which the object applies gets the new list.",
        source=LOG_ON_AS_A_SERVICE,
    )


def default_ports(machine: FixTarget, observed: Sequence[DynamicPorts]) -> Fix:
    """Return how to give a host the default range of dynamic ports back."""
    spans = listed(dict.fromkeys(each.span for each in observed))
    first = observed[0]
    cause = Cause(
        title=f"Give {HOSTS} the default dynamic ports back",
        wrong="The dynamic TCP ports are not the default",
        word="dynamic ports",
        why="The service vmms is hardened to the default range, and may then fail to register its "
        "service principal names (event 14050).",
        values=(("Dynamic ports", spans),),
    )
    return by_hand(
        machine,
        cause,
        key="dynamic-ports",
        console=(
            (
                f"On {one_line(machine.name)}, find out what moved the range: a product may need "
                "it. Where nothing does: "
                "netsh int ipv4 set dynamicport tcp start=49152 num=16384"
            ),
            (
                "Restart the service vmms, which registers its names again: running virtual "
                "machines run on."
            ),
            (f"To undo: netsh int ipv4 set dynamicport tcp start={first.start} num={first.number}"),
        ),
        cost="While vmms restarts, the host cannot be managed, and no migration may run.",
        source=SPN_REGISTRATION,
    )
