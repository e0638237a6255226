"""What a run sets out to do, fixed before anything runs: its checks, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.run.not_examined import OptIn


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One check on one target, fixed before anything runs."""

    node_id: str
    check: str
    title: str
    area: str
    target_kind: Subject
    target: str


@dataclass(frozen=True)
class LeftOut:
    """A check, and for how many hosts or VMM servers of the run it was not planned.

    `targets` names them; it is empty where these are all of them.
    """

    check: str
    number: int
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunSelection:
    """What the run looked at, of all that it could have looked at.

    `lacking` are checks of the suite that the folder of checks does not have. `left_out` are checks
    that are there and are not planned for hosts of the run: together with the plan they are every
    check of every host, so that nothing can be dropped in silence. `unselected_hosts` are the hosts
    of the inventory that were not looked at, `unselected_checks` the checks that were made on no
    target, `opt_ins` those that an option would have asked for. `shard` is the part of the hosts
    that the run took, such as 3/8; empty: all, or a joined run. `directory` is whether one was
    configured.
    """

    inventory_hosts: int
    selected_hosts: int
    deselected_checks: int
    limit: str = ""
    lacking: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unselected_hosts: tuple[str, ...] = ()
    unselected_checks: tuple[str, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()
    shard: str = ""
    directory: bool = False

    @property
    def deselected_hosts(self) -> int:
        """Hosts of the inventory that the run did not look at."""
        return self.inventory_hosts - self.selected_hosts
