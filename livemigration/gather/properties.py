"""Which optional properties a host's classes lack: found out by asking, remembered for the run.

WMI refuses a query that names a property which the class lacks, and does not say which one
(windows-facts-2.md 12.1). So the first query names all; only where it is refused is it found out
what is missing, and every other host of the same operating-system build is then asked for what
there is. What a patch brings is found out about host by host, and left out first.

Requests for one class with k optional properties, of N hosts of one build, W of them at once: N
where nothing is absent, else N + W + k at most. Each host has its answer; those that asked before
anything was known, W at most, were refused once; and one of them asked k times more. A host alone
takes k + 2 at most: where it has none of the k, or its query is refused for another reason. So does
each host that differs from the others of its build, or that waits in vain for one of them. With p
properties among them that a patch brings, each host takes 1 more, and p more where p > 1 or where
it is the one that finds out.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import MethodArgument, MethodOutput, WmiMethod
from livemigration.gather.session import Session
from livemigration.wsman.errors import WsmanError, WsmanFault

# How WMI refuses a query that names an unknown property by WS-Management is not documented: as a
# filter that cannot be processed, as it does for an unknown class, or with WMI's own code for an
# invalid query, outermost or nested (windows-facts-2.md section 17).
_CANNOT_PROCESS_FILTER = 0x8033801A
INVALID_QUERY = frozenset({_CANNOT_PROCESS_FILTER, 0x80041017})
# These say that it is the class or the namespace that is not there.
_NO_CLASS = frozenset({0x8004100E, 0x80041010})
# How long a host waits for another one to find out, before it does so itself.
_PATIENCE_SECONDS = 5.0
_SET = threading.Event()
_SET.set()


def says_invalid_query(error: WsmanError) -> bool:
    """Whether a refusal may be about a property that the query names."""
    if not isinstance(error, WsmanFault) or error.kind is FailureKind.ACCESS_DENIED:
        return False
    found = {error.code, *error.provider_codes}
    if found & _NO_CLASS:
        return False
    return bool(found & INVALID_QUERY) or error.subcode == "CannotProcessFilter"


@dataclass(frozen=True)
class _Key:
    """What is remembered apart: a class as a query asks for it, on hosts of one build."""

    build: int
    namespace: str
    name: str
    optional: tuple[str, ...]


class AbsentProperties:
    """The memory of one run, for all its threads; also of filters that hosts of a build refuse."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: set[tuple[int, str]] = set()
        self._absent: dict[_Key, frozenset[str]] = {}
        self._asking: dict[_Key, threading.Event] = {}

    def known(self, key: _Key) -> frozenset[str] | None:
        """Return what is absent; None: that is not known yet."""
        with self._lock:
            return self._absent.get(key)

    def remember(self, key: _Key, absent: frozenset[str]) -> None:
        """Keep what is absent; what was found first stays."""
        with self._lock:
            self._absent.setdefault(key, absent)

    def refuses(self, build: int | None, class_name: str) -> bool:
        """Whether a host of a build refused to be asked for some rows of a class."""
        with self._lock:
            return build is not None and (build, class_name) in self._refused

    def refuse(self, build: int | None, class_name: str) -> None:
        """Keep that a host refused to be asked for some rows of a class; None: nobody shares it."""
        if build is not None:
            with self._lock:
                self._refused.add((build, class_name))

    def begin(self, key: _Key) -> threading.Event | None:
        """Begin to find out. Return what another thread sets at its end, where one did so first."""
        with self._lock:
            if key in self._absent:
                return _SET
            if key in self._asking:
                return self._asking[key]
            self._asking[key] = threading.Event()
            return None

    def end(self, key: _Key) -> None:
        """Say that finding out has ended, whether or not anything was found."""
        with self._lock:
            self._asking.pop(key).set()


