"""A run is attached to a change: the password of the run, and the one of the change's system.

What was sent after a run over each way to sign in is looked at in test_plugin_canary.py.
"""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
from attaching import ATTACH, PLACES, Sent, attached
from canary import CANARY, found_in
from canary_runs import WAYS, given_files, inventory, loud_run, relayed, running


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that told its password to machines."""
    folder = tmp_path_factory.mktemp("run")
    with (
        running(tmp_path_factory.mktemp("lab")) as lab,
        relayed(lab, https=True) as (port, _),
    ):
        given_files(lab, folder, right=True)
        ended = loud_run(
            folder,
            inventory(folder, port, connection=WAYS["basic, https"].connection),
            LIVEMIGRATION_USERNAME=lab.credentials.username,
            LIVEMIGRATION_PASSWORD=CANARY,
        )
    return ended.folder


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [200, 401, 500])
def test_what_is_sent_holds_neither_password_but_where_it_signs_in(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, status: int
) -> None:
    # As in the shell in which somebody ran the suite before.
    monkeypatch.setenv("LIVEMIGRATION_PASSWORD", CANARY)
    sent = attached(run, place, status)
    assert (sent.code == 0) is (status == 200), sent.output
    assert sent.found(CANARY, tmp_path) == []
    pair = base64.b64encode(f"kim:{ATTACH}".encode()).decode()
    assert {*sent.signs} == {f"Basic {pair}"}
    sent.signs.clear()
    # It gave that back in everything that it answered.
    assert sent.found(ATTACH, tmp_path) == []


def test_the_search_looks_into_what_was_sent(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("inside", "x" * 500 + CANARY + "x" * 500)
    assert not found_in(packed.getvalue(), CANARY)
    form = b"--form\r\n\r\n" + packed.getvalue() + b"\r\n--form--\r\n"
    assert Sent(bodies=[b"", form]).found(CANARY, tmp_path)
