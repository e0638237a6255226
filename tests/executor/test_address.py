"""Which schedulers a run is given to, and which are refused before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.executor import address
from livemigration.executor.address import Scheduler, is_loopback, refuse_readable, scheduler_of

TLS = "tls://dask.contoso.com:8786"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The extra is not what these tests are about.
    monkeypatch.setattr(address, "_LIBRARIES", ("json",))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    found = tuple(tmp_path / name for name in ("ca.pem", "certificate.pem", "key.pem"))
    for each in found:
        each.write_text("PEM")
        each.chmod(0o600)
    return found[0], found[1], found[2]


def refusal(given: str, *files: Path | None) -> str:
    with pytest.raises(UsageError) as refused:
        scheduler_of(given, *(files or (None, None, None)))
    return str(refused.value)


@pytest.mark.parametrize("given", [TLS, "tls://10.0.0.8:8786", "tls://[fd00::8]:8786"])
def test_a_scheduler_is_reached_over_tls_with_three_files(
    given: str, files: tuple[Path, Path, Path]
) -> None:
    assert scheduler_of(given, *files) == Scheduler(given, *files)
    assert Scheduler(given).secure


@pytest.mark.parametrize("given", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"])
def test_on_this_machine_itself_it_is_reached_without(given: str) -> None:
    assert scheduler_of(given, None, None, None) == Scheduler(given)
    assert not Scheduler(given).secure


@pytest.mark.parametrize(
    "given",
    [
        "tcp://10.0.0.8:8786",
        "tcp://dask.contoso.com:8786",
        "tcp://127.0.0.1.contoso.com:8786",
        "tcp://localhost.contoso.com:8786",
        "tcp://0.0.0.0:8786",
        "tcp://[::]:8786",
    ],
)
def test_elsewhere_it_is_never_reached_without_tls(
    given: str, files: tuple[Path, Path, Path]
) -> None:
    assert "readable to anyone" in refusal(given, *files)


@in_turn(
    "given",
    [
        "",
        "dask.contoso.com:8786",
        "tls://dask.contoso.com",
        "tls://:8786",
        "tls://dask.contoso.com:0",
        "tls://dask.contoso.com:99999",
        "tls://dask.contoso.com:8786/",
        "tls://dask.contoso.com:8786?x",
        "tls://user:word@dask.contoso.com:8786",
        "TLS://dask.contoso.com:8786",
        "ws://dask.contoso.com:8786",
        "inproc://1/2/3",
        "tls://[::1:8786",
        "tls://a\nb:1",
    ],
)
def test_what_is_no_address_is_refused_with_what_one_is(given: str) -> None:
    said = refusal(given)
    assert "no address of a Dask scheduler" in said
    assert "tls://HOST:PORT" in said
    assert "\n" not in said


@pytest.mark.parametrize("missing", range(3))
def test_without_one_of_the_files_nobody_is_asked(
    missing: int, files: tuple[Path, Path, Path]
) -> None:
    given = [None if number == missing else each for number, each in enumerate(files)]
    option = ("--executor-ca", "--executor-client-certificate", "--executor-client-key")[missing]
    assert f"needs {option} FILE" in refusal(TLS, *given)
    files[missing].unlink()
    assert f"{option} {files[missing]}: there is no such file" in refusal(TLS, *files)


def test_files_are_of_no_use_without_tls(files: tuple[Path, Path, Path]) -> None:
    assert "--executor-ca is of no use" in refusal("tcp://127.0.0.1:1", *files)


def test_a_key_that_others_may_read_is_refused(files: tuple[Path, Path, Path]) -> None:
    files[2].chmod(0o640)
    assert f"--executor-client-key: {files[2]}: others than its owner" in refusal(TLS, *files)


def test_without_dask_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "_LIBRARIES", ("no_such_library",))
    assert refusal(TLS) == "--executor needs no_such_library: pip install dask distributed."


@in_turn(
    "addresses, fine",
    [
        (("tls://10.0.0.8:8786", "tls://10.0.0.9:4000"), True),
        (("tcp://127.0.0.1:8786", "tcp://127.0.0.1:4000"), True),
        # A scheduler that listens to the network too, and a worker elsewhere.
        (("tcp://10.0.0.8:8786", "tcp://127.0.0.1:4000"), False),
        (("tcp://127.0.0.1:8786", "tcp://10.0.0.9:4000"), False),
        (("tls://10.0.0.8:8786", "tcp://10.0.0.9:4000"), False),
        (("",), False),
    ],
)
def test_nobody_of_a_cluster_speaks_without_tls_over_a_network(
    addresses: tuple[str, ...], fine: bool
) -> None:
    scheduler = Scheduler("tcp://127.0.0.1:8786")
    if fine:
        refuse_readable(scheduler, addresses)
        return
    with pytest.raises(UsageError, match="speaks without TLS"):
        refuse_readable(scheduler, addresses)


@pytest.mark.parametrize(
    ("given", "own"),
    [("tls://127.8.8.8:1", True), ("tcp://localhost:2", True), ("tls://10.0.0.1:3", False)],
)
def test_loopback_is_told_by_the_address_alone(given: str, own: bool) -> None:
    assert is_loopback(given) is own
