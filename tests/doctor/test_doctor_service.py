"""winrm/config is held against what the suite does, and each change of it has its undo."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.doctor.model import Level, Remark
from livemigration.doctor.service import SHOWN, judge_service, shown
from livemigration.facts.model import Subject
from livemigration.gather.batches import SIDE_BY_SIDE
from livemigration.lab.winrm_config import settings_of
from livemigration.wsman.configuration import ServiceSettings
from livemigration.wsman.conversation import operation_seconds

NEW, OLD = 20348, 7601


def of(build: int = NEW, **own: Any) -> ServiceSettings:
    """Return the defaults of a release with some changed; `__` stands for a slash."""
    changed = {name.replace("__", "/"): value for name, value in own.items()}
    values = settings_of(build, changed)
    return ServiceSettings(
        {
            path: str(value).lower() if isinstance(value, bool) else str(value)
            for path, value in values.items()
        }
    )


def judged(
    settings: ServiceSettings,
    subject: Subject = Subject.HOST,
    *,
    seconds: float = 30,
    basic: bool = False,
) -> list[Remark]:
    return list(judge_service(settings, subject, "hv01", message_seconds=seconds, basic=basic))


@pytest.mark.parametrize("subject", Subject)
def test_the_defaults_since_2012_are_enough(subject: Subject) -> None:
    assert judged(of(), subject) == []


def test_the_older_defaults_are_enough_for_a_host() -> None:
    assert judged(of(OLD)) == []


def test_little_memory_for_powershell_is_only_a_warning() -> None:
    (remark,) = judged(of(OLD), Subject.VMM)
    assert (remark.level, "MaxMemoryPerShellMB is 150" in remark.told) == (Level.WARNING, True)


@in_turn(
    "name, value, subject, level, command, undo",
    [
        (
            "MaxEnvelopeSizekb",
            149,
            Subject.HOST,
            Level.WARNING,
            r"WSMan:\localhost\MaxEnvelopeSizekb 150",
            r"WSMan:\localhost\MaxEnvelopeSizekb 149",
        ),
        (
            "Service__MaxConcurrentOperationsPerUser",
            1,
            Subject.HOST,
            Level.PROBLEM,
            r"\Service\MaxConcurrentOperationsPerUser 2",
            r"\Service\MaxConcurrentOperationsPerUser 1",
        ),
        (
            "Winrs__MaxShellsPerUser",
            SIDE_BY_SIDE - 1,
            Subject.VMM,
            Level.PROBLEM,
            r"WSMan:\localhost\Shell\MaxShellsPerUser 3",
            r"WSMan:\localhost\Shell\MaxShellsPerUser 2",
        ),
        (
            "Winrs__AllowRemoteShellAccess",
            False,
            Subject.VMM,
            Level.PROBLEM,
            r"WSMan:\localhost\Shell\AllowRemoteShellAccess $true",
            r"WSMan:\localhost\Shell\AllowRemoteShellAccess $false",
        ),
        (
            "Service__AllowUnencrypted",
            True,
            Subject.HOST,
            Level.WARNING,
            r"WSMan:\localhost\Service\AllowUnencrypted $false",
            r"WSMan:\localhost\Service\AllowUnencrypted $true",
        ),
    ],
)
def test_what_is_not_enough_is_told_with_a_line_and_its_undo(
    name: str, value: Any, subject: Subject, level: Level, command: str, undo: str
) -> None:
    (remark,) = judged(of(**{name: value}), subject)
    (step,) = remark.steps
    assert remark.level is level
    assert command in step.command
    assert undo in step.undo


def test_shells_matter_on_the_vmm_server_alone() -> None:
    closed = of(Winrs__AllowRemoteShellAccess=False, Winrs__MaxShellsPerUser=0)
    assert judged(closed) == []


def test_the_time_of_an_operation_follows_the_inventory() -> None:
    settings = of(MaxTimeoutms=operation_seconds(30) * 1000)
    assert judged(settings) == []
    (remark,) = judged(settings, seconds=60)
    assert "MaxTimeoutms" in remark.told


def test_an_inventory_that_wants_readable_passwords_is_not_told_to_forbid_them() -> None:
    (remark,) = judged(of(Service__AllowUnencrypted=True, Service__Auth__Basic=True), basic=True)
    assert remark.steps == ()


@pytest.mark.parametrize("value", ["10.0.0.1-10.0.0.9", ""])
def test_a_filter_is_a_note(value: str) -> None:
    (remark,) = judged(of(Service__IPv4Filter=value))
    assert remark.level is Level.NOTE
    assert (value or "empty") in remark.told


def test_sign_ins_that_are_never_bound_are_a_note() -> None:
    (remark,) = judged(of(Service__Auth__CbtHardeningLevel="None"))
    assert remark.level is Level.NOTE


@given(st.dictionaries(st.sampled_from(SHOWN), st.text(max_size=20)), st.sampled_from(Subject))
def test_no_words_of_a_host_break_it_or_reach_a_line_of_powershell(
    values: dict[str, str], subject: Subject
) -> None:
    settings = ServiceSettings(values)
    assert shown(settings) == values
    for remark in judged(settings, subject):
        for step in remark.steps:
            assert step.command.isascii()
            assert "\n" not in step.command + step.undo
