"""What to do where the tables show no way from other hosts to a listener."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.addresses import Address
from livemigration.base.text import listed, one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.quoting import comment, quote
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION


def prove_by_hand(machine: FixTarget, listeners: Sequence[Address], others: str) -> Fix:
    """Return how to see whether other hosts reach the listeners, and whom to ask if not.

    Args:
        machine: the host that listens.
        listeners: its usable listener addresses.
        others: the hosts without a way, for a sentence.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"See whether the other hosts reach the listeners of {HOSTS}",
        wrong="The tables of other hosts show no way to a listener",
        word="no way shown",
        why="No shared subnet and no route leads there. If there is no way, those hosts cannot "
        "send virtual machines.",
        values=(("Listens on", listed(listeners)), ("No way from", others)),
    )
    return Fix(
        key="reach-listeners",
        summary=f"See whether there is a way from {others} to the listeners of {name}.",
        console=(
            (
                f"Connect from {others} to port 6600 of {listed(listeners)}; one answer is enough. "
                "The commands below do it; on Windows Server 2012 use the second kind, which ends "
                "without an error where it connects."
            ),
            (
                f"Where nothing answers, compare the addresses and VLANs of {others} with those "
                f"of {name}, or take one end out of the group in the inventory."
            ),
        ),
        commands=(
            comment(f"On {others}. Windows Server 2012 R2 and later:"),
            *(f"Test-NetConnection -ComputerName {quote(each)} -Port 6600" for each in listeners),
            "# Windows Server 2012:",
            *(
                f"(New-Object -TypeName 'System.Net.Sockets.TcpClient').Connect({quote(each)}, "
                "6600)"
                for each in listeners
            ),
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
        cause=cause,
    )
