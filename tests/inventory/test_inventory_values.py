"""Values of an inventory that would be taken for something else, and where the message points."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import parse

HEAD = "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts:\n  - name: hv01.contoso.com\n"


@in_turn("value", ["[1]", "[true]", "[10.0.0.0/24, 16777216]"])
@in_turn("group", [False, True])
def test_a_number_is_no_migration_subnet(value: str, group: bool) -> None:
    policy = f"policy: {{migration_subnets: {value}}}\n"
    more = f"    groups: [ams]\ngroups:\n  ams:\n    {policy}" if group else policy
    with pytest.raises(UsageError) as refused:
        parse(HEAD + more, "prod.yaml")
    said = str(refused.value)
    assert said.startswith(f"prod.yaml, line {8 if group else 5}: ")
    assert "migration_subnets: expected subnets, such as [10.10.50.0/24]. Found '" in said


def test_a_group_without_a_host_is_pointed_at() -> None:
    with pytest.raises(UsageError) as refused:
        parse(f"{HEAD}    groups: [ams]\ngroups:\n  ams: {{}}\n  asm: {{}}\n", "prod.yaml")
    assert str(refused.value).startswith("prod.yaml, line 8: groups.asm: no host is in this group.")
    assert "Did you mean ams?" in str(refused.value)
