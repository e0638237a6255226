"""A keyring of a test's own, in place of the system's."""

from __future__ import annotations

import keyring.backend


class Kept(keyring.backend.KeyringBackend):
    """Passwords by service and user name. The suite only reads: whoever writes fails."""

    priority = 1

    def __init__(self, *kept: tuple[str, str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self._kept = {(service, name): password for service, name, password in kept}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get((service, username))

    def set_password(self, *_: str) -> None:
        raise AssertionError("a password was written")

    def delete_password(self, *_: str) -> None:
        raise AssertionError("a password was deleted")
