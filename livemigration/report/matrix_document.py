"""Who can go where as one document: what `livemigration matrix --json` prints."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from livemigration.verdict.move_matrix import HostMatrix, Matrix

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class MatrixDocument(Matrix):
    """Which host can send virtual machines to which.

    `groups` are hosts that exchange them with each other: in `classes` of equals, with a row in
    `cells` for each class that sends, and in it for each class that receives a number of `said`;
    null: a class of one host does not send to itself. `rest` are hosts of which there is no row.
    `alone` are hosts that exchange machines with none that was looked at, `unplaced` those of which
    that is not known. `simulated`: they are of the lab, and it is no evidence.
    """

    schema: int
    simulated: bool


@dataclass(frozen=True, kw_only=True)
class HostMatrixDocument(HostMatrix):
    """Which virtual machine of a host can go where.

    `machines` are in classes of equals, by their names, and so are the `destinations`. `cells` has
    a row for each class of machines, and in it for each class of destinations a number of `said`.
    `simulated`: the host is of the lab, and it is no evidence.
    """

    schema: int
    simulated: bool


def document_of(
    found: Matrix | HostMatrix, *, simulated: bool
) -> MatrixDocument | HostMatrixDocument:
    """Return a matrix as a document."""
    given: dict[str, Any] = {each.name: getattr(found, each.name) for each in fields(found)}
    kind = HostMatrixDocument if isinstance(found, HostMatrix) else MatrixDocument
    return kind(**given, schema=SCHEMA, simulated=simulated)
