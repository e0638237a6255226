"""The tasks of this project. `.ci/run` runs the same, so what passes here passes there.

    nox              everything that a change has to pass
    nox -s tests     the quick tests; `nox -s tests -- tests/verdict -k firewall` only these
    nox -s lint      format, lint, types and the direction of imports
    nox --list       all of them, with those that only run when named

Environments are kept in `.nox/`; `-R` uses one again without a look at what is installed in it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import nox

nox.needs_version = ">=2026.10"
# The README's first step, and nothing that another maker of environments adds.
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = True
nox.options.error_on_external_run = True

# Programs that tests use, and that Debian has under their own names.
DEBIAN = ("chromium", "curl", "jq", "openssl", "wsl", "winrmcp")
# Programs whose absence is a reason to skip a test.
TOOLS = (*DEBIAN, "pwsh")
# What tests of Kerberos need, and what builds its libraries, with Debian's names.
KERBEROS = {
    "samba": "samba-ad-dc",
    "kinit": "krb5-user",
    "faketime": "faketime",
    "krb5-config": "libkrb5-dev",
    "gcc": "gcc",
}
# Whole runs wait for machines: one process more than cores.
WAITING = ("-n", "3")
# Processes that play a fleet of faults each: most of the time, they wait for limits to pass.
FLEETS = ("-n", "3", "--dist", "loadgroup")
# A reason to skip a test of fleets that are not part of the repository.
ELSEWHERE = "not beside this repository"
# Where pictures of the report are kept, unless LIVEMIGRATION_SCREENSHOTS says so.
PICTURES = str(Path(".ci", "artefacts").absolute())
# Markers of tests that have a task of their own, which some of them need.
APART = ("browser", "dask", "faults", "fleet", "handbook", "kerberos", "peer")
DEMO = "NOT READY. 7 of 10 hosts are not ready."


def _install(session: nox.Session, what: str) -> None:
    session.install("--constraint", "constraints.txt", "-e", what)


def _absent(tools: Iterable[str]) -> list[str]:
    return [tool for tool in tools if shutil.which(tool) is None]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@nox.session
def demo(session: nox.Session) -> None:
    """The first command of the README: the demo is broken on purpose."""
    _install(session, ".")
    with tempfile.TemporaryDirectory() as reports:
        command = ("pytest", "-m", "livemigration", f"--reports={reports}")
        printed = str(session.run(*command, silent=True, success_codes=[1]))
    print(*printed.splitlines()[-6:], sep="\n")  # noqa: T201 # what a reader of the log looks for
    if DEMO not in printed.splitlines():
        session.error(f"The demo did not say: {DEMO}")


@nox.session
def site(session: nox.Session) -> None:
    """The wheel, in a repository of a site."""
    _install(session, ".")
    with tempfile.TemporaryDirectory() as outside:
        session.run(".ci/site", outside, session.bin, external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """The second command of the README: the quick tests."""
    _install(session, ".[test]")
    session.run("pytest", *(session.posargs or ("tests",)))


@nox.session(default=False)
def long(session: nox.Session) -> None:
    """What the quick tests leave out or take a sample of; `shuffled` runs it for a change."""
    _install(session, ".[test]")
    session.run("pytest", *(session.posargs or ("tests",)), "-m", "long")


@nox.session
def shuffled(session: nox.Session) -> None:
    """Quick and long ones in an order of their own, each property tried ten times as often.

    The order is another one after each change; the examples of properties are always the same, so
    that a change fails by what it changes. `--hypothesis-seed=random` tries others.
    """
    _install(session, ".[test]")
    seed = seed_of(Path("livemigration"), Path("checks"), Path("tests"))
    chosen = (
        "tests",
        "-m",
        f"not ({' or '.join(APART)})",
        "--random-order-bucket=module",
        f"--random-order-seed={seed}",
        "--hypothesis-seed=0",
        "--hypothesis-profile=thorough",
        *WAITING,
    )
    session.run("pytest", *(session.posargs or chosen))


def seed_of(*folders: Path) -> int:
    """Return a number that the Python files below the folders decide.

    Each change has an order of tests of its own, and the same change has the same one wherever it
    runs: what failed there can be seen here.
    """
    digest = 0
    for path in sorted(each for folder in folders for each in folder.rglob("*.py")):
        digest = zlib.crc32(path.read_bytes(), zlib.crc32(path.as_posix().encode(), digest))
    return digest


@nox.session
def lint(session: nox.Session) -> None:
    """Formatter, linter, types (also for Windows), and the direction of imports."""
    # The types of tests need what the tests import.
    _install(session, ".[test,browser,dask,peer,lint,mutate]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports", "--no-cache", "--no-logo")
    session.run("pre-commit", "validate-config")
    session.run("mypy")
    session.run("mypy", "--platform", "win32")
    for folder in sorted(each for each in Path("tests").iterdir() if any(each.rglob("*.py"))):
        session.run("mypy", str(folder), env={"MYPYPATH": str(folder)})
    session.run("mypy", *sorted(str(each) for each in Path("tests").glob("*.py")))


@nox.session
def handbook(session: nox.Session) -> None:
    """The handbook as a site: every warning is an error, and what was built loads nothing."""
    _install(session, ".[test,browser,docs]")
    session.run("pytest", *(session.posargs or ("tests/docs",)), "-m", "handbook")


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmark still runs, by its one command; so few rounds and hosts measure nothing."""
    _install(session, ".[peer,testinfra,drain]")
    with tempfile.TemporaryDirectory() as outside:
        figures = f"--json={Path(outside, 'figures.json')}"
        # In its own environment, as whoever runs it does.
        session.run("bench/run", "--trial", figures, external=True)
    session.run("python", "bench/enumerate.py", "3")


