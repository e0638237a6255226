"""The checks of the suite that a run leaves out, whatever kept pytest from collecting them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from livemigration.inventory import Inventory
from livemigration.not_examined import OptIn
from livemigration.plugin.items import CheckItem
from livemigration.plugin.options import Options
from livemigration.selected import made_on_none, whole_suite


@dataclass(frozen=True)
class LeftOut:
    """Checks that are made on no target, and those that an option would have asked for."""

    checks: tuple[str, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()


def left_out(
    items: Sequence[CheckItem], lacking: Collection[str], inventory: Inventory, options: Options
) -> LeftOut:
    """Return what a run of these items leaves out of the suite's checks.

    A path or a node id on the command line keeps whole modules from being collected, so the suite's
    own folder is read.
    """
    made = {*lacking, *(item.check.identifier for item in items)}
    checks: list[str] = []
    opt_ins: list[OptIn] = []
    for check in made_on_none(whole_suite(), made, inventory.gate):
        if check.opt_in is not None and not options.asks_for(check.opt_in):
            opt_ins.append(OptIn(check.identifier, check.opt_in))
        else:
            checks.append(check.identifier)
    return LeftOut(tuple(checks), tuple(opt_ins))
