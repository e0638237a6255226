"""The wheel that a site's repository carries and pins: no index is asked for the suite's name."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from livemigration import __version__
from livemigration.base.errors import UsageError, unreadable

DISTRIBUTION = "livemigration"
WHEELS = "wheels"
REQUIREMENTS = "requirements.txt"
_OURS = re.compile(rf"{DISTRIBUTION}-[^/\\]+\.whl")
_METADATA = re.compile(rf"{DISTRIBUTION}-[^/]+\.dist-info/METADATA")
# A wheel of this suite is a few hundred kilobytes.
_LARGEST = 64 << 20
_TOP = """\
# The suite is the wheel beside this file, and never a package of that name from an index.
# After an upgrade: livemigration init --update . --wheel FILE
"""


@dataclass(frozen=True)
class Wheel:
    """A wheel of this suite, of this version."""

    name: str
    data: bytes

    @property
    def requirement(self) -> str:
        """The line of requirements.txt by which pip installs this file, and no other."""
        digest = hashlib.sha256(self.data).hexdigest()
        return f"file:{WHEELS}/{self.name}#sha256={digest}"


def wheel_of(given: str | None) -> Wheel:
    """Return the wheel that was named, else the one that this suite was installed from.

    Raises:
        UsageError: there is none, or it is not of this suite in this version.
    """
    path = Path(given) if given else _installed_from()
    if path is None:
        raise UsageError(
            "the repository carries the suite's wheel, and this suite was not installed from one "
            "that is still there. Name it with --wheel FILE. From a clone, "
            ".venv/bin/pip wheel --no-deps -w dist . writes it."
        )
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise unreadable(f"--wheel {path}", error) from None
    version = _version_in(path) if len(data) <= _LARGEST and _OURS.fullmatch(path.name) else None
    if version is None:
        raise UsageError(
            f"--wheel {path}: this is no wheel of {DISTRIBUTION}. Name a file such as "
            f"{DISTRIBUTION}-{__version__}-py3-none-any.whl."
        )
    if version != __version__:
        raise UsageError(
            f"--wheel {path}: this is version {version}, and {__version__} runs. Install that "
            "wheel first, and run its livemigration init."
        )
    return Wheel(path.name, data)


def requirements(wheel: Wheel, before: str = "") -> str:
    """Return the text of requirements.txt with this wheel pinned; other lines stay as they are."""
    lines = before.splitlines(keepends=True)
    others = [line for line in lines if not line.startswith(f"file:{WHEELS}/{DISTRIBUTION}-")]
    top = [] if before else [_TOP]
    return "".join([*top, *others, f"{wheel.requirement}\n"])


def older(folder: Path, wheel: Wheel) -> list[Path]:
    """Return the wheels of this suite in a folder that are not this one."""
    found = sorted(folder.glob(f"{DISTRIBUTION}-*.whl"))
    return [path for path in found if path.name != wheel.name]


def _version_in(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = filter(_METADATA.fullmatch, archive.namelist())
            text = archive.read(name).decode("utf-8", "replace")
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return None
    headers = HeaderParser().parsestr(text)
    return headers["Version"] if headers["Name"] == DISTRIBUTION else None


def _installed_from() -> Path | None:
    """Return the wheel that pip installed this suite from, where it says so (PEP 610)."""
    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
        url = urlparse(json.loads(text or "{}")["url"])
    except (PackageNotFoundError, ValueError, KeyError):
        return None
    path = Path(url2pathname(unquote(url.path)))
    return path if url.scheme == "file" and path.suffix == ".whl" and path.is_file() else None
