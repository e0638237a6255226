"""What the suite may ask a machine for: anything else is refused before it is sent.

The register is made from what is declared once, and from which docs/least-privilege.md is made too:
the queries and methods of the fact groups, and the PowerShell files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from livemigration.facts.cim import WmiQuery
from livemigration.facts.firewall_stores import in_active_store, is_of_a_store
from livemigration.facts.model import FailureKind, HostGroup, MethodGroup, WmiGroup
from livemigration.facts.reader import WmiMethod
from livemigration.facts.registry import HOST_GROUPS
from livemigration.vmm.scripts import SCRIPTS, Script
from livemigration.wsman.errors import WsmanError

_STEP = (
    "Report this as a defect of the suite: what it asks a machine for has to be declared as a fact "
    "group, and is then listed in docs/least-privilege.md."
)


class NotRegisteredError(WsmanError):
    """Something that the suite may not ask a machine for. It was not sent; the session goes on."""

    def __init__(self, what: str) -> None:
        super().__init__(
            FailureKind.NOT_GATHERED,
            f"{what} is not among what the suite may ask for, so it was not sent",
            next_step=_STEP,
        )


@dataclass(frozen=True)
class Register:
    """What may be asked for through one session.

    Args:
        queries: with all the properties that their classes have; optional ones may be left out.
        by_instance: of them, those of which single rows may be asked for.
        by_key: of them, those of which one row may be asked for by Get.
        methods: of classes and instances.
        scripts: PowerShell files.
        programs: whether any program may be started, as a site's own tests do through testinfra.
    """

    queries: frozenset[WmiQuery]
    methods: frozenset[WmiMethod]
    scripts: tuple[Script[Any, Any], ...]
    programs: bool = False
    by_instance: frozenset[WmiQuery] = frozenset()
    by_key: frozenset[WmiQuery] = frozenset()

    def check_query(self, query: WmiQuery) -> None:
        """Raise `NotRegisteredError` for a query that may not be sent."""
        whole, may = query.whole, self.by_instance if query.instances else self.queries
        may = self.by_key if query.key else may
        if whole not in may:
            raise NotRegisteredError(f"the query {query.wql} in {query.wmi_class.namespace}")

    def check_method(self, method: WmiMethod) -> None:
        """Raise `NotRegisteredError` for a method that may not be called."""
        if method not in self.methods:
            raise NotRegisteredError(f"the method {method.title} in {method.wmi_class.namespace}")

    def check_script(self, script: Script[Any, Any]) -> None:
        """Raise `NotRegisteredError` for a script that may not be run."""
        if script not in self.scripts:
            raise NotRegisteredError(f"the script {script.name}")

    def check_program(self, program: str) -> None:
        """Raise `NotRegisteredError` for a program that may not be started."""
        if not self.programs:
            raise NotRegisteredError(f"the program {program[:80]}")


def register_of(
    groups: Iterable[HostGroup[Any]], scripts: Iterable[Script[Any, Any]], *, programs: bool = False
) -> Register:
    """Return what fact groups and scripts ask for.

    A method of an instance needs the instance's keys: its class may be queried for what it
    declares.
    """
    queries: set[WmiQuery] = set()
    by_instance: set[WmiQuery] = set()
    by_key: set[WmiQuery] = set()
    methods: set[WmiMethod] = set()
    for group in groups:
        if isinstance(group, WmiGroup):
            own = {group.query, *group.narrow}
            own |= set(map(in_active_store, own)) if is_of_a_store(group) else set()
            queries |= own
            by_instance |= own if group.by_instance else set()
            by_key |= {group.query} if group.singly is not None else set()
        elif isinstance(group, MethodGroup):
            methods.add(group.method)
            if group.method.wmi_class.properties:
                queries.add(WmiQuery(group.method.wmi_class))
    return Register(
        frozenset(queries),
        frozenset(methods),
        tuple(scripts),
        programs,
        frozenset(by_instance),
        frozenset(by_key),
    )


SUITE = register_of(HOST_GROUPS, SCRIPTS)
# testinfra's tests belong to the site, which says itself what they start.
OWN_TESTS = replace(SUITE, programs=True)
