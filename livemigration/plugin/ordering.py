"""In which order a session has its checks and tests, and the VMM server that checks need."""

from __future__ import annotations

from pathlib import Path

import pytest

from livemigration.facts.model import Subject
from livemigration.plugin import own_tests, starting
from livemigration.plugin.items import CheckItem
from livemigration.plugin.session import Session

VMM_CHECKS = "test_vmm_server.py"


def by_number(items: list[pytest.Item]) -> None:
    """Put checks in the order of their numbers, and leave other tests where they are."""
    places = [place for place, item in enumerate(items) if isinstance(item, CheckItem)]
    checks = [item for item in items if isinstance(item, CheckItem)]
    checks.sort(key=lambda item: item.check.identifier)
    for place, item in zip(places, checks, strict=True):
        items[place] = item


def checks_first(session: pytest.Session, own: Session) -> None:
    """Put checks before tests, those of the VMM server in every selection that needs VMM.

    Reads what signs in to every machine that is asked.

    Raises:
        pytest.UsageError: nobody can sign in to one of them.
    """
    items = session.items
    checks = [item for item in items if isinstance(item, CheckItem)]
    server = [item for item in checks if item.check.target is Subject.VMM]
    managed = own.inventory.managers
    needing = [
        item
        for item in checks
        if item.check.needs_vmm and item.check.target is not Subject.VMM and item.target in managed
    ]
    needed = {managed[item.target] for item in needing}
    if lacking := needed - {item.target for item in server}:
        found = _vmm_items(session, own, needing[0])
        server += [item for item in found if item.target in lacking]
    asked = set(server)
    own.deselected[:] = [item for item in own.deselected if item not in asked]
    others = [item for item in items if not isinstance(item, CheckItem)]
    named = {item.target for item in (*server, *checks)} | needed
    drains = any(item.check.is_asked_by_host for item in checks)
    if drains or any(map(own_tests.takes_host, others)):
        named.update(own.hosts)
    directory = any(item.check.needs_directory for item in checks)
    starting.take_credentials(own, sorted(named), directory=directory)
    items[:] = [*server, *(item for item in checks if item not in asked), *others]


def _vmm_items(session: pytest.Session, own: Session, beside: CheckItem) -> list[CheckItem]:
    found = [item for item in own.deselected if item.check.target is Subject.VMM]
    path = _nearest(VMM_CHECKS, beside.path, session.config.rootpath)
    if found or path is None:
        return found
    module = pytest.Module.from_parent(session, path=path)
    # Not through pytest's collection, from which --lf leaves out files without failures.
    return [item for item in module.collect() if isinstance(item, CheckItem)]


def _nearest(name: str, beside: Path, root: Path) -> Path | None:
    """Return the file beside a module, else in a folder above: a site's own may lie deeper."""
    above = [folder for folder in beside.parents[1:] if folder.is_relative_to(root)]
    places = (folder / name for folder in (beside.parent, *above))
    return next((path for path in places if path.is_file()), None)
