"""Rows of an answer, read by position or by label."""

from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any


class Row(tuple[Any, ...]):
    """One row: `row[0]`, or `row.fence` by the column's label in lower case, on every database."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, label: str) -> Any: ...


def row_type(labels: Iterable[str]) -> type[Row]:
    """Return the class of rows with these column labels; made once per list of labels."""
    return _row_type(tuple(label.lower() for label in labels))


@cache
def _row_type(labels: tuple[str, ...]) -> type[Row]:
    fields = {
        label: property(itemgetter(position)) for position, label in enumerate(labels) if label.isidentifier()
    }
    return type("Row", (Row,), {"__slots__": (), **fields})
