"""SQLite: samples, tests and clusters whose processes share one host and one local file."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self

from micro_integrator.database.batch import Batch, BatchInsert, BatchRow
from micro_integrator.database.dialects.dialect import (
    Asker,
    Diagnosis,
    Dialect,
    Limits,
    Problem,
    clock_problems,
    insert_text,
    matching_problems,
    network_diagnosis,
    root_cause,
)
from micro_integrator.database.dialects.json_rows import json_rows
from micro_integrator.database.dialects.mounts import network_file_system
from micro_integrator.database.errors import LostRace, Refused, Retryable, Unreachable
from micro_integrator.database.statement import Statement
from micro_integrator.database.target import Target

_BUSY_TIMEOUT = 1.0
_OLDEST = (3, 38)
_DUPLICATES = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN = frozenset({sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL})
_MISSING = "no such table: "
_NOT_FOR_PRODUCTION = Problem(
    "warning",
    "SQLite serves processes of one host only",
    "use PostgreSQL or MariaDB for a production cluster",
)


class _Cursor(sqlite3.Cursor):
    """Fetches what a statement returns as a part of it.

    An UPDATE … RETURNING holds the lock of the whole file until its last row is fetched. Fetched in a second step,
    when the event loop comes to it, it would keep even the lease from being renewed while that loop is blocked.
    """

    _fetched: Sequence[Any] = ()

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        super().execute(sql, parameters)
        self._fetched = super().fetchall() if self.description is not None else ()
        return self

    def fetchall(self) -> list[Any]:
        fetched, self._fetched = self._fetched, ()
        return list(fetched)


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class SQLite(Dialect):
    """Through aiosqlite: one thread per connection. Its clock is the host's."""

    name = "sqlite"
    title = "SQLite"
    scripts = "sqlite/sqlite"
    accents: ClassVar = {
        "now_ms": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        "same": "IS",
        "greatest": "MAX",
        "position": "INSTR",
    }

    def mark(self, number: int) -> str:
        return "?"

    def start_up_problem(self, target: Target) -> str:
        path = Path(target.database)
        if target.query or target.native:
            return ""
        if kind := network_file_system(path):
            return (
                f"SQLite file {path} lies on a network share ({kind}), which corrupts it; name a local path"
            )
        if not path.parent.is_dir():
            return f"folder {path.parent} of the SQLite file does not exist; create it"
        if path.is_dir():
            return f"{path} is a folder; name the SQLite file in it"
        return ""

    def connect_arguments(self, target: Target, limits: Limits) -> dict[str, Any]:
        return {"timeout": _BUSY_TIMEOUT, "factory": _Connection}

    def prepare_session(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    def abort(self, driver_connection: Any) -> None:
        # a coroutine function that never waits: one step calls sqlite3_interrupt, which any thread may do
        with suppress(StopIteration, ValueError, sqlite3.ProgrammingError):
            driver_connection.interrupt().send(None)
        # in a thread without a loop stop() asks for no answer, which could arrive after this loop has ended
        stopping = Thread(target=driver_connection.stop)
        stopping.start()
        stopping.join()

    def diagnose(self, error: BaseException) -> Diagnosis:
        cause = root_cause(error)
        if not isinstance(cause, sqlite3.Error):
            return network_diagnosis(cause)
        code = getattr(cause, "sqlite_errorcode", 0)
        if code in _DUPLICATES:
            return Diagnosis(LostRace)
        if code & 0xFF in _BUSY:
            return Diagnosis(Retryable)
        if code & 0xFF in _BROKEN or "closed database" in str(cause):
            return Diagnosis(Unreachable)
        return Diagnosis(Refused, str(cause).partition(_MISSING)[2].upper())

    def batch_text(self, batch: Batch) -> str:
        picked = ", ".join(f"value->>'{column}' AS {column}" for column, _ in batch.columns)
        # LIMIT -1 keeps the planner from making the table the outer loop, which is 1000 times slower
        values = f"(SELECT {picked} FROM json_each(:v_rows) LIMIT -1) AS v"  # noqa: S608
        if isinstance(batch, BatchInsert):
            return insert_text(batch, values) + " ON CONFLICT DO NOTHING"
        changes = ", ".join(f"{column} = {expression}" for column, expression in batch.set)
        return (
            f"UPDATE {batch.table} AS f SET {changes} FROM {values}"  # noqa: S608
            f" WHERE {batch.join} AND ({batch.where}) RETURNING {batch.returning}"
        )

    def batch_values(self, batch: Batch, rows: Sequence[BatchRow]) -> dict[str, Any]:
        return {"v_rows": json_rows(rows)}

    def column_type(self, kind: str, size: int) -> str:
        return "TEXT" if kind in ("V", "NAME", "CLOB") else "INTEGER"

    async def check(self, asker: Asker) -> list[Problem]:
        [[version]] = await asker.rows(Statement("SELECT sqlite_version()"))
        if tuple(map(int, version.split(".")))[:2] < _OLDEST:
            return [Problem("error", f"SQLite {version} is too old", "install SQLite 3.38 or newer")]
        problems = [_NOT_FOR_PRODUCTION, *await clock_problems(asker), *await matching_problems(asker)]
        [[durable]] = await asker.rows(Statement("PRAGMA synchronous"))
        if durable < 2:
            problems.append(
                Problem("warning", "SQLite does not flush each commit", "use PRAGMA synchronous = FULL")
            )
        return problems
