"""A worker with another version of the suite."""

from __future__ import annotations

import livemigration

livemigration.__version__ = "0.0.1"
