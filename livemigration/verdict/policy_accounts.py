r"""Whether virtual machines are among an account to which a Group Policy gives a right.

Resultant Set of Policy names accounts by SID or by name, in the language of whoever resolved it
(windows-facts-2.md section 13). Which name stands for Everyone in another language, or for
NT VIRTUAL MACHINE\Virtual Machines, no fact says: such a name decides nothing.
"""

from __future__ import annotations

import re

# NT VIRTUAL MACHINE\Virtual Machines, and Everyone, who it is among. Behind the authority, which
# belongs to Hyper-V alone, a name without a digit is that of the group in any language; that of one
# machine is its GUID.
THEIRS = r"[*]?S-1-(?:5-83-0|1-0)|Everyone|NT VIRTUAL MACHINE\\[^0-9\\]{1,60}"
# Authorities of Windows in English, and what may be the NetBIOS name of a domain or a computer:
# neither Everyone nor the group of virtual machines is of one.
WINDOWS_AUTHORITY = r"NT AUTHORITY|NT SERVICE|IIS APPPOOL|NT VIRTUAL MACHINE(?=\\[^\\]*[0-9])"
DOMAIN = r"[^\s*\\]{1,15}"
# What Windows puts into user rights by itself, in English.
BUILT_IN = (
    "Account Operators|Administrators?|Authenticated Users|Backup Operators|Guests?"
    "|Hyper-V Administrators|IIS_IUSRS|LOCAL SERVICE|NETWORK SERVICE|Performance Log Users"
    "|Power Users|Print Operators|Remote Desktop Users|Server Operators|SERVICE|SYSTEM|Users"
)
_SID = "[*]?S-1-[0-9]+(?:-[0-9]+)+"

_THEIRS = re.compile(THEIRS, re.IGNORECASE)
_OTHERS = re.compile(rf"{_SID}|{BUILT_IN}|(?:{WINDOWS_AUTHORITY}|{DOMAIN})\\[^\\]+", re.IGNORECASE)


def has_virtual_machines(account: str) -> bool | None:
    """Return whether virtual machines are among an account; None: its name does not say it."""
    text = account.strip()
    if _THEIRS.fullmatch(text):
        return True
    return None if text and not _OTHERS.fullmatch(text) else False
