"""Which folders become packages; everything else of the build is in pyproject.toml.

A wheel carries the folders `checks` and `inventories` inside the package `livemigration`.
"""

from setuptools import find_packages, setup

INSIDE = {"livemigration.checks": "checks", "livemigration.inventories": "inventories"}
FOUND = find_packages(include=["livemigration*"])

setup(packages=sorted({*FOUND, *INSIDE}), package_dir=INSIDE)
