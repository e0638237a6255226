"""Whether the range of dynamic ports is one with which Hyper-V registers its names."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import listed
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.tcp_settings import DYNAMIC_PORTS
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, not_applicable, ok, warn
from livemigration.verdict.fixes.windows_settings import default_ports
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import SPN_REGISTRATION
from livemigration.verdict.views import FactsView

# The range to which vmms is hardened (windows-facts-2.md section 13).
_START, _NUMBER = 49152, 16384


@check(
    "LM404",
    needs=(DYNAMIC_PORTS, DOMAIN_MEMBERSHIP),
    refs=(SPN_REGISTRATION,),
)
def test_dynamic_ports_are_the_default(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    """The dynamic TCP ports are the default, 49152 to 65535.

    Why: the service vmms may only use the default range. Where it was moved, vmms cannot register
    the host's service principal names (event 14050), and Kerberos finds no migration service.

    Warns: the range of any TCP setting is another one.

    Does not apply: a host in a workgroup, which registers no names.
    """
    if not host[DOMAIN_MEMBERSHIP].joined:
        yield not_applicable("The host is in a workgroup, and registers no names in a domain.")
        return
    moved = [each for each in host[DYNAMIC_PORTS] if (each.start, each.number) != (_START, _NUMBER)]
    if not moved:
        yield ok(f"The dynamic TCP ports are {_START} to {_START + _NUMBER - 1}.")
        return
    spans = listed(dict.fromkeys(each.span for each in moved))
    yield warn(
        f"The dynamic TCP ports are {spans}.",
        f"{_START} to {_START + _NUMBER - 1}: with others, vmms may fail to register the host's "
        "service principal names (event 14050).",
        default_ports(machine_of(host, vmm), moved),
    )
