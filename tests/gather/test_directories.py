"""Directories of several domains, some of which do not answer: what becomes of each host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    DIRECTORY_CONTROLLERS,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    NO_DIRECTORY,
    DirectoryAccount,
    DirectoryDomain,
    DirectoryNames,
    DomainController,
    Trust,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS, DomainMembership
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
)
from livemigration.facts.registry import DIRECTORY_GROUPS
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access
from livemigration.gather.directory import ask_directories
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.reached import played_directory
from livemigration.inventory.directory import DirectoryServer
from livemigration.lab.launch import RunningLab, start

ALL = frozenset(each.name for each in DIRECTORY_GROUPS)
DELEGATION = Path(__file__).parents[2] / "livemigration" / "lab" / "fleets" / "delegation.yaml"
HV01, HV14 = "hv01.contoso.com", "hv14.contoso.com"


def fleet_with(folder: Path, directory: Mapping[str, Any], own: int = 18) -> str:
    fleet = YAML(typ="safe").load(DELEGATION.read_text(encoding="utf-8"))
    fleet["directory"] |= directory
    fleet["hosts"] = fleet["hosts"][:own]
    path = folder / "fleet.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(fleet, file)
    return str(path)


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("delegation") as running:
        yield running


def target_of(lab: RunningLab) -> DirectoryTarget:
    assert lab.directory is not None
    return played_directory(lab.directory, lab)


def member(host: str, domain: str = "contoso.com", *, joined: bool = True) -> Outcomes:
    label = host.partition(".")[0]
    said = DomainMembership(label.upper(), domain, joined, label)
    return {DOMAIN_MEMBERSHIP.name: Gathered(said, Vantage.HOST)}


def asked(
    targets: Sequence[DirectoryTarget],
    sheets: dict[str, Outcomes],
    wanted: frozenset[str] = ALL,
    seconds: float = 60,
) -> dict[str, Outcomes]:
    names = dict.fromkeys(sheets, wanted)
    ask_directories(targets, names, sheets, Deadline.after(seconds), lambda _: None)
    return sheets


def value(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def failure(outcome: Outcome[Any]) -> GatherFailure:
    assert isinstance(outcome, NotGathered), outcome
    return outcome.failure


def test_without_a_directory_each_host_is_told_so_and_nobody_is_asked() -> None:
    found = asked([], {HV01: member(HV01), "hv02": {}})
    assert all(own[name] is NO_DIRECTORY for own in found.values() for name in ALL)


def test_only_what_is_wanted_is_put_on_a_sheet(lab: RunningLab) -> None:
    wanted = frozenset({DIRECTORY_ACCOUNT.name})
    found = asked([target_of(lab)], {HV01: member(HV01)}, wanted)
    assert found[HV01].keys() & ALL == wanted


def test_what_is_known_is_not_asked_for_again(lab: RunningLab) -> None:
    known = Gathered(DirectoryAccount(True, "KNOWN$"), Vantage.DIRECTORY)
    found = asked([target_of(lab)], {HV01: {**member(HV01), DIRECTORY_ACCOUNT.name: known}})
    assert found[HV01][DIRECTORY_ACCOUNT.name] is known
    assert value(found[HV01][DIRECTORY_NAMES.name]) == DirectoryNames(True)


def test_a_host_in_no_domain_has_no_account(lab: RunningLab) -> None:
    found = asked([target_of(lab)], {"dmz01": member("dmz01", "WORKGROUP", joined=False)})
    assert isinstance(found["dmz01"][DIRECTORY_ACCOUNT.name], Inapplicable)


@pytest.mark.parametrize("group", [HOST_ACCESS, DOMAIN_MEMBERSHIP])
def test_a_host_that_did_not_answer_keeps_its_own_reason(lab: RunningLab, group: Any) -> None:
    why = NotGathered(GatherFailure(FailureKind.TIMED_OUT, "Connecting", "late", "Wait.", "LM302"))
    found = asked([target_of(lab)], {HV01: {**member(HV01), group.name: why}, HV14: {}})
    assert all(found[HV01][name] is why for name in ALL)
    assert failure(found[HV14][DIRECTORY_ACCOUNT.name]).root == "LM302"


def test_each_domain_has_a_directory_of_its_own(lab: RunningLab) -> None:
    own = target_of(lab)
    entry = own.entry.model_copy(update={"domain": "contoso.com"})
    found = asked(
        [DirectoryTarget(entry, own.access)],
        {HV01: member(HV01), "hv02": member("hv02", "other.example")},
    )
    assert value(found[HV01][DIRECTORY_ACCOUNT.name]).found
    other = found["hv02"][DIRECTORY_ACCOUNT.name]
    assert isinstance(other, Inapplicable)
    assert "other.example" in other.reason


def test_a_directory_of_another_domain_says_nothing_of_its_hosts(lab: RunningLab) -> None:
    found = asked([target_of(lab)], {HV01: member(HV01), "hv02": member("hv02", "other.example")})
    assert value(found[HV01][DIRECTORY_ACCOUNT.name]).found
    assert "directory of contoso.com" in failure(found["hv02"][DIRECTORY_ACCOUNT.name]).came_back


def test_a_wrong_password_is_tried_on_one_domain_only(lab: RunningLab) -> None:
    own = target_of(lab)
    wrong = Credentials(lab.credentials.username, Secret("wr0ng-<Pa55>"))
    entries = [own.entry.model_copy(update={"domain": each}) for each in ("contoso.com", "b.test")]
    targets = [DirectoryTarget(each, Access(credentials=wrong)) for each in entries]
    found = asked(targets, {HV01: member(HV01), "hv02": member("hv02", "b.test")})
    first, second = (failure(found[each][DIRECTORY_ACCOUNT.name]) for each in (HV01, "hv02"))
    assert first.kind is FailureKind.AUTHENTICATION
    assert first == second
    assert "wr0ng" not in repr(found)


def test_a_catalogue_that_is_none_leaves_the_domain_alone(tmp_path: Path) -> None:
    with start(fleet_with(tmp_path, {"catalogue": False})) as lab:
        found = asked([target_of(lab)], {HV14: member(HV14)})
    names = value(found[HV14][DIRECTORY_NAMES.name])
    assert not names.whole_forest
    assert len(names.shared) == 2


def test_a_catalogue_that_does_not_answer_leaves_the_domain_alone(lab: RunningLab) -> None:
    own = target_of(lab)
    entry = own.entry.model_copy(update={"catalogue_port": 9})
    found = asked([DirectoryTarget(entry, own.access)], {HV14: member(HV14)})
    names = value(found[HV14][DIRECTORY_NAMES.name])
    assert not names.whole_forest
    assert len(names.shared) == 2


def test_what_the_catalogue_lacks_is_read_from_the_domain(lab: RunningLab) -> None:
    # As Active Directory's does, the lab's catalogue holds nothing of delegation.
    found = asked([target_of(lab)], {HV01: member(HV01)})
    account = value(found[HV01][DIRECTORY_ACCOUNT.name])
    assert account.delegates_to
    assert account.encryption_types == 28


def test_trusts_are_read_with_the_domain(tmp_path: Path) -> None:
    said = {"forest": "root.example", "trusts": [{"partner": "b.test", "direction": 2}]}
    with start(fleet_with(tmp_path, said)) as lab:
        found = asked([target_of(lab)], {HV01: member(HV01)})
    trusts = (Trust("b.test", 2, 0),)
    expected = DirectoryDomain("contoso.com", "root.example", trusts)
    assert value(found[HV01][DIRECTORY_DOMAIN.name]) == expected


def test_the_controllers_of_a_domain_are_told_by_their_whole_names(tmp_path: Path) -> None:
    said = {
        "controllers": ["DC02.contoso.com", "dc10.contoso.com"],
        "read_only_controllers": ["a-branch-far-away01.contoso.com"],
    }
    with start(fleet_with(tmp_path, said)) as lab:
        found = asked([target_of(lab)], {HV01: member(HV01), HV14: member(HV14)})
    names = ("a-branch-far-away01", "dc01", "DC02", "dc10")
    expected = tuple(DomainController(f"{each}.contoso.com") for each in names)
    assert value(found[HV01][DIRECTORY_CONTROLLERS.name]) == expected
    assert value(found[HV14][DIRECTORY_CONTROLLERS.name]) == expected


@pytest.mark.long
def test_more_controllers_than_one_page_has_are_all_found(tmp_path: Path) -> None:
    said = {"controllers": [f"dc{number:04}.contoso.com" for number in range(1_200)]}
    with start(fleet_with(tmp_path, said, own=1)) as lab:
        wanted = frozenset({DIRECTORY_CONTROLLERS.name})
        found = asked([target_of(lab)], {HV01: member(HV01)}, wanted)
    names = {each.name for each in value(found[HV01][DIRECTORY_CONTROLLERS.name])}
    assert names == {"dc01.contoso.com", *said["controllers"]}


def test_a_directory_that_takes_nobody_is_one_failure(tmp_path: Path) -> None:
    with start(fleet_with(tmp_path, {"refuses": True})) as lab:
        hosts = [f"hv0{number}.contoso.com" for number in (1, 2, 3)]
        found = asked([target_of(lab)], {each: member(each) for each in hosts})
    failures = {each[name] for each in found.values() for name in ALL}
    assert len(failures) == 1


@pytest.mark.long
def test_more_hosts_than_one_search_takes_are_all_found(tmp_path: Path) -> None:
    hosts = 160
    with start(fleet_with(tmp_path, {}, own=1), hosts=hosts) as lab:
        names = [each.name for each in lab.hosts]
        found = asked([target_of(lab)], {each: member(each) for each in names})
    accounts = [value(found[each][DIRECTORY_ACCOUNT.name]) for each in names]
    assert all(each.found for each in accounts)
    assert {len(each.delegates_to) for each in accounts} == {4 * (hosts - 1)}


def test_a_directory_that_never_answers_ends_by_its_limit() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        entry = DirectoryServer.model_validate(
            {"server": "dc01", "address": "127.0.0.1", "port": port, "time_limit": 0.5}
        )
        access = Access(credentials=Credentials("CONTOSO\\svc", Secret("x")))
        found = asked([DirectoryTarget(entry, access)], {HV01: member(HV01)})
    told = failure(found[HV01][DIRECTORY_ACCOUNT.name])
    assert told.kind in {FailureKind.DEADLINE, FailureKind.TIMED_OUT}
    assert re.search("dc01 at 127.0.0.1, port", told.tried)
