"""What every test has: properties without a deadline, as a busy machine is no fault."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=False)
settings.load_profile("suite")
