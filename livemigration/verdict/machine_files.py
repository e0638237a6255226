"""Where the files of virtual machines are: on the host alone, on a cluster's volume, on a share."""

from __future__ import annotations

import re
from enum import Enum

_CLUSTER_VOLUME = re.compile(r"[a-z]:\\clusterstorage(?:\\.*)?", re.IGNORECASE | re.DOTALL)
_LONG, _LONG_SHARE = "\\\\?\\", "\\\\?\\unc\\"
_GUEST_DISC = re.compile(
    r"(?:[a-z]:\\windows|%(?:systemroot|windir)%)\\system32\\vmguest\.iso", re.IGNORECASE
)


class Place(Enum):
    """Who reaches a file."""

    LOCAL = "this host alone"
    CLUSTER = "every node of its cluster"
    SHARE = "whoever may read the share"


def place_of(path: str) -> Place:
    r"""Return who reaches a file: by its path alone (windows-facts-2.md 10.4).

    A disk that a node mounts under a letter is local, whether or not the disk is the cluster's.
    """
    plain = path.strip().replace("/", "\\")
    if plain.casefold().startswith(_LONG_SHARE):
        return Place.SHARE
    plain = plain.removeprefix(_LONG)
    if plain.startswith("\\\\") and not plain.startswith("\\\\."):
        return Place.SHARE
    return Place.CLUSTER if _CLUSTER_VOLUME.fullmatch(plain) else Place.LOCAL


def plain_path(path: str) -> str:
    r"""Return a path by which files are compared: in lower case, and without \\?\ before it."""
    plain = path.strip().replace("/", "\\").casefold()
    if plain.startswith(_LONG_SHARE):
        return f"\\\\{plain.removeprefix(_LONG_SHARE)}"
    return plain.removeprefix(_LONG)


def is_guest_disc(path: str) -> bool:
    """Whether a path is that of the disc of the integration services, in Windows' own folder."""
    return _GUEST_DISC.fullmatch(path.strip().replace("/", "\\")) is not None


def has_extension(path: str, *extensions: str) -> bool:
    """Whether a file has one of these extensions, such as `.vhds`."""
    return path.strip().casefold().endswith(extensions)
