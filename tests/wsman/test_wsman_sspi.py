"""What is asked of Windows for a ticket. No Windows is here: pyspnego's door is a stand-in."""

from __future__ import annotations

from typing import Any

import pytest
import spnego

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.wsman.kerberos_causes import SERVER_UNKNOWN, KerberosError
from livemigration.wsman.principals import Principal
from livemigration.wsman.sspi import SspiTickets, logged_on

ADMIN = Principal("admin", "CONTOSO.COM")
HOST = "hv01.contoso.com"


class Door:
    """Stands where pyspnego makes contexts."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.given: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.given.append((arguments, options))
        return self

    def step(self) -> bytes:
        if self._error is not None:
            raise self._error
        return b"token"


@pytest.mark.parametrize(
    ("credentials", "given"),
    [(None, (None, None)), (Credentials("admin@contoso.com", Secret("word")), None)],
)
def test_windows_is_asked_for_kerberos_alone(
    monkeypatch: pytest.MonkeyPatch,
    credentials: Credentials | None,
    given: tuple[None, None] | None,
) -> None:
    door = Door()
    monkeypatch.setattr(spnego, "client", door)
    tickets = SspiTickets(ADMIN, credentials)
    tickets.ready(Deadline.after(1))
    assert tickets.start("HTTP", HOST, None, Deadline.after(1))[1] == b"token"
    ((arguments, options),) = door.given
    assert arguments == (given or ("admin@contoso.com", "word"))
    assert options["protocol"] == "kerberos"
    assert options["options"] == spnego.NegotiateOptions.use_sspi
    assert (options["service"], options["hostname"]) == ("HTTP", HOST)
    assert options["context_req"] == spnego.ContextReq.default
    assert not tickets.proves_account


def test_within_tls_windows_is_asked_for_no_protection_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = Door()
    monkeypatch.setattr(spnego, "client", door)
    SspiTickets(ADMIN, None).start("ldap", HOST, None, Deadline.after(1), within_tls=True)
    ((_, options),) = door.given
    mutual, none = spnego.ContextReq.mutual_auth, spnego.ContextReq.no_integrity
    assert options["context_req"] == mutual | none


def test_what_windows_raises_is_a_finding_without_its_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = OSError("SEC_E_TARGET_UNKNOWN")
    error.min_code = SERVER_UNKNOWN + (1 << 32)  # type: ignore[attr-defined] # as GSS-API has it
    monkeypatch.setattr(spnego, "client", Door(error))
    with pytest.raises(KerberosError) as raised:
        SspiTickets(ADMIN, None).start("HTTP", HOST, None, Deadline.after(1))
    assert raised.value.code == SERVER_UNKNOWN
    assert raised.value.__cause__ is None


def test_who_is_logged_on_to_no_domain_has_no_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERNAME", "person")
    monkeypatch.delenv("USERDNSDOMAIN", raising=False)
    assert logged_on() is None
    monkeypatch.setenv("USERDNSDOMAIN", "contoso.com")
    assert logged_on() == Principal("person", "CONTOSO.COM")
