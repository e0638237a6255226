"""A lab whose machines are members of the tests' realm, and whose account is one of the realm's.

The suite knows that a lab is in no domain; here it signs in to one as it does to real machines.
"""

from __future__ import annotations

import os
from typing import Any

from realm import Realm

from livemigration.gather.connect import Access
from livemigration.gather.reached import Played, Reached
from livemigration.inventory.reach import Reach
from livemigration.wsman.security import Security


def joined(realm: Realm) -> None:
    """Make this process one of a machine of the realm, and the lab's account one of the realm's.

    For a fork: nothing is put back.
    """
    os.environ.update(realm.environment(KRB5CCNAME=f"FILE:{realm.folder / 'none'}"))
    for name in ("KRB5_KTNAME", "KRB5_CLIENT_KTNAME"):
        os.environ.pop(name, None)
    Reached._simulated = _by_ticket  # type: ignore[assignment,method-assign] # as a real machine is


def account(realm: Realm) -> dict[str, Any]:
    """Return what a lab says of its account, which is the realm's."""
    own = realm.credentials()
    return {"username": own.username, "password": own.password.reveal()}


def _by_ticket(reached: Reached, reach: Reach, security: Security, played: Played) -> Access:
    return reached._signers.access(reach, security, lambda _: played.credentials)
