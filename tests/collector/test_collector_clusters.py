"""What the collector writes of a cluster's roles, storage and votes gives the same verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cluster_scenes import EXPECTED, many, verdicts, written
from collecting import collect

from livemigration.collector.reading import facts_of
from livemigration.collector.redact import redact
from livemigration.lab.launch import start

pytestmark = pytest.mark.fleet


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    whole, _ = many()
    with start(written(tmp_path_factory.mktemp("scenes"), whole)) as lab:
        yield json.loads(json.dumps(collect(lab)))


def test_the_file_says_the_same(document: Any) -> None:
    assert verdicts(facts_of(document)) == EXPECTED


def test_the_redacted_file_says_the_same(document: Any) -> None:
    assert verdicts(facts_of(redact(document))) == EXPECTED
