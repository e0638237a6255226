"""Everything that is asked of a move, one question for each thing that a check decides."""

from __future__ import annotations

from livemigration.verdict.move_answers import MachineQuestion, PairQuestion, Question
from livemigration.verdict.move_delegation import Delegation
from livemigration.verdict.move_ends import Authenticating, Enabled, Limit, Listening, Staging
from livemigration.verdict.move_machines import (
    Devices,
    Discs,
    Disks,
    Gpus,
    Protection,
    Roles,
    States,
    VirtualSans,
)
from livemigration.verdict.move_nodes import Kind, Networks, Nodes, Owners
from livemigration.verdict.move_pairs import Mtus, Processors, Settings, Switches, Versions

DELEGATION = Delegation()
# In the order in which they decide where several say the same.
QUESTIONS: tuple[Question, ...] = (
    Enabled(),
    Limit(),
    Listening(),
    Staging(),
    Authenticating(),
    Nodes(),
    Kind(),
    Networks(),
    Processors(),
    Switches(),
    Versions(),
    Settings(),
    Mtus(),
    DELEGATION,
    Owners(),
    Discs(),
    Disks(),
    Devices(),
    Gpus(),
    VirtualSans(),
    Protection(),
    States(),
    Roles(),
)
OF_PAIRS = tuple(each for each in QUESTIONS if isinstance(each, PairQuestion))
OF_MACHINES = tuple(each for each in QUESTIONS if isinstance(each, MachineQuestion))
