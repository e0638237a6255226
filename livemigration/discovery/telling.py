"""What is said of an inventory that was brought up to date: everything that a person must know."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import capitalized, counted, one_line, some
from livemigration.discovery.comparing import NOT_WANTED, Known, LeftOut
from livemigration.discovery.updating import Update

SIMULATED = "It is simulated (livemigration lab): these hosts are no machines of yours."


def lines_of(update: Update, *, written: bool) -> list[str]:
    """Return what is said, line by line; `written`: the file was written, and not only tried."""
    return [*_of_hosts(update), *notes_of(update), *_ending(update, written=written)]


def notes_of(update: Update) -> list[str]:
    """Return what is to be known of hosts, of groups, and of hosts that were left out."""
    return [
        *_left_out(update.compared.left_out),
        *_states(update),
        *_groups(update.compared.known),
        *(f"{capitalized(each)}." for each in map(_ended, update.found.notes)),
        *([SIMULATED] if update.found.simulated else []),
    ]


def _ended(text: str) -> str:
    return text.removesuffix(".")


def _of_hosts(update: Update) -> Iterator[str]:
    found, done = update.found, update.compared
    yield f"{found.title} lists {counted(len(found.hosts), 'host')}."
    if done.new:
        yield f"New: {len(done.new)}"
        for each in done.new:
            groups = f" ({', '.join(each.groups)})" if each.groups else ""
            yield f"  {each.name}{groups}"
    if done.known:
        yield f"In the inventory already: {len(done.known)}"
    for known in done.known:
        if known.found.name.casefold() != known.name.casefold():
            yield f"  {known.name}, which is {one_line(known.found.name, 80)} there"
    if done.gone:
        yield (
            f"Not listed there (any more): {len(done.gone)}. They stay in the inventory: remove by "
            "hand those that are gone."
        )
        for gone in done.gone:
            within = f" (in {gone.entry})" if gone.entry != gone.name else ""
            yield f"  {gone.name}{within}"


def _left_out(left_out: tuple[LeftOut, ...]) -> Iterator[str]:
    told = [each for each in left_out if each.why != NOT_WANTED]
    others = [each.name for each in left_out if each.why == NOT_WANTED]
    if told:
        yield f"Left out: {len(told)}"
        for each in told:
            yield f"  {one_line(each.name, 80) or '(no name)'}: {one_line(_ended(each.why), 400)}"
    if others:
        yield f"Not asked for by --limit: {some(others)}"


def _states(update: Update) -> Iterator[str]:
    done = update.compared
    told = [(each.name, each.notes) for each in done.new]
    for known in done.known:
        unfit = (known.found.unfit,) if known.found.unfit else ()
        told.append((known.name, (*unfit, *known.found.notes)))
    noted = [(name, notes) for name, notes in told if notes]
    if noted:
        yield f"To be known: {len(noted)}"
        for name, notes in noted:
            yield f"  {name}: {'; '.join(map(_ended, notes))}"


def _groups(known: tuple[Known, ...]) -> Iterator[str]:
    lacking: dict[str, list[str]] = {}
    for each in known:
        for group in each.groups:
            lacking.setdefault(group, []).append(each.name)
    if lacking:
        yield "Groups there that the inventory does not give them; add what you go by:"
        for group, names in lacking.items():
            yield f"  {group}: {some(names)}"


def _ending(update: Update, *, written: bool) -> Iterator[str]:
    own = update.own
    if update.empty:
        yield f"There is no host to write down: {own.label} was not written."
    elif not update.changes:
        yield f"Nothing is new: {own.label} was left as it is."
    elif written:
        yield f"Wrote {own.label}. Review it, then: livemigration doctor --inventory {own.label}"
    else:
        yield f"Nothing was written: {own.label} would change."
