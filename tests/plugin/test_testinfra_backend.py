"""Quoting for cmd.exe and for PowerShell, and which hosts the backend takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("testinfra")

from livemigration.plugin import testinfra_backend as backend

CARRIED = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))
MEANT = set('()%!^"<>&|')


def through_cmd(line: str) -> str:
    """Take carets away as cmd.exe does outside quotes; nothing that it gives a meaning may be left.

    No quotation mark is bare, so that cmd.exe is never inside quotes.
    """
    plain, characters = [], iter(line)
    for each in characters:
        if each == "^":
            plain.append(next(characters))
        else:
            assert each not in MEANT, line
            plain.append(each)
    return "".join(plain)


def through_c_runtime(text: str) -> list[str]:
    """Take a command line apart as the C runtime documents it: backslashes and quotation marks."""
    arguments, current, quoted, begun, at = [], "", False, False, 0
    while at < len(text):
        end = at
        while end < len(text) and text[end] == "\\":
            end += 1
        slashes = end - at
        if end < len(text) and text[end] == '"':
            current += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                current += '"'
            else:
                quoted = not quoted
            at = end + 1
        elif slashes:
            current, at, begun = current + "\\" * slashes, end, True
        elif text[at] in " \t" and not quoted:
            if begun:
                arguments.append(current)
            current, begun, at = "", False, at + 1
        else:
            current, at, begun = current + text[at], at + 1, True
    return [*arguments, current] if begun else arguments


@given(st.lists(CARRIED, min_size=1, max_size=3))
def test_arguments_arrive_at_a_program_as_they_were(texts: list[str]) -> None:
    line = backend.WsmanBackend.quote("findstr" + " %s" * len(texts), *texts)
    assert through_c_runtime(through_cmd(line)) == ["findstr", *texts]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_what_no_command_line_carries_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line ends"):
        backend.quote_for_cmd(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '^"^"'),
        ("a b", '^"a b^"'),
        ("%PATH%", '^"^%PATH^%^"'),
        ('say "hi" & del x', '^"say \\^"hi\\^" ^& del x^"'),
        ("C:\\dir\\", '^"C:\\dir\\\\^"'),
    ],
)
def test_arguments_are_quoted_for_cmd(text: str, quoted: str) -> None:
    assert backend.quote_for_cmd(text) == quoted


def test_a_command_without_arguments_is_left_as_it_is() -> None:
    assert backend.WsmanBackend.quote("echo 100%") == "echo 100%"


@pytest.fixture
def _site() -> Iterator[None]:
    backend.provide(backend.Site("site.yaml", ("HV01.contoso.com",), None))
    yield
    backend.provide(None)


@pytest.mark.usefixtures("_site")
def test_a_host_is_known_in_any_case() -> None:
    assert backend.known_host("hv01.CONTOSO.com") == "HV01.contoso.com"


@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hv02", "hv02 is no host of site.yaml"),
        ("", "an empty name is no host"),
        ("user:secret@hv01.contoso.com", "credentials come from the inventory"),
        ("hv01.contoso.com?no_ssl=true", "settings come from the inventory"),
    ],
)
def test_anything_but_a_host_of_the_inventory_is_refused(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        backend.known_host(name)
    assert "secret" not in str(refused.value)


def test_without_a_run_no_host_is_known() -> None:
    with pytest.raises(ValueError, match="no inventory is loaded"):
        backend.known_host("hv01")
