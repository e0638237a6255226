"""Return values of the methods of Hyper-V's migration service."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Entry, Kind
from livemigration.facts.virtualization import RETURN_VALUES

# Where a word is not enough.
_MORE = {
    4096: "A job was started: not an error. The job says how it went.",
    32768: "The method failed. The job or the Hyper-V-VMMS log says why.",
    32775: "The virtual machine or the host is in a state that does not allow it.",
    32784: "Not compatible: the virtual machine cannot run on the other host.",
}
_MEANINGS = {
    4096: _MORE[4096],
    **{
        number: _MORE.get(number, f"{word[0].upper()}{word[1:]}.")
        for number, word in RETURN_VALUES.items()
    },
}
# The generic form of CIM, which CheckVirtualSystemIsMigratableToHost and its like return.
_GENERIC = {
    1: "Not supported.",
    2: "Failed.",
    3: "It took too long.",
    4: "A parameter is invalid.",
    5: "The state does not allow it.",
    6: "The parameters do not go together.",
}
_STEPS = {
    4096: ("Read the job that the method returned: its state, and its error.",),
    32769: ("Check that the account may manage Hyper-V on the host.",),
    32784: ("Read the reasons that came back; processor compatibility is the usual one.",),
}
_CHECKS = {32784: ("LM501",)}
_READ = ("Read the message beside it, and the log Hyper-V-VMMS-Admin of the host.",)


def _entry(number: int, meaning: str, names: tuple[str, ...] = ()) -> Entry:
    return Entry(
        Kind.METHOD,
        number,
        names,
        meaning,
        steps=_STEPS.get(number, _READ),
        checks=_CHECKS.get(number, () if names else ("LM303",)),
        sources=(sources.MIGRATION_METHODS,),
    )


ENTRIES = (
    *(_entry(number, meaning) for number, meaning in _MEANINGS.items()),
    *(_entry(number, meaning, ("generic CIM form",)) for number, meaning in _GENERIC.items()),
)
