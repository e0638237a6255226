"""What a cluster holds of an account: it shows it nowhere, and has none when the run is over."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
from canary import CANARY, every_byte, found_in
from canary_runs import FLEET

# To import it takes long, which the tests that it is not for need not wait for.
if find_spec("distributed") is None:
    pytest.skip("the extra dask is not installed", allow_module_level=True)

import looking
from clusters import Cluster, cluster, until
from fleets_of_lab import fleet_of

from livemigration.executor.gathering import opened
from livemigration.executor.luggage import packed
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import Gathered
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.lab.launch import RunningLab, start

pytestmark = pytest.mark.dask

PAGES = (
    "info/main/workers.html",
    "info/main/logs.html",
    "info/logs.html",
    "json/counts.json",
    "json/identity.json",
    "metrics",
)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), "one", "two") as made:
        yield made


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """Five hosts with the password that is looked for."""
    path = tmp_path_factory.mktemp("fleet") / "canary.yaml"
    (one,) = cast("list[dict[str, Any]]", FLEET["hosts"])
    hosts = [
        one | {"name": f"hv{n:02}.contoso.com", "addresses": {"management": f"1.{n + 10}"}}
        for n in range(1, 6)
    ]
    path.write_text(json.dumps(FLEET | {"hosts": hosts}), encoding="utf-8")
    with start(str(path)) as started:
        yield started


@contextmanager
def onlooker(of: Cluster) -> Iterator[Any]:
    """Give somebody else's client of a cluster."""
    import distributed

    at = of.scheduler
    security = distributed.Security(  # type: ignore[no-untyped-call] # of Dask
        tls_ca_file=str(at.ca),
        tls_client_cert=str(at.certificate),
        tls_client_key=str(at.key),
        require_encryption=True,
    )
    made = distributed.Client(at.address, security=security, set_as_default=False)  # type: ignore[no-untyped-call] # of Dask
    with made as client:
        yield client


def shown_by(of: Cluster, client: Any) -> bytes:
    """Return all that a cluster shows of a run: tasks, events, logs, pages."""
    shown = [client.run_on_scheduler(looking.of_scheduler)]
    paths = [
        *PAGES,
        *(f"info/task/{each}.html" for each in client.run_on_scheduler(looking.keys_of)),
    ]
    for page in paths:
        with suppress(urllib.error.HTTPError):
            url = f"http://127.0.0.1:{of.dashboard}/{page}"
            with urllib.request.urlopen(url, timeout=30) as answer:
                shown.append(answer.read())
    return b"\n".join((*shown, every_byte(of.folder)))


def order_of(fleet: FleetConnections) -> Order:
    return Order(dict.fromkeys(fleet.hosts, frozenset({SERVICES.name})), vmm=False)


def test_the_password_is_shown_nowhere_and_gone_when_the_run_is_over(
    two: Cluster, lab: RunningLab
) -> None:
    fleet = replace(fleet_of(lab), vmms=())
    seen: list[bytes] = []
    with onlooker(two) as client:

        def look(phase: str, progress: Any) -> None:
            if phase == "Asking hosts" and progress.slow and not seen:
                seen.append(shown_by(two, client))
                seen.append(client.run_on_scheduler(looking.plugins_of))
                run = seen[-1].partition(b"livemigration-")[2][:16].decode()
                failed = client.submit(looking.fails, run, key="failed", pure=False)
                assert isinstance(failed.exception(timeout=60), ValueError)
                seen.append(shown_by(two, client))

        with opened(two.scheduler, fleet, lambda _: "") as executor:
            facts = gather(replace(fleet, executor=executor), order_of(fleet), look)
        keys = client.run_on_scheduler(looking.keys_of)
        after = shown_by(two, client) + client.run_on_scheduler(looking.plugins_of)
        assert not any(client.run(looking.holds).values())
    during, kept, failing = seen
    # The look is one that finds it: the scheduler keeps it for workers that join.
    assert found_in(kept, CANARY)
    assert b"lm-" in during
    assert b"ValueError" in failing
    for each in (during, failing, after):
        assert found_in(each, CANARY) == []
    assert all(isinstance(each.outcome(HOST_ACCESS), Gathered) for each in facts.hosts.values())
    assert keys
    assert not [each for each in keys if any(name[:4] in each for name in fleet.hosts)]


@pytest.mark.parametrize("ended_by", [KeyboardInterrupt, ValueError])
def test_a_run_that_is_broken_off_leaves_nothing_in_the_cluster(
    two: Cluster, lab: RunningLab, ended_by: type[BaseException]
) -> None:
    fleet = replace(fleet_of(lab), vmms=())

    def broken_off(phase: str, _: Any) -> None:
        if phase == "Asking hosts":
            raise ended_by

    with onlooker(two) as client:
        with pytest.raises(ended_by), opened(two.scheduler, fleet, lambda _: "") as executor:
            gather(replace(fleet, executor=executor), order_of(fleet), broken_off)
        assert client.run_on_scheduler(looking.plugins_of) == b""
        assert not any(client.run(looking.holds).values())


def test_what_a_killed_run_left_is_forgotten_when_its_time_is_over(
    two: Cluster, lab: RunningLab
) -> None:
    from livemigration.executor.link import Link

    fleet = fleet_of(lab)
    accesses = [each.access for each in fleet.hosts.values()][:1]
    link = Link(two.scheduler, "killed")
    try:
        link.open()
        with onlooker(two) as client:
            link.give(packed(accesses, 1, lambda _: ""), 15.0)
            assert found_in(client.run_on_scheduler(looking.plugins_of), CANARY)
            assert all(client.run(looking.holds).values())
            until(lambda: client.run_on_scheduler(looking.plugins_of) == b"", "it stays there")
            until(lambda: not any(client.run(looking.holds).values()), "it stays with a worker")
    finally:
        link.close()


def test_a_worker_that_answers_something_else_is_not_believed(
    two: Cluster, lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = replace(fleet_of(lab), vmms=())
    # A worker's own words in place of its reply.
    monkeypatch.setattr("livemigration.executor.link.tasks.gather", len)
    with opened(two.scheduler, fleet, lambda _: "") as executor:
        facts = gather(replace(fleet, executor=executor), order_of(fleet), lambda *_: None)
    for each in facts.hosts.values():
        assert "no text of a usable size" in str(each.outcome(HOST_ACCESS))
    assert executor.workers <= 2


def test_the_files_of_a_cluster_are_where_the_look_is(two: Cluster) -> None:
    assert {each.name for each in Path(two.folder).glob("*.log")} >= {"scheduler.log", "one.log"}
    assert "DEBUG" in two.log("scheduler")
