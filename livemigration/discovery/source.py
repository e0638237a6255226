"""Where hosts are looked for, as it is named: `vmm:vmm01.contoso.com`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livemigration.base.errors import UsageError
from livemigration.inventory.names import machine_name
from livemigration.inventory.sources import PREFIXES


class Kind(Enum):
    """What knows hosts, by the word before the colon."""

    VMM = "vmm"
    DIRECTORY = "ad"
    CLUSTER = "cluster"
    ANSIBLE = "ansible"


@dataclass(frozen=True)
class Source:
    """What is asked for hosts: a VMM server, a domain, a cluster, or a file of Ansible's."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.name}"


def source_of(text: str) -> Source:
    """Return the source that a text names.

    Raises:
        UsageError: it names none; the text says what would be right.
    """
    word, colon, name = text.partition(":")
    if not colon or f"{word}:" not in PREFIXES:
        raise UsageError(
            f"{text[:60]!r} names no source. Write vmm:SERVER, ad:DOMAIN, cluster:NAME or "
            "ansible:FILE, such as vmm:vmm01.contoso.com."
        )
    kind = Kind(word)
    if kind is Kind.ANSIBLE:
        if not name.strip():
            raise UsageError("ansible: names no file. Write ansible:inventory.yml.")
        return Source(kind, name)
    try:
        return Source(kind, machine_name(name))
    except ValueError as error:
        raise UsageError(f"{word}: {error}") from None
