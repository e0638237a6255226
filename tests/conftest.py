"""What every test has: properties without a deadline, as a busy machine is no fault."""

from __future__ import annotations

from importlib.util import find_spec

# pytest loads this file also for a command line with a mistake in it, in a clone where only the
# suite is installed: it must not hide what pytest says of the mistake.
if find_spec("hypothesis"):
    from hypothesis import settings

    settings.register_profile("suite", deadline=None, derandomize=False)
    settings.load_profile("suite")
