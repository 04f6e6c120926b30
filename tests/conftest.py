"""Real databases for every test that asks for one: `database` runs it once per kind.

Tests run in several worker processes. Each has its own servers, started when its first test asks: a pair costs two
seconds, and a test may stop a server without harm to any other.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from servers.fetch import ServerMissing
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database, PrivateServer

WORKERS = 4
"""Twice the processors of a small machine, because the longest tests wait for what other processes do."""

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers to start; the tests of one file run right here."""
    named = {argument.partition("::")[0] for argument in config.args}
    return 0 if len(named) == 1 and named.pop().endswith(".py") else WORKERS


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
    """The private PostgreSQL server of this process."""
    yield from _running(PostgreSQLServer)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDBServer]:
    """The private MariaDB server of this process."""
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
