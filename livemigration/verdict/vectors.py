"""Whether a host has what a virtual machine has taken of another processor. Pure.

Compatibility vectors are compared as whole numbers of 64 bits: the machine's is the left side, the
host's the right one, and the operation is that of the machine's (windows-facts-2.md 10.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum

from livemigration.facts.compatibility import CompatibilityVector


class Fit(Enum):
    """What comparing the vectors of a machine with those of a host comes to."""

    FITS = "the host has what it has taken"
    LACKS = "the host lacks something that it has taken"
    UNKNOWN = "the host does not say it"


_HOLDS: Mapping[int, Callable[[int, int], bool]] = {
    0: lambda machine, host: machine == host,
    1: lambda machine, host: machine & host == host,
    2: lambda machine, host: machine & host == machine,
    3: lambda machine, host: machine & host == 0,
    4: lambda machine, host: machine > host,
    5: lambda machine, host: machine >= host,
    6: lambda machine, host: machine < host,
    7: lambda machine, host: machine <= host,
    8: lambda machine, host: machine == 0 if host == 0 else machine % host == 0,
    9: lambda machine, host: host == 0 if machine == 0 else host % machine == 0,
}


def fit(machine: Iterable[CompatibilityVector], host: Sequence[CompatibilityVector]) -> Fit:
    """Return whether a host has what a machine has taken.

    A vector that the host does not have, and an operation that is not documented, are not known:
    that would be no reason to say that the machine fits.
    """
    offered = {each.identifier: each.features for each in host}
    found = Fit.FITS
    for each in machine:
        holds, features = _HOLDS.get(each.operation), offered.get(each.identifier)
        if holds is None or features is None:
            found = Fit.UNKNOWN
        elif not holds(each.features, features):
            return Fit.LACKS
    return found
