"""`livemigration open`: the right report, in a browser that is a program of its own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from livemigration.commands.main import main
from livemigration.run.exit_code import ExitCode

PROGRAM = Path(sys.executable).with_name("livemigration")
OLD, NEW = "2026-11-01T200000Z-prod", "2026-11-23T200000Z-prod-CHG1"
BROWSER = "#!/bin/sh\nprintf '%s' \"$1\" > {told}\nexit {code}\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two runs, the later one of a change, and their newest report."""
    reports = tmp_path / "a site" / "reports"
    for name, change in ((OLD, ""), (NEW, "CHG1-")):
        (reports / name).mkdir(parents=True)
        for kind in ("results.json", "report.html", "journal.jsonl"):
            (reports / name / f"{change}{kind}").touch()
    (reports / "latest.html").touch()
    monkeypatch.chdir(reports.parent)
    return reports.parent


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was given, in this process."""
    given: list[str] = []

    def open_in_browser(address: str) -> bool:
        given.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", open_in_browser)
    return given


def path_of(address: str) -> Path:
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("file", "", "", "")
    return Path(unquote(parts.path))


def started(site: Path, *words: str, code: int, **variables: str) -> tuple[str, Path | None]:
    """Run the command as a program, with a browser that ends so; return what it said and opened."""
    browser, told = site / "browser", site / "told"
    browser.write_text(BROWSER.format(told=f"'{told}'", code=code), encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    link = site.parent / "browser"
    link.symlink_to(browser)
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    ended = subprocess.run(
        [PROGRAM, "open", *words],
        cwd=site,
        env={**kept, "PATH": "", "BROWSER": str(link), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout, path_of(told.read_text(encoding="utf-8")) if told.exists() else None


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names a program there, no script")
def test_a_browser_that_is_a_program_gets_the_newest_report(site: Path) -> None:
    said, path = started(site, code=0)
    assert path == site / "reports" / "latest.html"
    assert said == f"Report: {path}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names a program there, no script")
@pytest.mark.parametrize("browser", ["that fails", "that is not there"])
def test_where_no_browser_opens_the_path_is_printed_and_the_end_is_0(
    browser: str, site: Path
) -> None:
    gone = {"BROWSER": str(site / "gone")} if browser == "that is not there" else {}
    said, path = started(site, f"reports/{OLD}", code=1, **gone)
    assert (path is None) is bool(gone)
    assert said == (
        f"Report: {site / 'reports' / OLD / 'report.html'}\n"
        "No browser can be opened here. Open that file where there is one.\n"
    )


@pytest.mark.parametrize(
    ("words", "report"),
    [
        ((), "latest.html"),
        (("reports",), "latest.html"),
        (("reports/latest.html",), "latest.html"),
        ((f"reports/{OLD}",), f"{OLD}/report.html"),
        ((f"reports/{NEW}/",), f"{NEW}/CHG1-report.html"),
        ((f"reports/{NEW}/CHG1-report.html",), f"{NEW}/CHG1-report.html"),
        ((f"reports/{OLD}/results.json",), f"{OLD}/report.html"),
    ],
)
def test_the_report_that_was_named_is_opened(
    words: tuple[str, ...], report: str, site: Path, opened: list[str]
) -> None:
    assert main(["open", *words]) == ExitCode.READY
    assert [path_of(each) for each in opened] == [site / "reports" / report]


def test_without_latest_html_the_newest_run_that_has_a_report_is_opened(
    site: Path, opened: list[str]
) -> None:
    (site / "reports" / "latest.html").unlink()
    assert main(["open"]) == ExitCode.READY
    (site / "reports" / NEW / "CHG1-report.html").unlink()
    assert main(["open", "reports"]) == ExitCode.READY
    assert [path_of(each).parent.name for each in opened] == [NEW, OLD]


@pytest.mark.parametrize(
    ("lacking", "words", "said"),
    [
        ("reports", (), "there is no folder reports here. Run the checks first: pytest -m"),
        ("runs", (), "there is no report in reports. Run the checks first: pytest -m"),
        ("runs", ("reports",), "there is no report in reports. Run the checks first: pytest -m"),
        ("pages", (), f"To write that of the newest: livemigration report reports/{NEW}"),
        ("pages", (f"reports/{OLD}",), f"To write it: livemigration report reports/{OLD}"),
        ("pages", ("reports/latest.html",), "livemigration report reports/"),
        ("", (f"reports/{NEW[:-1]}",), f"is not there. Did you mean {NEW}?"),
        ("", ("",), "an empty path was given."),
    ],
)
def test_where_there_is_no_report_it_says_what_to_do(
    lacking: str,
    words: tuple[str, ...],
    said: str,
    site: Path,
    opened: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if lacking == "reports":
        (site / "reports").rename(site / "elsewhere")
    for path in sorted((site / "reports").rglob("*"), reverse=True):
        if lacking == "pages" and path.suffix == ".html":
            path.unlink()
        elif lacking == "runs":
            path.rmdir() if path.is_dir() else path.unlink()
    assert main(["open", *words]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert opened == []


@pytest.mark.parametrize(
    "word", ["page.html", "other", "other/report.html", "https://contoso.com/report.html", "/"]
)
def test_nothing_that_is_no_report_of_a_run_is_opened(
    word: str, site: Path, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "page.html").touch()
    (site / "other").mkdir()
    (site / "other" / "index.html").touch()
    assert main(["open", word]) == ExitCode.USAGE
    assert capsys.readouterr().err
    assert opened == []


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a right there")
@pytest.mark.parametrize("link", ["reports/latest.html", f"reports/{OLD}/report.html", "run"])
def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    link: str, site: Path, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = site / "elsewhere"
    elsewhere.mkdir()
    for name in ("report.html", "results.json"):
        (elsewhere / name).touch()
    if link == "run":
        (site / "reports" / "latest.html").unlink()
        (site / "reports" / "2027-01-01T000000Z-prod").symlink_to(elsewhere)
    else:
        (site / link).unlink()
        (site / link).symlink_to(elsewhere / "report.html")
    assert main(["open", "reports" if link != f"reports/{OLD}/report.html" else link]) == 4
    assert "It was not opened." in capsys.readouterr().err
    assert opened == []
