"""The domain controllers that DNS names for a domain, in the order in which they are to be asked.

Each of them has the record `_ldap._tcp.dc._msdcs.DOMAIN` written for itself (MS-ADTS 6.3.2.3); the
order is that of RFC 2782. A record proves nothing: whoever answers still has to show that it is a
domain controller of that domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import dns.exception
import dns.name
import dns.rdtypes.IN.SRV
import dns.resolver

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, some
from livemigration.facts.model import FailureKind
from livemigration.ldap.causes import of_directory
from livemigration.wsman.errors import WsmanError, deadline_passed

SECONDS = 5.0
"""How long one question may take, over all DNS servers that can be asked."""

DNS_PORT = 53

# A name that is looked like an address would be asked without Kerberos.
_NAME = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9_-]{1,63}\.)*(?![0-9]+$)[A-Za-z0-9_-]{1,63}")
_WRITE = (
    "Write server: under directory in the inventory, the full name of a domain controller; or "
    "dns:, the address of a DNS server that knows the domain."
)


class Lookup:
    """Questions to DNS about the domain controllers of one domain.

    Args:
        domain: its DNS name.
        address: of the DNS server that is asked; None: those of this machine.
        port: of that DNS server.
        until: when everything ends.

    Raises:
        WsmanError: this machine has no DNS server.
    """

    def __init__(self, domain: str, address: str | None, port: int, until: Deadline) -> None:
        self._domain = domain.rstrip(".")
        self._given = address is not None
        self._until = until
        try:
            self._resolver = dns.resolver.Resolver(configure=not self._given)
        except dns.resolver.NoResolverConfiguration:
            raise _failure(f"this machine has no DNS server that could name {self._who}") from None
        if address is not None:
            self._resolver.nameservers = [address]
            self._resolver.port = port

    @property
    def _who(self) -> str:
        return f"a domain controller of {one_line(self._domain)}"

    def controllers(self) -> tuple[str, ...]:
        """Return the names of the domain controllers, the first to be asked first.

        Raises:
            WsmanError: DNS names none, or does not answer.
        """
        record = f"_ldap._tcp.dc._msdcs.{self._domain}."
        try:
            answer = self._resolver.resolve(record, "SRV", search=False, lifetime=self._seconds)
            found = tuple(_names(answer.rrset.processing_order() if answer.rrset else ()))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            found = ()
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise self._lost(error, self._who, record) from None
        if not found:
            raise _failure(f"DNS names no {self._who[2:]} ({self._asked(record)})")
        return found

    def address_of(self, name: str) -> str:
        """Return where a domain controller is: by the DNS server that is named, else its name.

        Raises:
            WsmanError: that DNS server has no address of it, or does not answer.
        """
        if not self._given:
            return name
        for kind in ("A", "AAAA"):
            try:
                answer = self._resolver.resolve(
                    f"{name}.", kind, search=False, lifetime=self._seconds
                )
                return next(str(each) for each in answer)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                continue
            except (dns.exception.DNSException, OSError, ValueError) as error:
                raise self._lost(error, "its address", name) from None
        raise _failure(f"DNS has no address of it ({self._asked(name)})")

    @property
    def _seconds(self) -> float:
        if self._until.passed:
            raise of_directory(deadline_passed())
        return min(SECONDS, self._until.remaining)

    def _lost(self, error: Exception, what: str, record: str) -> WsmanError:
        if self._until.passed:
            return of_directory(deadline_passed())
        how = (
            "no DNS server answered in time"
            if isinstance(error, dns.exception.Timeout)
            else "no DNS server gave an answer"
        )
        return _failure(f"{how} for {what} ({self._asked(record)})")

    def _asked(self, record: str) -> str:
        return f"{one_line(record.rstrip('.'))} at {some(self._resolver.nameservers, 3)}"


def _names(records: Iterable[object]) -> Iterable[str]:
    """Return the names in some records, each once; what can be no machine's name is left out."""
    found = (
        each.target.to_text(omit_final_dot=True)
        for each in records
        if isinstance(each, dns.rdtypes.IN.SRV.SRV)
    )
    return {each.casefold(): each for each in found if _NAME.fullmatch(each)}.values()


def _failure(what: str) -> WsmanError:
    return WsmanError(FailureKind.NAME_NOT_RESOLVED, what, next_step=_WRITE)
