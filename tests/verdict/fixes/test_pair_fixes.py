"""Fixes of pairs that depend on more than their rows show."""

from __future__ import annotations

from fix_rows import HOST
from rows_of_pairs import USERS

from livemigration.verdict.configuration_versions import Stand
from livemigration.verdict.fixes import pairs
from livemigration.verdict.fixes.script import FixTarget

WITHOUT_VMM = FixTarget(HOST, "")


def test_without_vmm_the_console_is_that_of_hyper_v() -> None:
    fix = pairs.have_switches(WITHOUT_VMM, ("Green",), USERS, ())
    assert f"Hyper-V Manager > {HOST} > Virtual Switch Manager" in fix.console[0]


def test_a_host_without_a_switch_has_none_to_rename() -> None:
    only, *_ = pairs.have_switches(WITHOUT_VMM, ("Green",), USERS, ()).console
    assert only.startswith("Add external switches")
    rename, add = pairs.have_switches(WITHOUT_VMM, ("Green", "Red"), USERS, ("Blue",)).console
    assert "rename it" in rename
    assert rename.endswith("It has Blue.")
    assert add.startswith("Else, add external switches")
    assert ": Green and Red, with" in add


def test_an_older_version_is_upgraded_and_a_newer_one_is_moved_elsewhere() -> None:
    older = pairs.Strange(Stand.OLDER, ("5.0",), ("db01 of hv08",))
    newer = pairs.Strange(Stand.NEWER, ("12.0",), ("web01 of hv09",))
    unknown = pairs.Strange(Stand.NOT_STATED, ("not stated",), ("old01 of hv09",))
    both = pairs.same_versions(WITHOUT_VMM, (older, newer), "8.0 to 10.0")
    assert "shut down db01 of hv08, and upgrade" in both.console[0]
    assert both.console[1] == (
        "Newer than 8.0 to 10.0, and nothing lowers a version: 12.0. Move to hosts of the same "
        f"release, or bring {HOST} to it: web01 of hv09."
    )
    moved = pairs.same_versions(WITHOUT_VMM, (newer,), "8.0 to 10.0")
    assert "Update-VMVersion" not in " ".join((*moved.console, moved.cost))
    looked_up = pairs.same_versions(WITHOUT_VMM, (unknown,), "8.0 to 10.0")
    assert "Version): old01 of hv09. Where it is older than 8.0 to 10.0" in looked_up.console[0]
    assert looked_up.cost.startswith("Update-VMVersion has no way back")
