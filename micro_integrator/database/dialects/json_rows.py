"""Rows of a batch as one JSON text, for the databases that cannot take arrays."""

import json
from collections.abc import Sequence

from micro_integrator.database.batch import BatchRow

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def json_rows(rows: Sequence[BatchRow]) -> str:
    """Return `rows` as a JSON array of objects; None is left out, as databases disagree about JSON's null."""
    return _encode([_present(row) if None in row.values() else row for row in rows])


def _present(row: BatchRow) -> BatchRow:
    return {name: value for name, value in row.items() if value is not None}
