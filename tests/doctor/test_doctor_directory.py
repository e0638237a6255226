"""The doctor and the directory: whether it can be asked, and what would end sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from troubled import Doctor

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.doctor.directory import Askers, Seen, look_at
from livemigration.doctor.machines import Machine
from livemigration.doctor.model import Level
from livemigration.facts.model import FailureKind, Subject
from livemigration.gather.connect import Access, Target
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.own_account import OwnAccount
from livemigration.gather.reached import played_directory
from livemigration.inventory.directory import DirectoryServer
from livemigration.lab.launch import RunningLab, start

DELEGATION = Path(__file__).parents[2] / "livemigration" / "lab" / "fleets" / "delegation.yaml"
NO_DIRECTORY = "no directory is configured"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WELL = OwnAccount("svc", sensitive=False, protected=False, account_ends=None, password_ends=None)


def fleet(folder: Path, **directory: Any) -> str:
    found = YAML(typ="safe").load(DELEGATION.read_text(encoding="utf-8"))
    found["directory"] |= directory
    found["hosts"] = [{**each, "account": {}} for each in found["hosts"][:2]]
    path = folder / "fleet.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(found, file)
    return str(path)


def looked(
    lab: RunningLab, *, name: str = "", accepted: bool = True, host: str = "hv01.contoso.com"
) -> Seen:
    """Look at the directory of a lab, of which one host took or refused the account."""
    assert lab.directory is not None
    credentials = lab.credentials
    if name:
        credentials = Credentials(name, credentials.password)
    machine = Machine(
        Subject.HOST, Target(host, "127.0.0.1", 1, access=Access(credentials=credentials))
    )
    askers = Askers((machine,), (machine,) if accepted else ())
    target = played_directory(lab.directory, lab)
    return look_at((target,), askers, Deadline.after(30), lambda _: None)


def remarks(account: OwnAccount, hours: float | None = None) -> list[tuple[Level, str]]:
    seen = Seen(configured=True, domains=("contoso.com",), accounts={"svc": account})
    window_end = None if hours is None else NOW + timedelta(hours=hours)
    return [(each.level, each.told) for each in seen.remarks(NOW, window_end)]


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with start(fleet(tmp_path_factory.mktemp("well"))) as running:
        yield running


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    operator = {"sensitive": True, "protected": True, "account_hours": 30, "password_hours": 5}
    with start(fleet(tmp_path_factory.mktemp("troubled"), operator=operator)) as running:
        yield running


def test_an_account_that_is_well_needs_no_word(well: RunningLab) -> None:
    seen = looked(well)
    assert list(seen.remarks(datetime.now(UTC), None)) == []
    assert seen.not_examined == ()
    (account,) = seen.accounts.values()
    assert account == OwnAccount("administrator", False, False, None, None)


def test_everything_that_ends_its_sign_ins_is_read(troubled: RunningLab) -> None:
    (account,) = looked(troubled).accounts.values()
    assert account is not None
    assert (account.sensitive, account.protected) == (True, True)
    now = datetime.now(UTC)
    assert account.password_ends is not None
    assert account.account_ends is not None
    assert timedelta(hours=4) < account.password_ends - now < timedelta(hours=5)
    assert timedelta(hours=29) < account.account_ends - now < timedelta(hours=30)


@pytest.mark.parametrize("name", [r"OTHER\administrator", "administrator@fabrikam.com", "nobody"])
def test_an_account_of_another_domain_is_said_to_be_unseen(well: RunningLab, name: str) -> None:
    seen = looked(well, name=name)
    assert seen.accounts[name] is None
    assert any(name in each for each in seen.not_examined)


@pytest.mark.parametrize("name", ["administrator@CONTOSO.com", "Administrator"])
def test_an_account_is_found_by_each_form_of_its_name(well: RunningLab, name: str) -> None:
    assert looked(well, name=name).accounts[name] is not None


def test_an_account_that_the_machines_refused_is_not_tried_once_more(well: RunningLab) -> None:
    seen = looked(well, accepted=False)
    assert not seen.failures
    (problem,) = seen.remarks(NOW, None)
    assert problem.level is Level.PROBLEM
    assert "one that the machines refused" in problem.told


def test_a_host_without_a_domain_in_its_name_leads_to_none(well: RunningLab) -> None:
    for host in ("hv01", "10.1.2.3", "fd00::1"):
        assert any("Write domain:" in each for each in looked(well, host=host).not_examined)


def test_a_directory_that_takes_nobody_is_a_problem(tmp_path: Path) -> None:
    with start(fleet(tmp_path, refuses=True)) as lab:
        seen = looked(lab)
    (failure,) = seen.failures.values()
    assert failure.kind is FailureKind.AUTHENTICATION
    (problem,) = seen.remarks(NOW, None)
    assert problem.level is Level.PROBLEM
    assert problem.steps


def test_one_password_is_refused_once_by_all_directories(tmp_path: Path) -> None:
    with start(fleet(tmp_path, refuses=True)) as lab:
        assert lab.directory is not None
        wrong = Access(credentials=Credentials("LAB\\wrong", Secret("x")))
        entries = [
            played_directory(lab.directory, lab).entry.model_copy(update={"domain": "contoso.com"}),
            DirectoryServer(domain="fabrikam.com", server="dc", address="127.0.0.1", port=1),
        ]
        targets = [DirectoryTarget(each, wrong) for each in entries]
        seen = look_at(targets, Askers((), ()), Deadline.after(30), lambda _: None)
    assert len(seen.failures) == 1
    assert len(seen.spared) == 1


def test_what_ends_before_the_window_is_a_problem() -> None:
    ends = OwnAccount("svc", False, False, NOW + timedelta(hours=9), NOW + timedelta(hours=2))
    assert remarks(ends) == [
        (Level.WARNING, "The account of svc ends 2026-06-01 21:00 UTC."),
        (Level.WARNING, "The password of svc ends 2026-06-01 14:00 UTC."),
    ]
    assert remarks(ends, 1) == []
    assert remarks(ends, 5) == [
        (
            Level.PROBLEM,
            "The password of svc ends 2026-06-01 14:00 UTC, before the window does.",
        )
    ]


def test_what_has_ended_is_a_problem_without_a_window() -> None:
    gone = OwnAccount("svc", False, False, None, NOW - timedelta(hours=2))
    assert [level for level, _ in remarks(gone)] == [Level.PROBLEM]
    assert remarks(OwnAccount("svc", False, False, None, NOW + timedelta(days=2))) == []


def test_protected_users_is_a_note_and_a_warning_where_the_window_is_longer() -> None:
    protected = OwnAccount("svc", False, True, None, None)
    for hours, level in ((None, Level.NOTE), (3, Level.NOTE), (6, Level.WARNING)):
        first, second = remarks(protected, hours)
        assert first[0] is level
        assert "tickets end after four hours" in first[1]
        assert second[0] is Level.NOTE
        assert "is in Protected Users, so a host cannot act on its behalf" in second[1]


def test_a_sensitive_account_is_a_note() -> None:
    (only,) = remarks(OwnAccount("svc", True, False, None, None))
    assert only[0] is Level.NOTE
    assert "is sensitive" in only[1]


def test_what_is_not_shown_is_not_taken_for_well_or_ill() -> None:
    assert remarks(OwnAccount("svc", None, None, None, None)) == remarks(WELL) == []


@pytest.mark.parametrize(
    ("operator", "code", "told"),
    [
        ({}, 0, ()),
        ({"protected": True}, 0, ("tickets end after four hours",)),
        ({"password_hours": -1}, 1, ("The password of LAB\\administrator ends",)),
    ],
)
def test_the_command_says_it(
    doctor: Doctor,
    tmp_path: Path,
    operator: Mapping[str, Any],
    code: int,
    told: tuple[str, ...],
) -> None:
    ended, out = doctor.text(f"lab:{fleet(tmp_path, operator=dict(operator))}")
    assert ended == code
    assert all(each in out for each in told)
    assert NO_DIRECTORY not in out
    assert ("and the directory has one" in out) == bool(code)


@pytest.mark.long
def test_without_a_directory_that_is_said(doctor: Doctor) -> None:
    assert NO_DIRECTORY in doctor.text("lab:healthy")[1]
