"""Whether Group Policy takes from virtual machines the rights that they need."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import listed, one_line, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.facts.policy_rights import LOGGED_POLICIES, POLICY_RIGHTS, PolicyRight
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok
from livemigration.verdict.fixes.windows_settings import (
    SHOWN_RIGHTS,
    VIRTUAL_MACHINES,
    grant_rights,
)
from livemigration.verdict.policy_accounts import has_virtual_machines
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import LOG_ON_AS_A_SERVICE
from livemigration.verdict.views import BlockedError, FactsView

_NEXT_STEP = (
    "Have PowerShell on this host say the SID of each, with ([Security.Principal.NTAccount]'NAME')"
    ".Translate([Security.Principal.SecurityIdentifier]): S-1-5-83-0 and S-1-1-0 have virtual "
    "machines among them."
)


@check(
    "LM402",
    needs=(POLICY_RIGHTS,),
    may_need=(LOGGED_POLICIES, DOMAIN_MEMBERSHIP),
    refs=(LOG_ON_AS_A_SERVICE,),
)
def test_virtual_machines_keep_their_rights(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    r"""No Group Policy takes "Log on as a service" from virtual machines.

    Why: the process of a virtual machine signs in as an account of NT VIRTUAL MACHINE\Virtual
    Machines. A Group Policy that defines the right replaces the host's own list; without that
    account in it, virtual machines neither start nor arrive (0x80070569). Read from the Resultant
    Set of Policy, which says what Group Policy applied last.

    Fails: a Group Policy defines SeServiceLogonRight or SeCreateSymbolicLinkPrivilege without
    S-1-5-83-0.

    Does not apply: the host keeps no Resultant Set of Policy; then nobody can see it from afar. It
    is blocked where a name of another language decides, such as Jeder: nobody translates it.
    """
    found = host[POLICY_RIGHTS]
    if not found.logged:
        yield not_applicable(
            r"The host keeps no Resultant Set of Policy (root\rsop\computer is not there), so what "
            "Group Policy defines cannot be seen."
        )
        return
    own = [each for each in found.rights if _shown(each) is not None]
    if not own and not host[LOGGED_POLICIES]:
        yield not_applicable(
            "The Resultant Set of Policy of this host is empty: logging it is switched off, so "
            "what Group Policy defines cannot be seen."
        )
        return
    yield from _judged(host, vmm, own)


def _judged(host: FactsView, vmm: FactsView, own: list[PolicyRight]) -> Iterator[Finding]:
    lacking = [each for each in own if not any(map(_may_be_theirs, each.accounts))]
    unsure = [
        each
        for each in own
        if each not in lacking and not any(map(has_virtual_machines, each.accounts))
    ]
    if unsure and not lacking:
        raise BlockedError("", _not_known(unsure), _NEXT_STEP)
    if not lacking:
        which = (
            f" {listed(filter(None, map(_shown, own)))} without them" if own else " either right"
        )
        yield ok(f"No Group Policy defines{which}.")
        return
    if unsure:
        yield note(_not_known(unsure))
    rights = tuple(dict.fromkeys(str(_shown(each)) for each in lacking))
    policies = _policies(host, lacking)
    by = f" ({some(policies)})" if policies else ""
    yield fail(
        f"Group Policy{by} defines {listed(rights)} without {VIRTUAL_MACHINES} (S-1-5-83-0).",
        f"{VIRTUAL_MACHINES} among the accounts of each, or no Group Policy that defines it.",
        grant_rights(machine_of(host, vmm), rights, policies),
    )


def _shown(right: PolicyRight) -> str | None:
    """Return the right as Windows spells it, where virtual machines need it."""
    name = right.right.strip().casefold()
    return next((each for each in SHOWN_RIGHTS if each.casefold() == name), None)


def _may_be_theirs(account: str) -> bool:
    return has_virtual_machines(account) is not False


def _not_known(rights: list[PolicyRight]) -> str:
    shown = listed(dict.fromkeys(str(_shown(each)) for each in rights))
    names = dict.fromkeys(
        one_line(name, limit=60)
        for each in rights
        for name in each.accounts
        if has_virtual_machines(name) is None
    )
    return (
        f"Group Policy gives {shown} to {some(names)}: whether virtual machines are among them "
        "is not known, as a name may be of any language."
    )


def _policies(host: FactsView, rights: list[PolicyRight]) -> tuple[str, ...]:
    """Return the names of the Group Policy objects that define these rights, where known."""
    logged = host.outcome(LOGGED_POLICIES)
    names = (
        {each.identifier.casefold(): each.name for each in logged.value}
        if isinstance(logged, Gathered)
        else {}
    )
    found = (one_line(names.get(each.policy.casefold(), "")) for each in rights)
    return tuple(dict.fromkeys(filter(None, found)))
