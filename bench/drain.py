"""How long it takes to decide for each host of a fleet whether it can be emptied (N-1).

    pip install -e '.[drain]' && python bench/drain.py [SEEDS...]

The fleets are made up: 64 hosts with 2,000 virtual machines in groups of 8, each so full that what
one host carries takes 97 to 100 percent of what is free on the others. There, quick steps neither
find every plan nor see that there is none, and the exact solver is reached: from 98 percent on.
Goal: 10 seconds for all hosts of a fleet.
Every plan that is counted was carried out on paper, and every "no" has a proof.
`bench/run` measures the same beside HiGHS alone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import highs_alone
from figures import Row
from goals import DRAIN, OURS

from livemigration.placement.deciding import EXACT
from livemigration.placement.effort import DEFAULT, Effort
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Host, Machine, Proof, Question, Verdict
from livemigration.placement.replay import fault
from livemigration.placement.solver import Solver, installed

HOSTS, MACHINES, GROUP = 64, 2_000, 8
FILLS = (0.97, 0.98, 0.99, 1.0)
GOAL = 10.0
HIGHS = "HiGHS alone"
# What is proven by these is proven by what the exact solver said, counted again.
BY_SOLVER = frozenset({Proof.WEIGHTS, Proof.CASES, Proof.LOADS})
# Sizes of virtual machines in GB, as often as they are here.
SIZES = (1, 2, 2, 4, 4, 4, 8, 8, 16, 24, 32)


@dataclass(frozen=True)
class Measured:
    """The answers for all hosts of a fleet, and the seconds that they took."""

    answers: tuple[Answer, ...]
    processor: float
    wall: float

    @property
    def by_solver(self) -> int:
        """How many rest on the exact solver: a plan of it, or a proof by weights or cases of it.

        Also where such a proof only says that others have to make room.
        """
        return sum(
            each.step == EXACT or (each.witness is not None and each.witness.proof in BY_SOLVER)
            for each in self.answers
        )

    @property
    def undecided(self) -> int:
        """Of how many neither a plan nor a proof was found."""
        return sum(each.verdict is Verdict.UNDECIDED for each in self.answers)

    @property
    def figures(self) -> dict[str, float]:
        """What it took, how many hosts were decided, and how many by the exact solver."""
        return {
            "processor s": self.processor,
            "wall s": self.wall,
            "decided": float(len(self.answers) - self.undecided),
            "by the exact solver": float(self.by_solver),
        }


def fleet(seed: int, fill: float, hosts: int = HOSTS, machines: int = MACHINES) -> Question:
    """Return a fleet of which no host is drained yet."""
    random = Random(seed)  # noqa: S311 - no secret: the same fleet each time
    made: list[Host] = []
    running: list[Machine] = []
    for start in range(0, hosts, GROUP):
        names = [f"hv{number:02}" for number in range(start, min(start + GROUP, hosts))]
        count = [
            machines * (int(name[2:]) + 1) // hosts - machines * int(name[2:]) // hosts
            for name in names
        ]
        sizes = [[_size(random) for _ in range(each)] for each in count]
        # Of every host, the same is to be moved.
        load = max(map(sum, sizes))
        for name, each in zip(names, sizes, strict=True):
            more = (load - sum(each)) // len(each)
            allowed = frozenset(names) - {name}
            running += [
                Machine(f"{name}-{number:02}", f"{name}-{number:02}", name, size + more, allowed)
                for number, size in enumerate(each)
            ]
        free = round(load / fill / (len(names) - 1))
        made += [Host(name, free + random.randrange(-free // 100, free // 100)) for name in names]
    return Question(tuple(made), tuple(running), frozenset())


def _size(random: Random) -> int:
    # Dynamic memory: hardly ever the round number.
    return random.choice(SIZES) * 1024 - 2 * random.randrange(200)


def each_drained(question: Question) -> Iterator[Question]:
    """Yield the question for each host in turn."""
    for host in question.hosts:
        yield Question(question.hosts, question.machines, frozenset({host.name}))


def measured(question: Question, effort: Effort = DEFAULT) -> Measured:
    """Return what deciding for each host comes to, and takes.

    Raises:
        SystemExit: a plan does not do what it says.
    """
    questions = list(each_drained(question))
    wall, processor = time.perf_counter(), time.process_time()
    answers = tuple(answer(each, effort=effort) for each in questions)
    took = Measured(answers, time.process_time() - processor, time.perf_counter() - wall)
    for asked, found in zip(questions, answers, strict=True):
        wrong = fault(asked, found.plan) if found.plan else ""
        if wrong:
            raise SystemExit(f"A plan is wrong: {wrong}.")
    return took


def by_highs(question: Question, solver: Solver, nodes: int = DEFAULT.nodes) -> dict[str, float]:
    """Return what HiGHS alone takes for the same, and how many hosts it decides."""
    questions = list(each_drained(question))
    wall, processor = time.perf_counter(), time.process_time()
    answers = [highs_alone.fits(each, solver, nodes) for each in questions]
    return {
        "processor s": time.process_time() - processor,
        "wall s": time.perf_counter() - wall,
        "decided": float(len(answers) - answers.count(None)),
    }


def part_of(fill: float) -> str:
    """Return what a fleet that is so full is called among the parts."""
    return f"{DRAIN}, {fill:.0%} full"


def rows(hosts: int, machines: int, fills: Sequence[float], rounds: int) -> list[Row]:
    """Return what deciding for each host takes, and HiGHS alone in turns: a fleet each round.

    Raises:
        SystemExit: HiGHS is not installed.
    """
    solver = installed()
    if solver is None:
        raise SystemExit("HiGHS is not installed: pip install -e '.[drain]'")
    found = []
    for fill in fills:
        ours, theirs = [], []
        for seed in range(1, rounds + 1):
            question = fleet(seed, fill, hosts, machines)
            ours.append(measured(question).figures)
            theirs.append(by_highs(question, solver))
        for who, took in ((OURS, ours), (HIGHS, theirs)):
            by_name = {name: tuple(each[name] for each in took) for name in took[0]}
            found.append(Row(part_of(fill), who, hosts, by_name, HIGHS))
    return found


def main() -> int:
    """Print a line for each fleet, and what decided its hosts; fail beyond the goal."""
    seeds = [int(each) for each in sys.argv[1:]] or [1, 2, 3]
    slowest = 0.0
    sys.stdout.write("seed  fill  processor s   of goal   wall s   by solver   decided by\n")
    for seed in seeds:
        for fill in FILLS:
            found = measured(fleet(seed, fill))
            slowest = max(slowest, found.processor)
            steps = Counter(
                f"{each.verdict.value} by {each.step}" if each.step else each.verdict.value
                for each in found.answers
            )
            told = ", ".join(f"{count} {step}" for step, count in sorted(steps.items()))
            sys.stdout.write(
                f"{seed:4}{fill:6.2f}{found.processor:13.2f}{found.processor / GOAL:10.2f}"
                f"{found.wall:9.2f}{found.by_solver:12}   {told}\n"
            )
            sys.stdout.flush()
    return 0 if slowest <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
