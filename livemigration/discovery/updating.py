"""An inventory brought up to what a source has: its new text, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.base.errors import UsageError
from livemigration.discovery.comparing import Compared, compared
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found
from livemigration.discovery.writing import added_to
from livemigration.inventory.inventory import parse
from livemigration.inventory.yaml_file import MAXIMUM_BYTES


@dataclass(frozen=True)
class Update:
    """`text` is the inventory's; it is the one from before where nothing is added."""

    found: Found
    own: Existing
    compared: Compared
    text: str

    @property
    def changes(self) -> bool:
        """Whether the file is written."""
        return not self.empty and (self.own.new or self.text != self.own.text)

    @property
    def empty(self) -> bool:
        """Whether there is no host that an inventory could have: then there is no inventory."""
        return not (self.compared.additions.hosts or self.own.listing.hosts)


def updated(
    found: Found, own: Existing, vmm: str = "", patterns: Sequence[str] = (), heading: str = ""
) -> Update:
    """Return an inventory with the hosts of a source that it lacks; it can be loaded.

    Args:
        found: what the source has.
        own: the inventory.
        vmm: the VMM server of the new hosts, where the source does not say.
        patterns: which hosts are added, as of `--limit`; none: all.
        heading: comments that a new inventory begins with.

    Raises:
        UsageError: it cannot be added to, or what comes of it is no inventory.
    """
    result = compared(found, own, vmm, patterns)
    text = own.text
    if not (result.additions.hosts or own.listing.hosts):
        return Update(found, own, result, text)
    if not result.additions.nothing:
        text = added_to(text, own.label, result.additions)
    if own.new:
        text = heading + text
    if len(text.encode()) > MAXIMUM_BYTES:
        raise UsageError(
            f"{own.label}: with the hosts that were found it is larger than {MAXIMUM_BYTES >> 20} "
            "MiB, and could not be read again. Add some of them, with --limit."
        )
    try:
        parse(text, own.label, own.folder)
    except UsageError as error:
        if result.additions.nothing:
            raise
        raise UsageError(f"with the hosts that were found: {error} Nothing was written.") from None
    return Update(found, own, result, text)
