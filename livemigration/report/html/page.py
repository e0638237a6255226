"""The report as pages of their own: nothing from elsewhere, and one script that only helps."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote as percent

from markupsafe import Markup

from livemigration.base.text import capitalized, counted
from livemigration.report.html import assets
from livemigration.report.html.rendering import render
from livemigration.report.html.view import PER_PAGE, Beside, PageView
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED, stamp_sentences, verdict_words
from livemigration.run.run import Run

REPORT = "report.html"


def pages(run: Run, files: Iterable[Beside] = (), index: str = REPORT) -> dict[str, str]:
    """Return the pages of a report by their names: the report, and those of hosts of a large one.

    Args:
        run: the run.
        files: what stands beside the pages, to be linked.
        index: the name of the report itself.
    """
    view = PageView(run, tuple(files))
    made = {index: _index(view)}
    for start in range(0, len(view.telling) if view.sharded else 0, PER_PAGE):
        machines = view.telling[start : start + PER_PAGE]
        name = view.homes[machines[0][1]]
        heading = f"Hosts {start + 1} to {start + len(machines)} of {len(view.telling)}"
        made[name] = _rendered("hosts.jinja", view, heading, machines=machines, index=index)
    return made


def leading_html(to: str, run: Run) -> str:
    """Return a page that leads to a report and keeps the anchor that it was asked for."""
    style, script = assets.style(""), assets.read("leads.js")
    return render(
        "leads.jinja",
        title=f"Live migration: {verdict_words(run)}{_mark(run)}",
        to=percent(to),
        stamped=stamp_sentences(run),
        style=Markup(style),  # noqa: S704 - the project's own style
        script=Markup(script),  # noqa: S704 - the project's own script
        policy=assets.policy(styles=style, scripts=script),
    )


def _index(view: PageView) -> str:
    run, total = view.run, len(view.standings)
    failing = len(view.view.failing)
    hosts = f"{failing} of {counted(total, 'host')}" if failing else counted(total, "host")
    return _rendered("page.jinja", view, f"{view.heading}: {hosts} · live migration{_mark(run)}")


def _rendered(template: str, view: PageView, title: str, **more: object) -> str:
    style, script = assets.style(plain(view.foot)), assets.script()
    return render(
        template,
        page=view,
        title=title,
        heading=title,
        simulated=capitalized(SIMULATED.partition(": ")[2]),
        style=Markup(style),  # noqa: S704 - made by `assets` alone
        script=Markup(script),  # noqa: S704 - the project's own script
        policy=assets.policy(styles=style, scripts=script),
        **more,
    )


def _mark(run: Run) -> str:
    return " (SIMULATED)" if run.simulated else ""
