"""Each source is asked once, and what it cannot give is a usage error that says for whom it was."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.gather.accounts import login_of
from livemigration.gather.connect import Access
from livemigration.gather.credentials import CredentialReader, Person, foreign
from livemigration.inventory.inventory import Inventory, parse

SITE = """\
schema: 1
vmm: {{name: vmm01}}
hosts: [{{name: hv01}}, {{name: hv02, groups: [edge]}}, {{name: hv03, groups: [dmz]}}]
credentials: {{{site}}}
groups: {{edge: {{credentials: {{{edge}}}}}, dmz: {{credentials: {{{dmz}}}}}}}
"""


def inventory(site: str = "", edge: str = "", dmz: str = "", folder: Path = Path()) -> Inventory:
    return parse(SITE.format(site=site, edge=edge, dmz=dmz), "prod.yaml", folder)


@dataclass(frozen=True)
class Somebody(Person):
    """Answers every question, and remembers them."""

    heard: list[str] = field(default_factory=list)

    def name(self, question: str) -> str:
        self.heard.append(question)
        return f"user {len(self.heard)}"

    def password(self, question: str) -> Secret:
        self.heard.append(question)
        return Secret("S3cret")


def reader(found: Inventory, why: str = "") -> tuple[CredentialReader, Somebody]:
    heard: list[str] = []
    person = Somebody(heard.append, heard=heard)
    return CredentialReader(found, person, why), person


def read(found: Inventory, why: str = "") -> tuple[list[Credentials], Somebody]:
    """Return the credentials of every host, each asked for twice."""
    own, person = reader(found, why)
    names = ("hv01", "hv02", "hv03") * 2
    return [own.of(found.reach_of(each).credentials) for each in names], person


def test_a_prompt_names_for_whom_it_asks_and_asks_once() -> None:
    prompt = "from: prompt, username_variable: NOT_SET_HERE"
    found, person = read(inventory(prompt, "from: prompt, username: EDGE\\svc", prompt))
    assert person.heard == [
        "User name for the group dmz and all other machines: ",
        "Password of user 1 for the group dmz and all other machines: ",
        "Password of EDGE\\svc for the group edge: ",
    ]
    assert found[0] is found[2] is found[3]
    assert found[1].username == "EDGE\\svc"


def test_a_prompt_of_the_only_account_says_no_more_than_it_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "schema: 1\nvmm: {name: vmm01}\nhosts: [{name: hv01}]\ncredentials: {from: prompt}\n"
    monkeypatch.delenv("LIVEMIGRATION_USERNAME", raising=False)
    own, person = reader(parse(text, "prod.yaml"))
    own.of(own.inventory.reach.credentials)
    assert person.heard == ["User name: ", "Password of user 1: "]


def counting(path: Path, text: str = "S3cret") -> str:
    """Return a command that notes each time it runs."""
    python = f"open({str(path)!r}, 'a').write('x'); print({text!r})"
    return f'from: command, command: ["{sys.executable}", -c, "{python}"]'


def test_a_program_of_several_groups_runs_once(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = counting(ran)
    found, _ = read(
        inventory(f"{command}, username: a", f"{command}, username: b", f"{command}, username: c")
    )
    assert ran.read_text() == "x"
    assert [each.username for each in found[:3]] == ["a", "b", "c"]
    assert {each.password.reveal() for each in found} == {"S3cret"}


def test_a_descriptor_of_several_groups_is_read_once() -> None:
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)
    os.write(theirs, b"S3cret\n")
    os.close(theirs)
    given = f"from: fd, fd: {ours}"
    found, _ = read(
        inventory(f"{given}, username: a", f"{given}, username: b", f"{given}, username: c")
    )
    assert {each.password.reveal() for each in found} == {"S3cret"}


def test_one_name_with_one_password_is_one_login_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "S3cret")
    monkeypatch.setenv("OTHER_PASSWORD", "another")
    found, _ = read(
        inventory(
            "username: .\\svc, password_variable: SITE_PASSWORD",
            f"{counting(tmp_path / 'ran')}, username: .\\svc",
            "username: .\\svc, password_variable: OTHER_PASSWORD",
        )
    )
    first, second, third = (login_of(Access(credentials=each)) for each in found[:3])
    assert first == second
    assert first.account != third.account


def test_no_source_inherits_the_password_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SITE_PASSWORD", "EDGE_PASSWORD", "LIVEMIGRATION_PASSWORD"):
        monkeypatch.setenv(name, "S3cret-Canary")
    monkeypatch.setenv("SITE_VAULT", "kept")
    path = tmp_path / "environment"
    python = f"import os; open({str(path)!r}, 'w').write(str(dict(os.environ))); print('x')"
    command = f'from: command, command: ["{sys.executable}", -c, "{python}"]'
    read(
        inventory(
            "username: a, password_variable: SITE_PASSWORD",
            "username: b, password_variable: EDGE_PASSWORD",
            f"{command}, username: c",
        )
    )
    assert "S3cret-Canary" not in path.read_text()
    assert "'SITE_VAULT': 'kept'" in path.read_text()


@in_turn(
    "edge, words",
    [
        ("username: a, password_variable: NOT_SET_HERE", "variable NOT_SET_HERE is not set. Set"),
        ("from: keyring, username_variable: NOT_SET_HERE", "variable NOT_SET_HERE is not set. Set"),
        ("from: fd, fd: 64000, username: a", "file descriptor 64000 was not given to this process"),
        ("from: command, command: [gone-x], username: a", "program 'gone-x' is not on the PATH"),
    ],
)
def test_what_a_source_lacks_is_told_with_whose_account_it_is(edge: str, words: str) -> None:
    found = inventory(edge=edge, dmz="from: prompt")
    own, _ = reader(found)
    with pytest.raises(UsageError) as raised:
        own.of(found.reach_of("hv02").credentials)
    assert str(raised.value).startswith("credentials of the group edge: ")
    assert words in str(raised.value)


@pytest.mark.skipif(os.name != "posix", reason="Windows has text in its environment")
def test_a_variable_that_is_no_text_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", b"S3cret\xff".decode("utf-8", "surrogateescape"))
    found = inventory("username: a, password_variable: SITE_PASSWORD")
    with pytest.raises(UsageError, match="SITE_PASSWORD holds bytes that are no text") as raised:
        reader(found)[0].of(found.reach.credentials)
    assert "S3cret" not in str(raised.value)


def test_a_foreign_inventory_is_said_to_start_a_program_before_it_does(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    found = inventory(f"{counting(ran)}, username: a")
    told: list[tuple[str, bool]] = []
    person = Person(lambda sentence: told.append((sentence, ran.exists())))
    CredentialReader(found, person, "lies outside of /site").of(found.reach.credentials)
    sentence = (
        "prod.yaml lies outside of /site, and has this run start a program for the password for "
        f"all other machines: '{Path(sys.executable).name}'"
    )
    assert told == [(sentence, False)]
    assert ran.exists()


def test_an_inventory_of_this_site_starts_its_program_quietly(tmp_path: Path) -> None:
    found = inventory(f"{counting(tmp_path / 'ran')}, username: a")
    own, person = reader(found)
    own.of(found.reach.credentials)
    assert person.heard == []


def test_an_inventory_is_foreign_where_it_lies_or_who_may_change_it(tmp_path: Path) -> None:
    site, path = tmp_path / "site", tmp_path / "site" / "inventories" / "prod.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    path.chmod(0o664)
    assert foreign(path, site) == ""
    assert foreign(path, path.parent) == ""
    assert foreign(path, tmp_path / "other") == f"lies outside of {tmp_path / 'other'}"
    assert foreign(site / "gone.yaml", site) == "cannot be looked at"
    link = site / "linked.yaml"
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("x")
    link.symlink_to(elsewhere)
    assert foreign(link, site) == f"lies outside of {site}"
    if os.name == "posix":
        path.chmod(0o666)
        assert foreign(path, site) == "may be changed by everybody"


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away"
)
def test_an_inventory_of_another_user_is_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "prod.yaml"
    path.write_text("x")
    os.chown(path, 12345, 12345)
    assert foreign(path, tmp_path) == "belongs to another user"
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert foreign(path, tmp_path) == ""
