"""The tasks of a developer's day are those of CI, and stand in one place."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shlex
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, combinations, pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# Tasks that are not of every change: one changes the machine, one takes hours.
ONLY_WHEN_NAMED = {"long", "debian", "mutate"}
DEMO = "NOT READY. 7 of 10 hosts are not ready."


class TaskFailedError(Exception):
    """What nox's own `session.error` raises."""


class TaskSkippedError(Exception):
    """What nox's own `session.skip` raises."""


@dataclass
class Recorder:
    """Stands in for a session of nox: keeps what a task would install and run."""

    printed: str = DEMO
    posargs: tuple[str, ...] = ()
    bin: str = "BIN"
    installed: list[tuple[str, ...]] = field(default_factory=list)
    ran: list[tuple[str, ...]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    junit: str = '<testsuites><testcase name="a"/></testsuites>'

    def install(self, *what: str, **_: Any) -> None:
        self.installed.append(what)

    def run(self, *command: str, **given: Any) -> str:
        self.ran.append(command)
        self.given.append(given)
        for each in command:
            if each.startswith("--junitxml="):
                Path(each.partition("=")[2]).write_text(self.junit, encoding="utf-8")
        return self.printed

    def error(self, message: str) -> None:
        raise TaskFailedError(message)

    def skip(self, reason: str) -> None:
        raise TaskSkippedError(reason)


@dataclass(frozen=True)
class Tasks:
    """The tasks of noxfile.py by name, and the names of those that `nox` alone runs."""

    module: ModuleType
    functions: dict[str, Callable[[Recorder], None]]
    default: list[str]

    def of(self, name: str, recorder: Recorder | None = None) -> Recorder:
        recorder = recorder or Recorder()
        self.functions[name](recorder)
        return recorder


@pytest.fixture(scope="module")
def tasks() -> Tasks:
    """The noxfile, without nox: whoever runs the quick tests needs none."""
    functions: dict[str, Callable[[Recorder], None]] = {}
    default: list[str] = []

    def session(function: Any = None, **options: Any) -> Any:
        if function is None:
            return lambda each: session(each, **options)
        functions[function.__name__] = function
        if options.get("default", True):
            default.append(function.__name__)
        return function

    nox = ModuleType("nox")
    nox.__dict__.update(session=session, options=SimpleNamespace(), Session=Recorder)
    spec = importlib.util.spec_from_file_location("the_noxfile", ROOT / "noxfile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "nox", nox)
        spec.loader.exec_module(module)
    return Tasks(module, functions, default)


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch: pytest.MonkeyPatch, tasks: Tasks) -> None:
    """Where nox runs its tasks: at the top, as root on a machine that has every program."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(tasks.module, "_absent", lambda _: [])
    monkeypatch.setattr(tasks.module, "_is_root", lambda: True)


def test_nox_alone_runs_every_task_of_a_change(tasks: Tasks) -> None:
    assert set(tasks.functions) - set(tasks.default) == ONLY_WHEN_NAMED
    # The last words of CI are those of its tests.
    assert tasks.default[-1] == "tools"


def test_ci_has_no_commands_of_its_own(tasks: Tasks) -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = re.findall(r'^(?:beside|"\$\{nox\[@\]\}" --session) (.+)$', script, re.MULTILINE)
    # Every task, each once, and tests as what a failure ends with.
    assert sorted(each for line in lines for each in line.split()) == sorted(
        ["debian", *tasks.default]
    )
    assert script.rstrip().endswith(tasks.default[-1])
    assert "set -euo pipefail" in script
    for command in ("pytest", "ruff", "mypy", "lint-imports", "apt-get", ".ci/site"):
        assert command not in script


def test_the_three_commands_of_the_day_are_tasks(tasks: Tasks) -> None:
    rows = re.findall(r"^\| `\.venv/bin/(nox[^`]*)` \|", CONTRIBUTING, re.MULTILINE)
    assert rows == ["nox -s tests", "nox -s lint", "nox"]
    (extras,) = tasks.of("lint").installed
    assert f"pip install -c constraints.txt -e '{extras[-1]}'" in CONTRIBUTING
    for name in re.findall(r"nox (?:-R )?-s (\w+)", CONTRIBUTING + (tasks.module.__doc__ or "")):
        assert name in tasks.functions


def test_what_the_readme_promises_is_what_the_tasks_run(tasks: Tasks) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(
        r"^    python3 -m venv \.venv && (.*) && \.venv/bin/(pytest .*)$", readme, re.MULTILINE
    )
    for name, (installing, running) in (("demo", first), ("tests", second)):
        made = tasks.of(name)
        (extra,) = re.findall(r"-e '?([^' ]+)'?", installing)
        assert [each[-2:] for each in made.installed] == [("-e", extra)]
        assert " ".join(made.ran[0]).startswith(running)
    assert tasks.module.nox.options.default_venv_backend == "venv"


def test_every_installation_is_pinned(tasks: Tasks) -> None:
    for name in tasks.functions:
        if name not in ONLY_WHEN_NAMED:
            for each in tasks.of(name).installed:
                assert each[:2] == ("--constraint", "constraints.txt")


def test_a_demo_that_says_something_else_fails(tasks: Tasks) -> None:
    assert tasks.of("demo").given[0]["success_codes"] == [1]
    with pytest.raises(TaskFailedError, match="did not say"):
        tasks.of("demo", Recorder(printed=f"{DEMO} Or was it 8?"))


def test_lint_looks_at_every_file_and_at_windows(tasks: Tasks) -> None:
    ran = tasks.of("lint").ran
    assert ("mypy", "--platform", "win32") in ran
    assert ("ruff", "format", "--check", ".") in ran
    typed = {each for command in ran if command[0] == "mypy" for each in command[1:]}
    for path in (ROOT / "tests").rglob("*.py"):
        top = path.relative_to(ROOT).parts[:2]
        assert "/".join(top) in {each.replace("\\", "/") for each in typed}, path


def test_the_hooks_are_what_lint_runs(tasks: Tasks) -> None:
    ran = {" ".join(command) for command in tasks.of("lint").ran}
    configuration = YAML(typ="safe", pure=True).load(ROOT / ".pre-commit-config.yaml")
    (own,) = configuration["repos"]
    assert own["repo"] == "local"
    entries = [each["entry"] for each in own["hooks"]]
    assert {entry.split()[0] for entry in entries} == {"ruff", "lint-imports", "mypy"}
    for hook in own["hooks"]:
        # The hook formats, where lint only looks.
        assert hook["entry"].replace("ruff format", "ruff format --check") in ran
        # Nothing is downloaded, and the versions are those of the environment.
        assert hook["language"] == "system"
        assert hook["pass_filenames"] is False


SKIPPED = """<testsuites><testsuite><testcase name="a" file="tests/curl/test_wsl.py">
<skipped type="pytest.skip" message="{}">tests/curl/test_wsl.py:3: skipped</skipped>
</testcase><testcase name="b"/></testsuite></testsuites>"""


def test_a_file_that_is_skipped_as_a_whole_has_its_reason_in_the_text(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.module, "_absent", lambda _: [])
    skipped = SKIPPED.format("collection skipped").replace(
        "tests/curl/test_wsl.py:3: skipped", "{}"
    )
    tasks.of("tools", Recorder(junit=skipped.format("Skipped: the extra mutate is not installed")))
    with pytest.raises(TaskFailedError, match="although the tool is there"):
        tasks.of("tools", Recorder(junit=skipped.format("Skipped: playwright is not installed")))


@pytest.mark.parametrize(
    ("message", "absent", "fine"),
    [
        ("curl is not installed", ["curl"], True),
        ("curl is not installed", ["wsl"], False),
        ("curl is not installed", [], False),
        ("the fleets are not beside this repository", [], True),
        ("it was a bad day", ["curl", "wsl"], False),
        ("", ["curl"], False),
    ],
)
def test_a_test_is_skipped_for_want_of_its_tool_or_of_the_fleets_only(
    message: str, absent: list[str], fine: bool, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.module, "_absent", lambda _: absent)
    recorder = Recorder(junit=SKIPPED.format(message))
    if fine:
        tasks.of("tools", recorder)
        return
    with pytest.raises(TaskFailedError, match=f"although the tool is there: {message}"):
        tasks.of("tools", recorder)


def registered() -> tuple[set[str], str]:
    """Return the markers of the tests, and which tests `pytest tests` takes without a word."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "tests" / "pytest.ini", encoding="utf-8")
    lines = ini["pytest"]["markers"].strip().splitlines()
    options = shlex.split(ini["pytest"]["addopts"])
    return {each.partition(":")[0] for each in lines}, options[options.index("-m") + 1]


MARKERS, BY_DEFAULT = registered()


def takes(expression: str, *having: str) -> bool:
    """Whether `-m` with an expression takes a test that has these markers and no other."""
    names = {each: each in having for each in MARKERS}
    # What pytest reads is Python's as well; a name that is no marker is an error here.
    return bool(eval(expression, {}, names))  # noqa: S307 - of this project's own files


def runs_of_tests(tasks: Tasks) -> dict[str, tuple[str, str]]:
    """Return the folder and the expression of each task of a change that runs tests."""
    found = {}
    for name in tasks.default:
        for command in tasks.of(name).ran:
            # What takes a part of them counts for none.
            if command[0] == "pytest" and command[1].startswith("tests") and "-k" not in command:
                given = dict(pairwise(command))
                found[name] = (command[1], given.get("-m", BY_DEFAULT))
    return found


def test_each_test_is_run_by_a_task_whatever_markers_it_has(tasks: Tasks) -> None:
    run = runs_of_tests(tasks)
    for number in (0, 1, 2):
        for having in combinations(sorted(MARKERS), number):
            assert [name for name, (_, each) in run.items() if takes(each, *having)], having
    # The quick ones in the order in which they stand, and all in another.
    for having, in_order in (((), ["tests"]), (("long",), [])):
        taking = [name for name, (_, each) in run.items() if takes(each, *having)]
        assert taking == [*in_order, "shuffled"]
        assert {run[name][0] for name in taking} == {"tests"}


def test_a_marker_whose_task_looks_into_one_folder_is_used_there_alone(tasks: Tasks) -> None:
    for folder, expression in runs_of_tests(tasks).values():
        if folder != "tests":
            for path in (ROOT / "tests").rglob("*.py"):
                if f"mark.{expression}" in path.read_text(encoding="utf-8"):
                    assert path.is_relative_to(ROOT / folder), path


def test_a_change_of_the_code_meets_the_long_tests_too(tasks: Tasks) -> None:
    text = (ROOT / "tests" / "mutation" / "__main__.py").read_text(encoding="utf-8")
    (expression,) = re.findall(r'^MARKED = "(.*)"$', text, re.MULTILINE)
    assert expression == runs_of_tests(tasks)["shuffled"][1]
    assert re.search(r'\[\*tests, "-m", MARKED, ', text)
    script = (ROOT / ".ci" / "mutate").read_text(encoding="utf-8")
    assert 'pytest" tests/mutation -m long\n' in script


def test_what_has_a_task_of_its_own_is_not_of_the_quick_tests(tasks: Tasks) -> None:
    assert {*tasks.module.APART, "long"} == MARKERS
    assert not any(takes(BY_DEFAULT, each) for each in MARKERS)


def test_faults_are_played_by_ci_and_each_fleet_by_one_process(tasks: Tasks) -> None:
    assert "faults" in tasks.default
    (program, *command), (_, *other) = tasks.of("faults").ran
    assert program == "pytest"
    assert command == ["tests/faults", "-m", "faults", "-n", "3", "--dist", "loadgroup"]
    assert other[0] == command[0]
    assert other[-6:] == command[1:]


def test_no_test_of_kerberos_is_skipped_where_its_programs_are(tasks: Tasks) -> None:
    assert "kerberos" in tasks.default
    for reason in ("samba is not installed", "gssapi is not installed", "curl is not installed"):
        recorder = Recorder(junit=SKIPPED.format(reason))
        with pytest.raises(TaskFailedError, match=f"although the tool is there: {reason}"):
            tasks.of("kerberos", recorder)
        (run,) = recorder.ran
        assert " ".join(run).startswith("pytest tests/kerberos -m kerberos ")


def test_ci_plays_faults_over_kerberos_too_and_skips_none(tasks: Tasks) -> None:
    recorder = tasks.of("kerberos")
    played = [
        (" ".join(command), given["env"])
        for command, given in zip(recorder.ran, recorder.given, strict=True)
        if "tests/faults" in command
    ]
    ((command, env),) = played
    assert env["LIVEMIGRATION_FAULTS"] == "http-kerberos"
    assert " -m faults " in command
    assert "--dist loadgroup" in command
    assert "--junitxml=" in command
    assert len(tasks.of("kerberos", Recorder(posargs=("tests/kerberos/test_realm.py",))).ran) == 1


@pytest.mark.parametrize(
    ("absent", "root", "reason"),
    [
        (["samba", "kinit"], True, "needs the packages samba-ad-dc krb5-user"),
        ([], False, "needs root"),
    ],
)
def test_kerberos_is_left_out_where_nobody_can_run_a_controller(
    absent: list[str], root: bool, reason: str, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.module, "_absent", lambda _: absent)
    monkeypatch.setattr(tasks.module, "_is_root", lambda: root)
    recorder = Recorder()
    monkeypatch.delenv("LIVEMIGRATION_ALL", raising=False)
    with pytest.raises(TaskSkippedError, match=reason):
        tasks.of("kerberos", recorder)
    monkeypatch.setenv("LIVEMIGRATION_ALL", "1")
    with pytest.raises(TaskFailedError, match=reason):
        tasks.of("kerberos", recorder)
    assert not recorder.installed
    assert "LIVEMIGRATION_ALL=1" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_ci_installs_what_kerberos_needs(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.module, "_absent", list)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    _, install = tasks.of("debian").ran
    assert {*tasks.module.DEBIAN, *tasks.module.KERBEROS.values()} <= {*install}


def test_what_is_installed_is_pinned_within_its_bounds() -> None:
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split():
        name, _, version = line.partition("==")
        pinned[canonicalize_name(name)] = Version(version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    for requirement in map(Requirement, named):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_shuffled_run_names_its_order_and_its_examples(tasks: Tasks) -> None:
    (run,) = tasks.of("shuffled").ran
    order = r"--random-order-bucket=module --random-order-seed=(\d+)"
    named = rf"pytest tests -m not \([\w ]+\) {order} --hypothesis-seed=0"
    assert re.fullmatch(f"{named} --hypothesis-profile=thorough -n 3", " ".join(run))
    # The same files give the same run, here and in CI.
    assert tasks.of("shuffled").ran == [run]


def test_another_change_has_another_order(tasks: Tasks, tmp_path: Path) -> None:
    seeds = [tasks.module.seed_of(tmp_path)]
    for name, text in {"b.py": "1", "a/c.py": "1", "a/d.py": "2"}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        seeds.append(tasks.module.seed_of(tmp_path))
    (tmp_path / "b.py").write_text("2", encoding="utf-8")
    seeds.append(tasks.module.seed_of(tmp_path))
    assert len(set(seeds)) == len(seeds)
    (tmp_path / "compiled.pyc").write_text("3", encoding="utf-8")
    assert tasks.module.seed_of(tmp_path) == seeds[-1]
