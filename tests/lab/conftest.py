"""A lab that takes plain messages, and clients of its machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab_clients import PlainClient, running

from livemigration.lab.launch import LabMachine, RunningLab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running(tmp_path_factory.mktemp("lab")) as started:
        yield started


def _client(lab: RunningLab, machine: LabMachine) -> Iterator[PlainClient]:
    client = PlainClient(lab, machine)
    yield client
    client.close()


@pytest.fixture(scope="module")
def host(lab: RunningLab) -> Iterator[PlainClient]:
    yield from _client(lab, lab.hosts[0])


@pytest.fixture(scope="module")
def vmm(lab: RunningLab) -> Iterator[PlainClient]:
    yield from _client(lab, lab.vmm)
