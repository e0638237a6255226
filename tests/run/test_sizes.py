"""What a host takes on the disk and in memory, counted: the size of the fleet changes nothing."""

from __future__ import annotations

import gc
import gzip
import tracemalloc
from pathlib import Path

import pytest
from test_growth import facts_of
from whole_run import BEGAN, whole_run

from livemigration.collector import facts_file, snapshot
from livemigration.facts.sheets import RunFacts
from livemigration.run import results_file

FEW, MANY = 50, 150
# Bytes of a host, on the disk and in memory.
MOST_OF_RESULTS = 4_096
MOST_OF_FACTS = 32_768
MOST_OF_PACKED_FACTS = 4_096
MOST_OF_MEMORY = 61_440


def saved(folder: Path, hosts: int, name: str) -> tuple[RunFacts, Path]:
    """Write the facts of a fleet in which no host is like another; return both."""
    facts, path = facts_of(hosts, clusters=False), folder / f"{hosts}.{name}"
    snapshot.save(path, facts, gathered=BEGAN, inventory="prod.yaml", digest="d")
    return facts, path


@pytest.mark.long
def test_a_host_takes_no_more_than_4_kb_of_results_and_as_much_of_compressed_facts(
    tmp_path: Path,
) -> None:
    sizes: dict[int, list[int]] = {}
    for hosts in (FEW, MANY):
        facts, path = saved(tmp_path, hosts, "json.gz")
        run, _ = whole_run(facts)
        text = gzip.decompress(path.read_bytes())
        results = results_file.text_of(run).encode()
        sizes[hosts] = [len(results), len(text), path.stat().st_size]
    more = [(many - few) / (MANY - FEW) for few, many in zip(sizes[FEW], sizes[MANY], strict=True)]
    for found, most in zip(
        more, (MOST_OF_RESULTS, MOST_OF_FACTS, MOST_OF_PACKED_FACTS), strict=True
    ):
        assert 0 < found <= most, more


def held(path: Path) -> int:
    """Return the bytes that the facts of a file take once they are read."""
    gc.collect()
    tracemalloc.start()
    try:
        facts = facts_file.load(path)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert facts.hosts
    return size


@pytest.mark.long
def test_the_facts_of_a_host_take_no_more_than_60_kb_of_memory(tmp_path: Path) -> None:
    paths = {hosts: saved(tmp_path, hosts, "json")[1] for hosts in (FEW, MANY)}
    # What is made once for all comes first.
    held(paths[FEW])
    few, many = (held(paths[hosts]) for hosts in (FEW, MANY))
    assert 0 < (many - few) / (MANY - FEW) <= MOST_OF_MEMORY
