"""pytest-html, which makes the report, also where pytest loads no plugins by itself."""

from __future__ import annotations

import pytest
import pytest_html.fixtures
import pytest_html.plugin
import pytest_metadata.plugin

# Under the names of their entry points: where pytest finds them later, it leaves them alone.
_PLUGINS = {
    "metadata": pytest_metadata.plugin,
    "html_fixtures": pytest_html.fixtures,
    "html": pytest_html.plugin,
}


def load_html(plugins: pytest.PytestPluginManager) -> None:
    """Load pytest-html and what it needs, unless they are there or were refused with -p no:."""
    for name, module in _PLUGINS.items():
        known = plugins.is_registered(module) or plugins.hasplugin(name)
        if not (known or plugins.is_blocked(name)):
            plugins.register(module, name)


def has_html(plugins: pytest.PytestPluginManager) -> bool:
    """Whether pytest-html takes part, under whatever name."""
    return plugins.is_registered(pytest_html.plugin)
