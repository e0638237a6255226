"""A whole number of a fleet file is never `true`, which Python takes for 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from in_turn import in_turn
from pydantic import ValidationError

from livemigration.lab import fleet
from livemigration.lab.fleet_values import FleetModel


def models(model: type[FleetModel]) -> Iterator[type[FleetModel]]:
    yield model
    for each in model.__subclasses__():
        yield from models(each)


NUMBERS = [
    (model, field.alias or name)
    for model in models(FleetModel)
    for name, field in model.model_fields.items()
    if int in (field.annotation, *get_args(field.annotation))
]


def test_the_numbers_of_a_fleet_are_looked_for() -> None:
    assert (fleet.FleetVmm, "cores") in NUMBERS
    assert len(NUMBERS) >= 8


@in_turn("model, key", NUMBERS)
@in_turn("value", [True, False])
def test_truth_is_no_number_of_a_fleet(model: type[FleetModel], key: str, value: bool) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({key: value})
    (problem,) = [each for each in refused.value.errors() if each["loc"] == (key,)]
    assert f"expected a whole number, such as 1. Found '{str(value).lower()}'" in problem["msg"]
