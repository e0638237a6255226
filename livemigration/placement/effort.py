"""How much is tried before an answer is "undecided": in steps, never in time.

A limit of time would have the answer depend on what else the machine does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """The most that each step of the ladder may take."""

    # Whether the exact solver is used where it is installed.
    solver: bool = True
    # Orders in which machines are placed at first, beside the four quick ways.
    attempts: int = 40
    # Orders in which one host after the other is filled, and sets of machines for each of them.
    orders: int = 16
    sets: int = 1_000
    # The same where it is one of many tries.
    few_orders: int = 3
    # How often the solver is asked for weights by which hosts cannot take everything.
    rounds: int = 80
    # Nodes of the exact solver, for one question.
    nodes: int = 30
    # Cases of a proof by cases, each with one relaxation.
    cases: int = 300
    # Nodes for the list of what has no place, which no verdict depends on.
    least_nodes: int = 20
    # Numbers in a program times its cases: so many are looked at for one proof.
    numbers: int = 3_000_000
    # Columns of a program, beyond which it is not given to a solver.
    columns: int = 20_000
    # Steps of our own search for every way to place machines.
    steps: int = 200_000
    # Machines, beyond which a packing is not given to what goes through sets of them.
    machines: int = 120
    # Moves of one other machine, and of two, after each of which all hosts are filled anew.
    others: int = 100
    # Hosts between which machines make room for others.
    swap_hosts: int = 16
    # Pairs of a machine and a host among them, beyond which it is fewer hosts.
    swap_pairs: int = 500
    # Nodes of the exact solver for each set of machines that make room.
    swap_nodes: int = 10
    # Sets of machines that make room and have no order in which they can, before it is given up.
    swap_sets: int = 6
    # Moves that are tried in search of one order.
    swap_orders: int = 5_000


# Also for many questions, such as each host of a fleet in turn: seconds for the hardest ones.
DEFAULT = Effort()
