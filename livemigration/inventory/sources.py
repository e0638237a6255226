"""Words that stand before what knows hosts, where others name an inventory's file."""

from __future__ import annotations

VMM_PREFIX = "vmm:"
PREFIXES = (VMM_PREFIX, "ad:", "cluster:", "ansible:")

_WHY = {
    "ad:": "a run would send an administrator's logon to every account that registers the name of "
    "live migration, and any computer account may",
    "cluster:": "a cluster does not say which VMM server manages its nodes",
    "ansible:": "Ansible does not say which of its hosts a VMM server manages",
}


def names_a_source(reference: str) -> bool:
    """Whether a text names what knows hosts, and no file."""
    return reference.startswith(PREFIXES)


def not_at_once(reference: str) -> str:
    """Return why a run does not use a source at once, and what to do instead."""
    prefix = f"{reference.partition(':')[0]}:"
    if (why := _WHY.get(prefix)) is None:
        return (
            f"{reference[:80]}: VMM's list is used at once by pytest alone. Write a file and name "
            f"that: livemigration discover {reference[:80]} FILE"
        )
    return (
        f"{reference[:80]} is never used at once: {why}. Write a file, review it, and name that: "
        f"livemigration discover {reference[:80]} FILE"
    )
