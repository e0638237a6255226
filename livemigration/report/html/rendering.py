"""The templates of the page, and the filters by which they show values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote as percent

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from livemigration.base.text import capitalized, counted, listed
from livemigration.report.boards import BESIDES
from livemigration.report.drain.words import BACK
from livemigration.report.html.cards import OPEN_LINES, SHOWN_WAYS, checks_of
from livemigration.report.html.factbook import Shown
from livemigration.report.html.quiet import NOTES, WarningCause
from livemigration.report.html.standing import SIGNS
from livemigration.report.moments import elsewhere, gathered, local, utc
from livemigration.report.rails import Rail
from livemigration.report.text import plain

if TYPE_CHECKING:
    from livemigration.report.html.view import PageView

_FOLDER = Path(__file__).parent / "templates"
_STEP = 4
_DEEPEST = 3
_REPAIRS = 12
_ROWS = 16
_OPEN = 12
# Of paths of clusters: as many are drawn, and as many of those that tell something are open.
_PATHS, _PATHS_OPEN = 60, 4
# Of plans that empty hosts: as many are shown with their moves.
_DRAINS = 8
# Beside the table of a ready run, which is to stand on one screen.
_WARNINGS = 3
_LEGEND = {
    "na": "does not apply",
    "blocked": "not examined",
    "error": "internal error",
}


def render(name: str, **values: object) -> str:
    """Return a page from its template; every text is escaped and made harmless."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        area_name=_area_name,
        capitalized=capitalized,
        checks_of=checks_of,
        counted_in=_counted_in,
        elsewhere=elsewhere,
        fragment=_fragment,
        groups_of=_groups_of,
        gathered=gathered,
        indent_of=_indent_of,
        legend=_legend,
        listed=listed,
        local=local,
        short_in=_short_in,
        text=_text,
        utc=utc,
        whence=_whence,
    )
    environment.globals.update(
        counted=counted,
        notes_shown=NOTES,
        warnings_shown=_WARNINGS,
        open_lines=OPEN_LINES,
        rows_shown=_ROWS,
        open_shown=_OPEN,
        shown_ways=SHOWN_WAYS,
        signs=SIGNS,
        beside_boards=BESIDES,
        repairs_shown=_REPAIRS,
        paths_shown=_PATHS,
        paths_open=_PATHS_OPEN,
        drains_shown=_DRAINS,
        the_way_back=BACK,
    )
    environment.tests["web"] = _is_web
    return environment


def _harmless(value: object) -> object:
    """Make control characters and bidirectional overrides visible wherever text is printed."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain(value)
    return value


def _text(value: str) -> Markup:
    """Return a text that stands between elements, where quotes are no more than quotes."""
    shown = plain(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(shown)  # noqa: S704 - made harmless here


def _groups_of(rails: Sequence[Rail], what: str) -> list[tuple[object, list[Rail]]]:
    """Return rails that stand beside each other together: of one vantage, or of one place."""

    def key(rail: Rail) -> object:
        return rail.vantage if what == "vantage" else (rail.subnets, rail.role)

    return [(found, list(some)) for found, some in groupby(rails, key)]


def _fragment(name: str) -> str:
    """Return the anchor of a name as it stands in an address, made harmless as the anchor is."""
    return percent(plain(name), safe="")


def _counted_in(warnings: Iterable[WarningCause], page: PageView) -> str:
    """Return of how many machines any of these warnings is."""
    names = {name for each in warnings for name in each.names}
    return counted(len(names), "host" if names <= page.standings.keys() else "machine")


def _short_in(name: str, page: PageView) -> str:
    return page.names.short(name)


def _area_name(area: str) -> str:
    return {"vmm": "VMM", "vms": "VMs"}.get(area, capitalized(area.replace("_", " ")))


def _legend(state: str) -> str:
    return _LEGEND.get(state, state)


def _indent_of(line: str) -> int:
    """Return by how many steps a line of a script is indented; the page hangs it by as many."""
    return min((len(line) - len(line.lstrip(" "))) // _STEP, _DEEPEST)


def _whence(item: Shown) -> str:
    """Return where a fact comes from: class, query, who looked, and when."""
    source, fact = item.source, item.fact
    parts = []
    if source.wmi_class:
        parts.append(f"{source.wmi_class}, namespace {source.namespace}")
    if source.query:
        parts.append(source.query)
    if fact.vantage is not None:
        parts.append(f"seen from {fact.vantage.value}")
    if fact.at is not None:
        parts.append(f"at {utc(fact.at)}")
    parts.append(f"in {fact.seconds:.3f} s")
    return " · ".join(parts)


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))
