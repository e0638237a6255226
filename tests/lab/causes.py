"""Hosts with two things at once that keep VMM away, and the cause that must be named for each.

How a host selects its networks, to what its name resolves, and what state it is in are combined.
The expectation is worked out from the fleet's own words, never from what the suite makes of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from mutations import SERVER_2012, SERVER_2022, STOPPED, VMM_2012_SP1, VMM_2022

from livemigration.lab.fleet import Fleet, FleetHost

SELECTIONS: Mapping[str, Mapping[str, Any]] = {
    "any": {},
    "IPv4 row only": {"half_any": "v4"},
    "IPv6 row only": {"half_any": "v6"},
    "management": {"networks": ["management"]},
    "migration": {"networks": ["migration"]},
    "both": {"networks": ["management", "migration"]},
    "no address": {"networks": ["60.0/24"]},
    "none": {"networks": "none"},
}
# @own, @migration: the host's addresses; 1.11 is a healthy host's, 1.5 the VMM server's, and nobody
# has 1.9 and 70.9.
NAMES: Mapping[str, Any] = {
    "right": None,
    "dead": ["1.9"],
    "dead in another network": ["70.9"],
    "dead first": ["1.9", "@own"],
    "dead beside": ["@own", "1.9"],
    "another host": ["1.11"],
    "another host first": ["1.11", "@own"],
    "another host beside": ["@own", "1.11"],
    "outside the inventory": ["1.5"],
    "migration": ["@migration"],
    "migration first": ["@migration", "@own"],
    "nothing": "none",
}
STATES: Mapping[str, Mapping[str, Any]] = {
    "healthy": {},
    "disabled": {"enabled": False},
    "vmms stopped": {"services": STOPPED},
    "management socket lost": {"closed": ["management"]},
    "sockets lost": {"closed": ["management", "migration"]},
    "list lost": {"no_listener": True},
}
_LISTENING = ("any", "management", "migration", "both")
_DNS_MATTERS = ("any", "migration", "both")
# From VMM 2012 R2 on fewer of them differ.
_SELECTIONS_LATER = ("any", "IPv6 row only", "migration", "none")
_DNS_MATTERS_LATER = ("any", "migration")
_NAMES_OF_DISABLED = ("dead", "dead first", "another host beside", "nothing", "migration")
_RELEASES = {"A": (VMM_2012_SP1, SERVER_2012), "B": (VMM_2022, SERVER_2022)}
_FIRST = 20
# Windows Server 2012, the first with the settings.
_FIRST_BUILD = 9200


@dataclass(frozen=True)
class Scene:
    """One host: how it selects networks, to what its name resolves, and its state."""

    selection: str
    name: str
    state: str

    def __str__(self) -> str:
        return f"{self.selection}, DNS {self.name}, {self.state}"


def scenes(release: str) -> tuple[Scene, ...]:
    """Return every selection in each state that matters, and every name where it may matter."""
    selections = SELECTIONS if release == "A" else _SELECTIONS_LATER
    names = _DNS_MATTERS if release == "A" else _DNS_MATTERS_LATER
    states = ((each, state) for each in selections for state in _states_of(each))
    found = [Scene(selection, "right", state) for selection, state in states]
    found += [Scene(*each, "healthy") for each in product(names, NAMES)]
    found += [Scene(*each, "disabled") for each in product(names[1:], _NAMES_OF_DISABLED)]
    found += [Scene("both", name, "vmms stopped") for name in _NAMES_OF_DISABLED]
    return tuple(dict.fromkeys(found))


def _states_of(selection: str) -> tuple[str, ...]:
    """Return the states in which a host of this selection differs from one of another."""
    return tuple(STATES) if selection in _LISTENING else ("healthy", "disabled")


def fleet_text(release: str) -> str:
    """Return a fleet file: a healthy host, then one for each scene, as JSON, which is YAML."""
    registry, system = _RELEASES[release]
    healthy = {"name": "hv00.contoso.com", "shows": "healthy", "addresses": _addresses("11")}
    return json.dumps(
        {
            "name": f"causes-{release.casefold()}",
            "title": "two things at once in each host",
            "domain": "contoso.com",
            "networks": {
                "management": {"subnet": "1.0/24"},
                # Nothing is dropped, so that no verdict waits for a time limit.
                "migration": {"subnet": "50.0/24"},
            },
            "system": system,
            "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": registry},
            "hosts": [healthy, *map(_host, range(len(scenes(release))), scenes(release))],
        }
    )


def name_of(number: int) -> str:
    """Return the name of the host of a scene."""
    return f"hv{number + 1:03}.contoso.com"


def _addresses(last: str) -> dict[str, str]:
    return {"management": f"1.{last}", "migration": f"50.{last}"}


def _host(number: int, scene: Scene) -> dict[str, Any]:
    addresses = _addresses(str(_FIRST + number))
    dns = json.dumps(NAMES[scene.name])
    dns = dns.replace("@own", addresses["management"]).replace("@migration", addresses["migration"])
    host = {"name": name_of(number), "shows": str(scene), "addresses": addresses}
    return {**host, "dns": json.loads(dns), **SELECTIONS[scene.selection], **STATES[scene.state]}


@dataclass(frozen=True)
class Truth:
    """What holds of a host of a fleet, by the fleet's own words."""

    fleet: Fleet
    host: FleetHost

    @property
    def affected(self) -> bool:
        """Whether the release has KB 2853203."""
        return (self.fleet.vmm.registry or self.fleet.vmm.server or "").startswith("3.1.")

    @property
    def used(self) -> tuple[str, ...]:
        """The addresses to which VMM resolves the host."""
        return (self.host.management,) if self.host.dns is None else self.host.dns

    @property
    def by_another_name(self) -> bool:
        """Whether VMM resolves the name to nothing, or first to what is not the host's."""
        return not self.used or self.used[0] not in self.host.addresses.values()

    @property
    def selected(self) -> tuple[str, ...]:
        """The host's own addresses that its selection covers."""
        host = self.host
        if host.networks == "none" or host.half_any == "v6":
            return ()
        if isinstance(host.networks, str):
            return tuple(host.addresses.values())
        subnets = (self.fleet.networks.get(n) for n in host.networks)
        texts = [each.subnet for each in subnets if each is not None]
        texts += [n for n in host.networks if n not in self.fleet.networks]
        starts = tuple(text.partition(".")[0] + "." for text in texts)
        return tuple(each for each in host.addresses.values() if each.startswith(starts))

    @property
    def any_network(self) -> bool:
        """Whether connections are accepted on any network, at least over IPv4."""
        return self.host.networks == "any" and self.host.half_any != "v6"

    @property
    def covered(self) -> bool:
        """Whether the selection covers an address that VMM uses."""
        return bool(set(self.used) & set(self.selected))

    @property
    def selection_is_the_cause(self) -> bool:
        """Whether VMM 2012 SP1 is kept out by the selection of networks itself.

        Not of a node of a cluster, which needs none; nor where nobody can read the selection; nor
        where the address VMM uses is not the host's, the networks have no address of the host, or
        they cover the address.
        """
        host = self.host
        if not self.affected or host.cluster is not None or host.down or not host.runs_hyper_v:
            return False
        if (host.system or self.fleet.system).build < _FIRST_BUILD:
            return False
        if host.networks == "none":
            return not host.extra_listeners
        if self.by_another_name or self.any_network or self.covered:
            return False
        return host.half_any == "v6" or bool(self.selected)

    @property
    def networks_may_change(self) -> bool:
        """Whether a change of the selected networks mends something, with any release."""
        none = self.host.networks == "none" and self.host.cluster is None
        return self.selection_is_the_cause or none

    def expected(self) -> dict[str, str]:
        """Return what is expected of the checks about networks, names and staging, by check.

        A state, then the check that blocks: `blocked LM201`. LM101 to LM301; what is left out is
        not said here.
        """
        if not self.host.runs_hyper_v:
            return {"LM302": "fail", **dict.fromkeys(("LM101", "LM102", "LM103"), "blocked LM302")}
        found = {"LM101": "pass" if self.host.enabled else "fail", "LM201": self._names()}
        found["LM102"] = self._networks() if self.affected else self._networks_later()
        if self.affected:
            found |= self._staging()
        found |= self._way()
        return found

    def _names(self) -> str:
        if self.by_another_name:
            return "fail"
        beside = [each for each in self.used if each not in self.host.addresses.values()]
        # DNS need not have the migration network's address beside the one to manage by.
        migration = len(self.used) > 1 and self.host.networks == ("migration",)
        return "warning" if beside or migration else "pass"

    def _networks(self) -> str:
        if self.any_network:
            return "pass"
        if self.host.networks == "none":
            return "fail"
        if self.by_another_name:
            return "blocked LM201"
        if not self.host.enabled:
            return "blocked LM101" if self.covered else "fail"
        return "warning" if self.covered and not self.host.no_listener else "fail"

    def _networks_later(self) -> str:
        if self.host.networks == "any":
            return "warning"
        return "fail" if self.host.networks == "none" else "pass"

    def _staging(self) -> dict[str, str]:
        """Return what is expected of the probe of VMM's address with VMM 2012 SP1."""
        if self.by_another_name:
            blocked = dict.fromkeys(("LM202", "LM203"), "blocked LM201")
            return blocked if self.any_network else {**blocked, "LM304": "blocked LM201"}
        if not self.host.enabled:
            staging = "pass" if self.any_network else "blocked LM101"
            return {"LM203": "blocked LM101", "LM304": staging}
        return {}

    def _way(self) -> dict[str, str]:
        if not self.used:
            return dict.fromkeys(("LM204", "LM301"), "blocked LM201")
        if not self.by_another_name:
            return {}
        own = set(self.used) & set(self.host.addresses.values())
        nobody = set(self.used) <= {"1.9", "70.9"}
        control = "pass" if own else "fail" if nobody else "blocked LM201"
        return {"LM301": "blocked LM201", "LM204": control}


def truths(fleet: Fleet) -> Iterator[Truth]:
    """Yield what holds of each host of a fleet."""
    return (Truth(fleet, host) for host in fleet.hosts)
