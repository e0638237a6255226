"""Loads the suite's pytest plugin by name, so that it is active only where it is wanted."""

pytest_plugins = ("livemigration.plugin",)
