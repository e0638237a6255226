"""From what VMM's objects say to facts: enums by name, health in words, lists as one truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from livemigration.base.text import one_line
from livemigration.facts.vmm import VmmHostSettings, VmmRecord, VmmRelease
from livemigration.vmm.properties import (
    ClusterReply,
    HealthMonitorReply,
    HostStateReply,
    ServerReply,
)
from livemigration.vmm.scripts import HostReply, ReadVmmReply

# Numbers that objects of VMM 2012 R2 showed (windows-facts-2.md 9.2). Kerberos and UseSmbTransport
# were in none of them: their numbers are inferred.
_COMMUNICATION = {"0": "Responding", "1": "NotResponding"}
_OVERALL = {"0": "OK", "2": "NeedsAttention"}
_AUTHENTICATION = {"0": "CredSSP", "1": "Kerberos"}
_PERFORMANCE = {"0": "Standard", "1": "UseCompression", "2": "UseSmbTransport"}
_PROFILES = {"1": "Administrator"}
_UPGRADES = {"upgradeavailable": True, "uptodate": False, "up-to-date": False, "0": False}
# The name of the other state is from scripts; its number is in none of them.
_RESERVES = {"0": "OK"}
_OVER_COMMITTED = {"ok": False, "overcommitted": True}
_UPGRADE_ERROR = "hmagentversionupgradeavailable"
_MOST_MONITORS = 20
_HIGHEST_PORT = 65535


def record_of(reply: HostReply, host: str) -> VmmRecord:
    """Return the record of a host that VMM lists; `host` is its name in the inventory."""
    state = reply.state
    return VmmRecord(
        known=True,
        name=name_of(reply) or host,
        cluster=reply.cluster or None,
        perimeter=reply.perimeter,
        settings=_settings(reply.settings),
        communication_state=_named(state.CommunicationState, _COMMUNICATION),
        overall_state=_named(state.OverallState, _OVERALL),
        health=tuple(_unhealthy(state.HealthMonitors or ())),
        maintenance=state.MaintenanceHost,
        non_trusted_domain=state.NonTrustedDomainHost,
        ssl_port=_port(state.SslTcpPort),
        subnets_user_managed=_any(state.MigrationSubnetUserManaged),
        pending_agent_update=_pending(state),
        memory_reserve=state.MemoryReserveMB,
        own_reserve=state.OverrideHostGroupReserves,
        cluster_reserve=state.HostCluster.ClusterReserve if state.HostCluster else None,
        over_committed=_over_committed(state.HostCluster),
    )


class HostRecords:
    """The records that VMM lists, to be found by the name of a host of the inventory.

    `nameless_error` says why a record could not even be named, where there is such a one: it may be
    that of any host that is not found.
    """

    def __init__(self, records: Iterable[HostReply]) -> None:
        self._records = tuple(records)
        self._by_name: dict[str, int] = {}
        # By first label: the last record of all, and the last of those that have no full name.
        self._by_label: dict[str, int] = {}
        self._by_bare_label: dict[str, int] = {}
        self.nameless_error: str | None = None
        for number, record in enumerate(self._records):
            names = [name.casefold() for name in (record.fqdn, record.name) if name]
            if not names and record.error is not None:
                self.nameless_error = record.error
            bare = not any("." in name for name in names)
            for name in names:
                self._by_name.setdefault(name, number)
                label = name.split(".")[0]
                self._by_label[label] = number
                if bare:
                    self._by_bare_label[label] = number

    def find(self, host: str, address: str = "") -> HostReply | None:
        """Return the record of a host, which answers at `address` if it is given.

        The full name decides, or the address: VMM knows some perimeter hosts by that. A first label
        counts where only one of the two is a full name.
        """
        wanted = host.casefold()
        given = (wanted, address.casefold()) if address else (wanted,)
        exact = [self._by_name[name] for name in given if name in self._by_name]
        if exact:
            return self._records[min(exact)]
        labels = self._by_bare_label if "." in wanted else self._by_label
        number = labels.get(wanted.split(".")[0])
        return None if number is None else self._records[number]


def name_of(reply: HostReply) -> str:
    """Return the name by which VMM addresses a host; empty where it states none."""
    return reply.fqdn or reply.name or ""


def release_facts(reply: ReadVmmReply) -> VmmRelease:
    """Return what VMM says of itself."""
    server = reply.server or ServerReply()
    # A profile decides what the account sees; the role's name is free for those that are made.
    kind = _named(server.Profile, _PROFILES)
    role = kind if kind is not None and not kind.isdecimal() else _text(server.UserRole)
    return VmmRelease(
        registry=reply.release.registry,
        server=reply.release.server,
        is_highly_available=server.IsHighlyAvailable,
        active_node=_text(server.ActiveVMMNode),
        service_account=_text(server.VMMServiceAccount),
        account_role=role,
        account=_text(server.ConnectedUserName),
        managed_hosts=tuple(name for each in reply.hosts or () if (name := name_of(each))),
        answered_by=_text(reply.release.answered_by),
    )


def _settings(stated: VmmHostSettings) -> VmmHostSettings:
    return replace(
        stated,
        authentication=_named(stated.authentication, _AUTHENTICATION),
        performance=_named(stated.performance, _PERFORMANCE),
    )


def _text(text: str | None) -> str | None:
    return one_line(text) or None if text is not None else None


def _named(text: str | None, names: Mapping[str, str]) -> str | None:
    """Return the name of an enum's value; the text that VMM shows has spaces in it."""
    joined = "".join((text or "").split())
    return names.get(joined, one_line(joined)) or None


def _port(number: int | None) -> int | None:
    return number if number is not None and 0 < number <= _HIGHEST_PORT else None


def _any(truths: Sequence[bool] | None) -> bool | None:
    return any(truths) if truths else None


def _unhealthy(monitors: Sequence[HealthMonitorReply]) -> Iterator[str]:
    for each in monitors[:_MOST_MONITORS]:
        state, error = _text(each.State), _text(each.LastKnownError)
        succeeded = error is None or error.casefold().startswith("success")
        if (state or "").casefold() == "healthy" or (state is None and succeeded):
            continue
        told = [part for part in (state, None if succeeded else error) if part is not None]
        yield f"{_text(each.Name) or 'a monitor without a name'}: {', '.join(told)}"


def _over_committed(cluster: ClusterReply | None) -> bool | None:
    named = _named(cluster.ClusterReserveState, _RESERVES) if cluster is not None else None
    return _OVER_COMMITTED.get((named or "").casefold())


def _pending(state: HostStateReply) -> bool | None:
    errors = ((each.LastKnownError or "").casefold() for each in state.HealthMonitors or ())
    if any(error.startswith(_UPGRADE_ERROR) for error in errors):
        return True
    version = state.Agent.VersionState if state.Agent is not None else None
    return _UPGRADES.get("".join((version or "").split()).casefold())
