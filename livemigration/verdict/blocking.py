"""Why a check cannot judge, and which other check says what is wrong: one cause, one finding."""

from __future__ import annotations

from livemigration.base.addresses import Address
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.facts.vmm import VMM_RELEASE, VMM_RESOLUTION
from livemigration.verdict.networks import SelectionKind
from livemigration.verdict.readings import listeners_of, selection_of
from livemigration.verdict.release import Release, release_of
from livemigration.verdict.views import BlockedError, FactsView

# The suite did not ask or had no time to listen, or another machine's finding says why: no failure
# of the machine's own.
NOT_ASKED = (
    FailureKind.NOT_GATHERED,
    FailureKind.NOT_IN_FILE,
    FailureKind.SAME_CREDENTIALS,
    FailureKind.STARVED,
)


def no_answer(failure: GatherFailure, machine: str) -> str:
    """Return the sentence that says it of a machine that did not answer; empty of any other."""
    return f"The {machine} did not answer. " if failure.kind is FailureKind.TIMED_OUT else ""


def release_for(vmm: FactsView) -> tuple[Release, str]:
    """Return the VMM release, AFFECTED or RESOLVED, and its version.

    Raises:
        BlockedError: the release is unknown, or cannot do shared-nothing migration at all.
    """
    release, version = release_of(vmm[VMM_RELEASE])
    if release is Release.UNKNOWN:
        raise BlockedError(
            "LM001",
            f"The VMM release of {vmm.name} is not known ({version}), and this rule depends on it.",
            "Check the VMM server first.",
        )
    if release is Release.UNSUPPORTED:
        raise BlockedError(
            "LM001",
            f"VMM {version} on {vmm.name} cannot do shared-nothing live migration.",
            "Upgrade VMM first.",
        )
    return release, version


def block_if_disabled(host: FactsView) -> None:
    """Raise BlockedError where live migration is off: one root cause, one finding."""
    if not host[MIGRATION_SETTINGS].enabled:
        raise BlockedError(
            "LM101",
            "Incoming live migration is disabled, so nothing listens on port 6600.",
            "Enable live migration first.",
        )


def block_if_not_listening(host: FactsView) -> None:
    """Raise BlockedError where there is no usable listener, by the check that reports why."""
    if listeners_of(host):
        return
    block_if_disabled(host)
    none = selection_of(host).kind is SelectionKind.NONE
    raise BlockedError(
        "LM102" if none else "LM103",
        "The host has no usable listener, so there is no address to judge.",
        "Bring back the listener first.",
    )


def block_if_unresolved(host: FactsView, vmm: FactsView) -> None:
    """Raise BlockedError where VMM does not resolve the host: one root cause, one finding."""
    if not host[VMM_RESOLUTION].addresses:
        raise BlockedError(
            "LM201", f"The VMM server {vmm.name} does not resolve {host.name}.", "Mend DNS first."
        )


def addresses_vmm_uses(host: FactsView, vmm: FactsView) -> tuple[Address, ...]:
    """Return the addresses that VMM uses for the host, in its order.

    Raises:
        BlockedError: VMM does not resolve the host.
    """
    block_if_unresolved(host, vmm)
    return host[VMM_RESOLUTION].addresses


def not_tried(host: FactsView, vmm: str, what: str) -> BlockedError:
    """Return the error for a connection that the VMM server should have tried."""
    return BlockedError(
        "LM001",
        f"{what} of {host.name} was not tried from the VMM server {vmm}.",
        "Run the suite again with this check selected.",
    )
