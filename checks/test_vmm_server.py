"""The VMM server: everything that depends on its release depends on this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import one_line, sentence, some
from livemigration.facts.identity import Listed
from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.facts.vmm import VMM_ACCESS, VMM_RELEASE, VmmRelease
from livemigration.facts.vmm_identity import Answered, answered
from livemigration.verdict.blocking import NOT_ASKED, no_answer
from livemigration.verdict.check import VMM, check
from livemigration.verdict.findings import Finding, fail, note, ok, warn
from livemigration.verdict.fixes.identity import find_the_server
from livemigration.verdict.fixes.vmm import mend_access, upgrade
from livemigration.verdict.references import SET_UP_HOSTS, VMM_PORTS
from livemigration.verdict.release import Release, release_of
from livemigration.verdict.views import BlockedError, FactsView, GroupView

_ADMINISTRATOR = "administrator"
UNUSABLE = (FailureKind.MISSING, FailureKind.ACCESS_DENIED, FailureKind.SCRIPT)


@check("LM001", target=VMM, may_need=(VMM_ACCESS, VMM_RELEASE), refs=(VMM_PORTS,))
def test_vmm_answers_and_its_release_is_known(
    vmm: FactsView, group: GroupView
) -> Iterator[Finding]:
    """The VMM server answers and its release is known.

    Why: VMM 2012 SP1 (3.1) stages a virtual machine on the address by which it knows the host, and
    fails where the host accepts live migration on other networks only (KB 2853203). Later releases
    do not. So most rules depend on the release, and none of them is guessed. Hosts that VMM manages
    and the inventory does not list are named: nothing is said of them.

    Fails: the server cannot be reached, denies access or lacks the VMM cmdlets; another computer
    answers under its name; or it runs 3.0, which cannot do shared-nothing migration.

    Warns: VMM 2012 SP1, because it has KB 2853203. The suite uses the account under which VMM runs:
    the quotas of Windows Remote Management count per account, and VMM needs its own. A highly
    available VMM answers as another node than the active one.
    """
    if (failure := _unusable(vmm)) is not None:
        yield fail(
            sentence(f"{no_answer(failure, 'VMM server')}{failure.sentence}"),
            "The VMM server answers, and its cmdlets can be used.",
            mend_access(vmm.name, failure),
        )
        return
    if (computer := group.other_server(vmm.name)) is not None:
        yield fail(
            f"Another computer answers under the name of the VMM server: {one_line(computer)}.",
            f"{vmm.name} itself answers; a highly available VMM as its active node.",
            find_the_server(vmm.name, computer),
        )
        return
    yield _of_the_release(vmm)
    stated = vmm[VMM_RELEASE]
    yield from _who_answers(stated, group.listed_server(vmm.name))
    yield from _what_it_shows(vmm.name, stated, group.outside(vmm.name))


def _of_the_release(vmm: FactsView) -> Finding:
    release, version = release_of(vmm[VMM_RELEASE])
    observed = f"{vmm.name} runs VMM {release.value} ({version})"
    if release is Release.UNKNOWN:
        raise BlockedError(
            "LM001",
            f"The release of {vmm.name} cannot be told from: {version}.",
            "Compare ProductVersion in the registry with what Get-SCVMMServer reports.",
        )
    if release is Release.UNSUPPORTED:
        return fail(
            f"{observed}, which cannot do shared-nothing live migration.",
            "VMM 2012 SP1 or later.",
            upgrade(vmm.name, SET_UP_HOSTS),
        )
    if release is Release.AFFECTED:
        return warn(
            f"{observed}: this release has KB 2853203.",
            "VMM 2012 R2 or later; upgrading removes it.",
            upgrade(vmm.name),
        )
    return ok(f"{observed}.")


def _who_answers(stated: VmmRelease, listed: Listed) -> Iterator[Finding]:
    computer, who = one_line(stated.answered_by or ""), answered(listed, stated)
    if who is Answered.BESIDE_ACTIVE_NODE:
        yield warn(
            f"{computer} answers, but VMM says that its active node is "
            f"{one_line(stated.active_node or '')}.",
            "The active node of the highly available VMM answers.",
        )
    elif who is Answered.UNSURE:
        yield note(
            f"{computer} answers under this name, and VMM does not say whether it is highly "
            "available. Where it is not, another computer was asked."
        )
    elif who is Answered.AS_ACTIVE_NODE:
        yield note(f"VMM is highly available; {computer} answers, on which it runs.")


def _what_it_shows(name: str, stated: VmmRelease, outside: Sequence[str]) -> Iterator[Finding]:
    account, role = stated.account, stated.account_role
    if account and stated.service_account and _is_same(account, stated.service_account):
        yield warn(
            f"The account of this run {one_line(account)} is the one under which VMM runs.",
            "An account of its own: the quotas of Windows Remote Management count per account, and "
            "using them up can break VMM (2927, 0x803381A6).",
        )
    if role and role.casefold() != _ADMINISTRATOR:
        yield note(
            f"The role of the account of this run in VMM is {one_line(role)}: VMM may not show it "
            "every host."
        )
    if outside:
        total = len(stated.managed_hosts or ())
        yield note(
            f"{name} manages {total} {'host' if total == 1 else 'hosts'}; {len(outside)} "
            f"{'is' if len(outside) == 1 else 'are'} not in this inventory: {some(outside)}."
        )


def _is_same(account: str, other: str) -> bool:
    return account.strip().casefold() == other.strip().casefold()


def _unusable(vmm: FactsView) -> GatherFailure | None:
    access, stated = vmm.outcome(VMM_ACCESS), vmm.outcome(VMM_RELEASE)
    if isinstance(access, NotGathered) and access.failure.kind not in NOT_ASKED:
        return access.failure
    if isinstance(stated, NotGathered) and stated.failure.kind in UNUSABLE:
        return stated.failure
    return None
