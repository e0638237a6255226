"""Whatever VMM resolves a host to: no fix leaves it without a name, or opens what is another's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fact_builders import (
    ANY,
    ANY_V4,
    ANY_V6,
    BOTH,
    CONTROL,
    ELSEWHERE,
    ISOLATED,
    LOCAL,
    MANAGEMENT,
    MIGRATION,
    NONE,
    OF_OTHER,
    REFUSED,
    TIMED_OUT,
    A,
    B,
    judged,
    run_facts,
)
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from test_fixes import words

from livemigration.run.result import Result, State
from livemigration.verdict.findings import Fix
from livemigration.verdict.networks import USER_MANAGED

V6, V6_MIGRATION = "2001:db8::11", "2001:db8:50::11"
OWN = (MANAGEMENT, MIGRATION, V6, V6_MIGRATION)
FOREIGN = ("10.0.0.99", "10.0.50.99", "2001:db8::99", OF_OTHER, "127.0.0.1", "169.254.9.9")
EITHER = ("fe80::1",)
NETWORKS = (
    ANY,
    ANY_V4,
    ANY_V6,
    BOTH,
    ELSEWHERE,
    ISOLATED,
    NONE,
    (("10.0.0.0/24", USER_MANAGED),),
    (("10.9.9.0/24", USER_MANAGED),),
    (("2001:db8:50::/64", USER_MANAGED),),
)
OF_NAMES = ("LM201", "LM202", "LM204")
OF_PORTS = (*OF_NAMES, "LM103", "LM203", "LM301")
OF_STAGING = ("LM102", "LM201", "LM202", "LM203", "LM301", "LM304")
RECORD = re.compile(r"remove the records? of \S+ with (?P<gone>.*?)(?:, which|\.$)")
OPENS = re.compile(r"firewall|TCP port", re.IGNORECASE)


@dataclass(frozen=True)
class Scene:
    """A host of one selection and state, and what its name resolves to and meets there."""

    networks: tuple[tuple[str, str], ...]
    dns: tuple[str, ...]
    listeners: tuple[str, ...]
    enabled: bool
    answers: dict[tuple[str, int], int]
    release: dict[str, Any]

    def results(self, checks: Sequence[str]) -> dict[str, Result]:
        facts = run_facts(
            networks=self.networks,
            dns=self.dns,
            listeners=self.listeners if self.enabled else (),
            enabled=self.enabled,
            answers=self.answers,
            local=(*LOCAL, f"{V6}/64", f"{V6_MIGRATION}/64"),
            wsman=(False, None, "No answer."),
            **self.release,
        )
        return {check: judged(check, facts) for check in checks}


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    names = draw(st.lists(st.sampled_from(OWN + FOREIGN + EITHER), max_size=4, unique=True))
    codes = st.sampled_from((0, REFUSED, TIMED_OUT))
    return Scene(
        networks=draw(st.sampled_from(NETWORKS)),
        dns=tuple(names),
        listeners=tuple(draw(st.lists(st.sampled_from(OWN), max_size=4, unique=True))),
        enabled=draw(st.booleans()),
        answers={(each, port): draw(codes) for each in names for port in (CONTROL, 6600)},
        release=draw(st.sampled_from((A, B))),
    )


def fixes(results: dict[str, Result]) -> Iterator[Fix]:
    return (e.fix for r in results.values() for e in r.findings if e.fix is not None)


def addresses(text: str) -> set[str]:
    return set(re.findall(r"[0-9a-f:.]*[0-9a-f]", text)) & {*OWN, *FOREIGN, *EITHER}


# Fixed counts and no time limit: nothing here depends on how fast it is.
often = examples(60)


@often
@given(scenes())
def test_no_fix_leaves_a_host_without_a_name(scene: Scene) -> None:
    for fix in fixes(scene.results(OF_NAMES)):
        gone: set[str] = set()
        registered = False
        for step in fix.console:
            registered = registered or "In DNS, register" in step
            if (found := RECORD.search(step)) is not None:
                gone |= addresses(found["gone"])
                stays = set(scene.dns) - gone & set(scene.dns)
                assert registered or stays & set(OWN), (scene.dns, fix.console)
        if fix.key.startswith("dns-"):
            assert gone or "register" in fix.console[0], fix.console


@often
@given(scenes())
def test_what_a_name_keeps_is_never_what_another_fix_of_the_run_removes(scene: Scene) -> None:
    found = [each for each in fixes(scene.results(OF_NAMES)) if each.key.startswith("dns-")]
    gone = {
        address
        for fix in found
        for step in fix.console
        if (match := RECORD.search(step)) is not None
        for address in addresses(match["gone"])
    }
    if gone and not any("In DNS, register" in step for fix in found for step in fix.console):
        assert (set(scene.dns) - gone) & set(OWN), (scene.dns, gone)


@often
@given(scenes())
def test_no_fix_opens_anything_towards_an_address_that_is_not_the_hosts(scene: Scene) -> None:
    for fix in fixes(scene.results(OF_PORTS)):
        for step in (fix.summary, *fix.console):
            if OPENS.search(step):
                assert not addresses(step) & set(FOREIGN), step
        if scene.dns and scene.dns[0] in FOREIGN and "control-path" in fix.key:
            # The way to an address of the host beside it, which is shut.
            assert set(scene.dns) & set(OWN), scene.dns


@often
@given(scenes())
def test_a_foreign_address_is_one_cause_and_no_reason_to_change_the_networks(scene: Scene) -> None:
    if not scene.dns or scene.dns[0] not in FOREIGN:
        return
    results = scene.results(OF_STAGING)
    assert results["LM201"].state is State.FAIL
    for check in ("LM102", "LM202", "LM203", "LM301", "LM304"):
        result = results[check]
        if result.state is State.FAIL:
            assert check == "LM102"
            assert scene.networks in {NONE, ELSEWHERE}
            assert scene.networks == NONE or scene.release == B
        # From VMM 2012 R2 on the selection does not depend on the address.
        if result.blocked_by is not None and (check != "LM102" or scene.release == A):
            assert result.blocked_by.check == "LM201"
    if scene.networks != NONE:
        for fix in fixes(results):
            assert "-UseAnyMigrationSubnet $true" not in words(fix)


@often
@given(scenes())
def test_the_networks_are_changed_only_where_no_address_that_vmm_uses_is_a_listener(
    scene: Scene,
) -> None:
    for fix in fixes(scene.results(OF_STAGING)):
        if "-UseAnyMigrationSubnet $true" not in words(fix):
            continue
        assert scene.release == A
        assert scene.networks not in {ANY, ANY_V4}
        assert not set(scene.dns) & set(scene.listeners) or not scene.enabled
