"""One door to every relational database: datasources, statements, batches, and errors that say what to do.

Knows JDBC URLs, drivers and dialects; knows no table and no rule of coordination. Every statement is its own
transaction and ends within its time. Start with `datasources`, then `connection`; `dialects` holds what each
database does its own way.
"""

from micro_integrator.database.batch import MAX_ROWS, BatchInsert, BatchRow, BatchUpdate
from micro_integrator.database.connection import Connection
from micro_integrator.database.datasources import DataSource
from micro_integrator.database.dialects import DIALECTS, Dialect, Problem
from micro_integrator.database.errors import (
    DatabaseError,
    LostRace,
    OutcomeUnknown,
    Refused,
    Retryable,
    Unreachable,
)
from micro_integrator.database.jdbc_url import translate
from micro_integrator.database.repetition import retrying
from micro_integrator.database.rows import Row
from micro_integrator.database.statement import Statement
from micro_integrator.database.target import JdbcUrlError, Target, masked

__all__ = [
    "DIALECTS",
    "MAX_ROWS",
    "BatchInsert",
    "BatchRow",
    "BatchUpdate",
    "Connection",
    "DataSource",
    "DatabaseError",
    "Dialect",
    "JdbcUrlError",
    "LostRace",
    "OutcomeUnknown",
    "Problem",
    "Refused",
    "Retryable",
    "Row",
    "Statement",
    "Target",
    "Unreachable",
    "masked",
    "retrying",
    "translate",
]
