"""Fleets of the lab whose machines are members of the tests' realm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from directory_accounts import DOMAIN, HOSTS, VMM
from realm import Realm, program

from livemigration.lab import launch
from livemigration.lab.launch import RunningLab, start

_FLEET = f"""\
name: realm
title: members of a realm
domain: {DOMAIN}
allow_unencrypted: true
networks:
  management: {{subnet: 1.0/24}}
  migration: {{subnet: 50.0/24}}
system: {{build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}}
vmm: {{name: {VMM}.{DOMAIN}, address: "1.5", registry: 10.22.1287.0}}
hosts:
"""
_HOST = """\
  - name: {name}
    shows: a member
    addresses: {{management: "1.{number}", migration: "50.{number}"}}
    networks: [migration]
{more}"""


def fleet_file(folder: Path, names: Sequence[str] = HOSTS[:2], *, more: str = "") -> Path:
    """Write a fleet of hosts with these names; `more`: further lines of each."""
    path = folder / "realm.yaml"
    hosts = (
        _HOST.format(name=f"{name}.{DOMAIN}", number=number, more=more)
        for number, name in enumerate(names, 11)
    )
    path.write_text(_FLEET + "".join(hosts), encoding="utf-8")
    return path


@contextmanager
def members(
    realm: Realm, folder: Path, names: Sequence[str] = HOSTS[:2], *, https: bool = False
) -> Iterator[RunningLab]:
    """Run a fleet whose machines take tickets of the realm with keys of their own."""
    with start(str(fleet_file(folder, names)), https=https, keytabs=realm.keytabs) as running:
        yield running


@contextmanager
def members_at_another_time(
    realm: Realm, folder: Path, shift: str, names: Sequence[str] = HOSTS[:2]
) -> Iterator[RunningLab]:
    """As `members`, with clocks that are wrong by `shift`, such as `+10m`."""
    faketime = program("faketime")

    def begin(
        arguments: Sequence[str], errors: IO[bytes], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [faketime, "-f", shift, sys.executable, "-m", "livemigration.lab", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_process", begin)
        with members(realm, folder, names) as running:
            yield running
