"""What to do where another machine answers under a name of the inventory."""

from __future__ import annotations

from livemigration.base.text import one_line, some
from livemigration.facts.identity import Stranger
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS


def find_the_host(name: str, stranger: Stranger) -> Fix:
    """Return how to get the host itself to answer, or the inventory to name each machine once."""
    host, says = one_line(name), one_line(stranger.says)
    if stranger.misnamed:
        steps: tuple[str, ...] = (
            (
                f"On the machine that runs the suite, look up {host}, and compare its address in "
                f"the inventory. What answers there is {says}."
            ),
            f"Correct DNS or the address, so that {host} itself answers.",
            (
                f"Only where {host} is another name of that very machine: give the host "
                f"answers_as: {says} in the inventory."
            ),
        )
        cause = _other_machine(says)
    else:
        steps = (
            (
                f"In the inventory, keep one of {some((host, *stranger.same_as))}: they are one "
                "machine, and count twice."
            ),
            "Where they are two machines, correct the address of the one that was not asked.",
        )
        cause = Cause(
            title=f"List each machine only once: {HOSTS}",
            wrong="The same machine answers under several names of the inventory",
            word="listed twice",
            why="Either they are one machine, or one of them was never asked. So nothing was "
            "judged under any of these names.",
            values=(("Same as", some(stranger.same_as)), ("Calls itself", says)),
        )
    return Fix(
        key="identity",
        summary=cause.order(name),
        console=(*steps, "Then run the suite again."),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )


def _other_machine(says: str) -> Cause:
    return Cause(
        title=f"Get the right machine to answer for {HOSTS}",
        wrong="What answers under this name calls itself by another one",
        word="other machine",
        why="What it says was taken for no evidence.",
        values=(("Calls itself", says),),
    )


def find_the_server(name: str, says: str) -> Fix:
    """Return how to get the VMM server itself to answer."""
    server = one_line(name)
    cause = _other_machine(one_line(says))
    return Fix(
        key="identity",
        summary=f"Get the right machine to answer for the VMM server {server}.",
        console=(
            (
                f"On the machine that runs the suite, look up {server}, and compare its address in "
                f"the inventory. What answers there is {one_line(says)}."
            ),
            f"Correct DNS, the address or the name, so that {server} itself answers.",
            (
                f"Only where {server} is another name of that very computer: give the VMM server "
                f"answers_as: {one_line(says)} in the inventory."
            ),
            "Then run the suite again.",
        ),
        source=TROUBLESHOOT_HOST_STATUS,
        cause=cause,
    )
