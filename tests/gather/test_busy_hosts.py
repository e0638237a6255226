"""A host that is busy loses no fact, and one that stays so is one failure."""

from __future__ import annotations

import pytest
import wsman_replies as soap
from asked_host import EVERYTHING, Asked
from ntlm_server import Answer, action, http, message_id
from sampling import sampled
from windows_host import SERVER_2022, answering

from livemigration.facts.host import HOST_ACCESS, OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.gather.host import ACCESS_CHECK
from livemigration.lab.faults import LabFault, quota, timed_out
from livemigration.lab.soap import Request, fault

HEALTHY = answering(SERVER_2022)
TRANSIENT = {
    "shells": quota(2150859173),
    "operations": quota(2150859174),
    "operations, old form": quota(2150859174, old=True),
    "gave up": timed_out(),
}


def refusing(refused: LabFault, *numbers: int) -> Answer:
    """Refuse the requests of these numbers, or from the first on where it is below zero."""
    count = 0

    def answer(request: bytes) -> tuple[int, bytes]:
        nonlocal count
        count += 1
        if count in numbers or (numbers[0] < 0 and count > -numbers[0]):
            return 500, fault(Request(request), refused, "hv01")
        return HEALTHY(request)

    return answer


def read(asked: Asked) -> dict[str, object]:
    """Return what was read of each group; its endpoint is another one each time."""
    return {
        name: each.value if isinstance(each, Gathered) else each
        for name, each in asked.outcomes.items()
        if name != HOST_ACCESS.name
    }


@pytest.mark.long
@pytest.mark.parametrize("refused", sampled(TRANSIENT.values(), every=4), ids=TRANSIENT)
def test_one_refusal_at_any_moment_costs_no_fact(refused: LabFault) -> None:
    calm = Asked()
    total = len(calm.requests)
    for number in range(1, total + 1):
        asked = Asked(answer=refusing(refused, number))
        assert read(asked) == read(calm), number
        assert len(asked.requests) == total + 1
        assert asked.manners.retries("hv01.contoso.com") == 1
        # A host that gave up took the request.
        took = refused is TRANSIENT["gave up"]
        assert asked.manners.refusals("hv01.contoso.com") == (0 if took else 1)


@pytest.mark.long
def test_each_request_may_be_refused_once() -> None:
    calm = Asked()
    odd = range(1, 2 * len(calm.requests) + 1, 2)
    asked = Asked(answer=refusing(TRANSIENT["operations"], *odd), message=60.0, seconds=3600)
    assert read(asked) == read(calm)
    assert asked.manners.retries("hv01.contoso.com") == len(calm.requests)


@pytest.mark.long
def test_http_that_is_busy_once_costs_no_fact() -> None:
    calm = Asked()
    for number in range(len(calm.requests)):
        asked = Asked(
            tamper=lambda at, message, number=number: (  # type: ignore[misc]  # one of its own
                http(503, b"", "Retry-After: 1") if at == number else message
            )
        )
        assert read(asked) == read(calm), number


@pytest.mark.parametrize("refused", ["operations", "operations, old form"])
def test_a_quota_that_stays_full_is_one_failure_of_the_host(refused: str) -> None:
    asked = Asked(answer=refusing(TRANSIENT[refused], -1))
    assert isinstance(asked.outcomes[HOST_ACCESS.name], Gathered)
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}
    (failure,) = {each.failure for each in asked.outcomes.values() if isinstance(each, NotGathered)}
    assert (failure.kind, failure.code, failure.root) == (
        FailureKind.FAULT,
        2150859174,
        ACCESS_CHECK,
    )
    assert "QUOTA_MAX_OPERATIONS" in failure.came_back
    # Nothing more is asked of it than two groups.
    assert len({each for each in asked.requests if b"Win32_ComputerSystem" in each}) > 1
    assert not [each for each in asked.requests if b"MSFT_" in each]


def test_a_quota_that_one_class_meets_for_good_costs_that_group_alone() -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        if b"FROM Win32_OperatingSystem" in request:
            return 500, fault(Request(request), TRANSIENT["operations"], "hv01")
        return HEALTHY(request)

    asked = Asked(answer=answer)
    assert asked.failure(OPERATING_SYSTEM).root == ""
    assert isinstance(asked.outcomes[SERVICES.name], Gathered)


@pytest.mark.parametrize("kind", ["same context", "no items"])
def test_an_enumeration_that_leads_nowhere_loses_no_other_group(kind: str) -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        name = action(request)
        if name == "Enumerate" and b"FROM Win32_Service" not in request:
            return HEALTHY(request)
        if name == "Release":
            return 200, soap.envelope("", message_id(request))
        if name in {"Enumerate", "Pull"}:
            first = name == "Enumerate"
            context = "uuid:1" if first or kind == "same context" else ""
            return 200, soap.envelope(
                soap.page("", context=context, first=first, ended=False), message_id(request)
            )
        return HEALTHY(request)

    asked = Asked(answer=answer)
    failed = {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}
    assert failed == {SERVICES.name}
    assert asked.failure(SERVICES).kind is FailureKind.PROTOCOL
    assert "Win32_Service" in asked.failure(SERVICES).tried
    assert "the enumeration gives " in asked.failure(SERVICES).came_back
    pulls = sum(action(each) == "Pull" for each in asked.requests)
    assert pulls == (1 if kind == "same context" else 2)
