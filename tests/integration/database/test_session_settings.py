"""What every session is given, read back from the servers."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.config import DataSourceSettings
from micro_integrator.database import DatabaseError, DataSource, Refused, Statement


async def answer(
    settings: DataSourceSettings, statement: str, timeout: float = 3.75
) -> list[tuple[object, ...]]:
    """Rows of one statement on a connection of its own."""
    connection = await DataSource(settings).connect(statement_timeout=timeout)
    rows = await connection.rows(Statement(statement))
    await connection.close()
    return [tuple(row) for row in rows]


async def test_sessions_of_postgresql(postgresql_database: Database) -> None:
    settings = settings_of(postgresql_database, url=postgresql_database.url + "?ApplicationName=orders")
    names = [
        "statement_timeout",
        "lock_timeout",
        "synchronous_commit",
        "idle_in_transaction_session_timeout",
        "tcp_keepalives_idle",
        "tcp_user_timeout",
        "application_name",
        "transaction_isolation",
    ]
    [row] = await answer(settings, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    assert dict(zip(names, row, strict=True)) == {
        "statement_timeout": "3750ms",
        "lock_timeout": "1s",
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": "2s",
        "tcp_keepalives_idle": "5",
        "tcp_user_timeout": "11000",
        "application_name": "orders",
        "transaction_isolation": "read committed",
    }


async def test_sessions_of_mariadb(mariadb_database: Database) -> None:
    settings = settings_of(
        mariadb_database, url=mariadb_database.url + "?sessionVariables=net_write_timeout=44"
    )
    names = [
        "tx_isolation",
        "innodb_lock_wait_timeout",
        "max_statement_time",
        "idle_transaction_timeout",
        "autocommit",
        "net_write_timeout",
    ]
    [row] = await answer(settings, "SELECT " + ", ".join(f"@@{name}" for name in names) + ", @@sql_mode")
    assert dict(zip(names, map(str, row), strict=False)) == {
        "tx_isolation": "READ-COMMITTED",
        "innodb_lock_wait_timeout": "1",
        "max_statement_time": "3.75",
        "idle_transaction_timeout": "2",
        "autocommit": "1",
        "net_write_timeout": "44",
    }
    assert "STRICT_ALL_TABLES" in str(row[-1])


async def test_sessions_of_sqlite(sqlite_database: Database) -> None:
    settings = settings_of(sqlite_database)
    assert await answer(settings, "PRAGMA journal_mode") == [("wal",)]
    assert await answer(settings, "PRAGMA synchronous") == [(2,)]
    assert await answer(settings, "PRAGMA busy_timeout") == [(1000,)]


async def test_the_schema_of_the_url_is_searched_first(
    postgresql: PostgreSQLServer, postgresql_database: Database
) -> None:
    name = postgresql_database.url.rpartition("/")[2]
    postgresql.execute("CREATE SCHEMA mi", database=name)
    settings = settings_of(postgresql_database, url=postgresql_database.url + "?currentSchema=mi,public")
    assert await answer(settings, "SELECT current_schema()") == [("mi",)]


async def test_of_several_hosts_the_one_that_answers_is_used(postgresql_database: Database) -> None:
    url = postgresql_database.url.replace("//", "//127.0.0.1:1,")
    assert await answer(settings_of(postgresql_database, url=url), "SELECT 1") == [(1,)]


async def test_statements_need_not_be_prepared_on_the_server(postgresql_database: Database) -> None:
    settings = settings_of(postgresql_database, url=postgresql_database.url + "?prepareThreshold=0")
    assert await answer(settings, "SELECT COUNT(*) FROM pg_prepared_statements") == [(0,)]


async def test_the_first_statement_of_the_pool_options_is_run(mariadb_database: Database) -> None:
    settings = settings_of(mariadb_database)
    settings = replace(
        settings, pool_options=replace(settings.pool_options, init_sql="SET @greeting = 'hello'")
    )
    assert await answer(settings, "SELECT @greeting") == [("hello",)]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
async def test_the_server_ends_a_statement_whose_client_is_gone(
    kind: str, request: pytest.FixtureRequest
) -> None:
    server: PostgreSQLServer | MariaDBServer = request.getfixturevalue(kind)
    database: Database = request.getfixturevalue(f"{kind}_database")
    connection = await DataSource(settings_of(database)).connect(statement_timeout=0.5)
    with pytest.raises(DatabaseError):
        await connection.rows(Statement("", postgresql="SELECT pg_sleep(30)", mysql="SELECT SLEEP(30)"))
    await connection.close()
    if kind == "postgresql":
        busy = (
            "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        )
    else:
        busy = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'"
    deadline = time.monotonic() + 5
    while server.execute(busy)[0][0]:
        assert time.monotonic() < deadline


async def test_a_sqlite_file_in_a_missing_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    url = f"jdbc:sqlite:{tmp_path / 'absent' / 'cluster.db'}"
    with pytest.raises(Refused, match="does not exist; create it"):
        await DataSource(settings_of(Database("sqlite", url, "", ""))).open()


async def test_a_folder_as_sqlite_file_is_refused(tmp_path: Path) -> None:
    source = DataSource(settings_of(Database("sqlite", f"jdbc:sqlite:{tmp_path}", "", "")))
    with pytest.raises(Refused, match="is a folder"):
        await source.open()


async def test_a_relative_sqlite_path_starts_at_the_home(tmp_path: Path) -> None:
    settings = settings_of(Database("sqlite", "jdbc:sqlite:cluster.db", "", ""), directory=tmp_path)
    assert await answer(settings, "SELECT 1") == [(1,)]
    assert (tmp_path / "cluster.db").exists()


async def test_an_embedded_database_in_memory_lives_as_long_as_its_pool() -> None:
    source = DataSource(settings_of(Database("sqlite", "jdbc:h2:mem:orders", "", "")))
    await source.open()
    await source.changed(Statement("CREATE TABLE THINGS (ID INT)"))
    assert await source.changed(Statement("INSERT INTO THINGS VALUES (1)")) == 1
    await source.close()
