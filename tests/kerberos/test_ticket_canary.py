"""The password of a run by Kerberos: whoever reads the list of processes meanwhile finds none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attaching import attached
from canary import found_in
from directory_accounts import OPERATOR
from process_list import THERE
from realm import Realm
from realm_fleets import members
from realm_runs import account, inventory, ran

pytestmark = pytest.mark.usefixtures("at_home")

# A password manager, which notes what it was started with.
VAULT = """\
import pathlib, sys
here, own = pathlib.Path(sys.argv[1]), pathlib.Path('/proc/self')
seen = b''.join((own / each).read_bytes() for each in ('cmdline', 'environ'))
(here / 'seen').write_bytes(seen)
sys.stdout.buffer.write((here / 'kept').read_bytes())
"""


@pytest.mark.skipif(not THERE, reason="no list of processes in /proc")
def test_a_program_that_gives_the_password_is_given_none(
    realm: Realm, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here, password = tmp_path_factory.mktemp("vault"), realm.password(OPERATOR)
    (here / "kept").write_text(password, encoding="utf-8")
    given = [sys.executable, "-c", VAULT, str(here)]
    source = f"{{from: command, username: {realm.principal(OPERATOR)}, command: {given!r}}}"
    with members(realm, tmp_path) as lab:
        site = inventory(tmp_path, lab.vmm, lab.hosts, more=f"credentials: {source}\n")
        # The environment has it as well, as it may for others.
        ended = ran(tmp_path, site, account(realm, OPERATOR), apart=True)
    assert [each["how"] for each in ended.results["sessions"]] == [
        "Kerberos over HTTP, messages encrypted"
    ]
    sent = attached(ended.folder)
    assert sent.code == 0, sent.output
    assert sent.found(password, tmp_path_factory.mktemp("sent")) == []
    seen = (here / "seen").read_bytes()
    assert b"STARTED_BY_A_TEST" in seen
    assert found_in(seen, password) == []