@nox.session
def kerberos(session: nox.Session) -> None:
    """Tests of Kerberos, with a domain controller of their own; only root can run one."""
    absent = _absent(KERBEROS)
    if absent or not _is_root():
        packages = " ".join(KERBEROS[each] for each in absent)
        needed = f"needs {f'the packages {packages}' if absent else 'root'}"
        # What nobody looked at must not look like what passed.
        if os.environ.get("LIVEMIGRATION_ALL"):
            session.error(needed)
        session.skip(needed)
    # There are no wheels for Linux. pip keeps what it has built; a build for speed takes minutes.
    extras = ".[test,peer,kerberos]"
    quickly = {"CFLAGS": "-O0 -g0"}
    session.install("--constraint", "constraints.txt", "-e", extras, env=quickly)
    # One after the other: they count what the controller is asked.
    _run_marked(session, "tests/kerberos", "kerberos", (), "-n0")
    if not session.posargs:
        # Of the kinds of fault, those around a sign-in; `.ci/faults` plays all.
        chosen = ("-k", "[hosts-1 or [TLS")
        played = {"LIVEMIGRATION_FAULTS": "http-kerberos"}
        _run_marked(session, "tests/faults", "faults", (), *chosen, *FLEETS, env=played)


@nox.session
def faults(session: nox.Session) -> None:
    """Each kind of fault that a machine can show, played in front of the lab."""
    _install(session, ".[test]")
    session.run("pytest", *(session.posargs or ("tests/faults",)), "-m", "faults", *FLEETS)
    # By the client of large fleets, those of the wire; `.ci/faults` plays all.
    others = session.posargs or ("tests/faults", "-k", "[hosts-1 or [TLS")
    streams = {"LIVEMIGRATION_FAULTS": "http-ntlm+streams"}
    session.run("pytest", *others, "-m", "faults", *FLEETS, env=streams)


@nox.session
def tools(session: nox.Session) -> None:
    """Tests of whole fleets, in a browser, by Dask, and against clients that are not ours."""
    _install(session, ".[test,browser,dask,peer]")
    # Its tests run where somebody changes the code, and are collected here.
    known = (*_absent(TOOLS), "the extra mutate is not installed")
    _run_marked(session, "tests", "browser or dask or peer or fleet", known, *WAITING)


def _run_marked(
    session: nox.Session,
    folder: str,
    marker: str,
    absent: Iterable[str],
    *options: str,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a folder's tests with a marker; one that is skipped though it could run is an error."""
    with tempfile.TemporaryDirectory() as outside:
        results = Path(outside, "results.xml")
        marked = ("-m", marker, "-rs", f"--junitxml={results}", *options)
        kept = {"LIVEMIGRATION_SCREENSHOTS": os.environ.get("LIVEMIGRATION_SCREENSHOTS", PICTURES)}
        given = kept | dict(env or {})
        session.run("pytest", *(session.posargs or (folder,)), *marked, env=given)
        unexplained = skipped_for_no_reason(results, absent)
    if unexplained:
        session.error("Skipped although the tool is there: " + "; ".join(unexplained))


def skipped_for_no_reason(results: Path, absent: Iterable[str]) -> list[str]:
    """Return why tests were skipped, where neither an absent tool nor absent fleets explain it.

    Args:
        results: a JUnit file of pytest.
        absent: names of programs that this machine lacks.
    """
    known = (ELSEWHERE, *absent)
    found = ET.parse(results).iter("skipped")  # noqa: S314 - the run just before wrote it
    # A file that is skipped as a whole has its reason in the text.
    whole = "collection skipped"
    messages = ((each.get("message", ""), each.text or "") for each in found)
    said = (text if message == whole else message for message, text in messages)
    return [each for each in said if not any(reason in each for reason in known)]


@nox.session(venv_backend="none", default=False)
def debian(session: nox.Session) -> None:
    """Install the programs that tests use, on a Debian machine, as root; elsewhere do nothing."""
    missing = [*_absent(DEBIAN), *(KERBEROS[each] for each in _absent(KERBEROS))]
    if missing and _is_root() and shutil.which("apt-get"):
        session.run("apt-get", "update", "-qq", external=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        install = ("apt-get", "install", "-y", "-qq", *missing)
        session.run(*install, env=quiet, silent=True, external=True)


@nox.session(venv_backend="none", default=False)
def mutate(session: nox.Session) -> None:
    """Change the code line by line, and name the changes that no test notices: it takes hours."""
    session.run(".ci/mutate", *session.posargs, external=True)
