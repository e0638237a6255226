"""Keeps one domain controller for all processes of a test run.

A process that uses it holds the pipe `users` open for writing. When the last has let go of it,
however it ended, the controller is stopped and nothing is left of it.

    python directory_keeper.py FOLDER DOMAIN [COMPUTER …]
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import trustme
from directory_domains import DOMAINS, FIRST, Domain

REALM = FIRST.realm
_NONE: Mapping[Domain, str] = {}
LOCK, USERS, READY, LOG = "lock", "users", "ready.json", "keeper.log"
TURN = "turn"
SIGN_INS, KRB5_CONF, AUTHORITY = "sign-ins.log", "krb5.conf", "authority.pem"
_PORTS = (88, 389, 464, 636, 3268, 3269)
_PROVISION_SECONDS = 90
_START_SECONDS = 60
_STOP_SECONDS = 5
# A test run that hangs must not keep it for ever.
_LONGEST_SECONDS = 4 * 3600
# Samba's modules are of the Python that it was built for.
_PYTHON = "/usr/bin/python3"
# A key of its own would be one of 4096 bits.
_SMB = """\
[global]
\tserver services = ldap, cldap, kdc
\tlog level = 0 auth_json_audit:3
\ttls enabled = yes
\ttls keyfile = {folder}/tls-key.pem
\ttls certfile = {folder}/tls-certificate.pem
\ttls cafile = {folder}/{authority}
\tldap server require strong auth = allow_sasl_over_tls
\tpid directory = {folder}
\tncalrpc dir = {folder}/ncalrpc
"""


@contextmanager
def locked(folder: Path, name: str = LOCK) -> Iterator[None]:
    """Be the only process that starts or stops the controller of a folder, or does another thing.

    `name`: what that is.
    """
    # Of POSIX only, as Samba is; this module is loaded everywhere.
    import fcntl

    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_address() -> str:
    """Return an address on which every port of a domain controller is free."""
    for number in random.sample(range(16, 250), 40):
        address = f"127.88.{number}.10"
        with suppress(OSError):
            for port in _PORTS:
                with socket.socket() as tried:
                    tried.bind((address, port))
            return address
    raise SystemExit("the ports of a domain controller are taken on each of 40 addresses")


def provision(folder: Path, address: str, domain: Domain, more: Sequence[str] = ()) -> None:
    """Make the directory, with its accounts and their keys, and with more computers."""
    command = [
        *("samba-tool", "domain", "provision"),
        *(f"--realm={domain.realm}", f"--domain={domain.netbios}"),
        *("--server-role=dc", "--dns-backend=NONE", "--host-name=dc01", f"--host-ip={address}"),
        # Nobody signs in with it.
        *(f"--adminpass=Aa1!{os.urandom(12).hex()}", f"--targetdir={folder}"),
        *(f"--option=interfaces={address}/8", "--option=bind interfaces only=yes"),
        f"--option=posix:eadb={folder}/eadb.tdb",
    ]
    _run(command)
    conf = folder / "etc" / "smb.conf"
    # The last of two lines wins, and these are further down.
    text = re.sub(r"(?m)^\t(logging|server services) = .*\n", "", conf.read_text())
    own = _SMB.format(folder=folder, authority=AUTHORITY)
    conf.write_text(text.replace("[global]\n", own))
    _write_certificate(folder, domain)
    keytabs = folder / "keytabs"
    keytabs.mkdir()
    given = {"conf": str(conf), **domain.content(more, str(keytabs))}
    script = Path(__file__).with_name("directory_fill.py")
    _run([_PYTHON, str(script)], json.dumps(given).encode())


def _write_certificate(folder: Path, domain: Domain) -> None:
    """Write the controller's certificate, for its own name and the domain's, and its key."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / AUTHORITY)
    own = authority.issue_cert(f"dc01.{domain.name}", domain.name)
    own.cert_chain_pems[0].write_to_path(folder / "tls-certificate.pem")
    key = folder / "tls-key.pem"
    # Samba takes none that others may read.
    key.touch(mode=0o600)
    own.private_key_pem.write_to_path(key)


