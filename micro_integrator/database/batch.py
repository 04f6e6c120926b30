"""One statement over a list of values: how many tasks are claimed, assigned or inserted with one round trip.

In the conditions `f` is the row of the table, `v` the row of values with the columns declared here, and
`:name` a value common to all of them. Columns are of kind "name" (text of a user, up to 512 characters),
"ascii" (ids, hashes) or "bigint"; any of them may be None. Rows are sorted by the first column of kind
"name": sorted batches do not deadlock each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MAX_ROWS = 500
"""Rows of one batch; a longer one would hold its locks for too long."""

Kind = Literal["name", "ascii", "bigint"]
Columns = tuple[tuple[str, Kind], ...]
Assignments = tuple[tuple[str, str], ...]
BatchRow = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class BatchUpdate:
    """UPDATE table f .. FROM values v: `set` pairs a column of f with an expression over f and v.

    The order of `set` matters: MySQL and MariaDB compute from left to right with the values already set.
    `join` finds the row of f by its key, `where` decides whether it is changed. `returning` is the column of
    f that equals the name column of v. `confirm` is the condition under which a row shows that this very
    statement has changed it; asked only where a database cannot return names and not all rows were hit.
    """

    table: str
    columns: Columns
    set: Assignments
    join: str
    where: str
    returning: str = "TASK_NAME"
    confirm: str = ""


@dataclass(frozen=True, eq=False)
class BatchInsert:
    """INSERT INTO table SELECT .. FROM source, values v: `into` pairs a column with an expression.

    `source` is a table with its alias (`MI_CLUSTER_SIGNAL s`), `where` the condition on it. Rows that exist
    already are passed over on PostgreSQL and SQLite; elsewhere one of them is LostRace and nothing is
    inserted.
    """

    table: str
    columns: Columns
    into: Assignments
    source: str
    where: str


Batch = BatchUpdate | BatchInsert


def name_column(columns: Columns) -> str:
    """Return the first column of kind "name". Raises ValueError when there is none."""
    for column, kind in columns:
        if kind == "name":
            return column
    raise ValueError("a batch needs a column of kind 'name'")


def sorted_rows(batch: Batch, rows: Sequence[BatchRow]) -> list[BatchRow]:
    """Return `rows` in the order of their names. Raises ValueError for more than MAX_ROWS."""
    if len(rows) > MAX_ROWS:
        raise ValueError(f"a batch has at most {MAX_ROWS} rows, not {len(rows)}")
    name = name_column(batch.columns)
    return sorted(rows, key=lambda row: row[name])
