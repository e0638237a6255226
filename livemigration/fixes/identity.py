"""What to do where another machine answers under a name of the inventory."""

from __future__ import annotations

from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line, some
from livemigration.identity import Stranger
from livemigration.references import TROUBLESHOOT_HOST_STATUS


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
    else:
        steps = (
            (
                f"In the inventory, keep one of {some((host, *stranger.same_as))}: they are one "
                "machine, and count twice."
            ),
            "Where they are two machines, correct the address of the one that was not asked.",
        )
    return Fix(
        key="identity",
        summary=f"See to it that {host} answers under its name, and that no machine is listed "
        "twice.",
        console=(*steps, "Then run the suite again."),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def find_the_server(name: str, says: str) -> Fix:
    """Return how to get the VMM server itself to answer."""
    server = one_line(name)
    return Fix(
        key="identity",
        summary=f"See to it that the VMM server {server} answers under its name.",
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
    )
