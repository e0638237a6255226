"""What a real directory says of the account that signs in is read from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from directory_accounts import OPERATOR
from realm import Realm
from test_real_directory import target

from livemigration.base.deadline import Deadline
from livemigration.gather.directory_session import signed_in
from livemigration.gather.own_account import OwnAccount, own_account

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def shown(realm: Realm) -> dict[str, OwnAccount | None]:
    names = (
        realm.principal(OPERATOR),
        f"CONTOSO\\{OPERATOR}",
        OPERATOR,
        "CONTOSO\\protected",
        "CONTOSO\\expired",
        f"FABRIKAM\\{OPERATOR}",
        f"{OPERATOR}@FABRIKAM.TEST",
        "CONTOSO\\nobody",
    )
    until = Deadline.after(30)
    with signed_in(target(realm, "ntlm"), "contoso.test", until) as (directory, root):
        return {name: own_account(directory, root, name) for name in names}


def test_an_account_is_found_by_each_form_of_its_name(
    realm: Realm, shown: dict[str, OwnAccount | None]
) -> None:
    own = shown[OPERATOR]
    assert own is not None
    assert (own.name, own.sensitive, own.protected) == (OPERATOR, False, False)
    assert own.account_ends is None
    assert shown[realm.principal(OPERATOR)] == shown[f"CONTOSO\\{OPERATOR}"] == own


def test_protected_users_and_the_end_of_an_account_are_seen(
    shown: dict[str, OwnAccount | None],
) -> None:
    protected, expired = shown["CONTOSO\\protected"], shown["CONTOSO\\expired"]
    assert protected is not None
    assert expired is not None
    assert (protected.protected, expired.protected) == (True, False)
    assert expired.account_ends == datetime(2020, 1, 1, tzinfo=UTC)


def test_an_account_of_another_domain_is_none_of_this_one(
    shown: dict[str, OwnAccount | None],
) -> None:
    others = (f"FABRIKAM\\{OPERATOR}", f"{OPERATOR}@FABRIKAM.TEST", "CONTOSO\\nobody")
    assert [shown[each] for each in others] == [None, None, None]
