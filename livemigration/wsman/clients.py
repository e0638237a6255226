"""What carries the messages of a session: pywinrm's transport, or one of this suite's own."""

from __future__ import annotations

from enum import Enum

# Runs of more hosts than this are carried by streams, where the inventory does not say.
MOST_WITH_PYWINRM = 100


class Client(Enum):
    """What carries messages, in the words of inventories and reports."""

    PYWINRM = "pywinrm"
    STREAMS = "streams"


# How a session says of itself what carried it; one that says nothing was carried by pywinrm.
BY_STREAMS = f"client {Client.STREAMS.value}"
# And that its machine did not take a question along with the sign-in.
SIGNED_IN_APART = "signed in before the first question"


def chosen(said: str, hosts: int) -> Client:
    """Return what carries the messages of a run.

    Args:
        said: what the inventory says: `auto`, or one of the two.
        hosts: how many hosts the run asks.
    """
    if said != "auto":
        return Client(said)
    return Client.PYWINRM if hosts <= MOST_WITH_PYWINRM else Client.STREAMS
