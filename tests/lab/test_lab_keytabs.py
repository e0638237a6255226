"""Keys with which the lab's machines would open tickets, and cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from in_turn import in_turn
from lab_clients import fleet_file

from livemigration.lab.errors import LabError
from livemigration.lab.launch import start
from livemigration.lab.tickets import is_ticket, keytabs_in

KERBEROS = bytes.fromhex("06092a864886f712010202")
MICROSOFT = bytes.fromhex("06092a864882f712010202")
NTLM = bytes.fromhex("060a2b06010401823702020a")
SPNEGO = bytes.fromhex("6082010006062b0601050502")


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_keys_of_the_fleet_is_refused(tmp_path: Path, there: bool) -> None:
    keytabs = tmp_path / "keytabs"
    if there:
        keytabs.mkdir()
        (keytabs / "hv99.contoso.com.keytab").touch()
    with pytest.raises(LabError) as raised, start(fleet_file(tmp_path), keytabs=keytabs):
        pass
    assert str(raised.value) == (
        f"{keytabs}: no keytab of a machine of this fleet. Export one for each, such as "
        "hv01.contoso.com.keytab."
    )


def test_without_the_package_it_is_said_which_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hv01.keytab").touch()
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(LabError) as raised:
        keytabs_in(tmp_path, ["hv01"])
    said = str(raised.value)
    assert said.startswith("tickets need the package gssapi, which cannot be loaded: ")
    assert said.endswith("Run: pip install gssapi krb5")


@in_turn(
    "token, expected",
    [
        (bytes.fromhex("6030") + KERBEROS, True),
        (SPNEGO + KERBEROS + NTLM, True),
        (SPNEGO + MICROSOFT + KERBEROS + NTLM, True),
        (SPNEGO + NTLM + KERBEROS, False),
        (SPNEGO + NTLM, False),
        (b"NTLMSSP\0\x01" + KERBEROS, False),
        (b"", False),
    ],
)
def test_what_a_token_asks_for_first_decides(token: bytes, expected: bool) -> None:
    assert is_ticket(token) is expected
