"""PostgreSQL 12 and newer, through asyncpg."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from micro_integrator.database.batch import Batch, BatchInsert, BatchRow, name_column
from micro_integrator.database.dialects.array_types import make_arrays_known
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
from micro_integrator.database.dialects.keep_alive import COUNT, IDLE, INTERVAL, UNACKNOWLEDGED_MS, keep_alive
from micro_integrator.database.dialects.tls import tls_context
from micro_integrator.database.errors import LostRace, Refused, Retryable, Unreachable
from micro_integrator.database.statement import Statement
from micro_integrator.database.target import Target

_LOCK_TIMEOUT_MS = 1000
# duplicate key; and table or type exists already, which IF NOT EXISTS overlooks when two create it at once
_CONFLICTS = frozenset({"23505", "42P07", "42710"})
# serialization, deadlock, lock time-out, statement time-out: none of them was executed
_RETRY = frozenset({"40001", "40P01", "55P03", "57014"})
# shutdown, starting up, too many connections, disk or memory full, read-only (a former primary)
_AWAY = frozenset({"57P01", "57P02", "57P03", "57P05", "53300", "53100", "53200", "25006", "25P03"})
_OUTDATED_PLAN = "InvalidCachedStatementError"
_UNDEFINED_TABLE = "42P01"
_ARRAYS = {"name": "TEXT[]", "ascii": "TEXT[]", "bigint": "BIGINT[]"}
_DURABILITY = Statement("""
    SELECT current_setting('fsync'), current_setting('full_page_writes'),
           current_setting('synchronous_commit'), CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END
""")


class PostgreSQL(Dialect):
    """Session settings travel with the connection request and cost no statement."""

    name = "postgresql"
    title = "PostgreSQL"
    scripts = "postgres/postgresql"
    accents: ClassVar = {
        # now() is the start of the transaction, and a lease must not look older than it is
        "now_ms": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        "same": "IS NOT DISTINCT FROM",
        "greatest": "GREATEST",
        "position": "STRPOS",
    }

    def mark(self, number: int) -> str:
        return f"${number}"

    def connect_arguments(self, target: Target, limits: Limits) -> dict[str, Any]:
        arguments: dict[str, Any] = {"timeout": limits.connect, "server_settings": _session(target, limits)}
        if len(target.hosts) > 1:
            arguments["host"] = [host.name for host in target.hosts]
            arguments["port"] = [host.port for host in target.hosts]
        if target.session_attributes:
            arguments["target_session_attrs"] = target.session_attributes
        if not target.prepares_statements:
            arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        if target.tls:
            mode = target.tls.mode
            arguments["ssl"] = mode if mode in ("disable", "prefer") else tls_context(target.tls)
        return arguments

    def driver_connect(self, dbapi: Any) -> Callable[..., Awaitable[Any]] | None:
        connect: Callable[..., Awaitable[Any]] = dbapi.asyncpg.connect
        return connect

    def prepare_session(self, connection: Any) -> None:
        make_arrays_known(connection.driver_connection)
        keep_alive(self.socket_of(connection.driver_connection))

    def socket_of(self, driver_connection: Any) -> Any:
        return _transport(driver_connection).get_extra_info("socket")

    def abort(self, driver_connection: Any) -> None:
        driver_connection.terminate()

    def diagnose(self, error: BaseException) -> Diagnosis:
        cause = root_cause(error)
        code = getattr(cause, "sqlstate", None) or ""
        if code in _CONFLICTS:
            return Diagnosis(LostRace)
        if code in _RETRY or type(cause).__name__ == _OUTDATED_PLAN:
            return Diagnosis(Retryable)
        if code in _AWAY or code.startswith("08"):
            return Diagnosis(Unreachable)
        if code == _UNDEFINED_TABLE:
            return Diagnosis(Refused, _quoted(str(cause)).upper())
        if code:
            return Diagnosis(Refused)
        # without a code asyncpg speaks of the connection itself: closed, in use, not of this server
        return Diagnosis(Unreachable) if type(cause).__name__ in _CLOSED else network_diagnosis(cause)

    def batch_text(self, batch: Batch) -> str:
        arrays = ", ".join(f"CAST(:v_{column} AS {_ARRAYS[kind]})" for column, kind in batch.columns)
        values = f"unnest({arrays}) AS v({', '.join(column for column, _ in batch.columns)})"
        if isinstance(batch, BatchInsert):
            return insert_text(batch, values) + " ON CONFLICT DO NOTHING"
        changes = ", ".join(f"{column} = {expression}" for column, expression in batch.set)
        name = f"f.{batch.returning} = ANY(CAST(:v_{name_column(batch.columns)} AS TEXT[]))"
        return (
            f"UPDATE {batch.table} f SET {changes} FROM {values}"  # noqa: S608
            f" WHERE {batch.join} AND {name} AND ({batch.where}) RETURNING f.{batch.returning}"
        )

    def batch_values(self, batch: Batch, rows: Sequence[BatchRow]) -> dict[str, Any]:
        return {f"v_{column}": [row[column] for row in rows] for column, _ in batch.columns}

    def column_type(self, kind: str, size: int) -> str:
        return {"V": f"VARCHAR({size})", "NAME": f"VARCHAR({size})", "CLOB": "TEXT"}.get(kind, kind)

    def table_options(self, *, is_hot: bool) -> str:
        # room on each page, so that an update stays on it and touches no index
        return "WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)" if is_hot else ""

    async def check(self, asker: Asker) -> list[Problem]:
        problems = await clock_problems(asker) + await matching_problems(asker)
        [[fsync, pages, commit, standby]] = await asker.rows(_DURABILITY)
        if standby:
            problems.append(Problem("error", "this PostgreSQL server is a standby", "connect to the primary"))
        for setting, value in (("fsync", fsync), ("full_page_writes", pages)):
            if value != "on":
                problems.append(
                    Problem(
                        "warning",
                        f"PostgreSQL runs with {setting} = {value}",
                        f"set {setting} = on: a power loss could undo claims, and tasks would fire twice",
                    )
                )
        if commit in ("off", "local"):
            problems.append(
                Problem("warning", f"synchronous_commit = {commit} in spite of the session setting",
                        "do not override it for the role or in a connection pooler")
            )  # fmt: skip
        return problems


_CLOSED = frozenset(
    {"ConnectionDoesNotExistError", "InterfaceError", "InternalClientError", "ConnectionFailureError"}
)


def _session(target: Target, limits: Limits) -> dict[str, str]:
    settings = {
        "application_name": target.application_name or "micro-integrator",
        "statement_timeout": str(int(limits.statement * 1000)),
        "lock_timeout": str(_LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": "2000",
        "synchronous_commit": "on",
        # a generic plan cannot know how long a batch is: measured 128 ms instead of 4 ms for 500 of 7,000 rows
        "plan_cache_mode": "force_custom_plan",
        "tcp_keepalives_idle": str(IDLE),
        "tcp_keepalives_interval": str(INTERVAL),
        "tcp_keepalives_count": str(COUNT),
        "tcp_user_timeout": str(UNACKNOWLEDGED_MS),
        "jit": "off",
    }
    return settings | ({"search_path": target.search_path} if target.search_path else {})


def _transport(driver_connection: Any) -> Any:
    return driver_connection._transport  # asyncpg has no public way to its socket


def _quoted(text: str) -> str:
    return text.partition('"')[2].partition('"')[0].rpartition(".")[2]
