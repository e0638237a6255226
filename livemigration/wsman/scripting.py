"""The suite's PowerShell scripts on a server, from typed request to typed reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.vmm.scripts import POWERSHELL, POWERSHELL_ARGUMENTS, Script
from livemigration.wsman import clixml, shell
from livemigration.wsman.busy import gave_up
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.exchange import PatientExchange
from livemigration.wsman.shell import ProgramResult

Request = TypeVar("Request")
Reply = TypeVar("Reply")


def run_script(
    exchange: PatientExchange, script: Script[Request, Reply], request: Request
) -> Reply:
    """Run a script and return its typed reply.

    Where the machine refused one of the messages because it was busy, again in a fresh shell: the
    suite's scripts change nothing, and what was sent may have been delivered.

    Raises:
        WsmanError: SCRIPT where the script failed or its output is not what it promises; otherwise
            what kept it from running.
    """
    given = script.standard_input(request)

    def run() -> ProgramResult:
        return shell.run_program(
            exchange, POWERSHELL, POWERSHELL_ARGUMENTS, given, exchange.keeping
        )

    result = _patiently(exchange, run)
    # Progress and warnings come on standard error too, even on success: the exit code decides.
    if result.exit_code != 0:
        reason = one_line(clixml.error_text(result.errors)) or "it wrote no error"
        raise WsmanError(
            FailureKind.SCRIPT,
            f"{script.name} ended with code {result.exit_code}: {reason}",
        )
    try:
        return script.read_reply(result.output)
    except (ValueError, RecursionError) as error:
        problem = one_line(str(error)) if isinstance(error, ValueError) else "nested too deeply"
    raise WsmanError(FailureKind.SCRIPT, f"{script.name} did not print what it promises: {problem}")


def _patiently(exchange: PatientExchange, run: Callable[[], ProgramResult]) -> ProgramResult:
    attempt, slow, waited = 1, 0, 0.0
    while True:
        try:
            result = run()
        except WsmanError as error:
            slow += gave_up(error)
            if slow > 1 or not (pause := exchange.pause(error, attempt, exchange.deadline)):
                raise
            attempt, waited = attempt + 1, waited + pause
        else:
            exchange.was_worth(waited)
            return result