class PropertyReader:
    """A host's session that asks for no property which the host lacks.

    Args:
        session: to the host.
        run: what hosts of the same run found out.
        own: what this host found out, which says nothing of another.
        build: the host's operating-system build; None: not known, so nothing is shared.
        deadline: when everything must be done.
    """

    def __init__(
        self,
        session: Session,
        run: AbsentProperties,
        own: AbsentProperties,
        build: int | None,
        deadline: Deadline,
    ) -> None:
        self._session = session
        self._run = run
        self._own = own
        self._build = build
        self._deadline = deadline

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> MethodOutput:
        """Call a method of a class, or of the instance that the selectors name."""
        return self._session.call(method, selectors, arguments)

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        """Return every instance that a query finds, without the properties that the host lacks.

        Raises:
            WsmanError: what kept the host from answering. Where the query is refused without its
                optional properties as well, it is the first refusal.
        """
        optional = query.wmi_class.optional
        if not optional:
            return self._session.enumerate(query)
        by_patch = frozenset(each.name for each in optional if each.by_patch)
        if by_patch and len(by_patch) < len(optional):
            return self._of_both(query, by_patch)
        memory = self._own if by_patch else self._of_build
        return self._ask(query, memory, frozenset())[1]

    @property
    def _of_build(self) -> AbsentProperties:
        """What is remembered of a build; a host of which it is not known remembers for itself."""
        return self._own if self._build is None else self._run

    def _of_both(self, query: WmiQuery, by_patch: frozenset[str]) -> Sequence[WmiRow]:
        """Return the rows of a class of which a build lacks properties, and a patch brings some."""
        whole, of_build = self._key(query, frozenset()), self._key(query, by_patch)
        known = self._own.known(whole)
        if known is None:
            known = self._of_build.known(of_build) or frozenset()
        first = query.without(known)
        rows: Sequence[WmiRow]
        try:
            rows = self._session.enumerate(first)
        except WsmanFault as refusal:
            if not says_invalid_query(refusal):
                raise
        else:
            self._own.remember(whole, first.absent)
            self._of_build.remember(of_build, first.absent - by_patch)
            return rows
        asked, rows = self._ask(query, self._of_build, by_patch)
        # Where one property alone made the difference, it is that one.
        if first.absent != asked.absent - by_patch or len(by_patch) > 1:
            for name in sorted(by_patch):
                more = asked.without(asked.absent - {name})
                try:
                    rows = self._session.enumerate(more)
                except WsmanFault as error:
                    if not says_invalid_query(error):
                        raise
                else:
                    asked = more
        self._own.remember(whole, asked.absent)
        return rows

    def _key(self, query: WmiQuery, besides: frozenset[str]) -> _Key:
        return _Key(
            self._build or 0,
            query.wmi_class.namespace.casefold(),
            query.wmi_class.name.casefold(),
            tuple(each.name for each in query.wmi_class.optional if each.name not in besides),
        )

    def _ask(
        self, query: WmiQuery, memory: AbsentProperties, besides: frozenset[str]
    ) -> tuple[WmiQuery, Sequence[WmiRow]]:
        """Return what was asked and answered; the properties of `besides` are not asked for."""
        key = self._key(query, besides)
        asked = query.without(besides | (memory.known(key) or frozenset()))
        try:
            rows = self._session.enumerate(asked)
        except WsmanFault as refusal:
            if not says_invalid_query(refusal):
                raise
            return self._after(refusal, asked, memory, besides)
        memory.remember(key, asked.absent - besides)
        return asked, rows

    def _after(
        self,
        refusal: WsmanFault,
        asked: WmiQuery,
        memory: AbsentProperties,
        besides: frozenset[str],
    ) -> tuple[WmiQuery, Sequence[WmiRow]]:
        key = self._key(asked, besides)
        other = memory.begin(key)
        if other is None:
            try:
                return self._find_out(refusal, asked, memory, besides)
            finally:
                memory.end(key)
        other.wait(min(_PATIENCE_SECONDS, self._deadline.remaining / 2))
        known = memory.known(key)
        if known is not None and known | besides != asked.absent:
            asked = asked.without(known | besides)
            try:
                return asked, self._session.enumerate(asked)
            except WsmanFault as error:
                if not says_invalid_query(error):
                    raise
        # This host differs from the others of its build, or the one that asks is too slow.
        return self._find_out(refusal, asked, memory, besides)

    def _find_out(
        self,
        refusal: WsmanFault,
        refused: WmiQuery,
        memory: AbsentProperties,
        besides: frozenset[str],
    ) -> tuple[WmiQuery, Sequence[WmiRow]]:
        """Return the rows with every property that the host has, and remember which it lacks."""
        key = self._key(refused, besides)
        absent = frozenset(key.optional)
        rows: Sequence[WmiRow] | None = None
        # A refusal costs the host little, rows may cost it much: what is answered is kept.
        for name in key.optional:
            query = refused.without(besides | absent - {name})
            if query == refused:
                continue
            try:
                rows = self._session.enumerate(query)
            except WsmanFault as error:
                if not says_invalid_query(error):
                    raise
            else:
                absent = query.absent - besides
        found = refused.without(besides | absent)
        if rows is None:
            try:
                rows = self._session.enumerate(found)
            except WsmanFault as error:
                raise (refusal if says_invalid_query(error) else error) from None
        memory.remember(key, absent)
        return found, rows
