"""The page on the account's rights is current, and leaves out nothing that is asked of a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_turn import in_turn
from least_privilege import page

from livemigration.base.deadline import Deadline
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather import asking
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.lab.launch import start
from livemigration.wsman.session import WsmanSession

PUBLISHED = Path(__file__).parents[2] / "docs" / "least-privilege.md"
ROW = re.compile(r"\| (\w+) \| (.+?) \| (.+?) \|")


def test_the_page_is_what_the_fact_groups_say() -> None:
    """Make it anew: `python tests/docs/least_privilege.py > docs/least-privilege.md`."""
    assert PUBLISHED.read_text(encoding="utf-8") == page()


@in_turn(
    "words",
    [
        "Remote Management Users",
        "RootSDDL",
        "Permissions by namespace",
        "Read-Only Administrator",
        "a user of the domain",
        "JEA does not govern",
        "livemigration doctor",
        "refused before it is sent",
    ],
)
def test_the_page_names_every_kind_of_right(words: str) -> None:
    assert words in " ".join(page().split())


def listed() -> dict[tuple[str, str], set[str]]:
    """Return the words of each row by namespace and class."""
    found = {}
    for section in page().split("\n### ")[1:]:
        namespace, _, rows = section.partition("\n## ")[0].partition("\n")
        for name, asked, _ in ROW.findall(rows)[1:]:
            found[namespace, name] = set(re.findall(r"\w+", asked))
    return found


class Recorder:
    """A session, and what was asked through it, by namespace and class."""

    def __init__(self, session: WsmanSession, asked: list[tuple[str, str, set[str]]]) -> None:
        self._session, self._asked = session, asked

    def enumerate(self, query: Any) -> Any:
        names = {each.name for each in query.wmi_class.properties} - query.absent
        self._asked.append((query.wmi_class.namespace, query.wmi_class.name, names))
        return self._session.enumerate(query)

    def call(self, method: Any, selectors: Any, arguments: Any) -> Any:
        self._asked.append((method.wmi_class.namespace, method.wmi_class.name, {method.name}))
        return self._session.call(method, selectors, arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, set[str]]]]:
    """All that a host of the lab is asked: a cluster node of the newest release.

    It has no machine, of which nothing would be asked then.
    """
    monkeypatch.setattr(asking, "_has_no_machine", lambda _: False)
    found: list[tuple[str, str, set[str]]] = []
    with start("windows-2025") as lab:
        machine = next(each for each in lab.hosts if each.name == "edge01")
        opens = connector()

        def connect(target: Target, deadline: Deadline) -> Any:
            return Recorder(opens(target, deadline), found)

        target = Target(
            machine.name,
            machine.address,
            machine.port,
            access=Access(credentials=lab.credentials),
        )
        wanted = [each.name for each in HOST_GROUPS]
        gather_host(target, wanted, connect, Deadline.after(30), {}, AbsentProperties())
        yield found


@pytest.mark.long
def test_nothing_is_asked_of_a_host_that_the_page_does_not_list(
    asked: list[tuple[str, str, set[str]]],
) -> None:
    known = listed()
    assert {(namespace, name) for namespace, name, _ in asked} == known.keys()
    for namespace, name, what in asked:
        assert what <= known[namespace, name], name
