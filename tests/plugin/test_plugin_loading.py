"""What pytest loads and what it does not: the suite works, or says what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_runs import ROOT, run_here

from livemigration.commands.main import main

# As in a clone where the suite is installed and the tools of its own tests are not.
BARE = "import sys; sys.modules['hypothesis'] = None; import pytest; sys.exit(pytest.main())"


def python(program: str, *given: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, with these variables beside those that are set."""
    return subprocess.run(
        [sys.executable, "-c", program, *given],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "more", [(), ("-p", "pytest_html.plugin"), ("-p", "pytest_metadata.plugin")]
)
def test_no_report_is_lost_where_pytest_loads_no_plugins_by_itself(
    tmp_path: Path, healthy_replay: tuple[str, str], more: tuple[str, ...]
) -> None:
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = run_here(tmp_path, *more, *healthy_replay, variables=alone)
    assert ended.code == 0, ended.output
    (report,) = tmp_path.glob("*/report.html")
    assert report.stat().st_size > 10_000


def test_a_report_that_was_refused_is_not_made_all_the_same(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    ended = run_here(tmp_path, "-p", "no:html", *healthy_replay)
    assert ended.code == 4
    assert "run without -p no:html" in ended.output


def test_a_misspelt_option_is_named_where_only_the_suite_is_installed() -> None:
    ended = python(
        BARE, "-m", "livemigration", "--limt", "hv01", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
    )
    assert ended.returncode == 4
    assert "unrecognized arguments: --limt" in ended.stderr
    assert "ModuleNotFoundError" not in ended.stdout + ended.stderr


# What only a run needs that asks machines, or a command that sends a bundle.
ASKING = {"requests", "urllib3", "winrm", "spnego", "requests_ntlm", "cryptography"}
ASKS_NOBODY = f"""
import sys
import pytest
from livemigration.commands.main import main

assert pytest.main(["--co", "-q", "-p", "no:cacheprovider"]) == 0
assert main(["explain", "LM102"]) == 0
print(sorted(set(sys.modules) & {ASKING}))
"""


def test_what_asks_nobody_waits_for_no_library_that_asks() -> None:
    ended = python(ASKS_NOBODY, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert ended.stdout.splitlines()[-1] == "[]", ended.stdout + ended.stderr


SITE = """\
schema: 1
vmm: {name: vmm01.contoso.com}
hosts: [{name: hv01.contoso.com}]
"""
ASKS_HOSTS = """
import sys
import pytest

assert pytest.main(["--co", "-q", "-p", "no:cacheprovider", f"--inventory={sys.argv[1]}"]) == 0
print([each for each in sys.modules if each.startswith("livemigration.lab.fleet")])
"""


def test_what_is_about_real_hosts_waits_for_no_fleet_of_the_lab(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    ended = python(ASKS_HOSTS, str(site))
    assert ended.stdout.splitlines()[-1] == "[]", ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "given", [["init", "--update"], ["report"], ["explian", "x"], ["schema", "no-such"], ["--no"]]
)
def test_no_mistake_at_a_command_ends_as_if_it_had_been_interrupted(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 4
    assert "error: " in capsys.readouterr().err
