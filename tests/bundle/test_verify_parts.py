"""What verifying tells of one part of a bundle, and the code that it ends with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from bundle_forging import members, rewritten, verified, written
from fact_builders import run_facts
from in_turn import in_turn
from whole_run import BEGAN, save, whole_run

from livemigration import __version__
from livemigration.bundle.members import bundle_of
from livemigration.bundle.verify import Verification
from livemigration.run.exit_code import ExitCode

SOON, LATE = BEGAN + timedelta(hours=12), BEGAN + timedelta(hours=12, seconds=1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run, beside the folder that it was made from."""
    folder = tmp_path_factory.mktemp("parts")
    run, asked = whole_run(run_facts())
    path = folder / "real.zip"
    path.write_bytes(bundle_of(save(folder / "run", run, asked))[0])
    return path


@in_turn(
    "found, code",
    [
        (Verification(()), ExitCode.READY),
        (Verification((), ("Too old.",)), ExitCode.NO_VERDICT),
        (Verification(("Wrong.",), ("Too old.",)), ExitCode.NOT_READY),
        (Verification((), (), ("Not compared.",)), ExitCode.READY),
    ],
)
def test_a_verification_ends_with_the_worst_of_what_it_found(
    found: Verification, code: ExitCode
) -> None:
    assert found.code is code


def test_a_bundle_is_evidence_to_the_last_moment_and_not_after(bundle: Path) -> None:
    at_last = verified(bundle, SOON)
    assert (at_last.wrong, at_last.no_evidence) == ((), ())
    assert at_last.manifest is not None
    after = verified(bundle, LATE)
    assert after.code is ExitCode.NO_VERDICT
    assert [each.startswith("It was evidence until ") for each in after.no_evidence] == [True]


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_a_view_that_shows_something_else_is_named(bundle: Path, tmp_path: Path, name: str) -> None:
    held = members(bundle)
    path = written({**held, name: held[name] + b"\nREADY\n"}, tmp_path / "x.zip")
    assert verified(path, SOON).wrong == (f"{name} does not show what the results say.",)


@pytest.mark.parametrize("name", ["facts.json", "replay.json"])
def test_a_file_without_which_nothing_follows_is_named(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    held = {each: content for each, content in members(bundle).items() if each != name}
    wrong = verified(written(held, tmp_path / "x.zip"), SOON).wrong
    assert wrong == (f"{name} is missing, so nothing could be replayed.",)


def test_a_bundle_without_results_is_damaged(bundle: Path, tmp_path: Path) -> None:
    held = {each: text for each, text in members(bundle).items() if each != "results.json"}
    found = verified(written(held, tmp_path / "x.zip"), SOON)
    assert found.wrong == ("The bundle is damaged: results.json is missing.",)
    assert found.manifest is None


def test_the_views_of_another_release_are_not_made_again(bundle: Path, tmp_path: Path) -> None:
    def older(document: dict[str, object]) -> None:
        document["suite_version"] = "0.0.1"

    path = rewritten(bundle, tmp_path / "x.zip", older, bundle.parent / "run" / "facts.json")
    held = members(path)
    found = verified(written({**held, "report.md": b"old words"}, path), SOON)
    # The facts of the folder are of this release, which is all that is wrong.
    said = "facts.json says another change, policy, time or version than the results."
    assert found.wrong == (said,)
    assert len(found.notes) == 1
    assert found.notes[0].startswith(
        f"It was written by livemigration 0.0.1; this is {__version__}."
    )


@in_turn(
    "name, key",
    [("results.json", "exit_code"), ("facts.json", "hosts"), ("replay.json", "targets")],
)
def test_a_key_that_stands_twice_is_told_of_another_release_too(
    bundle: Path, tmp_path: Path, name: str, key: str
) -> None:
    def older(document: dict[str, object]) -> None:
        document["suite_version"] = "0.0.1"

    facts = tmp_path / "facts.json"
    own = (bundle.parent / "run" / "facts.json").read_bytes()
    facts.write_bytes(own.replace(__version__.encode(), b"0.0.1", 1))
    path = rewritten(bundle, tmp_path / "x.zip", older, facts)
    assert verified(path, SOON).wrong == ()
    held = members(path)
    held[name] = held[name].replace(b"{", b'{"%s": 0,' % key.encode(), 1)
    said = f"{name} has the key '{key}' twice in one place."
    assert verified(written(held, path), SOON).wrong == (said,)
