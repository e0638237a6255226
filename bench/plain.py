"""The same number of checks as ordinary tests: plain pytest, and pytest with pytest-html.

What a site would write without this suite: the facts of all hosts in a fixture, each host a
parameter of another, a test for each check. The same share of hosts fails one of them. It judges
nothing: it looks whether a fact was gathered, which is the least that any check does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from many_facts import DOMAIN, label_of

PLAIN, WITH_HTML = "plain pytest", "pytest-html"
_HEAD = """\
import json
from pathlib import Path

import pytest

HOSTS = {hosts!r}
RED = frozenset({red!r})


@pytest.fixture(scope="session")
def facts():
    document = json.loads(Path({facts!r}).read_text(encoding="utf-8"))
    return {{each["name"]: each["outcomes"] for each in document["hosts"]}}


@pytest.fixture(params=HOSTS)
def host(request, facts):
    return request.param, facts[request.param]
"""
_TEST = """

def test_{number:02}(host):
    name, outcomes = host
    assert {group!r} in outcomes
    assert {number} or name not in RED, "it is not in order"
"""


def write_tests(path: Path, facts: Path, hosts: int, checks: int, broken: float) -> None:
    """Write a file of tests for the hosts of a facts file of `many_facts`."""
    names = [f"{label_of(number)}.{DOMAIN}" for number in range(hosts)]
    red = [each for n, each in enumerate(names) if int((n + 1) * broken) > int(n * broken)]
    text = _HEAD.format(hosts=names, red=red, facts=str(facts))
    text += "".join(_TEST.format(number=number, group="host-access") for number in range(checks))
    path.write_text(text, encoding="utf-8")


def run(tests: Path, who: str, page: Path) -> dict[str, float]:
    """Return what a run of such a file takes."""
    more = [f"--html={page}", "--self-contained-html"] if who == WITH_HTML else ["-p", "no:html"]
    told = tests.with_suffix(".told")
    measured = Path(__file__).with_name("measured_run.py")
    without = [f"-pno:{each}" for each in ("livemigration.plugin", "cacheprovider", "testinfra")]
    settings = tests.with_name("pytest.ini")
    place = [f"--rootdir={tests.parent}", f"-c{settings}"]
    command = [sys.executable, str(measured), str(told), "-q", "--tb=line", *without, *place]
    settings.write_text("[pytest]\n", encoding="utf-8")
    began = time.perf_counter()
    ended = subprocess.run(  # noqa: S603 - pytest
        (*command, str(tests), *more), cwd=tests.parent, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - began
    # Something fails, as it shall.
    if ended.returncode != 1:
        raise SystemExit(f"{who} did not end as it should:\n{ended.stdout}{ended.stderr}")
    found: dict[str, float] = json.loads(told.read_text(encoding="utf-8"))
    told.unlink()
    return {"wall s": wall, **found}
