"""The domains of the tests' directories, and what is written into each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import delegation_accounts as delegation
import directory_accounts as accounts


@dataclass(frozen=True)
class Domain:
    """A domain: its DNS name, its NetBIOS name, and what `directory_fill.py` is given for it.

    `content` takes the names of further computers, and where keys are written: NAME.keytab.
    """

    name: str
    netbios: str
    content: Callable[[Sequence[str], str], Mapping[str, Any]]

    @property
    def realm(self) -> str:
        return self.name.upper()


def _first(names: Sequence[str], keytabs: str) -> Mapping[str, Any]:
    more = [accounts.Computer(each) for each in names]
    return {
        "add": "\n".join((accounts.additions(more), *(each.ldif for each in delegation.SOURCES))),
        "modify": accounts.changes(),
        "raw": f"{accounts.duplicates()}\n{delegation.duplicates()}\n{delegation.sign_ins()}",
        "acting": [(delegation.TARGET.dn, delegation.RESOURCE.dn)],
        "denied": [(delegation.HIDDEN.dn, delegation.CONTROL)],
        "keytabs": [
            (f"{keytabs}/{name}.keytab", principal) for name, principal in accounts.keytabs(more)
        ],
    }


# Namesakes of the first domain's computers, which are in another state there.
_OTHERS = (
    delegation.Source(
        "dl01",
        delegation.COMPUTER | delegation.ANY_PROTOCOL | delegation.DISABLED,
        delegates=(),
    ),
    delegation.Source("dl02", delegates=delegation.spns("dl01")),
)


def _second(_names: Sequence[str], _keytabs: str) -> Mapping[str, Any]:
    operator = accounts.Person(accounts.OPERATOR)
    return {
        "add": _moved("\n".join((accounts.person(operator), *(each.ldif for each in _OTHERS)))),
        "modify": _moved(accounts.controller_names()),
        "raw": "",
        "acting": [],
        "denied": [],
        "keytabs": [],
    }


def _moved(ldif: str) -> str:
    """Return records of the first domain as those of the second."""
    return ldif.replace(accounts.BASE, "DC=fabrikam,DC=test").replace(accounts.DOMAIN, SECOND.name)


FIRST = Domain(accounts.DOMAIN, "CONTOSO", _first)
SECOND = Domain("fabrikam.test", "FABRIKAM", _second)
DOMAINS = {each.name: each for each in (FIRST, SECOND)}
