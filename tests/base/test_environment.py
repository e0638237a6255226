"""What programs that the suite starts are given of its environment."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.base.environment import for_children

OWN = (
    "LIVEMIGRATION_PASSWORD",
    "LIVEMIGRATION_ATTACH_PASSWORD",
    "LIVEMIGRATION_ATTACH_TOKEN",
    "LIVEMIGRATION_SIGNING_PASSPHRASE",
)
names = st.from_regex(r"SITE_[A-Z]{1,8}", fullmatch=True)


@examples(50)
@given(st.dictionaries(names, st.text("abc", min_size=1), max_size=6), st.sets(names, max_size=4))
def test_a_program_gets_all_but_the_passwords(given: dict[str, str], passwords: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**given, **dict.fromkeys((*OWN, *passwords), "S3cret-x")}.items():
            patch.setenv(name, value)
        found = for_children(passwords)
    assert "S3cret-x" not in found.values()
    for name, value in given.items():
        assert found.get(name) == (None if name in passwords else value)
    assert found["PATH"]


def test_a_user_name_and_other_settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIVEMIGRATION_USERNAME", "LIVEMIGRATION_PWSH", "MY_LIVEMIGRATION_PASSWORD"):
        monkeypatch.setenv(name, "x")
        assert for_children()[name] == "x"


def test_the_suite_starts_no_program_that_inherits_everything() -> None:
    root = Path(__file__).parents[2] / "livemigration"
    starts = {"Popen", "run", "call", "check_output", "check_call", "create_subprocess_exec"}
    found = {}
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "subprocess" not in text and "asyncio" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            on = ast.unparse(node.func.value)
            if node.func.attr in starts and on in {"subprocess", "asyncio"} and on != "asyncio.run":
                if (on, node.func.attr) == ("asyncio", "run"):
                    continue
                given = {each.arg for each in node.keywords}
                found[str(path.relative_to(root))] = "env" in given
    # The lab's own process has no password in its environment, and starts PowerShell.
    assert found.pop("lab/powershell.py") is False
    assert found == {
        "discovery/ansible_program.py": True,
        "gather/secret_sources.py": True,
        "lab/launch.py": True,
    }
