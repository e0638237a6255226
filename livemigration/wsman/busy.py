"""What a machine says that refuses for now, and how long it wants to be left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from livemigration.wsman import codes
from livemigration.wsman.errors import WsmanError, WsmanFault

# Too Many Requests, and Service Unavailable.
STATUSES = frozenset({429, 503})


def is_quota(error: WsmanError) -> bool:
    """Whether a machine refused because too much is open on it: nothing was done."""
    if not isinstance(error, WsmanFault):
        return False
    found = {error.code, *error.provider_codes} - {None}
    return bool(found & codes.QUOTAS) or (not found and error.subcode == "QuotaLimit")


def gave_up(error: WsmanError) -> bool:
    """Whether a machine itself said that it did not answer in time: it may have begun."""
    if not isinstance(error, WsmanFault):
        return False
    if error.code is None:
        return error.subcode == "TimedOut"
    return error.code == codes.OPERATION_TIMED_OUT


def is_unavailable(error: WsmanError) -> bool:
    """Whether HTTP said that the service, or what stands before it, takes nothing for now."""
    return not isinstance(error, WsmanFault) and error.code in STATUSES


def is_busy(error: WsmanError) -> bool:
    """Whether the same request may be answered a little later."""
    return is_quota(error) or gave_up(error) or is_unavailable(error)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return after how many seconds a reply asks to be asked again; None: it does not say.

    A date is counted from the reply's own, so that a clock that is off does not matter.

    Args:
        headers: the reply's, whatever the case of their names.
        now: the time where the reply has no date; None: this machine's.
    """
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    until = http_date(said)
    if until is None:
        return None
    begins = http_date(headers.get("Date", "")) or now or datetime.now(UTC)
    return max(0.0, (until - begins).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return the time that a header states; None where it is none."""
    try:
        found = parsedate_to_datetime(text.strip())
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
