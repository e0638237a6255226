"""Whether two hosts are nodes of one cluster, by what is known of where each of them stands."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.verdict.exchange_circles import Place, Standing, are_mates

NODE, UNKNOWN = Standing.NODE, Standing.UNKNOWN
ALONE = Place(Standing.ALONE, None, "contoso.com")
FIRST = Place(NODE, "cl01", "contoso.com")


@in_turn(
    "other, mates",
    [
        (FIRST, True),
        (Place(NODE, "cl02", "contoso.com"), False),
        (Place(NODE, "cl01", "b.test"), False),
        # One difference is enough, whatever else is not known.
        (Place(NODE, "cl02", None), False),
        (Place(NODE, None, "b.test"), False),
        (Place(NODE, "cl01", None), None),
        (Place(NODE, None, "contoso.com"), None),
        (Place(UNKNOWN, None, "contoso.com"), None),
        (ALONE, False),
        (Place(Standing.ALONE, None, None), False),
    ],
)
def test_nodes_of_one_name_and_domain_are_mates(other: Place, mates: bool | None) -> None:
    assert are_mates(FIRST, other) is mates
    assert are_mates(other, FIRST) is mates
