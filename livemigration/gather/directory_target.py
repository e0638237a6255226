"""A directory that is to be asked: known before anything is loaded that asks it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from livemigration.facts.registry import DIRECTORY_GROUPS
from livemigration.gather.connect import Access
from livemigration.inventory.directory import DirectoryServer

DIRECTORY_NAMES_OF_GROUPS = frozenset(each.name for each in DIRECTORY_GROUPS)


@dataclass(frozen=True)
class DirectoryTarget:
    """A directory as the inventory lists it, and how it is signed in to; `tls` is for LDAPS."""

    entry: DirectoryServer
    access: Access = field(repr=False)
    tls: ssl.SSLContext | None = None
