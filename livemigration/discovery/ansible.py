"""The hosts of an Ansible inventory, with how Ansible reaches them; never their secrets.

Of a host's variables only those that are named here are taken out of what Ansible's own loader
prints. What a vault keeps stays a mark of the vault's, which is no name and no number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livemigration.base.text import one_line
from livemigration.discovery.ansible_program import PROGRAM, listing_of
from livemigration.discovery.found import Found, FoundHost, NotFoundError, Reaching, Settings
from livemigration.discovery.group_names import clashes, name_from, unique
from livemigration.inventory.connection import HTTP_PORT, HTTPS_PORT
from livemigration.inventory.names import is_address, is_full_name

_HOST, _CONNECTION = "ansible_host", "ansible_connection"
_PORTS = ("ansible_port", "ansible_winrm_port", "ansible_psrp_port")
_SCHEMES = ("ansible_winrm_scheme", "ansible_psrp_protocol")
_TRANSPORTS = ("ansible_winrm_transport", "ansible_psrp_auth")
_TAKEN = frozenset({_HOST, _CONNECTION, *_PORTS, *_SCHEMES, *_TRANSPORTS})
_BY_WINRM = ("winrm", "psrp")
# Of the same meaning here and there. A certificate's files, and a readable password, are no
# variables that are taken over.
_SAME = {"kerberos", "ntlm", "negotiate", "credssp"}
_HIGHEST_PORT = 65535
# Groups that hold every host, or those of no other.
_OF_ALL = {"all", "ungrouped"}


@dataclass(frozen=True)
class _Group:
    hosts: tuple[str, ...]
    children: tuple[str, ...]


def ask_ansible(path: Path, passwords: Iterable[str] = ()) -> Found:
    """Return the hosts that an inventory of Ansible's has.

    Args:
        path: the inventory.
        passwords: environment variables that hold the suite's own, which Ansible does not get.

    Raises:
        NotFoundError: Ansible's own loader is not there, or does not understand it.
    """
    return found_in(listing_of(path, passwords), str(path))


def found_in(listing: bytes, label: str) -> Found:
    """Return the hosts in what `ansible-inventory --list` prints.

    Raises:
        NotFoundError: it is no such document.
    """
    try:
        document = json.loads(listing)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise NotFoundError(f"{PROGRAM} printed no document of JSON for {label}.")
    variables = _variables(document)
    groups = {
        str(name): _Group(_texts(own.get("hosts")), _texts(own.get("children")))
        for name, own in document.items()
        if name != "_meta" and isinstance(own, dict)
    }
    listed = (each for own in groups.values() for each in own.hosts)
    every = tuple(dict.fromkeys((*variables, *listed)))
    members = _members(groups)
    return Found(
        title=f"The Ansible inventory {one_line(label, 120)}",
        hosts=tuple(_host(each, variables.get(each, {}), members.get(each, ())) for each in every),
        notes=tuple(
            f"the groups {one_line(one, 60)} and {one_line(other, 60)} of Ansible are one here"
            for one, other in clashes(each for each in groups if each not in _OF_ALL)
        ),
    )


def _variables(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the variables of each host that are taken over, and none else."""
    meta = document.get("_meta")
    own = meta.get("hostvars") if isinstance(meta, dict) else None
    return {
        str(host): {name: value for name, value in each.items() if name in _TAKEN}
        for host, each in (own.items() if isinstance(own, dict) else ())
        if isinstance(each, dict)
    }


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _members(groups: Mapping[str, _Group]) -> dict[str, tuple[str, ...]]:
    """Return the groups of each host, with those that hold its groups."""
    found: dict[str, list[str]] = {}
    for name in groups:
        if name in _OF_ALL:
            continue
        for host in _below(groups, name):
            found.setdefault(host, []).append(name)
    return {host: tuple(own) for host, own in found.items()}


def _below(groups: Mapping[str, _Group], name: str) -> Iterator[str]:
    """Yield the hosts of a group and of the groups in it; a loop of groups ends."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in seen or each not in groups:
            continue
        seen.add(each)
        yield from groups[each].hosts
        waiting += groups[each].children


def _host(alias: str, variables: Mapping[str, Any], groups: tuple[str, ...]) -> FoundHost:
    told = variables.get(_HOST)
    at = told.strip() if isinstance(told, str) else ""
    notes = list(_unread(variables))
    name, address = alias, at or None
    others: tuple[str, ...] = ()
    if not is_full_name(alias) and is_full_name(at):
        # What Ansible calls a host is its own matter; VMM knows it by its full name.
        name, address, others = at, None, (alias,)
    elif at.casefold() == alias.casefold():
        address = None
    if not is_full_name(name) and not is_address(name):
        notes.append("no fully qualified name: correct it, VMM knows hosts by theirs")
    settings, more = _settings(variables)
    return FoundHost(
        name=name,
        address=address,
        others=others,
        groups=unique(each for each in map(name_from, groups) if each),
        notes=(*notes, *more),
        unfit=_unfit(variables),
        may_matter=False,
        reaching=Reaching(_named(settings), settings) if settings else None,
    )


def _unread(variables: Mapping[str, Any]) -> Iterator[str]:
    for name, value in variables.items():
        plain = isinstance(value, (str, int, bool)) or value is None
        if not plain and name not in _TRANSPORTS:
            yield f"{name} is no plain text, so it was not read"


def _unfit(variables: Mapping[str, Any]) -> str:
    given = variables.get(_CONNECTION)
    way = str(given).rpartition(".")[2] if isinstance(given, str) else ""
    if way in _BY_WINRM:
        return ""
    if way:
        return f"Ansible reaches it by {one_line(way, 40)}, and not by WinRM"
    if variables.keys() & {*_SCHEMES, *_TRANSPORTS, "ansible_winrm_port", "ansible_psrp_port"}:
        return ""
    if _port(variables) in {HTTP_PORT, HTTPS_PORT}:
        return ""
    return "Ansible does not say that it reaches it by WinRM. Set ansible_connection: winrm there"


def _port(variables: Mapping[str, Any]) -> int | None:
    for name in _PORTS:
        text = str(variables.get(name, "")).strip()
        if text.isascii() and text.isdecimal() and len(text) <= 5:
            number = int(text)
            if 0 < number <= _HIGHEST_PORT:
                return number
    return None


def _settings(variables: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Return what a connection is set to by Ansible's variables, and what is to be told of it."""
    found: dict[str, str | int | bool] = {}
    notes = []
    port = _port(variables)
    schemes = [each for name in _SCHEMES if isinstance(each := variables.get(name), str)]
    scheme = schemes[0].strip().casefold() if schemes else ""
    if scheme in {"http", "https"}:
        found["https"] = scheme == "https"
    elif port is not None:
        # As Ansible has it: HTTP on its own port alone.
        found["https"] = port != HTTP_PORT
    if port is not None:
        found["port"] = port
    for name in _TRANSPORTS:
        given = variables.get(name)
        first = given[0] if isinstance(given, list) and given else given
        if not isinstance(first, str):
            continue
        way = first.strip().casefold()
        if way in _SAME:
            found["transport"] = way
        else:
            notes.append(f"{name} {one_line(way, 40)} was not taken over")
        break
    return tuple(found.items()), tuple(notes)


def _named(settings: Settings) -> str:
    """Return the name of the group of hosts that are reached so."""
    own = dict(settings)
    parts = ["ansible"]
    if "https" in own:
        parts.append("https" if own["https"] else "http")
    parts += [str(own[each]) for each in ("port", "transport") if each in own]
    return "-".join(parts)
