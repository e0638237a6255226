"""What stands between this machine and a host."""

from __future__ import annotations

from collections.abc import Mapping

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError

_WITHOUT_PROXY = (
    "Let this machine reach the host without the proxy: WinRM's authentication belongs to one "
    "connection, which a proxy does not keep."
)
# What a proxy may be the cause of; a refused address or name never came so far.
_OF_A_PROXY = {FailureKind.AUTHENTICATION, FailureKind.PROTOCOL, FailureKind.UNREACHABLE}


def through_proxy(failure: WsmanError, headers: Mapping[str, str]) -> WsmanError:
    """Return a failure that names the proxy through which the last reply came, if it says so."""
    via = one_line(headers.get("Via", ""))[:80]
    if not via or failure.kind not in _OF_A_PROXY:
        return failure
    return WsmanError(
        failure.kind,
        f"{failure.came_back}; it came through a proxy (Via: {via})",
        code=failure.code,
        next_step=_WITHOUT_PROXY,
    )
