"""MariaDB 10.6 and newer, and MySQL 8, through aiomysql. Tested on MariaDB."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from micro_integrator.database.batch import Batch, BatchInsert, BatchRow, BatchUpdate
from micro_integrator.database.dialects.dialect import (
    Asker,
    Diagnosis,
    Dialect,
    Limits,
    Problem,
    clock_problems,
    insert_text,
    is_certificate_error,
    matching_problems,
    network_diagnosis,
    root_cause,
)
from micro_integrator.database.dialects.json_rows import json_rows
from micro_integrator.database.dialects.keep_alive import keep_alive
from micro_integrator.database.dialects.tls import tls_context
from micro_integrator.database.errors import LostRace, Refused, Retryable, Unreachable
from micro_integrator.database.statement import Statement
from micro_integrator.database.target import Target

_CONFLICTS = frozenset({1022, 1062, 1586})
# lock time-out, deadlock, changed since read, statement time-outs of MariaDB and MySQL, killed query
_RETRY = frozenset({1205, 1213, 1020, 1969, 3024, 1317})
_MISSING_TABLE = frozenset({1146, 1051})
# too many connections, shut down, killed, network trouble, read-only (a former primary), Galera: no quorum
_AWAY = frozenset(
    {1040, 1203, 1053, 1079, 1080, 1129, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 1290, 1836, 1047}
)
_CLIENT_ERRORS = range(2000, 3000)
_OLDEST = {"MariaDB": (10, 6), "MySQL": (8, 0)}
_COLUMN_TYPES = {
    "name": "VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "ascii": "VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin",
    "bigint": "BIGINT",
}
_VERSION = Statement("SELECT VERSION()")
_VARIABLES = Statement("""
    SHOW VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'innodb_doublewrite', 'wsrep_on',
                                           'wsrep_sync_wait', 'group_replication_consistency',
                                           'group_replication_group_name')
