"""What disks build upon, and how large they are together, by VMM's record."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from livemigration.facts.virtual_disks import VirtualDisk
from livemigration.facts.vmm_disks import ParentDisk, VmmDisk
from livemigration.verdict.disk_records import Bases, bases_of, size_of
from livemigration.verdict.machine_files import Place, place_of, plain_path

FILES = st.sampled_from([r"D:\a.vhdx", r"D:\b.VHD", r"D:\c.avhdx", r"\\fs\d.AVHD", r"\\fs\e.vhdx"])
SIZES = st.none() | st.integers(1, 100)


def disk(file: str) -> VirtualDisk:
    return VirtualDisk("GUID", file)


def bases(*chain: str | None) -> Bases:
    """Return what the first of a chain of disks builds upon."""
    file = chain[0] or ""
    record = VmmDisk(file, 1, 1, len(chain) > 1, tuple(map(ParentDisk, chain[1:])))
    return bases_of([disk(file.upper())], {plain_path(file): record})


@given(st.lists(FILES, min_size=1, max_size=5))
def test_what_is_no_disk_of_a_checkpoint_builds_upon_its_parent(chain: list[str]) -> None:
    pairs = pairwise(chain)
    expected = [parent for child, parent in pairs if ".avhd" not in child.casefold()]
    assert bases(*chain) == Bases(tuple(dict.fromkeys(expected)))


@given(st.lists(FILES, min_size=1, max_size=3), st.lists(FILES, max_size=2))
def test_behind_a_parent_without_a_path_nothing_is_known(
    chain: list[str], behind: list[str]
) -> None:
    found = bases(*chain, None, *behind)
    own = ".avhd" in chain[-1].casefold()
    assert found.files == bases(*chain).files
    assert found.unnamed is (not own or bool(behind))


def test_one_that_is_differencing_and_names_no_parent_builds_upon_an_unnamed_one() -> None:
    for file, unnamed in ((r"D:\a.vhdx", True), (r"D:\a.avhdx", False)):
        record = VmmDisk(file, 1, 1, differencing=True)
        assert bases_of([disk(file)], {plain_path(file): record}) == Bases(unnamed=unnamed)


def test_without_a_record_nothing_is_said() -> None:
    assert bases_of([disk("a")], None) == Bases()
    assert bases_of([disk("a")], {}) == Bases(unlisted=True)
    assert bases_of([], {}) == Bases()


@given(st.lists(st.tuples(SIZES, st.booleans(), st.booleans()), max_size=4))
def test_the_sizes_of_disks_are_their_sum_where_each_is_known(
    rows: list[tuple[int | None, bool, bool]],
) -> None:
    names = [f"D:\\{number}.vhdx" for number in range(len(rows))]
    records = {
        plain_path(name): VmmDisk(
            name, size, 1, differencing, (ParentDisk("D:\\p.vhdx", 1),) if has_parent else ()
        )
        for name, (size, differencing, has_parent) in zip(names, rows, strict=True)
    }
    known = all(size is not None and not (one or other) for size, one, other in rows)
    expected = sum(size or 0 for size, _, _ in rows) if known else None
    assert size_of(map(disk, names), records) == expected
    if names:
        assert size_of(map(disk, names), {}) is None
        assert size_of(map(disk, names), None) is None


def test_the_disk_of_a_checkpoint_is_not_the_whole_of_what_moves() -> None:
    name = r"D:\a_5F3C.avhdx"
    assert size_of([disk(name)], {plain_path(name): VmmDisk(name, 5)}) is None


PATHS = st.sampled_from([r"D:\VM\A.vhdx", r"\\FS01\vms\a.vhdx", r"C:\ClusterStorage\V\a.vhdx"])


@given(PATHS, st.booleans(), st.booleans())
def test_a_path_is_compared_however_it_is_written(path: str, long: bool, slashes: bool) -> None:
    other = path.swapcase()
    if long:
        share = other.startswith("\\\\")
        other = f"\\\\?\\UNC\\{other[2:]}" if share else f"\\\\?\\{other}"
    if slashes:
        other = other.replace("\\", "/")
    assert plain_path(f" {other} ") == plain_path(path)
    assert place_of(plain_path(other)) is place_of(path)
    assert isinstance(place_of(path), Place)
