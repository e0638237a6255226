"""The checks of a clone: they are in its folder `checks`.

A wheel has them in this folder itself, in place of this file (setup.py).
"""

from pathlib import Path

__path__ = [str(Path(__file__).parents[2] / "checks")]
