"""What is said about a database that does not promise what coordination needs."""

import re
from typing import Any

import pytest

from micro_integrator.config import DataSourceSettings
from micro_integrator.database import DIALECTS, DataSource, Refused, Statement


class Answers:
    """A database that answers by the first pattern that fits the statement."""

    def __init__(self, dialect: str, odd: dict[str, Any]) -> None:
        self.dialect = dialect
        sound = {
            r"^\s*UPDATE": 1,
            r"^\s*(CREATE|INSERT|DROP)": 0,
            r"sqlite_version": [("3.45.0",)],
            r"PRAGMA synchronous": [(2,)],
            r"fsync": [("on", "on", "on", 0)],
            r"VERSION\(\)": [("10.11.6-MariaDB",)],
            r"SHOW VARIABLES": [("innodb_flush_log_at_trx_commit", "1")],
            r"SELECT \{now_ms\}": [(1_750_000_000_000,)],
        }
        self.answers = {**odd, **{pattern: answer for pattern, answer in sound.items() if pattern not in odd}}

    def _answer(self, statement: Statement) -> Any:
        text = statement.text_for(self.dialect)
        found = next(answer for pattern, answer in self.answers.items() if re.search(pattern, text))
        if isinstance(found, Exception):
            raise found
        return found

    async def rows(self, statement: Statement, /, **values: Any) -> list[Any]:
        return list(self._answer(statement))

    async def changed(self, statement: Statement, /, **values: Any) -> int:
        return int(self._answer(statement))


CASES = [
    ("postgresql", {r"fsync": [("off", "on", "on", 0)]}, "warning", "fsync = off"),
    ("postgresql", {r"fsync": [("on", "off", "on", 0)]}, "warning", "full_page_writes = off"),
    ("postgresql", {r"fsync": [("on", "on", "off", 0)]}, "warning", "synchronous_commit = off"),
    ("postgresql", {r"fsync": [("on", "on", "on", 1)]}, "error", "standby"),
    ("postgresql", {r"now_ms": [(1_000,)]}, "error", "clock says 1000"),
    ("postgresql", {r"now_ms": [("1750000000000",)]}, "error", "clock says '1750000000000'"),
    ("mysql", {r"^\s*UPDATE": 0}, "error", "counts 0"),
    ("mysql", {r"^\s*CREATE": Refused("no permission")}, "warning", "cannot prove"),
    ("mysql", {r"SHOW": [("innodb_flush_log_at_trx_commit", "2")]}, "warning", "= 2"),
    ("mysql", {r"SHOW": [("innodb_doublewrite", "OFF")]}, "warning", "doublewrite"),
    ("mysql", {r"SHOW": [("wsrep_on", "ON"), ("wsrep_sync_wait", "0")]}, "warning", "Galera"),
    ("mysql", {r"SHOW": [("group_replication_group_name", "g")]}, "warning", "group replication"),
    ("mysql", {r"VERSION": [("10.5.9-MariaDB",)]}, "error", "install MariaDB 10.6"),
    ("mysql", {r"VERSION": [("5.7.44",)]}, "error", "install MySQL 8.0"),
    ("sqlite", {r"sqlite_version": [("3.31.1",)]}, "error", "install SQLite 3.38"),
    ("sqlite", {r"PRAGMA": [(1,)]}, "warning", "does not flush"),
]


@pytest.mark.parametrize(("dialect", "odd", "severity", "text"), CASES, ids=[case[3] for case in CASES])
async def test_each_weakness_is_named_with_its_remedy(
    dialect: str, odd: dict[str, Any], severity: str, text: str
) -> None:
    problems = await DIALECTS[dialect].check(Answers(dialect, odd))
    [problem] = [problem for problem in problems if "SQLite serves" not in problem.what]
    assert problem.severity == severity
    assert text in str(problem)


@pytest.mark.parametrize("version", ["8.0.36", "11.4.2-MariaDB-1:11.4.2", "9.1.0"])
async def test_newer_servers_are_welcome(version: str) -> None:
    assert await DIALECTS["mysql"].check(Answers("mysql", {r"VERSION": [(version,)]})) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("jdbc:sqlserver://h;databaseName=d", r"driver for SQL Server is not installed: pip install aioodbc"),
        ("jdbc:oracle:thin:@//h/s", r"driver for Oracle is not installed: pip install oracledb"),
        ("jdbc:db2://h:50000/d", r"driver for DB2 is not installed: pip install ibm_db_sa"),
    ],
)
def test_a_missing_python_driver_is_named_with_the_command_to_install_it(url: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        DataSource(DataSourceSettings(id="ORDERS", url=url))
