"""A password is shown nowhere."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest
from in_turn import in_turn

from livemigration.base.secret import Credentials, Secret

PASSWORD = "S3cret-Pw"
CREDENTIALS = Credentials("CONTOSO\\auditor", Secret(PASSWORD))


@in_turn("show", [repr, str, "{}".format, lambda each: f"{each!r}"])
def test_a_password_is_not_in_any_text(show: Callable[[object], str]) -> None:
    assert PASSWORD not in show(CREDENTIALS)
    assert PASSWORD not in show(CREDENTIALS.password)
    assert "auditor" in show(CREDENTIALS)


@pytest.mark.parametrize("keep", [pickle.dumps, copy.deepcopy, json.dumps])
def test_a_password_is_not_serialised(keep: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        keep(CREDENTIALS.password)


def test_a_password_is_revealed_only_where_it_is_asked_for() -> None:
    assert CREDENTIALS.password.reveal() == PASSWORD
    assert not hasattr(CREDENTIALS.password, "__dict__")
