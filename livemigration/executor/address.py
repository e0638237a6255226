"""Where a Dask scheduler answers, and who it must be: what `--executor` and its files say."""

from __future__ import annotations

import importlib.util
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from livemigration.base.errors import UsageError
from livemigration.base.text import one_line
from livemigration.gather.connect import refuse_open_to_others

OPTION = "--executor"
CA, CERTIFICATE, KEY = (f"{OPTION}-{each}" for each in ("ca", "client-certificate", "client-key"))
# An extra, and loaded by nothing but a run that asks through it.
_LIBRARIES = ("dask", "distributed")
_FORM = "Write tls://HOST:PORT, such as tls://dask.contoso.com:8786."


@dataclass(frozen=True)
class Scheduler:
    """A Dask scheduler. The files are PEM, and None where it is reached without TLS.

    `ca` is who signs the cluster's certificates, `certificate` and `key` what is shown to it.
    """

    address: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def secure(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.address.startswith("tls://")


def scheduler_of(
    given: str, ca: Path | None, certificate: Path | None, key: Path | None
) -> Scheduler:
    """Return the scheduler that options name.

    Raises:
        UsageError: Dask is not installed, the address is none or is reached without TLS and lies
            elsewhere, or a file is missing, readable by others, or of no use.
    """
    _refuse_form(given)
    if missing := [each for each in _LIBRARIES if importlib.util.find_spec(each) is None]:
        raise UsageError(f"{OPTION} needs {' and '.join(missing)}: pip install dask distributed.")
    files = {CA: ca, CERTIFICATE: certificate, KEY: key}
    if not given.startswith("tls://"):
        if not is_loopback(given):
            raise UsageError(
                f"{OPTION} {given}: without TLS the password would be readable to anyone on the "
                f"network. {_FORM}"
            )
        for option in (name for name, path in files.items() if path is not None):
            raise UsageError(f"{option} is of no use with {given}, which has no TLS. Remove it.")
        return Scheduler(given)
    for option, path in files.items():
        if path is None:
            raise UsageError(
                f"{OPTION} {given} needs {option} FILE: the cluster must know who asks, and the "
                "suite whom it gives the password to."
            )
        if not path.is_file():
            raise UsageError(f"{option} {path}: there is no such file. Correct the path.")
    if key is not None:
        refuse_open_to_others(key, KEY)
    return Scheduler(given, ca, certificate, key)


def refuse_readable(scheduler: Scheduler, addresses: Iterable[str]) -> None:
    """Refuse a cluster of which somebody speaks without TLS over a network.

    Args:
        scheduler: as it was named.
        addresses: as the scheduler and its workers call themselves.

    Raises:
        UsageError: one of them is readable to others.
    """
    for each in addresses:
        if not each.startswith("tls://") and not is_loopback(each):
            raise UsageError(
                f"{OPTION} {scheduler.address}: {one_line(each)[:100]} of this cluster speaks "
                "without TLS, so the password would be readable to anyone on the network. Set "
                "distributed.comm.require-encryption: true on the whole cluster."
            )


def is_loopback(address: str) -> bool:
    """Whether an address of Dask is one of the machine itself, which no network carries."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_form(given: str) -> None:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in {"tls", "tcp"} and parts.hostname and parts.port
    except ValueError:
        usable = None
    if not usable or given != f"{parts.scheme}://{parts.netloc}" or parts.username is not None:
        raise UsageError(
            f"{OPTION} {one_line(given)[:100]}: this is no address of a Dask scheduler. {_FORM}"
        )
