"""What a source has, held against what an inventory has: no host of either is lost on the way."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from livemigration.base.errors import UsageError
from livemigration.base.text import one_line
from livemigration.discovery.additions import Additions, NewHost
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found, FoundHost, Reaching
from livemigration.facts.cluster_nodes import NETBIOS_LENGTH
from livemigration.facts.identity import Listed
from livemigration.inventory.connection import Connection
from livemigration.inventory.file import Host, VmmServer
from livemigration.inventory.inventory import matches
from livemigration.inventory.names import is_full_name, machine_name
from livemigration.inventory.one_machine import Census
from livemigration.inventory.own_connection import merged

NOT_WANTED = "it does not match --limit"


@dataclass(frozen=True)
class LeftOut:
    """A host of the source that the inventory lacks; `may_matter`: it may be one that should be."""

    name: str
    why: str
    may_matter: bool = True


@dataclass(frozen=True)
class Known:
    """A host that the inventory had; `groups` are those of the source in which it has it not."""

    name: str
    found: FoundHost
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gone:
    """A host of the inventory that the source does not list; `entry` is how it stands there."""

    name: str
    entry: str


@dataclass(frozen=True)
class Compared:
    """What an inventory lacks, what it has, and what the source lacks."""

    additions: Additions
    new: tuple[FoundHost, ...]
    known: tuple[Known, ...]
    gone: tuple[Gone, ...]
    left_out: tuple[LeftOut, ...]


def compared(found: Found, own: Existing, vmm: str = "", patterns: Sequence[str] = ()) -> Compared:
    """Return what of a source is new to an inventory, and what becomes of everything else.

    Args:
        found: what the source has.
        own: the inventory.
        vmm: the VMM server that manages the new hosts, where the source does not say.
        patterns: which hosts are added, as of `--limit`; none: all.

    Raises:
        UsageError: it is not known which VMM server manages the new hosts, or the inventory has
            a group that stands for something else.
    """
    matching = _Matching(found, own, patterns)
    # Full names first: one beside the short name of the same machine is the better of the two.
    for each in sorted(found.hosts, key=lambda each: not is_full_name(each.name)):
        matching.take(each)
    server, named = managing(own, found.server or vmm, needed=bool(matching.new))
    if server is not None and found.server:
        server = server.model_copy(update={"address": found.at})
    additions = _additions(matching, server, named)
    return Compared(
        additions,
        tuple(host for host, _ in matching.new),
        tuple(matching.known),
        tuple(_gone(found, own, matching.seen)),
        tuple(matching.left_out),
    )


def _additions(matching: _Matching, server: VmmServer | None, named: str | None) -> Additions:
    """Return what an inventory gets: `server` for itself, and `named` for each of its new hosts."""
    groups = tuple(dict.fromkeys(each for _, each in matching.new if each is not None))
    return Additions(
        hosts=tuple(
            NewHost(
                host.name,
                host.address,
                (*host.groups, *((reaching.group,) if reaching is not None else ())),
                named,
            )
            for host, reaching in matching.new
        ),
        groups=tuple(_lacking(groups, matching.own)),
        vmm=server,
    )


@dataclass
class _Matching:
    """The hosts of a source, one after the other, among those of an inventory and each other."""

    source: Found
    own: Existing
    patterns: Sequence[str]
    new: list[tuple[FoundHost, Reaching | None]] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._census = Census()
        self._cut: dict[str, int] = {}
        self._spelling: dict[str, str] = {each.casefold(): each for each in self.own.file.groups}
        for place, host in enumerate(self.own.listing.hosts):
            self._census.count(host)
            self._cut.setdefault(_cut_short(host.name), place)
            for each in host.groups:
                self._spelling.setdefault(each.casefold(), each)
        self._had = len(self.own.listing.hosts)

    def take(self, host: FoundHost) -> None:
        """Find out what becomes of one host."""
        try:
            listed = self._listed(host)
        except ValueError as error:
            self._leave(host, host.unfit or one_line(error))
            return
        place = self._place(listed, host)
        if place is not None and place[0] < self._had:
            self._is_known(place[0], host)
        elif host.unfit:
            self._leave(host, host.unfit)
        elif place is not None:
            self._twice(host, self.new[place[0] - self._had][0].name, place[1])
        elif not self._wanted(host):
            self._leave(host, NOT_WANTED, may_matter=False)
        else:
            self._census.count(listed)
            self.new.append((self._spelt(host), self._reaching(host)))

    def _listed(self, host: FoundHost) -> Listed:
        address = machine_name(host.address) if host.address is not None else None
        return Listed(machine_name(host.name), address)

    def _place(self, listed: Listed, host: FoundHost) -> tuple[int, str] | None:
        # The first label of its name says nothing more: hosts of two domains may share it.
        label = host.name.partition(".")[0].casefold()
        others = (name for name in host.others if name.casefold() != label)
        for each in (listed, *map(Listed, others)):
            if (found := self._census.among(each)) is not None:
                return found
        if host.cut and (place := self._cut.get(_cut_short(host.name))) is not None:
            return place, f"both are {host.name} in {NETBIOS_LENGTH} letters"
        return None

    def _is_known(self, place: int, host: FoundHost) -> None:
        own = self.own.listing.hosts[place]
        if place in self.seen:
            self._twice(host, self.seen[place], f"both are {own.name} in the inventory")
            return
        self.seen[place] = host.name
        has = {each.casefold() for each in own.groups}
        lacking = tuple(each for each in host.groups if each.casefold() not in has)
        manager = _manager(self.own, place, self.source)
        if self.source.server and manager.casefold() != self.source.server.casefold():
            told = f"the inventory has it under the VMM server {manager}"
            host = replace(host, notes=(*host.notes, told))
        self.known.append(Known(own.name, host, lacking))

    def _twice(self, host: FoundHost, first: str, why: str) -> None:
        # Of one name, nothing is lost with it: it is that machine.
        same = host.name.casefold() == first.casefold()
        told = f"the same machine as {first}, because {why}"
        self._leave(host, told, may_matter=False if same else None)

    def _leave(self, host: FoundHost, why: str, *, may_matter: bool | None = None) -> None:
        matters = host.may_matter if may_matter is None else may_matter
        self.left_out.append(LeftOut(host.name, why, matters))

    def _wanted(self, host: FoundHost) -> bool:
        if not self.patterns:
            return True
        as_host = Host.model_construct(name=host.name, address=host.address, groups=host.groups)
        return any(matches(as_host, each) for each in self.patterns)

    def _spelt(self, host: FoundHost) -> FoundHost:
        """Return a host with its groups as the inventory spells them."""
        groups = tuple(self._spelling.setdefault(e.casefold(), e) for e in host.groups)
        return replace(host, groups=groups)

    def _reaching(self, host: FoundHost) -> Reaching | None:
        """Return how a host is reached, where that is otherwise than the inventory's own way."""
        reaching = host.reaching
        if reaching is None or self.source.strict:
            return reaching
        site = self.own.file.connection
        try:
            own = Connection.model_validate(merged(site, dict(reaching.settings)))
        except ValidationError:
            # What does not go together is said when the whole inventory is read.
            return reaching
        return None if own == site else reaching