def write_krb5_conf(
    path: Path, kdc: str, *more: str, domain: Domain = FIRST, others: Mapping[Domain, str] = _NONE
) -> Path:
    """Write a Kerberos configuration whose only controller is at `kdc`, an address and a port.

    `more`: lines of its `[libdefaults]`. `domain`: whose controller that is. `others`: the
    controllers of further domains.
    """
    kdcs = {domain: kdc, **others}
    realms = "".join(f"{each.realm} = {{\n kdc = {at}\n}}\n" for each, at in kdcs.items())
    machines = "".join(f".{each.name} = {each.realm}\n" for each in kdcs)
    defaults = "\n".join(
        (
            f"default_realm = {domain.realm}",
            "dns_lookup_kdc = false",
            "dns_lookup_realm = false",
            "rdns = false",
            "dns_canonicalize_hostname = false",
            "udp_preference_limit = 1",
            *more,
        )
    )
    path.write_text(f"[libdefaults]\n{defaults}\n[realms]\n{realms}[domain_realm]\n{machines}")
    return path


def _run(command: list[str], given: bytes = b"") -> None:
    subprocess.run(command, input=given, stdout=2, check=True, timeout=_PROVISION_SECONDS)


def start(folder: Path, address: str, sign_ins: BinaryIO) -> subprocess.Popen[bytes]:
    """Start the controller, in one process, and wait until it answers."""
    conf = folder / "etc" / "smb.conf"
    command = ["samba", "-i", "-M", "single", "-s", str(conf)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sign_ins, stderr=subprocess.STDOUT
    )
    until = time.monotonic() + _START_SECONDS
    for port in (389, 636, 88):
        while not _answers(address, port):
            if process.poll() is not None or time.monotonic() > until:
                stop(process)
                said = Path(sign_ins.name).read_text("utf-8", "replace")
                raise SystemExit(f"samba does not answer: {said[-2000:]}")
            time.sleep(0.05)
    return process


def _answers(address: str, port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((address, port)) == 0


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the controller, which has nothing to finish."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def keep(folder: Path, domain: Domain, names: Sequence[str] = ()) -> None:
    """Run the controller, which knows computers of these names as well, until nobody uses it."""
    state = folder / "state"
    address = free_address()
    users = os.open(folder / USERS, os.O_RDONLY | os.O_NONBLOCK)
    try:
        provision(state, address, domain, names)
        with (state / SIGN_INS).open("wb") as sign_ins:
            process = start(state, address, sign_ins)
            write_krb5_conf(state / KRB5_CONF, f"{address}:88", domain=domain)
            try:
                _say(folder, {"address": address})
                _wait(folder, users, process)
            finally:
                stop(process)
    finally:
        shutil.rmtree(state, ignore_errors=True)
        os.close(users)


def _wait(folder: Path, users: int, process: subprocess.Popen[bytes]) -> None:
    """Return once nobody holds the pipe, and nobody can begin to."""
    asked = select.poll()
    asked.register(users, 0)
    until = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until and process.poll() is None:
        # Nothing is ever written into it; that it has no writer any more is told unasked.
        if not asked.poll(1000):
            continue
        with locked(folder):
            if asked.poll(0):
                (folder / READY).unlink()
                return


def _say(folder: Path, document: dict[str, str]) -> None:
    """Write a file that is either whole or not there."""
    part = folder / f"{READY}.part"
    part.write_text(json.dumps(document))
    part.replace(folder / READY)


if __name__ == "__main__":
    given = Path(sys.argv[1])
    try:
        keep(given, DOMAINS[sys.argv[2]], sys.argv[3:])
    except BaseException as error:
        _say(given, {"error": f"{type(error).__name__}: {error}"})
        raise
