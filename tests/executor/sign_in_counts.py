"""A worker that writes down to whom it answers a challenge of NTLM: each may count as a logon."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any


def dask_setup(_worker: object) -> None:
    from livemigration.wsman.guard import GuardAdapter

    send = GuardAdapter.send

    def sending(self: Any, request: Any, **more: Any) -> Any:
        token = str(request.headers.get("Authorization", "")).rpartition(" ")[2]
        message = base64.b64decode(token)
        if message.startswith(b"NTLMSSP\0") and message[8] == 3:
            with Path(os.environ["LOGONS"]).open("a", encoding="utf-8") as stream:
                stream.write(f"{request.url}\n")
        return send(self, request, **more)

    setattr(GuardAdapter, "send", sending)  # noqa: B010 - of types that differ
