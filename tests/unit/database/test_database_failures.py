"""What the errors of the drivers mean to a caller."""

import sqlite3
import ssl

import asyncpg
import pymysql
import pytest

from micro_integrator.database import (
    DIALECTS,
    DatabaseError,
    LostRace,
    OutcomeUnknown,
    Refused,
    Retryable,
    Unreachable,
)
from micro_integrator.database.failure import failure


def sqlite_error(code: int, text: str = "") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


CASES: list[tuple[str, BaseException, type[DatabaseError]]] = [
    ("postgresql", asyncpg.UniqueViolationError("duplicate key"), LostRace),
    ("postgresql", asyncpg.NotNullViolationError("null value"), Refused),
    ("postgresql", asyncpg.DeadlockDetectedError("deadlock"), Retryable),
    ("postgresql", asyncpg.LockNotAvailableError("lock timeout"), Retryable),
    ("postgresql", asyncpg.QueryCanceledError("statement timeout"), Retryable),
    ("postgresql", asyncpg.InvalidCachedStatementError("cached statement plan is invalid"), Retryable),
    ("postgresql", asyncpg.FeatureNotSupportedError("not supported"), Refused),
    ("postgresql", asyncpg.DuplicateObjectError("type exists"), LostRace),
    ("postgresql", asyncpg.AdminShutdownError("terminating"), Unreachable),
    ("postgresql", asyncpg.TooManyConnectionsError("too many"), Unreachable),
    ("postgresql", asyncpg.ReadOnlySQLTransactionError("read-only"), Unreachable),
    ("postgresql", asyncpg.ConnectionDoesNotExistError("closed in the middle"), Unreachable),
    ("postgresql", asyncpg.InterfaceError("connection is closed"), Unreachable),
    ("postgresql", asyncpg.InvalidPasswordError("password authentication failed"), Refused),
    ("postgresql", asyncpg.InvalidCatalogNameError("no such database"), Refused),
    ("postgresql", asyncpg.InsufficientPrivilegeError("permission denied"), Refused),
    ("postgresql", ConnectionRefusedError(111, "refused"), Unreachable),
    ("postgresql", ssl.SSLCertVerificationError("self-signed"), Refused),
    ("mysql", pymysql.err.IntegrityError(1062, "Duplicate entry"), LostRace),
    ("mysql", pymysql.err.IntegrityError(1048, "Column cannot be null"), Refused),
    ("mysql", pymysql.err.OperationalError(1213, "Deadlock found"), Retryable),
    ("mysql", pymysql.err.OperationalError(1205, "Lock wait timeout"), Retryable),
    ("mysql", pymysql.err.OperationalError(1969, "max_statement_time exceeded"), Retryable),
    ("mysql", pymysql.err.OperationalError(2013, "Lost connection"), Unreachable),
    ("mysql", pymysql.err.OperationalError(1927, "Connection was killed"), Unreachable),
    ("mysql", pymysql.err.OperationalError(1290, "read-only option"), Unreachable),
    ("mysql", pymysql.err.OperationalError(1045, "Access denied"), Refused),
    ("mysql", pymysql.err.OperationalError(1049, "Unknown database"), Refused),
    ("mysql", TimeoutError(), Unreachable),
    ("sqlite", sqlite_error(sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY), LostRace),
    ("sqlite", sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE), LostRace),
    ("sqlite", sqlite_error(sqlite3.SQLITE_CONSTRAINT_NOTNULL), Refused),
    ("sqlite", sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), Retryable),
    ("sqlite", sqlite_error(sqlite3.SQLITE_LOCKED), Retryable),
    ("sqlite", sqlite_error(sqlite3.SQLITE_FULL), Unreachable),
    ("sqlite", sqlite_error(sqlite3.SQLITE_READONLY), Refused),
    ("sqlite", sqlite_error(sqlite3.SQLITE_CANTOPEN), Refused),
]


@pytest.mark.parametrize(
    ("dialect", "error", "kind"), CASES, ids=[f"{name}-{error!r}" for name, error, _ in CASES]
)
def test_each_error_says_what_to_do_next(
    dialect: str, error: BaseException, kind: type[DatabaseError]
) -> None:
    assert DIALECTS[dialect].diagnose(error).kind is kind


@pytest.mark.parametrize(
    ("dialect", "error"),
    [
        ("postgresql", asyncpg.UndefinedTableError('relation "mi_task_fence" does not exist')),
        ("mysql", pymysql.err.ProgrammingError(1146, "Table 'db.MI_TASK_FENCE' doesn't exist")),
        ("sqlite", sqlite_error(1, "no such table: MI_TASK_FENCE")),
    ],
)
def test_a_missing_table_is_named(dialect: str, error: BaseException) -> None:
    told = failure("here", error, DIALECTS[dialect].diagnose(error))
    assert isinstance(told, Refused)
    assert told.missing_table == "MI_TASK_FENCE"


def test_a_lost_connection_leaves_a_write_undecided_and_a_read_undone() -> None:
    lost = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    diagnosis = DIALECTS["postgresql"].diagnose(lost)
    assert isinstance(failure("here", lost, diagnosis, writes=True), OutcomeUnknown)
    assert isinstance(failure("here", lost, diagnosis), Unreachable)


def test_a_message_is_one_line_that_names_the_database() -> None:
    error = asyncpg.InvalidPasswordError('password authentication failed for user "mi"\nHINT: none')
    told = failure("PostgreSQL db:5432/x", error, DIALECTS["postgresql"].diagnose(error))
    assert str(told) == 'PostgreSQL db:5432/x: password authentication failed for user "mi"'
