"""The exact solver, HiGHS, of which nothing is believed that is not shown again without it.

It is of the extra `drain`, and loaded only where simpler ways do not decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from livemigration.placement.program import Program

if TYPE_CHECKING:
    import highspy

# With another one, it may give another plan of the same worth.
_SEED = 1


class Relaxation(Protocol):
    """A program whose columns need not be whole, under bounds that change."""

    def at(
        self, lower: Sequence[int], upper: Sequence[int]
    ) -> tuple[Sequence[float], Sequence[float]] | None:
        """Return the values of the columns at the least cost, and what each rule costs.

        None where there are none.
        """


class Solved(NamedTuple):
    """The values of a program's columns."""

    values: tuple[int, ...]
    # Whether the solver says that no others cost less.
    best: bool


class Solver(Protocol):
    """What is asked of a solver."""

    @property
    def name(self) -> str:
        """Its name and version."""

    def solve(self, program: Program, nodes: int) -> Solved | None:
        """Return the values of the columns at the least cost found within so many nodes.

        None where it found none, whatever it says of that.
        """

    def relaxed(self, program: Program) -> Relaxation:
        """Return the relaxation of a program."""


@cache
def installed() -> Solver | None:
    """Return the solver, or None where the extra `drain` is not installed."""
    try:
        import highspy  # noqa: PLC0415 - of an extra, and a third of a second to load
    except ImportError:
        return None

    class Quiet(highspy.Highs):
        """One that does not print its banner on stdout, where JSON may be written."""

        def enableCallbacks(self) -> None:  # noqa: N802 - a name of highspy's
            """Be silent before the first message, which is sent from here."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call] # of highspy

    return _Highs(Quiet)


class _Highs:
    def __init__(self, made: type[highspy.Highs]) -> None:
        self._made = made
        self.name = f"HiGHS {made().version()}"

    def solve(self, program: Program, nodes: int) -> Solved | None:
        import highspy  # noqa: PLC0415 - as above

        highs = self._loaded(program, whole=True)
        # Node limits alone: a limit of time would have the answer depend on the load.
        highs.setOptionValue("mip_max_nodes", nodes)
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("mip_abs_gap", 1e-6)
        highs.run()
        if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return Solved(
            tuple(round(each) for each in highs.getSolution().col_value),
            highs.getModelStatus() == highspy.HighsModelStatus.kOptimal,
        )

    def relaxed(self, program: Program) -> Relaxation:
        return _Relaxed(self._loaded(program, whole=False), len(program.columns))

    def _loaded(self, program: Program, *, whole: bool) -> highspy.Highs:
        import highspy  # noqa: PLC0415 - as above
        import numpy as np  # noqa: PLC0415 - comes with highspy

        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(program.columns), len(program.rows)
        lp.col_cost_ = np.array(program.costs, dtype=np.float64)
        lp.col_lower_ = np.zeros(len(program.columns))
        lp.col_upper_ = np.array([each.most for each in program.columns], dtype=np.float64)
        lp.row_upper_ = np.array([each.limit for each in program.rows], dtype=np.float64)
        lp.row_lower_ = np.array(
            [each.limit if each.exact else -highspy.kHighsInf for each in program.rows],
            dtype=np.float64,
        )
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        starts = [0]
        for row in program.rows:
            starts.append(starts[-1] + len(row.factors))
        pairs = [pair for row in program.rows for pair in row.factors]
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array([each for each, _ in pairs], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([each for _, each in pairs], dtype=np.float64)
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
        highs = self._made()
        highs.setOptionValue("random_seed", _SEED)
        # The number of threads cannot change within a process: a run after that finds nothing.
        highs.setOptionValue("threads", 1)
        highs.passModel(lp)
        return highs


class _Relaxed:
    def __init__(self, highs: highspy.Highs, columns: int) -> None:
        import numpy as np  # noqa: PLC0415 - as above

        self._highs = highs
        self._every = np.arange(columns, dtype=np.int32)

    def at(
        self, lower: Sequence[int], upper: Sequence[int]
    ) -> tuple[Sequence[float], Sequence[float]] | None:
        import highspy  # noqa: PLC0415 - as above
        import numpy as np  # noqa: PLC0415 - as above

        low, high = np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)
        self._highs.changeColsBounds(len(self._every), self._every, low, high)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        return list(solution.col_value), list(solution.row_dual)
