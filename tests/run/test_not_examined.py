"""What a run did not examine: a sentence for each reason, with its numbers and names."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.facts.directory import NONE_FOR_THE_DOMAIN
from livemigration.facts.model import Subject
from livemigration.run.not_examined import Examined, Managed, OptIn, managed_sentence, not_examined
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import HostSummary, what_was_not_examined


def planned(*pairs: tuple[str, str]) -> tuple[PlanEntry, ...]:
    return tuple(
        PlanEntry(
            f"{check}[{target}]",
            check,
            "It holds.",
            "settings",
            Subject.VMM if check.startswith("LM0") else Subject.HOST,
            target,
        )
        for check, target in pairs
    )


WHOLE = planned(("LM001", "vmm01"), ("LM101", "hv01"), ("LM101", "hv02"), ("LM201", "hv01"))


def said(**given: object) -> tuple[str, ...]:
    scope = Examined(**{"hosts": ("hv01",), "plan": planned(("LM101", "hv01")), **given})  # type: ignore[arg-type]  # fields of a scope
    first, *rest = not_examined(scope)
    assert first.endswith("no directory is configured.")
    return tuple(rest)


def test_a_host_that_no_directory_was_asked_about_is_found_by_its_result() -> None:
    plan = planned(("LM401", "hv01"), ("LM401", "hv02"), ("LM401", "hv03"))
    reasons = (f"{NONE_FOR_THE_DOMAIN} fabrikam.com", "The host is in a workgroup.", "")
    states = (State.NOT_APPLICABLE, State.NOT_APPLICABLE, State.PASS)
    results = [
        Result(entry, state, reason=reason)
        for entry, state, reason in zip(plan, states, reasons, strict=True)
    ]
    hosts = [HostSummary(each.target) for each in plan]
    selection = RunSelection(3, 3, 0, directory=True)
    (told,) = what_was_not_examined(selection, hosts, plan, results, "", ())
    assert told.endswith("its domain (hv01).")


@pytest.mark.parametrize(
    ("hosts", "sentence"),
    [
        (("hv01",), "of 1 host: no directory is configured for its domain (hv01)."),
        (
            ("hv01", "hv02"),
            "of 2 hosts: no directory is configured for their domains (hv01 and hv02).",
        ),
    ],
)
def test_hosts_of_domains_without_a_directory_are_named(
    hosts: tuple[str, ...], sentence: str
) -> None:
    scope = Examined(hosts=hosts, plan=(), directory=True, without_directory=hosts)
    assert not_examined(scope) == (
        f"Delegation, service principal names and accounts in Active Directory, {sentence}",
    )


@in_turn(
    "given, says",
    [
        ({}, "in Active Directory, and which virtual machines are domain controllers: no"),
        (
            {"directory": True, "without_directory": ("hv01",)},
            "and which virtual machines are domain controllers, of 1 host: no directory is",
        ),
    ],
)
def test_where_a_drain_is_asked_so_are_its_domain_controllers(
    given: dict[str, object], says: str
) -> None:
    plan = planned(("LM801", "hv01"))
    scope = Examined(**{"hosts": ("hv01",), "plan": plan, **given})  # type: ignore[arg-type]  # fields of a scope
    first, *_ = not_examined(scope)
    assert says in first


@in_turn(
    "given, sentences",
    [
        ({}, ()),
        (
            {"without_rsop": ("hv01",)},
            (
                (
                    "User rights that Group Policy defines (LM402), on 1 host: no Resultant Set of "
                    "Policy is kept there (hv01)."
                ),
            ),
        ),
        (
            {"without_rsop": ("hv01", "hv02")},
            (
                (
                    "User rights that Group Policy defines (LM402), on 2 hosts: no Resultant Set "
                    "of Policy is kept there (hv01 and hv02)."
                ),
            ),
        ),
        (
            {"plan": planned(("LM707", "hv01"))},
            (
                (
                    "Files that earlier moves left in the cluster folder of their target: they "
                    "cannot be seen."
                ),
            ),
        ),
        (
            {"gate": "host-build"},
            ("What VMM knows and reaches: gate host-build asks no VMM server.",),
        ),
        (
            {
                "opt_ins": (
                    OptIn("LM306", "--stage-vm"),
                    OptIn("LM901", "--more"),
                    OptIn("LM307", "--stage-vm"),
                )
            },
            ("LM306 and LM307: --stage-vm was not given.", "LM901: --more was not given."),
        ),
        # A whole area is told by its name; of an area that was made, each check.
        (
            {"unselected_checks": ("LM203", "LM201", "LM202")},
            ("Reachability (LM201 to LM203): deselected.",),
        ),
        ({"unselected_checks": ("LM201",)}, ("Reachability (LM201): deselected.",)),
        (
            {"unselected_checks": ("LM104", "LM001", "LM102")},
            ("The VMM server (LM001), LM102 and LM104: deselected.",),
        ),
        ({"unselected_checks": ("LM901",)}, ("LM901: deselected.",)),
        # What a check cannot see is said where it was made.
        (
            {"plan": planned(("LM702", "hv01"), ("LM101", "hv01"))},
            ("Disks that others build upon, where VMM does not tell them: no disk is opened.",),
        ),
        ({"unselected_hosts": ("hv09",)}, ("1 host of the inventory: not selected (hv09).",)),
        (
            {"unselected_hosts": ("hv08", "hv09")},
            ("2 hosts of the inventory: not selected (hv08 and hv09).",),
        ),
        (
            {"managed": (Managed("vmm01", 4), Managed("vmm02", 4, ("hv07",)))},
            ("1 host that vmm02 manages: not in this inventory (hv07).",),
        ),
        (
            {"managed": (Managed("vmm01", 4, ("hv07", "hv08")),)},
            ("2 hosts that vmm01 manages: not in this inventory (hv07 and hv08).",),
        ),
    ],
)
def test_each_reason_has_its_sentence(given: dict[str, object], sentences: tuple[str, ...]) -> None:
    assert said(**given) == sentences


@pytest.mark.parametrize(
    ("plan", "sentences"),
    [
        (WHOLE, ("1 check of single hosts: deselected.",)),
        (planned(("LM001", "vmm01"), ("LM101", "hv01"), ("LM101", "hv02")), ()),
        (
            planned(("LM101", "hv01"), ("LM102", "hv02"), ("LM103", "hv01"), ("LM103", "hv02")),
            ("2 checks of single hosts: deselected.",),
        ),
    ],
)
def test_checks_that_were_made_on_other_hosts_only_are_counted(
    plan: tuple[PlanEntry, ...], sentences: tuple[str, ...]
) -> None:
    assert said(hosts=("hv01", "hv02"), plan=plan) == sentences


@in_turn(
    "managed, alone, sentence",
    [
        (Managed("vmm01", 4, ("hv07",)), True, "VMM manages 4 hosts, 3 are in this inventory."),
        (Managed("vmm01", 2, ("hv07",)), False, "vmm01 manages 2 hosts, 1 is in this inventory."),
        (Managed("vmm01", 1), True, "VMM manages 1 host, 1 is in this inventory."),
        (Managed("vmm01", 1, ("hv07",)), True, "VMM manages 1 host, 0 are in this inventory."),
    ],
)
def test_what_vmm_manages_is_counted_beside_the_inventory(
    managed: Managed, alone: bool, sentence: str
) -> None:
    assert managed_sentence(managed, alone=alone) == sentence
