"""VMM's own verdict on a host, for one virtual machine: only with --stage-vm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livemigration.base.text import one_line, sentence
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.vmm import VMM_RATING, VMM_RECORD, VMM_RELEASE
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok
from livemigration.verdict.fixes.rating import read_rating, unaffected_refusal
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import KB_2853203, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.release import Release, release_of
from livemigration.verdict.views import BlockedError, FactsView

# KB 2853203 itself spells it with the letter O once.
_REFUSED = re.compile(r"\b[0O]x8007274D\b", re.IGNORECASE)

# The KB's, of which the code is the last word, has 340 characters.
_LONGEST_REASON = 600


@check(
    "LM306",
    needs=(VMM_RATING, VMM_RECORD),
    may_need=(VMM_RELEASE, DOMAIN_MEMBERSHIP),
    refs=(KB_2853203, TROUBLESHOOT_LIVE_MIGRATION),
    opt_in="--stage-vm",
)
def test_vmm_rates_the_host(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    """VMM itself rates the host above zero for the virtual machine that --stage-vm names.

    Why: this is what the migration wizard will show. It is the only proof of staging that VMM
    gives, and not read-only: for each rating VMM may create a planned virtual machine on the host,
    and a job.

    Fails: VMM rates the host zero.

    Does not apply: the virtual machine is on this host already; or VMM has the host in maintenance
    mode.
    """
    record, rating = host[VMM_RECORD], host[VMM_RATING]
    if record.maintenance:
        yield not_applicable(
            "VMM has this host in maintenance mode, in which its rating is zero by design (LM107)."
        )
        return
    name = one_line(rating.vm)
    if rating.found != 1:
        found = "no virtual machine" if rating.found == 0 else f"{rating.found} virtual machines"
        raise BlockedError(
            "",
            f"VMM on {vmm.name} knows {found} of the name {name}.",
            "Name one that exists once, with --stage-vm.",
        )
    known_as = {host.name.casefold(), record.name.casefold()}
    if rating.current_host is not None and rating.current_host.casefold() in known_as:
        yield not_applicable(f"{name} is on this host now: VMM was not asked to rate it.")
        return
    if rating.rating is None:
        raise BlockedError(
            "",
            f"VMM on {vmm.name} gave no rating of this host for {name}.",
            "Open the Migrate Virtual Machine wizard for it in the VMM console and compare.",
        )
    if rating.rating > 0:
        yield ok(f"VMM rates this host {rating.rating:g} for {name}.")
        for warning in rating.warnings:
            yield note(sentence(f"VMM warns: {one_line(warning)}"))
        return
    yield _rated_zero(host, vmm)


def _rated_zero(host: FactsView, vmm: FactsView) -> Finding:
    rating = host[VMM_RATING]
    name = one_line(rating.vm)
    reasons = "; ".join(one_line(each, _LONGEST_REASON) for each in rating.reasons)
    machine, refused = machine_of(host, vmm), any(map(_REFUSED.search, rating.reasons))
    affected = refused and release_of(vmm[VMM_RELEASE])[0] is Release.AFFECTED
    fix = read_rating(machine, name, known_bug=affected)
    if refused and not affected:
        fix = unaffected_refusal(machine, name)
    return fail(
        sentence(f"VMM rates this host zero for {name}: {reasons or 'VMM gave no reason'}"),
        "A rating above zero.",
        fix,
    )
