"""The hosts that a VMM server manages, as its cmdlets list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, sentence
from livemigration.discovery.found import Found, FoundHost, NotFoundError, Scope
from livemigration.discovery.group_names import clashes, name_from, of_path, unique
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Connector, Target
from livemigration.vmm.scripts import LIST_HOSTS, ListedHost, ListHostsReply, ListHostsRequest
from livemigration.wsman.errors import WsmanError

# CommunicationState of a host that VMM reaches, in words and as a number (windows-facts-2.md 9.2).
_RESPONDS = {"responding", "0"}
# VirtualizationPlatform where it is no other one's; Unknown is what VMM has of a host that it has
# not asked yet (from memory). A number is no word.
_OWN_PLATFORMS = {"hyperv", "unknown"}
_PERIMETER = (
    "a perimeter host: it is in no domain that VMM trusts, so give its group its own account"
)


def ask_vmm(target: Target, connect: Connector, deadline: Deadline) -> Found:
    """Return the hosts that a VMM server lists. It is asked again once where a connection is lost.

    Raises:
        NotFoundError: it does not answer, does not take the account, or its cmdlets fail.
    """
    try:
        try:
            simulated, reply = _asked(target, connect, deadline)
        except WsmanError as error:
            # The script changes nothing.
            if error.kind is not FailureKind.UNREACHABLE or deadline.passed:
                raise
            simulated, reply = _asked(target, connect, deadline)
    except WsmanError as error:
        raise NotFoundError(
            f"Asking the VMM server {target.endpoint} for its hosts: {sentence(error.came_back)} "
            f"{error.next_step}"
        ) from None
    if reply.hosts is None:
        raise NotFoundError(
            f"The cmdlets of the VMM server {target.name} failed: "
            f"{sentence(reply.error or 'they gave no reason')} Install the VMM console there, or "
            "give the account a VMM role that sees the hosts."
        )
    return Found(
        title=f"The VMM server {target.name}",
        # In an order of their own: what is kept of two runs is the same.
        hosts=tuple(sorted(map(_host, reply.hosts), key=lambda each: each.name.casefold())),
        scope=Scope(server=target.name),
        notes=tuple(_notes(reply.hosts)),
        server=target.name,
        simulated=simulated,
    )


def _asked(target: Target, connect: Connector, deadline: Deadline) -> tuple[bool, ListHostsReply]:
    with closing(connect(target, deadline)) as session:
        identity = session.identify()
        milliseconds = max(1000, round(deadline.remaining * 1000))
        reply = session.run_script(LIST_HOSTS, ListHostsRequest(target.name, milliseconds))
    return identity.product_vendor == SIMULATED_VENDOR, reply


def _host(listed: ListedHost) -> FoundHost:
    name = listed.fqdn or listed.name or ""
    cluster = name_from(listed.cluster) if listed.cluster else None
    unfit, may_matter = _unfit(listed, name)
    return FoundHost(
        name=name,
        others=(listed.name,) if listed.name and listed.name != name else (),
        groups=unique((*((cluster,) if cluster else ()), *of_path(listed.group))),
        notes=tuple(_told(listed)),
        unfit=unfit,
        may_matter=may_matter,
    )


def _unfit(listed: ListedHost, name: str) -> tuple[str, bool]:
    if listed.error is not None:
        why = one_line(listed.error) or "PowerShell gave no reason"
        return f"VMM's record of it cannot be read: {why}", True
    platform = listed.platform or ""
    if platform.isalpha() and platform.casefold() not in _OWN_PLATFORMS:
        return f"VMM has it as a host of {one_line(platform, 40)}", False
    return ("" if name else "VMM's record of it has no name"), True


def _told(listed: ListedHost) -> Iterator[str]:
    state = listed.communication
    if state is not None and state.casefold() not in _RESPONDS:
        yield f"VMM does not reach it ({one_line(state, 40)})"
    if listed.maintenance:
        yield "in maintenance mode"
    if listed.perimeter:
        yield _PERIMETER


def _notes(hosts: Iterable[ListedHost]) -> Iterator[str]:
    named: list[str] = []
    for each in hosts:
        if each.cluster:
            named.append(each.cluster)
        # As a group of an inventory is named: without the root, which is that of all.
        if path := ".".join(filter(None, (each.group or "").split("\\")[1:])):
            named.append(path)
    for one, other in clashes(named):
        yield (
            f"{one_line(one, 60)} and {one_line(other, 60)} of VMM are one group here: "
            f"{name_from(one)}. Give no policy to it before one of the two has another name."
        )
