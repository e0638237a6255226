"""Finds codes: in one argument that is nothing but a code, or in a text that somebody pasted.

In a text only what is marked counts: a result code by its form, a small number by the word before
it, an event by its place in what a log prints. So dates, addresses, versions, ports, record
numbers, process ids and GUIDs are not taken for codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from livemigration.explain import words
from livemigration.explain.catalogue import general, lookup, named, phrased
from livemigration.explain.entry import Kind, is_failure_code, unsigned
from livemigration.explain.found import Found, method_code, numbered, windows_code
from livemigration.explain.marked import events
from livemigration.explain.normal import folded, plain

SMALL = (Kind.WIN32, Kind.VMM, Kind.EVENT, Kind.METHOD, Kind.ARTICLE)

_HEX = re.compile(r"(?:[0o]x|&h)([0-9a-fo]{1,8})l?", re.IGNORECASE)
_BARE_HEX = re.compile(r"([8c][0-9a-f]{7})h?", re.IGNORECASE)
_DECIMAL = re.compile(r"-?[0-9]{1,10}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[.,' ][0-9]{3}){1,3}")


def alone(text: str) -> Found | None:
    """Return the code that a whole argument is, or None where it is something else."""
    given = plain(text).strip().strip("\"'()[].,;:").removeprefix("%%")
    if match := _HEX.fullmatch(given):
        return _hexadecimal_number(given, match[1])
    if match := _BARE_HEX.fullmatch(given):
        return windows_code(given, int(match[1], 16))
    if _DECIMAL.fullmatch(given):
        return _decimal(given)
    if _GROUPED.fullmatch(given):
        found = _decimal(re.sub(r"[.,' ]", "", given))
        return found if found is not None and found.entries else None
    entry = named(given)
    return Found(given, entry.number, (entry.kind,), (entry,)) if entry is not None else None


def _decimal(given: str) -> Found | None:
    number = unsigned(int(given))
    if not 0 <= number < 1 << 32:
        return None
    if number >= 1 << 31:
        return windows_code(given, number)
    return numbered(given, number, SMALL)


def _hexadecimal_number(spelling: str, digits: str) -> Found:
    number = int(digits.casefold().replace("o", "0"), 16)
    return method_code(spelling, number) or windows_code(spelling, number)


_START = r"(?<![0-9A-Za-z_])(?<![0-9]\.)"
# Each part is bounded, so that no text however odd takes long.
_GAP = (
    rf"(?:[\s\-_/.:]{{0,3}}(?:{'|'.join(words.LABEL)}))?"
    r"\s{0,30}[:=#]?[ \t]{0,40}\s{0,2}[\(\[\"']{0,2}"
)
_NUMBER = r"([0-9]{1,5}|[0-9]{1,2}[.,'][0-9]{3})"


def _marked(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?:{'|'.join(marks)})([^\W\d_]{{0,3}}){_GAP}{_NUMBER}{words.END}", re.IGNORECASE
    )


_SMALLEST_ACROSS_LINES = 1_000
_FULL_LINE = 60


def _number(match: re.Match[str]) -> int | None:
    """Return the number behind a mark; None where it is a count, or a small one in another line."""
    digits = match[match.lastindex or 0]
    number = int(re.sub(r"[.,']", "", digits))
    if "\n" in match.group() and (number < _SMALLEST_ACROSS_LINES or not _is_wrapped(match)):
        return None
    return None if not digits.isdecimal() and not lookup(number, SMALL) else number


def _is_wrapped(match: re.Match[str]) -> bool:
    """Whether a line was broken because it was full, or the number stands in parentheses."""
    before = match.string.rfind("\n", 0, match.start()) + 1
    return "(" in match.group() or match.string.index("\n", match.start()) - before > _FULL_LINE


def _result(match: re.Match[str]) -> Found | None:
    number = unsigned(int(match[1]))
    return windows_code(match[1], number) if is_failure_code(number) else None


def _grouped(match: re.Match[str]) -> Found | None:
    parts = re.findall(r"[0-9]{1,3}", match[1])
    if "." in match[1] and all(int(part) < 256 and part[0] != "0" for part in parts):
        # An address.
        return None
    number = unsigned(int("-" * match[1].startswith("-") + "".join(parts)))
    found = windows_code(match[1], number) if is_failure_code(number) else None
    return found if found is not None and found.entries else None


_ERROR_BEFORE = re.compile(
    rf"(?:{'|'.join(words.ERROR)}|code|hresult|\bhr|status|result|failed|\()\W{{0,4}}\w{{0,12}}\W{{0,4}}$",
    re.IGNORECASE,
)


def _after_error(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 32) : match.start()]
    return _ERROR_BEFORE.search(before) is not None


_SMALL_HEX = 0x400
# Numbers of their own, which are told by their names.
_KERBEROS = re.compile(r"[ \t]{0,8}[(:,-]?[ \t]{0,2}(?:KDC|KRB)_", re.IGNORECASE)
_LARGEST_WIN32 = 0xFFFF


def _hexadecimal(match: re.Match[str]) -> Found | None:
    digits = match[1]
    found = _hexadecimal_number(match.group(), digits)
    number = found.number or 0
    if not number or _KERBEROS.match(match.string, match.end()):
        return None
    if len(digits) == 8 and (number <= _LARGEST_WIN32 or number >= 1 << 31):
        return found
    # Sizes, masks and pointers are written like codes.
    plainly = bool(found.entries) and number >= _SMALL_HEX
    return found if plainly or _after_error(match) else None


def _bare(match: re.Match[str]) -> Found | None:
    found = windows_code(match[1], int(match[1], 16))
    if match[1].isdecimal():
        # A number of eight digits is a code only in a line that speaks of one.
        line = match.string[max(0, match.start() - 160) : match.end() + 1].rsplit("\n", 1)[-1]
        return found if found.entries and _LINE_OF_AN_ERROR.search(line) else None
    return found if found.entries or _after_error(match) else None


_LINE_OF_AN_ERROR = re.compile(
    rf"{'|'.join(words.ERROR)}|\bcodes?\b|hresult|hr\b|status|failed|loghr", re.IGNORECASE
)
_WARNING = re.compile(rf"(?:{'|'.join(words.WARNING)})$", re.IGNORECASE)
_VMM_FORM = re.compile(r"\(\s?[0-9]|\bID\W{1,45}[0-9]", re.IGNORECASE)
_HTTP = re.compile(r"http\W{0,3}(?:status|response)?\W{0,3}$", re.IGNORECASE)


def _error(match: re.Match[str]) -> Found | None:
    number = _number(match)
    if number is None or _HTTP.search(match.string[max(0, match.start() - 20) : match.start()]):
        return None
    if _is_count(match, number):
        return None
    # The return values below 4096 are those of another form, and are never called errors.
    kinds = (Kind.WIN32, Kind.VMM) if number < 4096 else (Kind.WIN32, Kind.VMM, Kind.METHOD)
    found = numbered(match.group(), number, kinds)
    if not found.entries and _VMM_FORM.search(match.group()):
        return numbered(match.group(), number, (Kind.VMM,))
    return found


_COUNTED = re.compile(r"errors|fehlern|erreurs|errori|errores|erros|fouten", re.IGNORECASE)


def _is_count(match: re.Match[str], number: int) -> bool:
    """Whether a number is how many errors there are: "Errors: 5"."""
    if number >= _SMALLEST_ACROSS_LINES or not _COUNTED.match(match.group()):
        return False
    return not re.search(r"code", match.group(), re.IGNORECASE)


def _warning(match: re.Match[str]) -> Found | None:
    before = match.string[max(0, match.start() - 24) : match.start()].rsplit("\n", 1)[-1]
    if (word := _WARNING.search(before)) is None:
        return None
    return numbered(word.group() + match.group(), int(match[1]), (Kind.VMM,))


def _known(*kinds: Kind) -> Callable[[re.Match[str]], Found | None]:
    """Return what reads a number that counts only where the catalogue has it."""

    def read(match: re.Match[str]) -> Found | None:
        # "VMM 2012" and "VMM 2022" are releases.
        found = numbered(match.group().strip(), int(match[match.lastindex or 0]), kinds)
        return found if found.entries else None

    return read


_VMM = re.compile(r"\b(?:SC)?VMM\b|Virtual Machine Manager")


def _in_a_job(match: re.Match[str]) -> Found | None:
    return _known(Kind.VMM)(match) if _VMM.search(match.string) else None


def _of_vmm(match: re.Match[str]) -> Found:
    return numbered(match.group(), int(match[1]), (Kind.VMM,))


def _returned(match: re.Match[str]) -> Found | None:
    number = _number(match)
    return numbered(match.group(), number, (Kind.METHOD,)) if number else None


def _symbol(match: re.Match[str]) -> Found | None:
    entry = named(match.group())
    return Found(match.group(), entry.number, (entry.kind,), (entry,)) if entry else None


_GRAVE = "|".join((*words.ERROR, *words.WARNING))
_TAIL = r"(?![0-9A-Za-z_]|[.,:/\-][0-9])"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Found | None]], ...] = (
    (
        re.compile(
            rf"{_START}(?:[0o]x|&h)([0-9a-fo]{{1,8}})(?:ul?|l)?(?![0-9A-Za-z_])", re.IGNORECASE
        ),
        _hexadecimal,
    ),
    (re.compile(rf"(?<![0-9A-Za-z_./\-])(-[0-9]{{9,10}}){_TAIL}"), _result),
    (re.compile(rf"(?<![0-9A-Za-z_./\-+,])([0-9]{{10}}){_TAIL}"), _result),
    (
        re.compile(rf"(?<![0-9A-Za-z_.,/\-])(-?[1-4](?:[.,' ][0-9]{{3}}){{3}}){_TAIL}"),
        _grouped,
    ),
    (
        re.compile(
            rf"(?<![0-9A-Za-z_./\-#{{@]){_BARE_HEX.pattern}(?![0-9A-Za-z_]|[./:\-][0-9A-Za-z])",
            re.IGNORECASE,
        ),
        _bare,
    ),
    (re.compile(r"%%([0-9]{5})(?![0-9])"), _known(Kind.WIN32)),
    (_marked(words.ERROR), _error),
    (
        re.compile(r"[ ]{0,2}\(([0-9]{2,5})\)"),
        _warning,
    ),
    # The head of a message in a VMM job, in any language: a word, and a number in parentheses.
    (
        re.compile(
            r"^[ \t>*]{0,12}[^\sa-z\d()][^\s\d()./\\]{0,24}(?: [^\s\d()]{1,24})? "
            r"\(([0-9]{3,5})\)[ \t\r:]{0,4}$",
            re.MULTILINE,
        ),
        _in_a_job,
    ),
    (
        re.compile(r"(?<![\w.\\/])(?:HM|Host|Agent|VM)[A-Z][A-Za-z]{3,60} \(([0-9]{3,5})\)"),
        _known(Kind.VMM),
    ),
    # VMM's traces print the name and the number of what a task ended with.
    (
        re.compile(
            r"(?:Carmine error was:|Task failed error)[ ]{1,3}[A-Z][A-Za-z]{2,60} \(([0-9]{3,5})\)"
        ),
        _of_vmm,
    ),
    (
        re.compile(
            rf"(?<![A-Za-z])(?:SC)?VMM[\s:#(\-]{{1,3}}([0-9]{{1,5}}){words.END}", re.IGNORECASE
        ),
        _known(Kind.VMM),
    ),
    (
        re.compile(
            rf"(?<![\w\-])ID[ ]{{0,2}}[:=#]?[ ]{{0,12}}([0-9]{{5}}){words.END}", re.IGNORECASE
        ),
        _known(Kind.EVENT, Kind.VMM),
    ),
    # A row of a table whose header was not pasted: a time, then the number.
    (
        re.compile(r"[0-9]{2}:[0-9]{2}(?: [AP]M)?[ \t]{1,40}([0-9]{5})(?=[ \t]{1,40}[^\W\d_])"),
        _known(Kind.EVENT),
    ),
    # A row that begins with the number, and says how grave it is.
    (
        re.compile(
            rf"^[ \t|]{{0,20}}([0-9]{{5}})(?=[ \t|,;]{{1,40}}(?:critical|{_GRAVE})\b)",
            re.IGNORECASE | re.MULTILINE,
        ),
        _known(Kind.EVENT),
    ),
    (
        re.compile(
            rf"\bstatus(?: code)?[ ]{{0,2}}[:=]?[ ]{{0,3}}\(?([0-9]{{4,5}}){words.END}",
            re.IGNORECASE,
        ),
        _known(Kind.WIN32),
    ),
    (
        re.compile(
            r"(?<![0-9A-Za-z_])KB(?![A-Za-z])[^\d\n<>]{0,24}([0-9]{6,7})(?![0-9])", re.IGNORECASE
        ),
        _known(Kind.ARTICLE),
    ),
    (_marked(words.RETURNED), _returned),
    (re.compile(r"(?<![0-9A-Za-z_])[A-Z][A-Z0-9_]{7,60}(?![0-9A-Za-z_])"), _symbol),
)


def inside(text: str) -> tuple[Found, ...]:
    """Return the codes in a text, in their order, each once."""
    placed = sorted(_places(plain(text)), key=lambda each: each[0])
    by_identity: dict[tuple[object, ...], Found] = {}
    for _, found in placed:
        by_identity.setdefault(found.identity, found)
    return tuple(by_identity.values())


def _places(text: str) -> Iterator[tuple[int, Found]]:
    logged = list(events(text))
    numbers = {end for _, end, _ in logged}
    yield from ((place, found) for place, _, found in logged)
    told = bool(logged)
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            code = None if match.end() in numbers else read(match)
            if code is not None:
                numbers.add(match.end())
                told = told or bool(code.entries)
                yield match.start(), code
    small = folded(text)
    for place, entry in phrased(small):
        told = True
        yield place, Found.of(entry)
    if not told:
        yield from ((place, Found.of(entry)) for place, entry in general(small))
