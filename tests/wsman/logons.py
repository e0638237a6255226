"""What counts as a logon, where a directory counts wrong ones: an answer to a challenge of NTLM."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from requests import PreparedRequest, Response

from livemigration.wsman.guard import GuardAdapter
from livemigration.wsman.post import HttpReply
from livemigration.wsman.streams import StreamPoster


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the address to which each answer goes, from now on."""
    seen: list[str] = []
    send, post = GuardAdapter.send, StreamPoster.post

    def sending(self: GuardAdapter, request: PreparedRequest, **more: Any) -> Response:
        if _answers(str(request.headers.get("Authorization", ""))):
            seen.append(str(request.url))
        return send(self, request, **more)

    def posting(self: StreamPoster, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        if _answers(headers.get("Authorization", "")):
            seen.append(self.url)
        return post(self, body, headers)

    monkeypatch.setattr(GuardAdapter, "send", sending)
    monkeypatch.setattr(StreamPoster, "post", posting)
    return seen


def _answers(authorization: str) -> bool:
    message = base64.b64decode(authorization.rpartition(" ")[2])
    return message.startswith(b"NTLMSSP\0") and message[8] == 3
