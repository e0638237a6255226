"""`ASSOCIATORS OF {…}`: from one instance to those that an association ties to it.

The associations of the migration classes: windows-facts.md 1.1 and 1.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from livemigration.lab.wql import WqlError

_QUERY = re.compile(
    r"\s*ASSOCIATORS\s+OF\s*\{\s*([A-Za-z_]\w*)(?:\.(.*?)|=@)?\s*\}\s*(?:WHERE\s+(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_TEXT = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_KEY = re.compile(rf"\s*([A-Za-z_]\w*)\s*=\s*{_TEXT}\s*", re.DOTALL)
_DEMAND = re.compile(r"\s*(AssocClass|ResultClass)\s*=\s*([A-Za-z_]\w*)\s*", re.IGNORECASE)

_SERVICE = "msvm_virtualsystemmigrationservice"
_SETTINGS = "msvm_virtualsystemmigrationservicesettingdata"
_NETWORK = "msvm_virtualsystemmigrationnetworksettingdata"
_COMPONENT = "msvm_virtualsystemmigrationservicesettingdatacomponent"
_TIES = (
    ("msvm_elementsettingdata", _SERVICE, _SETTINGS),
    (_COMPONENT, _SETTINGS, _NETWORK),
)


@dataclass(frozen=True)
class Associators:
    """A query for what is tied to one instance. Names are in lower case."""

    class_name: str
    keys: dict[str, str] = field(default_factory=dict)
    association: str = ""
    result: str = ""

    def classes(self) -> tuple[str, ...]:
        """Return the classes of the instances that the query asks for."""
        found = []
        for association, one, other in _TIES:
            for here, there in ((one, other), (other, one)):
                if (
                    here == self.class_name
                    and self.association in {"", association}
                    and self.result in {"", there}
                ):
                    found.append(there)
        return tuple(found)


def parse(text: str) -> Associators | None:
    """Return the query, or None where the text is another kind of query.

    Raises:
        WqlError: the text begins as such a query and does not go on as one.
    """
    if not re.match(r"\s*ASSOCIATORS\b", text, re.IGNORECASE):
        return None
    match = _QUERY.fullmatch(text)
    if match is None:
        raise WqlError("this is no ASSOCIATORS OF query that the lab understands")
    demands = {name.casefold(): value.casefold() for name, value in _DEMAND.findall(match[3] or "")}
    if _DEMAND.sub("", match[3] or "").strip():
        raise WqlError("only AssocClass and ResultClass are understood")
    keys = {
        name.casefold(): re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
        for name, value in _KEY.findall(match[2] or "")
    }
    if re.sub(r"[\s,]", "", _KEY.sub("", match[2] or "")):
        raise WqlError("the keys of the instance are not understood")
    return Associators(
        match[1].casefold(), keys, demands.get("assocclass", ""), demands.get("resultclass", "")
    )
