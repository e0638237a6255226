"""The VMM server: everything that depends on its release depends on this."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.check import VMM, check
from livemigration.checks_support import NOT_ASKED
from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.facts.vmm import VMM_ACCESS, VMM_RELEASE
from livemigration.findings import Finding, fail, ok, warn
from livemigration.fixes.quoting import sentence
from livemigration.fixes.vmm import mend_access, upgrade
from livemigration.references import SET_UP_HOSTS, VMM_PORTS
from livemigration.release import Release, release_of
from livemigration.views import BlockedError, FactsView

UNUSABLE = (FailureKind.MISSING, FailureKind.ACCESS_DENIED, FailureKind.SCRIPT)


@check("LM001", target=VMM, may_need=(VMM_ACCESS, VMM_RELEASE), refs=(VMM_PORTS,))
def test_vmm_answers_and_its_release_is_known(vmm: FactsView) -> Iterator[Finding]:
    """The VMM server answers and its release is known.

    Why: VMM 2012 SP1 (3.1) stages a virtual machine on the address by which it knows the host, and
    fails where the host accepts live migration on other networks only (KB 2853203). Later releases
    do not. So most rules depend on the release, and none of them is guessed.

    Fails: the server cannot be reached, denies access or lacks the VMM cmdlets; or it runs 3.0,
    which cannot do shared-nothing migration.

    Warns: VMM 2012 SP1, because it has KB 2853203.
    """
    if (failure := _unusable(vmm)) is not None:
        yield fail(
            sentence(failure.sentence),
            "The VMM server answers the suite, and its cmdlets can be used.",
            mend_access(vmm.name, failure),
        )
        return
    release, version = release_of(vmm[VMM_RELEASE])
    observed = f"{vmm.name} runs VMM {release.value} ({version})"
    if release is Release.UNKNOWN:
        raise BlockedError(
            "LM001",
            f"The release of {vmm.name} cannot be told from: {version}.",
            "Compare ProductVersion in the registry with what Get-SCVMMServer reports.",
        )
    if release is Release.UNSUPPORTED:
        yield fail(
            f"{observed}, which cannot do shared-nothing live migration.",
            "VMM 2012 SP1 or later.",
            upgrade(vmm.name, SET_UP_HOSTS),
        )
    elif release is Release.AFFECTED:
        yield warn(
            f"{observed}: this release has KB 2853203.",
            "VMM 2012 R2 or later; upgrading removes it.",
            upgrade(vmm.name),
        )
    else:
        yield ok(f"{observed}.")


def _unusable(vmm: FactsView) -> GatherFailure | None:
    access, stated = vmm.outcome(VMM_ACCESS), vmm.outcome(VMM_RELEASE)
    if isinstance(access, NotGathered) and access.failure.kind not in NOT_ASKED:
        return access.failure
    if isinstance(stated, NotGathered) and stated.failure.kind in UNUSABLE:
        return stated.failure
    return None
