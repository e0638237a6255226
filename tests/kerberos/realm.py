"""A real Kerberos realm for the tests: Samba as an Active Directory domain controller."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import directory_accounts as accounts
import pytest
from directory_accounts import DOMAIN, OPERATOR
from directory_domains import FIRST, Domain
from directory_keeper import AUTHORITY, KRB5_CONF, LOG, READY, REALM, SIGN_INS, USERS, locked

from livemigration.base.secret import Credentials, Secret

_READY_SECONDS = 150
_PROGRAMS = ("samba", "samba-tool", "kinit")
# RFC 3962.
_AES256 = 18
_MODULES = ("gssapi", "krb5")


@dataclass(frozen=True)
class SignIn:
    """One attempt to get a ticket with a password or a key, as the controller logged it."""

    account: str
    status: str


@dataclass(frozen=True)
class Realm:
    """The realm CONTOSO.TEST, whose controller answers on ports 88 (Kerberos) and 389 (LDAP)."""

    address: str
    folder: Path
    name: str = REALM
    domain: str = DOMAIN

    @property
    def krb5_conf(self) -> Path:
        """The Kerberos configuration of a machine of this realm."""
        return self.folder / KRB5_CONF

    @property
    def authority(self) -> Path:
        """The certificate of who signs the controller's own."""
        return self.folder / AUTHORITY

    @property
    def keytabs(self) -> Path:
        """The folder of the machines' own keys: NAME.keytab, by their DNS names."""
        return self.folder / "keytabs"

    def keytab(self, user: str = OPERATOR) -> Path:
        """The keys of an account."""
        return self.keytabs / f"{user}.keytab"

    def principal(self, user: str = OPERATOR) -> str:
        return f"{user}@{self.name}"

    def password(self, user: str = OPERATOR) -> str:
        return next(each.password for each in accounts.PEOPLE if each.name == user)

    def credentials(self, user: str = OPERATOR) -> Credentials:
        return Credentials(self.principal(user), Secret(self.password(user)))

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of this realm has in its environment besides."""
        return {"KRB5_CONFIG": str(self.krb5_conf), "KRB5RCACHENAME": "none:"} | more

    def ticket(self, path: Path, user: str = OPERATOR, *, seconds: int = 3600) -> Path:
        """Sign a person in, with kinit, into a file at `path`, and return that."""
        subprocess.run(
            self._kinit("-l", f"{seconds}s", "-c", f"FILE:{path}", user=user),
            input=self.password(user).encode(),
            stdout=subprocess.PIPE,
            check=True,
            timeout=60,
            env=os.environ | self.environment(),
        )
        return path

    def _kinit(self, *options: str, user: str) -> list[str]:
        return [program("kinit"), *options, self.principal(user)]

    def ticket_by_keytab(self, path: Path, user: str = OPERATOR) -> Path:
        """As `ticket`, with the account's keys instead of its password."""
        options = ("-k", "-t", str(self.keytab(user)), "-c", f"FILE:{path}")
        environment = os.environ | self.environment()
        subprocess.run(self._kinit(*options, user=user), check=True, timeout=60, env=environment)
        return path

    def old_keytab(self, path: Path, service: str) -> Path:
        """Write keys to `path` that a service does not have any more, under the current number."""
        import krb5

        context = krb5.init_context()
        principal = krb5.parse_name_flags(context, f"{service}@{self.name}".encode())
        keytab = krb5.kt_resolve(context, f"FILE:{path}".encode())
        key = krb5.init_keyblock(context, _AES256, bytes(range(32)))
        krb5.kt_add_entry(context, keytab, principal, 1, 0, key)
        return path

    def expired_ticket(self, path: Path) -> Path:
        """As `ticket`, and wait until it has expired, which takes a second or two."""
        self.ticket(path, seconds=1)
        command = [program("klist"), "-s", "-c", f"FILE:{path}"]
        for _ in range(200):
            if subprocess.run(command, check=False, env=os.environ | self.environment()).returncode:
                return path
            time.sleep(0.1)
        raise AssertionError("the ticket does not expire")

    def sign_ins(self) -> tuple[SignIn, ...]:
        """Every attempt so far; each was logged before its reply was sent."""
        found = []
        for line in (self.folder / SIGN_INS).read_text("utf-8").splitlines():
            if line.startswith('{"timestamp"'):
                told = json.loads(line).get("Authentication")
                if told is not None and told["serviceDescription"] == "Kerberos KDC":
                    name = str(told["clientAccount"]).partition("@")[0]
                    found.append(SignIn(name, told["status"].removeprefix("NT_STATUS_")))
        return tuple(found)


def program(name: str) -> str:
    """Return where a program is, or skip the test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def why_not() -> str | None:
    """Return why there can be no realm on this machine, or None."""
    for name in _PROGRAMS:
        if shutil.which(name) is None:
            return f"{name} is not installed"
    for name in _MODULES:
        if find_spec(name) is None:
            return f"{name} is not installed (the extra kerberos)"
    if os.geteuid() != 0:
        return "only root can open the ports of a domain controller"
    return None


@contextmanager
def shared_realm(
    folder: Path, computers: Sequence[str] = (), domain: Domain = FIRST
) -> Iterator[Realm]:
    """Give the realm of a test run, whose processes all name the same folder.

    It begins with the first that asks and ends with the last.

    Args:
        folder: where it is kept.
        computers: machines that it has besides its own; all processes name the same.
        domain: which one it is.

    Raises:
        RuntimeError: it does not start; the text says why.
    """
    folder.mkdir(exist_ok=True)
    with locked(folder):
        if not (folder / USERS).exists():
            os.mkfifo(folder / USERS)
        # For both, because there may be no reader yet.
        held = os.open(folder / USERS, os.O_RDWR)
        if not (folder / READY).exists():
            _begin(folder, computers, domain)
    try:
        document = json.loads((folder / READY).read_text())
        if "error" in document:
            said = (folder / LOG).read_text("utf-8", "replace")
            raise RuntimeError(f"{document['error']}\n{said[-3000:]}")
        yield Realm(document["address"], folder / "state", domain.realm, domain.name)
    finally:
        os.close(held)


@contextmanager
def realm_of_run(
    factory: pytest.TempPathFactory, worker: str, computers: Sequence[str] = ()
) -> Iterator[Realm]:
    """As `shared_realm`, in the folder that all workers of this test run have in common."""
    with shared_realm(folder_of_run(factory, worker), computers) as found:
        yield found


def folder_of_run(factory: pytest.TempPathFactory, worker: str, name: str = "realm") -> Path:
    """Return the folder in which the workers of this test run keep a realm."""
    own = factory.getbasetemp()
    folder = (own if worker == "master" else own.parent) / name
    folder.mkdir(exist_ok=True)
    return folder


def _begin(folder: Path, computers: Sequence[str], domain: Domain) -> None:
    """Start the process that keeps the realm, and wait until it has one, or says why not."""
    script = Path(__file__).with_name("directory_keeper.py")
    with (folder / LOG).open("wb") as log:
        # In a session of its own: Ctrl-C is for the tests, which let go of it then.
        process = subprocess.Popen(
            [sys.executable, str(script), str(folder), domain.name, *computers],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # It outlives this process, or is told apart from what has ended and was forgotten.
    threading.Thread(target=process.wait, daemon=True).start()
    until = time.monotonic() + _READY_SECONDS
    while not (folder / READY).exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise RuntimeError((folder / LOG).read_text("utf-8", "replace")[-3000:])
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(why_not())
