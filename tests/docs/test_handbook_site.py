"""The handbook as a site: it is built without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from built_site import build, loaded_from_elsewhere, meant, pages, shown

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [path.relative_to(DOCS).as_posix() for path in pages(DOCS)]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

pytestmark = [pytest.mark.handbook, pytest.mark.timeout(120)]


def of_site(site: Path, name: str) -> str:
    name = name.replace("README.md", "index.md").removesuffix(".md")
    return (site / f"{name}.html").read_text(encoding="utf-8")


def test_a_fault_of_a_link_an_anchor_or_the_navigation_ends_the_build(tmp_path: Path) -> None:
    for name in ("docs", "tests/docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    faults = "[a](gone.md) [b](lab.md#gone) [c](/lab.md) [d](gone-without-ending)"
    with (tmp_path / "docs" / "start.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{faults}\n")
    (tmp_path / "docs" / "nowhere.md").write_text("# Nowhere\n", encoding="utf-8")
    code, said = build(tmp_path, tmp_path / "site")
    assert code != 0
    warned = [line for line in said.splitlines() if line.startswith("WARNING")]
    assert len(warned) == 4 + (warned[0].startswith("WARNING -  The following pages"))
    for part in ("gone.md", "'#gone'", "/lab.md", "gone-without-ending", "nowhere.md"):
        assert part in said


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    looked = [path for path in site.rglob("*") if path.suffix in {".html", ".css", ".svg"}]
    assert len(looked) > len(PAGES)
    found = {
        path.relative_to(site).as_posix(): addresses
        for path in looked
        if (addresses := loaded_from_elsewhere(path.read_text(encoding="utf-8"), path.suffix))
    }
    assert found == {}


def test_no_page_has_what_the_theme_would_load_a_script_for(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'class="mermaid"' not in text, path
        assert "math/tex" not in text, path
        # With a repository named, the theme asks its server for stars.
        assert "md-source" not in text, path


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ('<script src="https://cdn.invalid/a.js"></script>', ".html"),
        ('<script src="//cdn.invalid/a.js"></script>', ".html"),
        ('<link rel="preconnect" href="https://fonts.invalid">', ".html"),
        ('<p><img alt="" src="http://a.invalid/b.png"></p>', ".html"),
        ('<img srcset="https://a.invalid/b.png 2x" src="b.png">', ".html"),
        ("<style>@import 'https://a.invalid/b.css';</style>", ".html"),
        ('<p style="background: url(https://a.invalid/b.png)"></p>', ".html"),
        ("body{background:url('https://a.invalid/b.png')}", ".css"),
    ],
)
def test_what_is_loaded_from_elsewhere_is_found(text: str, suffix: str) -> None:
    assert len(loaded_from_elsewhere(text, suffix)) == 1


def test_a_link_that_is_only_followed_is_no_load() -> None:
    page = '<a href="https://learn.microsoft.com/">x</a><img src="a.png"><link href="../a.css">'
    assert loaded_from_elsewhere(page, ".html") == []
    assert loaded_from_elsewhere("a{background:url(data:image/png;base64,AAAA)}", ".css") == []


@pytest.mark.parametrize("name", PAGES)
def test_the_site_shows_the_code_and_the_lists_that_github_shows(site: Path, name: str) -> None:
    """Two readers of Markdown differ in what belongs to a list: a command could become prose."""
    assert shown(of_site(site, name)) == meant((DOCS / name).read_text(encoding="utf-8"))


def test_every_page_of_a_check_is_in_the_navigation(site: Path) -> None:
    start = of_site(site, "checks/index.md")
    for path in (DOCS / "checks").glob("LM*.md"):
        assert f'<a href="{path.stem}.html" class="md-nav__link">' in start


def test_the_search_knows_codes_and_checks(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    titles = {
        word: {each["location"].partition("#")[0] for each in index["docs"] if word in each["text"]}
        for word in ("0x8007274D", "LM107")
    }
    assert "symptoms/zero-rating.html" in titles["0x8007274D"]
    assert "symptoms/record-disagrees.html" in titles["LM107"]


def test_the_search_works_from_a_folder_and_asks_nobody(site: Path) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("chromium is not installed")
    asked: list[str] = []
    wrong: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto((site / "symptoms" / "index.html").as_uri())
        page.locator("input.md-search__input").click()
        page.keyboard.type("0x8007274D")
        results = page.locator(".md-search-result__link")
        results.first.wait_for()
        led = [results.nth(number).get_attribute("href") or "" for number in range(3)]
        browser.close()
    assert any("symptoms/zero-rating.html" in each for each in led)
    assert wrong == []
    assert [each for each in asked if not each.startswith(("file:", "about:", "data:"))] == []
