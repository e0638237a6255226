"""The pytest wiring: options, items, the run itself, exit codes.

pytest loads it wherever the suite is installed, under this name. It takes part in a run only where
a root `conftest.py` names it, `pytest_plugins = ("livemigration.plugin",)`, or the command line
asks for checks.
"""

from livemigration.plugin.hooks import (
    pytest_addoption,
    pytest_collection,
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_deselected,
    pytest_generate_tests,
    pytest_load_initial_conftests,
    pytest_pycollect_makeitem,
    pytest_report_header,
    pytest_report_teststatus,
    pytest_runtest_protocol,
    pytest_runtestloop,
    pytest_sessionfinish,
    pytest_sessionstart,
    pytest_unconfigure,
)

__all__ = [
    "pytest_addoption",
    "pytest_collection",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_deselected",
    "pytest_generate_tests",
    "pytest_load_initial_conftests",
    "pytest_pycollect_makeitem",
    "pytest_report_header",
    "pytest_report_teststatus",
    "pytest_runtest_protocol",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_unconfigure",
]