""")


class MySQL(Dialect):
    """One dialect for both servers; what only one of them knows stands in version comments."""

    name = "mysql"
    title = "MySQL/MariaDB"
    scripts = "mysql/mysql"
    longest_age = 1800
    accents: ClassVar = {
        "now_ms": "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000)",
        "same": "<=>",
        "greatest": "GREATEST",
        "position": "INSTR",
    }

    def mark(self, number: int) -> str:
        return "%s"

    def connect_arguments(self, target: Target, limits: Limits) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "connect_timeout": limits.connect,
            "charset": "utf8mb4",
            "autocommit": True,
            "init_command": _session(target, limits),
        }
        if target.tls and target.tls.mode not in ("disable", "prefer"):
            arguments["ssl"] = tls_context(target.tls)
        return arguments

    def driver_connect(self, dbapi: Any) -> Callable[..., Awaitable[Any]] | None:
        connect: Callable[..., Awaitable[Any]] = dbapi.aiomysql.connect
        return connect

    def prepare_session(self, connection: Any) -> None:
        keep_alive(self.socket_of(connection.driver_connection))

    def socket_of(self, driver_connection: Any) -> Any:
        return _transport(driver_connection).get_extra_info("socket")

    def abort(self, driver_connection: Any) -> None:
        if not driver_connection.closed:
            # close() alone would first try to send what is still in the buffer
            _transport(driver_connection).abort()
            driver_connection.close()

    def diagnose(self, error: BaseException) -> Diagnosis:
        numbered = _numbered(error)
        if numbered is None:
            return network_diagnosis(root_cause(error))
        code = numbered.args[0]
        if code in _CONFLICTS:
            return Diagnosis(LostRace)
        if code in _RETRY:
            return Diagnosis(Retryable)
        if code in _AWAY:
            return Diagnosis(Unreachable)
        if code in _CLIENT_ERRORS:
            return Diagnosis(Refused if is_certificate_error(error) else Unreachable)
        missing = (
            re.search(r"'(?:[^'.]*\.)?([^'.]+)'", str(numbered.args[1])) if code in _MISSING_TABLE else None
        )
        return Diagnosis(Refused, missing[1].upper() if missing else "")

    def batch_text(self, batch: Batch) -> str:
        values = _values(batch)
        if isinstance(batch, BatchInsert):
            return insert_text(batch, values)
        changes = ", ".join(f"f.{column} = {expression}" for column, expression in batch.set)
        return f"UPDATE {_joined(batch, values)} SET {changes} WHERE {batch.where}"  # noqa: S608

    def confirm_text(self, batch: Batch) -> str | None:
        if isinstance(batch, BatchInsert) or not batch.confirm:
            return None
        return f"SELECT f.{batch.returning} FROM {_joined(batch, _values(batch))} WHERE {batch.confirm}"  # noqa: S608

    def batch_values(self, batch: Batch, rows: Sequence[BatchRow]) -> dict[str, Any]:
        return {"v_rows": json_rows(rows)}

    def column_type(self, kind: str, size: int) -> str:
        unicode = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        types = {"V": f"VARCHAR({size})", "NAME": f"VARCHAR({size}) {unicode}", "CLOB": f"LONGTEXT {unicode}"}
        return types.get(kind, kind)

    def table_options(self, *, is_hot: bool) -> str:
        return "ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin"

    async def check(self, asker: Asker) -> list[Problem]:
        [[version]] = await asker.rows(_VERSION)
        if problem := _version_problem(version):
            return [problem]
        problems = await clock_problems(asker) + await matching_problems(asker)
        return problems + _durability_problems(dict(await asker.rows(_VARIABLES)))

    def _escaped(self, text: str) -> str:
        return text.replace("%", "%%")


def _session(target: Target, limits: Limits) -> str:
    """One SET: strict texts, read committed, short lock waits; MariaDB also ends idle transactions."""
    extra = f", {target.session_variables}" if target.session_variables else ""
    return (
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
        ", innodb_lock_wait_timeout = 1"
        f" /*M!100300 , tx_isolation = 'READ-COMMITTED', max_statement_time = {limits.statement:g}"
        ", idle_transaction_timeout = 2 */"
        " /*!80000 , transaction_isolation = 'READ-COMMITTED' */"
        f"{extra}"
    )


def _values(batch: Batch) -> str:
    columns = ", ".join(f"{column} {_COLUMN_TYPES[kind]} PATH '$.{column}'" for column, kind in batch.columns)
    return f"JSON_TABLE(:v_rows, '$[*]' COLUMNS ({columns})) v"


def _joined(batch: BatchUpdate, values: str) -> str:
    # a plain join may scan and lock all rows of the table
    return f"{values} STRAIGHT_JOIN {batch.table} f ON {batch.join}"


def _version_problem(version: str) -> Problem | None:
    product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    numbers = re.findall(r"\d+", version)[:2]
    if tuple(map(int, numbers)) >= _OLDEST[product]:
        return None
    oldest = ".".join(map(str, _OLDEST[product]))
    return Problem("error", f"{product} {version} is too old", f"install {product} {oldest} or newer")


def _durability_problems(variables: Mapping[str, str]) -> list[Problem]:
    problems = []
    if variables.get("innodb_flush_log_at_trx_commit", "1") != "1":
        problems.append(
            Problem(
                "warning",
                f"innodb_flush_log_at_trx_commit = {variables['innodb_flush_log_at_trx_commit']}",
                "set it to 1: a power loss could undo claims, and tasks would fire twice",
            )
        )
    if variables.get("innodb_doublewrite", "ON").upper() in ("OFF", "0"):
        problems.append(Problem("warning", "innodb_doublewrite is off", "switch it on"))
    if variables.get("wsrep_on") == "ON" and variables.get("wsrep_sync_wait", "0") == "0":
        problems.append(
            Problem(
                "warning", "Galera reads may lag behind", "add sessionVariables=wsrep_sync_wait=1 to the URL"
            )
        )
    if variables.get("group_replication_group_name") and "BEFORE" not in variables.get(
        "group_replication_consistency", ""
    ):
        problems.append(
            Problem("warning", "group replication may show old rows after a failover",
                    "set group_replication_consistency = BEFORE_ON_PRIMARY_FAILOVER")
        )  # fmt: skip
    return problems


def _transport(driver_connection: Any) -> Any:
    return driver_connection._writer.transport  # aiomysql has no public way to its socket


def _numbered(error: BaseException) -> BaseException | None:
    """Return the error of the driver that carries MySQL's number."""
    current: BaseException | None = error
    while current is not None:
        if len(current.args) > 1 and isinstance(current.args[0], int) and not isinstance(current, OSError):
            return current
        current = getattr(current, "orig", None) or current.__cause__
    return None
