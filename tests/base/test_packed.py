"""Text that is compressed is read as what it was; what was cut or damaged is never taken for it."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.base import packed
from livemigration.base.packed import TornError, open_text, pack, write_large, write_texts

TEXT = "".join(f"{number} Größe \N{SNOWMAN}\n" for number in range(50_000))


def read(path: Path, *, torn: bool = False) -> str:
    with open_text(path, torn=torn) as stream:
        return stream.read()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "facts.json.gz"


def test_a_file_is_compressed_where_its_name_says_so_and_is_what_gzip_reads(file: Path) -> None:
    write_texts(file, (TEXT[:100_000], "", TEXT[100_000:]))
    assert gzip.decompress(file.read_bytes()).decode() == TEXT == read(file)
    plain = file.with_name("facts.json")
    write_texts(plain, (TEXT,))
    assert plain.read_bytes() == TEXT.encode()
    assert read(plain) == TEXT
    # Nothing of it depends on when it was written.
    first = file.read_bytes()
    write_texts(file, (TEXT,))
    assert file.read_bytes() == first


@pytest.mark.parametrize("name", ["facts.json", "facts.json.gz"])
def test_what_is_compressed_is_told_by_its_bytes_whatever_its_name_is(
    tmp_path: Path, name: str
) -> None:
    for content in (TEXT.encode(), gzip.compress(TEXT.encode())):
        (tmp_path / name).write_bytes(content)
        assert read(tmp_path / name) == TEXT


@given(st.lists(st.text(st.characters(exclude_characters="\r"), max_size=20), max_size=5))
def test_files_of_several_members_are_read_to_their_end(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "members.gz")
        encoded = [each.encode("utf-8", "replace") for each in texts]
        path.write_bytes(b"".join(map(gzip.compress, encoded)))
        assert read(path) == b"".join(encoded).decode()


@pytest.mark.parametrize("part", [0.001, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_is_refused_or_read_as_far_as_it_goes(file: Path, part: float) -> None:
    write_texts(file, (TEXT,))
    whole = file.read_bytes()
    file.write_bytes(whole[: max(3, int(len(whole) * part))])
    with pytest.raises(TornError, match="it ends before its last byte: the disk was full, or"):
        read(file)
    with open_text(file, errors="replace", torn=True) as stream:
        told = stream.read()
    # The last character may be half there.
    assert TEXT.startswith(told.rstrip("\N{REPLACEMENT CHARACTER}"))
    assert len(told) >= len(TEXT) * (part - 0.2)


def test_a_file_whose_bytes_changed_is_never_read_as_if_it_had_been_cut(file: Path) -> None:
    write_texts(file, (TEXT,))
    whole = bytearray(file.read_bytes())
    whole[-6] ^= 1
    file.write_bytes(whole)
    for torn in (False, True):
        with pytest.raises(TornError, match="it is damaged"):
            read(file, torn=torn)


def test_a_file_that_grows_beyond_what_any_run_has_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(file, ("0" * 3_000_000,))
    monkeypatch.setattr(packed, "MOST_TEXT", 2_000_000)
    with pytest.raises(TornError, match="as no run has"):
        read(file)


def test_what_is_large_is_compressed_and_so_named_and_what_is_small_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGE", len(TEXT.encode()))
    path = tmp_path / "facts.json"
    assert write_large(path, (TEXT,)) == path
    assert path.read_text(encoding="utf-8") == TEXT
    assert pack(path) == path
    longer = f"{TEXT}1"
    assert write_large(path, (longer,)) == path.with_name("facts.json.gz")
    assert read(path.with_name("facts.json.gz")) == longer
    journal = tmp_path / "journal.jsonl"
    journal.write_text(longer, encoding="utf-8")
    assert pack(journal) == journal.with_name("journal.jsonl.gz")
    assert read(journal.with_name("journal.jsonl.gz")) == longer
    assert not journal.exists()


def test_a_file_that_cannot_be_compressed_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGE", 10)
    journal = tmp_path / "journal.jsonl"
    journal.write_text(TEXT, encoding="utf-8")
    (tmp_path / "journal.jsonl.gz").mkdir()
    with pytest.raises(OSError, match=r"."):
        pack(journal)
    assert journal.read_text(encoding="utf-8") == TEXT
    assert {each.name for each in tmp_path.iterdir()} == {"journal.jsonl", "journal.jsonl.gz"}