def _cut_short(name: str) -> str:
    label, dot, domain = name.casefold().partition(".")
    return f"{label[:NETBIOS_LENGTH]}{dot}{domain}"


def _gone(found: Found, own: Existing, seen: Container[int]) -> Iterator[Gone]:
    written = own.file.hosts or ()
    for place, host in enumerate(own.listing.hosts):
        if place in seen or not found.scope.covers(host, _manager(own, place, found)):
            continue
        entry = own.listing.entries[place]
        yield Gone(host.name, written[entry].name if entry < len(written) else host.name)


def _manager(own: Existing, place: int, found: Found) -> str:
    """Return the VMM server of a host: the source, where the inventory has one server or none."""
    return own.listing.hosts[place].vmm or found.server


def managing(own: Existing, name: str, *, needed: bool) -> tuple[VmmServer | None, str | None]:
    """Return the VMM server that the inventory gets, and the one that each new host names.

    Args:
        own: the inventory.
        name: the server that manages new hosts; empty: nobody says.
        needed: whether there are new hosts.

    Raises:
        UsageError: the inventory has another server, or none and nobody says which.
    """
    servers = own.file.vmms
    if not servers:
        if name:
            return VmmServer(name=name), None
        if not needed:
            return None, None
        raise UsageError(
            f"{own.label} names no VMM server, and every host has one. Say which manages these: "
            "--vmm SERVER"
        )
    if not name:
        if len(servers) == 1 or not needed:
            return None, None
        names = ", ".join(each.name for each in servers)
        raise UsageError(
            f"{own.label} has several VMM servers. Say which of them manages the new hosts: --vmm "
            f"with one of {names}"
        )
    known = own.server(name)
    if known is None:
        names = ", ".join(each.name for each in servers)
        raise UsageError(
            f"{own.label} is of the VMM server {names}, and not of {name}. Name another file; or "
            "make vmm: a list there, and give each host its vmm:."
        )
    return None, known.name if len(servers) > 1 else None


def _lacking(groups: Iterable[Reaching], own: Existing) -> Iterator[Reaching]:
    """Yield the groups of connections that the inventory has not.

    Raises:
        UsageError: it has one of that name, which is reached in another way.
    """
    for each in groups:
        had = own.file.groups.get(each.group)
        if had is None:
            yield each
            continue
        set_there = had.connection.said
        wanted = dict(each.settings)
        if any(set_there.get(name) != value for name, value in wanted.items()):
            told = ", ".join(f"{name}: {str(value).lower()}" for name, value in wanted.items())
            raise UsageError(
                f"{own.label}: groups.{each.group}: its hosts must be reached by {told}. Write "
                "that in its connection, or give this group another name."
            )
