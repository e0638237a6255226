"""Which builds run which configuration versions, by Microsoft's table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.verdict.configuration_versions import Release, Runs, version_of

# windows-facts-2.md 10.2, as it stands there.
TABLE = {
    9600: "5.0",
    14393: "5.0 6.2 7.0 7.1 8.0",
    17763: "5.0 6.2 7.0 7.1 8.0 8.1 8.2 8.3 9.0",
    20348: "8.0 8.1 8.2 8.3 9.0 9.1 9.2 9.3 10.0",
    26100: "8.0 8.1 8.2 8.3 9.0 9.1 9.2 9.3 10.0 11.0 12.0",
}
EVERY = sorted({each for row in TABLE.values() for each in row.split()})
BUILDS = st.sampled_from([9200, *TABLE, 17784, 20349, 25398, 29000]) | st.integers(9200, 30000)


def runs(build: int, text: str) -> Runs:
    version = version_of(text)
    assert version is not None
    return Release(build).runs(version)


@in_turn("build", TABLE)
@in_turn("version", EVERY)
def test_a_release_runs_what_the_table_lists_and_nothing_else(build: int, version: str) -> None:
    expected = Runs.YES if version in TABLE[build].split() else Runs.NO
    assert runs(build, version) is expected


@in_turn(
    "build, version, expected",
    [
        # Another table lists 10.5.
        (26100, "10.5", Runs.YES),
        (20348, "10.5", Runs.NO),
        (20348, "9.10", Runs.YES),
        # No release has them.
        (26100, "254.0", Runs.NOT_PUBLISHED),
        (26100, "255.0", Runs.NOT_PUBLISHED),
        # From memory: the version of Windows Server 2012, which moves on to the next release.
        (9200, "4.0", Runs.YES),
        (9600, "4.0", Runs.YES),
        (14393, "4.0", Runs.NOT_PUBLISHED),
        (9200, "5.0", Runs.NOT_PUBLISHED),
        # Azure Stack HCI 20H2 and 23H2, and what comes later.
        (17784, "8.0", Runs.YES),
        (17784, "9.0", Runs.YES),
        (17784, "5.0", Runs.NOT_PUBLISHED),
        (25398, "10.0", Runs.YES),
        (25398, "11.0", Runs.NOT_PUBLISHED),
        (29000, "12.0", Runs.YES),
        (29000, "13.0", Runs.NOT_PUBLISHED),
        (29000, "5.0", Runs.NOT_PUBLISHED),
    ],
)
def test_what_is_not_in_the_table_is_not_published(
    build: int, version: str, expected: Runs
) -> None:
    assert runs(build, version) is expected


@in_turn(
    "text, expected",
    [
        ("8.0", (8, 0)),
        (" 10.0 ", (10, 0)),
        ("9.3", (9, 3)),
        ("", None),
        ("8", None),
        ("8.0.1", None),
        ("acht", None),
        ("\u0668.0", None),
    ],
)
def test_a_version_is_two_numbers(text: str, expected: tuple[int, int] | None) -> None:
    assert version_of(text) == expected


@in_turn(
    "build, other, expected",
    [
        (14393, 14393, True),
        (14393, 17763, True),
        (17763, 14393, True),
        (14393, 20348, False),
        (9600, 17763, False),
        (9200, 9600, True),
        (17784, 17763, True),
        (17784, 20348, True),
        (17784, 14393, False),
        (25398, 20348, True),
        (25398, 26100, True),
        (25398, 17763, False),
        (26100, 29000, True),
    ],
)
def test_releases_are_neighbours_where_none_lies_between(
    build: int, other: int, expected: bool
) -> None:
    assert Release(build).is_neighbour(Release(other)) is expected


@examples(200)
@given(BUILDS, BUILDS)
def test_where_all_versions_of_another_build_run_each_that_it_runs_does(
    build: int, other: int
) -> None:
    if Release(build).runs_all_of(Release(other)):
        for version in EVERY:
            if runs(other, version) is Runs.YES:
                assert runs(build, version) is Runs.YES
    assert Release(build).runs_all_of(Release(build))


@examples(200)
@given(BUILDS)
def test_what_a_build_says_that_it_runs_it_runs(build: int) -> None:
    least, _, greatest = Release(build).span.partition(" to ")
    assert runs(build, least) is runs(build, greatest or least) is Runs.YES
