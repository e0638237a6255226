"""Where a bundle can be attached: a small interface, and the three places that have it.

Proven against a local HTTP server that follows the vendors' documents, not against the vendors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from livemigration.base.errors import UsageError
from livemigration.base.files import write_bytes
from livemigration.bundle.attach.web import AttachError, Web

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")

_RECORD = re.compile(r"[A-Za-z0-9]{1,64}")


class Destination(Protocol):
    """Something that takes files."""

    def attach(self, name: str, content: bytes) -> str:
        """Attach a file under this name; return where it is now, as a sentence.

        Raises:
            AttachError: it was not taken; the text says why and what to do.
        """
        ...


@dataclass(frozen=True)
class Folder:
    """A folder, for systems that collect files."""

    path: Path

    def attach(self, name: str, content: bytes) -> str:
        """Write the file; one of that name is never replaced."""
        target = self.path / name
        if target.exists():
            raise AttachError(f"{target}: is there already. It was left as it is.")
        try:
            write_bytes(target, content)
        except OSError as error:
            raise AttachError(
                f"{target}: {error.strerror or 'cannot be written'}. Name a folder that exists and "
                "that this account can write to."
            ) from None
        return f"Attached as {target}."


@dataclass(frozen=True)
class ServiceNow:
    """A change of ServiceNow (ServiceNow docs, Table API and Attachment API)."""

    web: Web
    number: str

    def attach(self, name: str, content: bytes) -> str:
        """Find the change by its number, and attach the file to it."""
        found = self.web.get(
            "/api/now/table/change_request",
            {
                "sysparm_query": f"number={self.number}",
                "sysparm_fields": "sys_id,number",
                "sysparm_limit": "2",
            },
        )
        rows = found.get("result") if isinstance(found, dict) else None
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            count = len(rows) if isinstance(rows, list) else 0
            raise AttachError(
                f"{self.web.base}: {count} changes have the number {self.number}, not one. Correct "
                "the number, or let the account read change_request."
            )
        record = rows[0].get("sys_id")
        if not isinstance(record, str) or not _RECORD.fullmatch(record):
            raise AttachError(
                f"{self.web.base}: its answer names no record of {self.number}. Check that the URL "
                "is that of the change system."
            )
        target = {"table_name": "change_request", "table_sys_id": record, "file_name": name}
        self.web.post(
            "/api/now/attachment/file",
            target,
            data=content,
            headers={"Content-Type": "application/zip"},
        )
        return f"Attached to {self.number} at {self.web.base} as {name}."


@dataclass(frozen=True)
class Jira:
    """An issue of Jira (Jira REST API 2, Add attachment)."""

    web: Web
    key: str

    def attach(self, name: str, content: bytes) -> str:
        """Attach the file to the issue."""
        self.web.post(
            f"/rest/api/2/issue/{self.key}/attachments",
            {},
            files={"file": (name, content, "application/zip")},
            # Without it, Jira refuses forms for fear of forged ones.
            headers={"X-Atlassian-Token": "no-check"},
        )
        return f"Attached to {self.key} at {self.web.base} as {name}."


def split(to: str) -> tuple[str, str]:
    """Return the kind of a place, and which one: `servicenow:CHG0012345`.

    Raises:
        UsageError: it is none of the three.
    """
    kind, _, which = to.partition(":")
    if kind not in {"servicenow", "jira", "file"} or not which:
        raise UsageError(
            f"--to {to[:80]!r}: write servicenow:CHG0012345, jira:KEY-1 or file:FOLDER."
        )
    if kind != "file" and not _NUMBER.fullmatch(which):
        raise UsageError(f"--to {to[:80]!r}: {which[:60]!r} is no number of a change or an issue.")
    return kind, which
