"""Whether a text or a tree says the same as one in which names and addresses are replaced.

Addresses and known names are replaced here in the same way, so they must be equal. A name that only
the facts hold (of a peer, a switch, a cluster) has a placeholder there, which stands for any word.
Where a list in a sentence was sorted, its order may differ: the words must be the same ones.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from livemigration.base.addresses import Address
from livemigration.collector.hiding import AddressHiding
from livemigration.collector.redact import REMOVED, subnets_of_range
from livemigration.collector.rules import GUID_DIGITS, SID, V4

# What a sentence may hold beside its words.
_FOUND = re.compile(
    f"(?P<sid>{SID})|(?P<guid>{GUID_DIGITS})"
    # In the middle of a sentence, where the redaction reads a whole text: of what forms they are
    # is the same, where they may begin and end is not.
    # A colon at its end is the sentence's.
    f"|(?P<v6>(?<![0-9A-F:.])(?:[0-9A-F]{{0,4}}:){{2,7}}(?:{V4}|[0-9A-F]{{0,4}})(?<![^:]:)"
    "(?:/[0-9]{1,3})?)"
    f"|(?P<v4>(?<![0-9.]){V4}(?:/[0-9]{{1,2}})?(?![0-9]))",
    re.IGNORECASE,
)
# In a line of facts, which is JSON: the redaction makes subnets of it.
_RANGE = re.compile(r'(?<=")[0-9A-F:. ]{3,45}-[0-9A-F:. ]{3,45}(?=")', re.IGNORECASE)
# A part of a name may have hyphens in it.
_TOKEN = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*|[^\w\s]|_")
# As the redaction writes it: a word of its own kind and a number.
_PLACEHOLDER = re.compile(r"\b[a-z]+[0-9]+\b")
# Of how many texts the parts are remembered: the hosts of a run are told much the same.
_TEXTS_KEPT = 4096
# How many words a name may have that a placeholder stands for: of a switch, of a program's path.
_WORDS_OF_A_NAME = 24

Path = tuple[str | int, ...]


class Likeness:
    """Compares with a document whose names and addresses were replaced.

    Args:
        key: decides what takes the place of each address.
        names: what takes the place of a part of a name, by that part in lower case.
        facts: the text in which they were replaced, with every placeholder that there is.
    """

    def __init__(self, key: bytes, names: Mapping[str, str], facts: str = "") -> None:
        self._hiding = AddressHiding(key)
        self._names = names
        # What stands for a known name is compared as that.
        self._unknown = set(_PLACEHOLDER.findall(facts)) - set(names.values())
        self._hidden: dict[str, str] = {}
        self.unread = 0

    def differing(self, said: Any, again: Any, path: Path = ()) -> Iterator[Path]:
        """Yield the place of everything that a JSON tree says and the other does not.

        Args:
            said: with the names and addresses themselves.
            again: with their replacements.
            path: where the two are.
        """
        if isinstance(said, str) and isinstance(again, str):
            if not self.alike(said, again):
                yield path
        elif isinstance(said, dict) and isinstance(again, dict):
            for key in said.keys() | again.keys():
                if key not in said or key not in again:
                    yield (*path, key)
                else:
                    yield from self.differing(said[key], again[key], (*path, key))
        elif isinstance(said, list) and isinstance(again, list):
            yield from self._lists(said, again, path)
        elif type(said) is not type(again) or said != again:
            yield path

    def _lists(self, said: list[Any], again: list[Any], path: Path) -> Iterator[Path]:
        if len(said) != len(again):
            yield path
            return
        odd = [
            place
            for place, pair in enumerate(zip(said, again, strict=True))
            if not self.same(*pair)
        ]
        # What was sorted by names or addresses stands elsewhere once they are replaced.
        left = list(odd)
        for place in odd:
            match = next((each for each in left if self.same(said[place], again[each])), None)
            if match is None:
                yield from self.differing(said[place], again[place], (*path, place))
                return
            left.remove(match)

    def same(self, said: Any, again: Any) -> bool:
        """Whether two JSON trees say the same."""
        return next(self.differing(said, again), None) is None

    def alike(self, said: str, again: str) -> bool:
        """Whether two texts say the same."""
        if said == again:
            return True
        said = _RANGE.sub(lambda found: '", "'.join(subnets_of_range(found[0])), said)
        quotes = REMOVED in again
        self.unread += quotes
        found, others = self._addresses(said), _addresses(again)
        if not quotes and (len(found) != len(others) or not _matched(found, others)):
            return False
        words, expected = _tokens(said), _tokens(again.replace(REMOVED, " "))
        # A word of the sentence may be the name of a machine elsewhere, as "vmm" is.
        more, lacking = words - expected, expected - words
        named = Counter(self._names[each] for each in more.elements() if each in self._names)
        unknown = more.total() - (named & lacking).total()
        lacking -= named
        if not lacking.keys() <= self._unknown:
            return False
        return quotes or unknown <= lacking.total() * _WORDS_OF_A_NAME

    def _addresses(self, text: str) -> list[tuple[int, int, int]]:
        """Return what takes the place of each address, and how many of its bits end in zeros."""
        found: list[tuple[int, int, int]] = []
        for address in _addresses(text):
            bits = f"{int(address):0{address.max_prefixlen}b}"
            zeros = len(bits) - len(bits.rstrip("0"))
            found.append((address.version, int(self._hide(address)), zeros))
        return found

    def _hide(self, address: Address) -> Address:
        known = self._hidden.get(str(address))
        if known is None:
            known = self._hidden[str(address)] = str(self._hiding.hide(address))
        return type(address)(known)


@lru_cache(maxsize=_TEXTS_KEPT)
def _tokens(text: str) -> Counter[str]:
    """Return the words and signs of a text, without its addresses."""
    return Counter(_TOKEN.findall(_FOUND.sub(_kept, text).casefold()))


def _kept(match: re.Match[str]) -> str:
    """Return nothing of what is replaced: an address, a GUID, a SID. A time only looks like one."""
    if match.lastgroup in {"v4", "v6"} and _address(match[0].partition("/")[0]) is None:
        return match[0]
    return " "


@lru_cache(maxsize=_TEXTS_KEPT)
def _addresses(text: str) -> tuple[Address, ...]:
    found = (
        _address(match[0].partition("/")[0])
        for match in _FOUND.finditer(text)
        if match.lastgroup in {"v4", "v6"}
    )
    return tuple(each for each in found if each is not None)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _matched(found: Iterable[tuple[int, int, int]], others: Iterable[Address]) -> bool:
    """Whether each address has its replacement: that of the number of a subnet ends in zeros too.

    How long that subnet is, the number alone does not say.
    """
    left: Counter[tuple[int, int]] = Counter((each.version, int(each)) for each in others)
    # Of two that one may stand for, the one with fewer zeros has the lower replacement.
    for version, hidden, zeros in sorted(found):
        subnets = ((version, hidden >> each << each) for each in range(zeros + 1))
        key = next((each for each in subnets if left[each]), None)
        if key is None:
            return False
        left[key] -= 1
    return True
