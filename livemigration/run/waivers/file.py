"""waivers.yaml: which failures are waived, by whom, why, and until when."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from livemigration.inventory.yaml_file import load_model, read_text

_CHECK = re.compile(r"LM[0-9]{3}")
# A text of digits would be taken for a number of seconds since 1970, which nobody reads as a day.
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Zone files that stand for no place: what they say differs from machine to machine.
_NO_PLACES = {"localtime", "posixrules", "Factory"}
# Copies that some machines have of every zone; those of the second are 27 seconds behind.
_COPIES = ("posix/", "right/")


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("write something, on one line.")
    return text.strip()


def _check(text: str) -> str:
    if not _CHECK.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no check. Write its identifier, such as LM102.")
    return text


def _zone(name: str) -> str:
    if name not in _NO_PLACES and not name.startswith(_COPIES):
        with suppress(ValueError, OSError, KeyError):
            ZoneInfo(name)
            return name
    raise ValueError(
        f"{name[:60]!r} is no time zone that this machine knows by name. Write its name in the "
        "IANA database, such as Europe/Amsterdam, or UTC."
    )


def _day(value: Any) -> Any:
    # YAML reads a date with a time as a moment, which no waiver ends at.
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("write a date without a time, such as 2026-12-31.")  # noqa: TRY004 - pydantic turns only ValueError into a sentence
    if isinstance(value, str) and not _WRITTEN_DAY.fullmatch(value):
        raise ValueError("write a date without a time, such as 2026-12-31.")
    return value


Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
CheckName = Annotated[str, AfterValidator(_check)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Day = Annotated[date, BeforeValidator(_day)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaiverEntry(_Model):
    """One waiver: failures of these checks on these hosts are signed for."""

    hosts: tuple[Line, ...] = Field(
        min_length=1,
        description="Names or patterns of hosts, group:NAME, or names of VMM servers.",
    )
    checks: tuple[CheckName, ...] = Field(min_length=1, description="Identifiers of checks.")
    owner: Line = Field(description="Who signed for it.")
    ticket: Line = Field(description="Where that is written down.")
    reason: Line
    expires: Day = Field(description="Its last day, to the end of that day in time_zone.")


class WaiversFile(_Model):
    """A file of waivers."""

    schema_version: Literal[1] = Field(alias="schema")
    time_zone: ZoneName = Field(description="In which each expires, such as Europe/Amsterdam.")
    waivers: tuple[WaiverEntry, ...]


def load(path: Path) -> WaiversFile:
    """Return the waivers of a file.

    Raises:
        UsageError: the file is not usable; the text names file, line and key.
    """
    return load_model(read_text(path), str(path), WaiversFile)
