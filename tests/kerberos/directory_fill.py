"""Fills a directory that was provisioned; run by the Python that Samba came with.

Reads a JSON document from standard input: `conf`, the smb.conf; `add` and `modify`, LDIF; `raw`,
LDIF that goes past the directory's own rules; `keytabs`, pairs of a file and a principal; `acting`,
pairs of an account and of the one that may act on its behalf; `denied`, pairs of an account and the
GUID of an attribute of it that nobody may read who signed in.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import ldb
import samba.dckeytab  # noqa: F401 # gives Net its export_keytab
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB


def fill(given: dict[str, Any]) -> None:
    """Write the accounts, then their keys."""
    parameters = LoadParm()
    parameters.load(given["conf"])
    path = parameters.private_path("sam.ldb")
    directory = SamDB(url=path, session_info=system_session(parameters), lp=parameters)
    directory.transaction_start()
    directory.add_ldif(given["add"])
    directory.modify_ldif(given["modify"])
    directory.transaction_commit()
    for file, principal in given["keytabs"]:
        Net(None, parameters).export_keytab(keytab=file, principal=principal)
    for target, source in given["acting"]:
        sid = _sid(directory, source)
        value = security.descriptor.from_sddl(f"O:BAD:(A;;0xf01ff;;;{sid})", _domain(directory))
        _write(directory, target, "msDS-AllowedToActOnBehalfOfOtherIdentity", value)
    for name, attribute in given["denied"]:
        own = directory.search(name, scope=ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"])
        found = ndr_unpack(security.descriptor, own[0]["nTSecurityDescriptor"][0])
        text = found.as_sddl(_domain(directory))
        # What denies comes first.
        text = re.sub("(D:[A-Z]*)", rf"\1(OD;;RP;{attribute};;AU)", text, count=1)
        value = security.descriptor.from_sddl(text, _domain(directory))
        _write(directory, name, "nTSecurityDescriptor", value)
    _raw(Path(f"{path}.d"), given["raw"])


def _domain(directory: Any) -> Any:
    return security.dom_sid(directory.get_domain_sid())


def _sid(directory: Any, name: str) -> Any:
    own = directory.search(name, scope=ldb.SCOPE_BASE, attrs=["objectSid"])
    return ndr_unpack(security.dom_sid, own[0]["objectSid"][0])


def _write(directory: Any, name: str, attribute: str, value: Any) -> None:
    message = ldb.Message(ldb.Dn(directory, name))
    replaced = ldb.MessageElement(ndr_pack(value), ldb.FLAG_MOD_REPLACE, attribute)
    message[attribute] = replaced
    directory.modify(message)


def _raw(folder: Path, text: str) -> None:
    (partition,) = (
        each for each in folder.glob("DC=*.ldb") if not each.name.startswith("DC=DOMAINDNS")
    )
    below = ldb.Ldb()
    below.connect(f"tdb://{partition}", ldb.FLG_DONT_CREATE_DB)
    for _, message in below.parse_ldif(text):
        below.modify(message)


if __name__ == "__main__":
    fill(json.load(sys.stdin))
