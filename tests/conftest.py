"""Real databases for every test that asks for one: `database` runs it once per kind."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.fetch import ServerMissing
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database, PrivateServer


def _running(kind: type[PostgreSQLServer] | type[MariaDBServer]) -> Iterator[Any]:
    try:
        server = kind()
    except ServerMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """The private PostgreSQL server of this test session."""
    yield from _running(PostgreSQLServer)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDBServer]:
    """The private MariaDB server of this test session."""
    yield from _running(MariaDBServer)


def _database_on(server: PrivateServer) -> Iterator[Database]:
    database = server.create_database()
    yield database
    server.drop_database(database)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    """A fresh SQLite file."""
    return Database("sqlite", f"jdbc:sqlite:{tmp_path / 'cluster.db'}", "", "")


@pytest.fixture
def postgresql_database(postgresql: PostgreSQLServer) -> Iterator[Database]:
    """A fresh database on the private PostgreSQL server."""
    yield from _database_on(postgresql)


@pytest.fixture
def mariadb_database(mariadb: MariaDBServer) -> Iterator[Database]:
    """A fresh database on the private MariaDB server."""
    yield from _database_on(mariadb)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh, empty database: the test runs once on each kind."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found
