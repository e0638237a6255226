"""The refusals of the lab, with Windows' codes (windows-facts.md 5.5).

Which subcode stands beside a code is known for the captured ones only: TimedOut, InternalError,
CannotProcessFilter. The others are WS-Management's own for the case.
"""

from __future__ import annotations

NOT_FOUND = 2150858752
BAD_CLASS = 2150858778
BAD_CONTEXT = 2150858779
ACCESS_DENIED = 5
WMI_ACCESS_DENIED = 2150859014
TIMED_OUT = 2150858793
BAD_URI = 2150858811
BAD_SELECTORS = 2150858813
NO_SHELL = 2150858843
QUERY_NEEDS_STAR = 2150859003
TOO_MANY_SHELLS = 2150859173
FILE_NOT_FOUND = 2147942402
TOO_LONG = 2147942606
INVALID_PARAMETER = 87
# Captured where a provider of WMI refuses or fails.
PROVIDER_FAILED = 2150859010
# Not documented: the code that WMI gives where the provider in a stopped vmms cannot load.
PROVIDER_MISSING = 0x80041013
# Not documented: how WS-Management reports a method that the class does not have.
NO_METHOD = 0x80041055


class LabFault(Exception):  # noqa: N818 - SOAP calls it a fault
    """A request that is answered with a fault.

    Args:
        code: WSManFault's Code.
        subcode: the fault's subcode, with its prefix.
        text: the reason.
    """

    def __init__(self, code: int, subcode: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.subcode = subcode
        self.text = text
