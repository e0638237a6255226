"""The report as a page of its own, made without pytest: no script, and nothing from elsewhere."""

from __future__ import annotations

from html import escape

from livemigration.report.html import TITLE, page_css, summary_html
from livemigration.report.text import plain
from livemigration.results import Run

# Nothing is fetched and nothing runs, whatever a host said.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page_html(run: Run) -> str:
    """Return a whole HTML page that shows a run, the same for the same run."""
    mark = " (SIMULATED)" if run.simulated else ""
    title = escape(plain(f"{TITLE}: {run.verdict}{mark}"))
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{page_css()}\n</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{summary_html(run)}\n</body>\n</html>\n"
    )
