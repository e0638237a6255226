"""The search for a password finds it, in each form, wherever it stands."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from canary import CANARY, every_byte, forms_of, found_in
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from process_list import THERE, watched
from properties import examples


@in_turn("form", list(forms_of(CANARY)))
def test_each_form_of_a_password_is_found(form: str) -> None:
    said = b"before" + forms_of(CANARY)[form] + b"behind"
    assert form in found_in(said, CANARY)
    assert found_in(b"before" + b"behind", CANARY) == []


@examples(100)
@given(st.binary(max_size=9), st.binary(max_size=9))
def test_a_password_inside_base64_is_found_whatever_surrounds_it(
    before: bytes, behind: bytes
) -> None:
    for text in (CANARY.encode(), CANARY.encode("utf-16-le")):
        assert found_in(base64.b64encode(before + text + behind), CANARY)


def test_what_is_packed_and_what_a_file_is_called_is_looked_at(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inside", "x" * 500 + CANARY + "x" * 500)
    (tmp_path / "C4nary-name").touch()
    assert found_in(every_byte(tmp_path), CANARY)
    assert b"C4nary-name" in every_byte(tmp_path)


@pytest.mark.skipif(not THERE, reason="no list of processes in /proc")
@pytest.mark.parametrize("where", ["arguments", "variables", "its own", "neither"])
def test_what_a_process_and_its_children_were_started_with_is_looked_at(where: str) -> None:
    given = [CANARY] if where == "arguments" else []
    more = {"variables": {"SECRET": CANARY}, "its own": {"OWN": CANARY}}.get(where, {})
    # It starts another one with what is not its own, and waits for its input to end.
    script = (
        "import os, subprocess, sys; os.environ.pop('OWN', ''); "
        "subprocess.run([sys.executable, '-c', 'input()'])"
    )
    with (
        watched() as listed,
        subprocess.Popen(
            [sys.executable, "-c", script, *given],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **more, **listed.variables},
        ) as process,
    ):
        while len(listed.programs) < 2:
            assert process.poll() is None
        process.communicate(b"")
    assert bool(listed.found(CANARY)) is (where != "neither")
    # What this process gave its own child is no secret to that one, but to the child's.
    but_of = bool(listed.found(CANARY, but_of=os.getpid()))
    assert but_of is (where in {"arguments", "variables"})
