"""Whole runs with --executor: what is refused, and what a report says of one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import Cluster, cluster
from plugin_runs import ROOT, run_here

from livemigration.executor import address

SETTINGS = ("-m", "settings", "--inventory=lab:kb-2853203")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--executor=tcp://dask.contoso.com:8786"], "readable to anyone"),
        (["--executor=dask.contoso.com"], "no address of a Dask scheduler"),
        (["--executor=tls://dask.contoso.com:8786"], "needs --executor-ca FILE"),
        (["--executor-ca=ca.pem"], "--executor-ca is for --executor only"),
        (["--executor=tcp://127.0.0.1:1", "--facts=facts.json"], "Give one of the two"),
    ],
)
def test_what_cannot_be_meant_ends_a_run_before_anything_is_asked(
    given: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "_LIBRARIES", ())
    ended = run_here(tmp_path / "reports", *SETTINGS, *given)
    assert ended.code == 4, ended.output
    assert said in ended.output
    assert not ended.reports.exists()


def test_without_the_extra_a_run_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "_LIBRARIES", ("no_such_library",))
    ended = run_here(tmp_path / "reports", *SETTINGS, "--executor=tcp://127.0.0.1:1")
    assert ended.code == 4, ended.output
    assert "pip install dask distributed" in ended.output


@pytest.mark.long
def test_a_run_that_is_asked_from_here_loads_nothing_of_dask() -> None:
    script = "import sys; import livemigration.plugin.machines, livemigration.executor.gathering; "
    script += "sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    with cluster(tmp_path_factory.mktemp("cluster"), "one", "two") as made:
        yield made


@pytest.mark.dask
def test_a_run_through_a_cluster_comes_to_the_same_and_says_so(
    two: Cluster, tmp_path: Path
) -> None:
    near = run_here(tmp_path / "near", "--inventory=lab:kb-2853203")
    far = run_here(tmp_path / "far", "--inventory=lab:kb-2853203", *two.options)
    assert (far.code, far.states()) == (near.code, near.states()), far.output
    gathered = far.results["gathered"]
    assert (gathered["executor"], gathered["workers"]) == (two.address, 2)
    said = f"The hosts were asked by 2 workers of the Dask cluster at {two.address}"
    assert said in far.output
    assert said in (far.folder / "report.html").read_text(encoding="utf-8")
    assert said not in near.output
    assert "distributed" not in far.output


@pytest.mark.dask
@pytest.mark.parametrize("client", ["pywinrm", "streams"])
def test_over_https_workers_believe_whom_this_machine_believes(
    two: Cluster, tmp_path: Path, client: str
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "schema: 1\nlab: {fleet: healthy}\n"
        f"connection: {{https: true, client: {client}, time_limits: {{connect: 5, probe: 2}}}}\n"
    )
    ended = run_here(tmp_path / "reports", f"--inventory={site}", "-m", "settings", *two.options)
    assert ended.code == 0, ended.output
    (way,) = {each["how"] for each in ended.results["sessions"]}
    assert "over HTTPS, certificate checked" in way
    assert ("client streams" in way) is (client == "streams")


@pytest.mark.dask
def test_a_scheduler_that_does_not_answer_ends_the_run_with_its_address(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livemigration.executor.link.CONNECT_SECONDS", 2.0)
    options = [each.replace(two.address, "tls://127.0.0.1:9") for each in two.options]
    ended = run_here(tmp_path / "reports", *SETTINGS, *options)
    assert ended.code == 4, ended.output
    assert "--executor tls://127.0.0.1:9: the scheduler does not answer" in ended.output
