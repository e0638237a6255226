"""The suite's PowerShell scripts on a server, from typed request to typed reply."""

from __future__ import annotations

from typing import TypeVar

from livemigration.facts.model import FailureKind
from livemigration.vmm.scripts import POWERSHELL, POWERSHELL_ARGUMENTS, Script
from livemigration.wsman import clixml, shell
from livemigration.wsman.errors import WsmanError, one_line
from livemigration.wsman.exchange import Exchange

Request = TypeVar("Request")
Reply = TypeVar("Reply")


def run_script(exchange: Exchange, script: Script[Request, Reply], request: Request) -> Reply:
    """Run a script and return its typed reply.

    Raises:
        WsmanError: SCRIPT where the script failed or its output is not what it promises; otherwise
            what kept it from running.
    """
    result = shell.run_program(
        exchange, POWERSHELL, POWERSHELL_ARGUMENTS, script.standard_input(request)
    )
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
