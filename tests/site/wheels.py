"""Wheels as small as they can be: what `init` looks at, and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

from livemigration import __version__


def wheel(folder: Path, version: str = __version__, name: str = "livemigration") -> Path:
    """Write a wheel that holds its metadata only; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        text = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{name}-{version}.dist-info/METADATA", text)
        wheel_text = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{name}-{version}.dist-info/WHEEL", wheel_text)
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return path
