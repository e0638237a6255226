"""Which folders become packages; everything else of the build is in pyproject.toml.

A wheel carries the folders `checks` and `inventories` inside the package `livemigration`.
"""

from setuptools import find_namespace_packages, setup

INSIDE = {"livemigration.checks": "checks", "livemigration.inventories": "inventories"}
# With the folders that hold data only.
FOUND = find_namespace_packages(include=["livemigration*"], exclude=["*__pycache__*"])

setup(packages=sorted({*FOUND, *INSIDE}), package_dir=INSIDE)
