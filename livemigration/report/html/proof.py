"""The command that proves that everything is mended, as each shell takes it."""

from __future__ import annotations

import shlex

from livemigration.run.run import Run
from livemigration.verdict.fixes.quoting import quote

_PLAIN = ("pytest", "-m", "livemigration")


def proof_of(run: Run) -> str:
    """Return the command that runs every check of every host again, compared with this run.

    One line where bash and PowerShell take the same, else one for each.
    """
    given = (
        ("--baseline=last",) if run.gate else (f"--inventory={run.inventory}", "--baseline=last")
    )
    bash = shlex.join((*_PLAIN, *given))
    plain = " ".join((*_PLAIN, *given))
    if bash == plain:
        return bash
    powershell = " ".join((*_PLAIN, *(quote(each) for each in given)))
    return f"{bash}\n{powershell}"
